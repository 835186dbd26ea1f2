"""Writes in a page's form what its author had typed there, as the browser would show it. The rest of the page stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from django.http import QueryDict

WAITING = "_waiting"
"""The field that says, in a form given back, which waiting form it is."""
CHANGING = ("csrfmiddlewaretoken", "_key", "gesture", "version", WAITING)
"""Hidden fields that differ each time a form is given; the others tell two forms of one address apart."""
UNWRITTEN = ("password", "file", "submit", "button", "image", "reset")

Attributes = dict[str, str | None]


class Span(NamedTuple):
    """Where something stands in the page: offsets in characters."""

    start: int
    end: int


@dataclass
class Option:
    tag: Span
    attributes: Attributes
    text: str = ""

    @property
    def value(self) -> str:
        given = self.attributes.get("value")
        return self.text.strip() if given is None else given


@dataclass
class Control:
    """A field of a form. ``owner`` is its form: the place among the page's, or the ``id`` that the field names."""

    kind: str
    tag: Span
    attributes: Attributes
    owner: int | str | None
    content: Span
    folded_in: list[tuple[Span, Attributes]]
    options: list[Option] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.attributes.get("name") or ""

    @property
    def value(self) -> str:
        return self.attributes.get("value") or ""


@dataclass
class Form:
    tag: Span
    attributes: Attributes
    folded_in: list[tuple[Span, Attributes]]


