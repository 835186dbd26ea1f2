"""What was typed is written in the page as a browser would show it, and nothing else of the page moves."""

from __future__ import annotations

import re

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from territoires.foundations.registry.filling import Page, fill, insert_at_top, mark_form

HERE = "/o/1/desk/?member=2"
FORM = """<main id="content"><div class="wrap"><h1>A > B</h1>
<form method="post" action="/o/1/end/"><input type="hidden" name="person" value="7"><input name="why"></form>
<form method="post" action="/o/1/end/"><input type="hidden" name="person" value="8"><input name="why"></form>
<details><summary>More</summary><form method="post" id="more">
<input type="hidden" name="csrfmiddlewaretoken" value="fresh"><input type="hidden" name="_key" value="k2">
<textarea name="text" maxlength="9">Old &amp; gone</textarea>
<input type="checkbox" name="box" value="a" checked><input type="checkbox" name="box" value="b">
<input type="radio" name="one" value="x" checked/><input type="radio" name="one" value="y"/>
<select name="kind"><option value="1" selected>One</option><option>Two</option></select>
<input name="row"><input name="row" value="second"><input type="password" name="pass">
<button name="go" formaction="/o/1/go/">Go</button>
</form></details><input name="outside" form="more"></div></main>"""


def typed(**fields: object) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, value in fields.items():
        query.setlist(name, value if isinstance(value, list) else [value])
    return query


def filled(posted: str = HERE, **fields: object) -> str:
    return fill(FORM, page=HERE, posted=posted, typed=typed(**fields), mark="m").html


def test_each_kind_of_field_holds_what_it_held() -> None:
    html = filled(
        text="1 < 2\n& 3", box=["b"], one="y", kind="Two", row=["first", ""], outside="out", _key="k1"
    )
    assert '<textarea name="text" maxlength="9">\n1 &lt; 2\n&amp; 3</textarea>' in html
    assert (
        '<input type="checkbox" name="box" value="a"><input type="checkbox" name="box" value="b" checked>'
        in html
    )
    assert (
        '<input type="radio" name="one" value="x"><input type="radio" name="one" value="y" checked>' in html
    )
    assert '<option value="1">One</option><option selected>Two</option>' in html
    assert '<input name="row" value="first"><input name="row" value="">' in html
    assert '<input name="outside" form="more" value="out">' in html
    assert "<details open><summary>" in html and 'name="_key" value="k1"' in html
    assert 'name="csrfmiddlewaretoken" value="fresh"' in html


def test_a_group_that_folds_opens_where_something_was_ticked_in_it() -> None:
    group = '<details><summary>{0}</summary><input type="checkbox" name="box" value="{0}"></details>'
    page = f'<form method="post">{group.format("a")}{group.format("b")}</form>'
    html = fill(page, page=HERE, posted=HERE, typed=typed(box=["b"]), mark="m").html
    assert "<details><summary>a" in html and "<details open><summary>b" in html


def test_a_secret_is_never_written() -> None:
    assert "hunter2" not in filled(**{"pass": "hunter2"})


def test_the_form_of_another_thing_is_left_alone() -> None:
    html = filled("/o/1/end/", person="8", why="moved")
    assert html.count('value="moved"') == 1
    assert html.index('value="moved"') > html.index('value="8"')
    gone = fill(FORM, page=HERE, posted="/o/1/end/", typed=typed(person="9", why="moved"), mark="m")
    assert (gone.html, gone.lost) == (FORM, ["9", "moved"])


@pytest.mark.parametrize("posted", [HERE, "/o/1/desk/", "/o/1/go/"])
def test_the_form_is_found_by_where_it_sends(posted: str) -> None:
    """By its own address, without its query, by the address of one of its buttons."""
    assert "here it is" in filled(posted, text="here it is")


def test_a_text_without_a_place_is_told() -> None:
    assert fill(FORM, page=HERE, posted=HERE, typed=typed(text="a", gone="b"), mark="m").lost == ["b"]


def test_a_refused_form_only_says_which_one_it_is() -> None:
    html = mark_form(FORM, page=HERE, posted=HERE, typed=typed(text="new"), mark="m")
    assert html.replace('<input type="hidden" name="_waiting" value="m">', "") == FORM


def test_a_notice_stands_at_the_top_of_the_content() -> None:
    assert '<div class="wrap"><p>told</p><h1>' in insert_at_top(FORM, "<p>told</p>")
    assert insert_at_top("<p>no content</p>", "<p>told</p>") == "<p>no content</p>"


@given(st.text())
def test_any_text_comes_back_whole_and_stays_text(text: str) -> None:
    """Nothing typed becomes a tag of the page; as a browser, which drops a first line feed in a long text."""
    text = text.replace("\0", "")
    read = Page(filled(text=text, row=[text]))
    values = [one.value for one in read.controls if one.name == "row"]
    assert values[0] == text
    assert len(read.controls) == len(Page(FORM).controls) + 1
    assert not re.search(
        "<(?!/?(main|div|h1|form|input|details|summary|textarea|select|option|button))", filled(row=[text])
    )
