"""The whole of the main gesture with the keyboard alone, and what a reader's own settings ask of a page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .conftest import sign_in
from .visit import OPERATOR, SECRETARY, Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MOST_TABS = 60
FOCUSED = "document.activeElement?.matches(selector)"


def tab_to(page: Page, selector: str) -> None:
    """Presses the tabulator until an element has the focus, as a person without a mouse does."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(f"selector => {FOCUSED}", selector):
            return
    pytest.fail(f"{selector} is not reached within {MOST_TABS} steps of {page.url}")


def desk(page: Page, site: Site) -> str:
    return f"{site.address}/o/{site.content['village']}"


def test_the_first_step_skips_to_the_content(page: Page, filled_site: Site) -> None:
    page.goto(filled_site.address)
    page.keyboard.press("Tab")
    link = page.locator(".skip-link")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_an_act_is_begun_without_a_mouse(page: Page, filled_site: Site) -> None:
    sign_in(page, filled_site, SECRETARY)
    page.goto(f"{desk(page, filled_site)}/legality/")
    tab_to(page, "main a[href$='/legality/new/']")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to(page, "[name=nature]")
    page.keyboard.press("Space")
    tab_to(page, "[name=object]")
    page.keyboard.type("Essai au clavier")
    tab_to(page, "main form[enctype] .button[type=submit]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Essai au clavier")


def test_a_fault_is_reached_from_the_summary(page: Page, filled_site: Site) -> None:
    page.goto(f"{filled_site.address}/inscription/entreprise/")
    tab_to(page, "main form .button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.matches('[aria-invalid=true]')")


def test_the_language_is_changed_without_a_mouse(page: Page, filled_site: Site) -> None:
    page.goto(f"{filled_site.address}/communes/")
    tab_to(page, "button[name=language]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.evaluate("document.documentElement.lang") == "en"


def test_pages_have_titles_of_their_own(page: Page, filled_site: Site) -> None:
    village, operator = (filled_site.content[name] for name in ("village", "operator"))
    sign_in(page, filled_site, OPERATOR)
    paths = (
        "",
        "communes/",
        "verifier/",
        "accessibilite/",
        "mentions-legales/",
        "api/",
        "actes/",
        f"collectivites/{village}/",
        f"collectivites/{village}/actes/",
        *(
            f"o/{operator}/portal/{name}"
            for name in ("", "console/", "console/journal/", "console/dead-letters/")
        ),
        *(
            f"o/{operator}/governance/{name}/"
            for name in ("members", "people", "mandates", "keys", "rights", "colleges", "import", "territory")
        ),
    )
    titles: dict[str, list[str]] = {}
    for path in paths:
        page.goto(f"{filled_site.address}/{path}", wait_until="domcontentloaded")
        titles.setdefault(page.title(), []).append(path)
    assert {title: shared for title, shared in titles.items() if len(shared) > 1} == {}


def test_nothing_moves_when_the_reader_asks_for_rest(page: Page, filled_site: Site) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(filled_site.address)
    moving = """[...document.querySelectorAll("*")].filter((element) => {
      const style = getComputedStyle(element);
      return style.animationName !== "none" || style.transitionDuration.split(", ").some((time) => parseFloat(time));
    }).map((element) => element.outerHTML.slice(0, 80))"""
    assert page.evaluate(moving) == []


def test_colours_of_the_reader_keep_edges_and_focus(page: Page, filled_site: Site) -> None:
    """Where the system replaces our colours (forced-colors), what only a ground told apart still has an edge."""
    page.emulate_media(forced_colors="active")
    page.goto(f"{filled_site.address}/gallery/components/")
    page.keyboard.press("Tab")
    bare = """[...document.querySelectorAll("main :is(.button, .notice, input:not([type=hidden]), select, textarea)")]
      .filter((element) => element.checkVisibility({ opacityProperty: true }))
      .filter((element) => !element.matches("[type=checkbox], [type=radio], [type=file]"))
      .filter((element) => {
        const [inside, around] = [element, element.parentElement].map((one) => getComputedStyle(one));
        return [inside, around].every((style) => parseFloat(style.borderLeftWidth) === 0);
      }).map((element) => element.outerHTML.slice(0, 80))"""
    assert page.evaluate(bare) == []
    assert page.evaluate("getComputedStyle(document.querySelector('.skip-link')).outlineStyle") == "solid"


def test_an_act_on_paper_is_the_act(page: Page, filled_site: Site) -> None:
    """Printed, the page of an act keeps its words and loses its doors, in dark ink whatever the theme."""
    page.context.add_cookies([{"name": "theme", "value": "dark", "url": filled_site.address}])
    village, act = (filled_site.content[name] for name in ("village", "act published"))
    page.goto(f"{filled_site.address}/collectivites/{village}/actes/{act}/")
    page.emulate_media(media="print")
    for shown in ("h1", "main .facts", "#preuve"):
        expect(page.locator(shown).first).to_be_visible()
    for hidden in (".shell-tools", ".breadcrumb", ".shell-foot", ".skip-link", ".ribbon", "main .button"):
        expect(page.locator(hidden).first).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(26, 36, 33)"
    assert page.pdf(format="A4").startswith(b"%PDF")