class Page(HTMLParser):
    """The forms of a page and their fields, with their places in it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.controls: list[Control] = []
        self.top: int | None = None
        self._lines = [0]
        for line in html.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self._open_form: int | None = None
        self._details: list[tuple[Span, Attributes]] = []
        self._in_main = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        start = self._offset()
        place, attributes = Span(start, start + len(self.get_starttag_text() or "")), dict(attrs)
        if tag == "form":
            self.forms.append(Form(place, attributes, list(self._details)))
            self._open_form = len(self.forms) - 1
        elif tag == "details":
            self._details.append((place, attributes))
        elif tag in ("input", "textarea", "select", "button"):
            kind = (attributes.get("type") or "text").lower() if tag == "input" else tag
            owner = attributes.get("form") or self._open_form
            content, folded_in = Span(place.end, place.end), list(self._details)
            self.controls.append(Control(kind, place, attributes, owner, content, folded_in))
        elif tag == "option" and self.controls:
            self.controls[-1].options.append(Option(place, attributes))
        self._note_top(tag, attributes, place)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open_form = None
        elif tag == "details" and self._details:
            self._details.pop()
        elif tag == "textarea" and self.controls:
            last = self.controls[-1]
            last.content = Span(last.content.start, self._offset())

    def handle_data(self, data: str) -> None:
        if self.controls and self.controls[-1].options:
            self.controls[-1].options[-1].text += data

    def fields_of(self, place: int) -> list[Control]:
        """The fields of one form, those outside it that name it included."""
        own = self.forms[place].attributes.get("id")
        return [one for one in self.controls if one.owner == place or (own and one.owner == own)]

    def _note_top(self, tag: str, attributes: Attributes, place: Span) -> None:
        """The first block of what the page is about: where a notice stands."""
        if tag == "main":
            self._in_main = True
        elif self._in_main and self.top is None:
            is_wrap = "wrap" in (attributes.get("class") or "").split()
            self.top = place.end if is_wrap else place.start

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column


@dataclass(frozen=True)
class Filled:
    """The page with what was typed; ``lost`` holds the texts that found no place in it."""

    html: str
    lost: list[str]


def fill(html: str, *, page: str, posted: str, typed: QueryDict, mark: str) -> Filled:
    """Writes ``typed`` in the form of the page that sends to ``posted``; all of it is lost where there is none.

    ``page`` is the address of the page, with its query. ``mark`` names the waiting form in the form given back.
    """
    read = Page(html)
    place = _form_of(read, page, posted, typed)
    if place is None:
        return Filled(html, list(_texts(typed, set())))
    form, fields = read.forms[place], read.fields_of(place)
    changes = [_marked(form, mark), *_written(fields, typed)]
    folds = dict(form.folded_in)
    for one in fields:
        folds |= one.folded_in if _is_typed(one, typed) else ()
    changes += [(tag, _tag("details", {**given, "open": None})) for tag, given in folds.items()]
    return Filled(_changed(html, changes), list(_texts(typed, {one.name for one in fields})))


def mark_form(html: str, *, page: str, posted: str, typed: QueryDict, mark: str) -> str:
    """The same, where the view itself shows what was typed: only says in its form which waiting form it is."""
    read = Page(html)
    place = _form_of(read, page, posted, typed)
    return html if place is None else _changed(html, [_marked(read.forms[place], mark)])


def insert_at_top(html: str, block: str) -> str:
    """The page with a block at the top of its content."""
    top = Page(html).top
    return html if top is None else f"{html[:top]}{block}{html[top:]}"


def _marked(form: Form, mark: str) -> tuple[Span, str]:
    field = f'<input type="hidden" name="{WAITING}" value="{escape(mark)}">'
    return Span(form.tag.end, form.tag.end), field


def _form_of(read: Page, page: str, posted: str, typed: QueryDict) -> int | None:
    """The first form that sends there; its query decides only where one form at least bears it."""
    for whole in (True, False):
        for place, form in enumerate(read.forms):
            fields = read.fields_of(place)
            if _address(posted, whole) in _targets(form, fields, page, whole) and _is_same(fields, typed):
                return place
    return None


def _targets(form: Form, fields: list[Control], page: str, whole: bool) -> set[str]:
    """Where a form sends, by itself or by one of its buttons; nowhere for one that only asks."""
    if (form.attributes.get("method") or "").lower() != "post":
        return set()
    by_buttons = (one.attributes.get("formaction") for one in fields)
    given = [form.attributes.get("action") or page, *(target for target in by_buttons if target)]
    return {_address(urljoin(page, target), whole) for target in given}


def _address(url: str, whole: bool) -> str:
    return url if whole else urlsplit(url).path


def _is_same(fields: list[Control], typed: QueryDict) -> bool:
    """False for the same form about another thing, which a hidden field names."""
    return all(
        one.value in typed.getlist(one.name)
        for one in fields
        if one.kind == "hidden" and one.value and one.name in typed and one.name not in CHANGING
    )


def _written(fields: list[Control], typed: QueryDict) -> Iterator[tuple[Span, str]]:
    """Boxes as they were ticked, choices as they were made; texts of one name in their order."""
    left = {name: iter(typed.getlist(name)) for name in typed}
    for one in fields:
        given = typed.getlist(one.name)
        if one.kind in ("checkbox", "radio"):
            is_on = one.attributes.get("value", "on") in given
            yield one.tag, _tag("input", _with(one.attributes, "checked", is_on))
        elif one.kind == "select":
            for option in one.options if given else ():
                is_on = option.value in given
                yield option.tag, _tag("option", _with(option.attributes, "selected", is_on))
        elif one.kind not in UNWRITTEN and (text := next(left.get(one.name, iter(())), None)) is not None:
            is_long = one.kind == "textarea"
            yield (
                (one.content, f"\n{escape(text)}")
                if is_long
                else (one.tag, _tag("input", {**one.attributes, "value": text}))
            )


def _is_typed(one: Control, typed: QueryDict) -> bool:
    """Whether its author ticked or filled in this field."""
    given = typed.getlist(one.name)
    is_box = one.kind in ("checkbox", "radio")
    return one.attributes.get("value", "on") in given if is_box else any(given)


def _texts(typed: QueryDict, placed: set[str]) -> Iterator[str]:
    """What a person had typed in fields that are not there."""
    for name in typed:
        if name not in placed and name not in CHANGING:
            yield from (text for text in typed.getlist(name) if text.strip())


def _with(attributes: Attributes, name: str, is_on: bool) -> Attributes:
    rest = {one: value for one, value in attributes.items() if one != name}
    return {**rest, name: None} if is_on else rest


def _tag(name: str, attributes: Attributes) -> str:
    written = "".join(
        f" {one}" if value is None else f' {one}="{escape(value)}"' for one, value in attributes.items()
    )
    return f"<{name}{written}>"


def _changed(html: str, changes: list[tuple[Span, str]]) -> str:
    parts, done = [], 0
    for place, text in sorted(changes):
        parts += [html[done : place.start], text]
        done = place.end
    return "".join([*parts, html[done:]])
