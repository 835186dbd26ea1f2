"""Nothing is found on any page in any state.

The gallery and the four archetypes are seen in all four looks, every other page in one, drawn from its name: it does
not change from run to run, and the four are shared evenly. ``TERRITOIRES_TEST_FULL=1`` shows everything in all.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import resolve
from playwright.sync_api import Browser, Page, Response

from tests.browser import Look, watched

from .axe import faults
from .conftest import prove, seated
from .visit import Site, Visit, send_empty
from .visits import ARCHETYPES, GALLERY, VISITS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOOKS = [Look(), Look(theme="dark"), Look(width=320), Look(width=1280, zoom=200)]
FOCUS = Path(__file__).with_name("focus.js").read_text()


def looks_of(visit: Visit) -> list[Look]:
    """One look, or all of them; the languages alternate."""
    drawn = zlib.crc32(str(visit).encode())
    is_seen_in_all = os.environ.get("TERRITOIRES_TEST_FULL") or visit in GALLERY or str(visit) in ARCHETYPES
    chosen = range(4) if is_seen_in_all else [drawn % 4]
    return [
        Look(look.width, look.theme, ("fr", "en")[(drawn // 4 + place) % 2], look.zoom)
        for place, look in enumerate(LOOKS)
        if place in chosen
    ]


@pytest.fixture
def page(browser: Browser, filled_site: Site, seats: dict[str, Page], visit: Visit) -> Iterator[Page]:
    """The page of who visits, the same from visit to visit, except for a visit that leaves something in it."""
    if visit.proved or visit.gesture not in (None, send_empty):
        seat = seated(browser, filled_site, visit.who)
        with watched(seat):
            yield seat
        seat.context.close()
        return
    if visit.who not in seats:
        seats[visit.who] = seated(browser, filled_site, visit.who)
    with watched(seats[visit.who]) as seat:
        yield seat


@pytest.mark.parametrize(
    ("visit", "look"),
    [pytest.param(visit, look, id=f"{visit}, {look}") for visit in VISITS for look in looks_of(visit)],
)
def test_page_is_accessible(page: Page, filled_site: Site, visit: Visit, look: Look) -> None:
    go(page, filled_site, visit, look)
    found = faults(page, visit.language or look.language)
    page.keyboard.press("Tab")  # from here on the browser shows where the focus is, as it does for a keyboard
    found += page.evaluate(f"({FOCUS})")
    assert not found, "\n".join(["", *found])


def go(page: Page, site: Site, visit: Visit, look: Look) -> None:
    """Opens the page and brings it to its state; it is then the page that the visit names."""
    statuses: list[int] = []

    def note(answer: Response) -> None:
        if answer.request.is_navigation_request():
            statuses.append(answer.status)

    page.on("response", note)
    look.apply_to(page, site.address)
    if visit.proved:
        prove(page, site)
    page.goto(site.address + visit.address(site.content))
    if visit.gesture:
        visit.gesture(page, site)
    page.remove_listener("response", note)
    assert statuses[-1] == visit.status, page.inner_text("main")
    if page.locator(
        "[autofocus]"
    ).count():  # the browser gives it with a frame, which a busy machine draws late
        page.wait_for_function("document.activeElement !== document.body")
    if visit.route:
        assert resolve(page.evaluate("decodeURI(location.pathname)")).view_name == visit.route
