"""What a visit is: one page in one state, who opens it, and the gestures that any page may need.

A service tells its visits in ``tests/services/<name>/visits.py``: ``VISITS``, and ``NOT_PAGES`` with the reason of each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.urls import reverse
from playwright.sync_api import Locator, Page

SECRETARY = "claire.exemple@village.example"
OPERATOR = "olive.exemple@operator.example"
SUPPORT = "sofia.essai@operator.example"
MANDATED = "alix.modele@operator.example"
ENTERPRISE = "manon.modele@enterprise.example"
CITIZEN = "camille.exemple@citoyen.example"

VILLAGE, OPERATORS = {"organisation": "village"}, {"organisation": "operator"}
A_GESTURE = "a gesture: it leads to a page that is visited"
A_FILE = "a file, or data for programs"


@dataclass(frozen=True)
class Site:
    """A running platform, and what stands in its addresses."""

    address: str
    var: Path
    database: str
    content: Mapping[str, str]


Gesture = Callable[[Page, Site], None]


@dataclass(frozen=True)
class Visit:
    """One page in one state. ``where`` fills the address with the content that has these names, ``query`` names it in
    braces; a ``gesture`` that begins on another page says so in ``start``. ``proved``: who opens it has just given the
    password again. ``language``: of a page that has one only.
    """

    route: str
    state: str = ""
    who: str = ""
    where: Mapping[str, str] = field(default_factory=dict)
    start: str = ""
    query: str = ""
    status: int = 200
    gesture: Gesture | None = None
    proved: bool = False
    language: str = ""

    def address(self, content: Mapping[str, str]) -> str:
        values = {name: content.get(value, value) for name, value in self.where.items()}
        return reverse(self.start or self.route, kwargs=values) + self.query.format_map(content)

    def __str__(self) -> str:
        return f"{self.route} {self.state}".strip()


def send_empty(page: Page, site: Site) -> None:
    """Sends the page's first form with fields, with nothing in them."""
    fields = page.locator("input:not([type=hidden]), select, textarea")
    form = page.locator("main form[method=post]").filter(has=fields).first
    form.evaluate(
        """form => {
          form.noValidate = true;
          for (const field of form.querySelectorAll("input:not([type=hidden], [type=radio], [type=checkbox]), textarea"))
            field.value = "";
        }"""
    )
    send(page, form.locator("button:not([type=button])").last)


def send(page: Page, button: Locator) -> None:
    with page.expect_navigation():
        button.click()


def filled(**values: str) -> Gesture:
    """Fills fields by their names and sends the form that holds them."""

    def gesture(page: Page, site: Site) -> None:
        for name, value in values.items():
            page.locator(f"main [name={name}]").first.fill(value)
        form = page.locator("main form", has=page.locator(f"[name={name}]")).first
        form.evaluate("form => { form.noValidate = true }")
        send(page, form.locator("button:not([type=button])").first)

    return gesture


def clicked(selector: str) -> Gesture:
    return lambda page, site: send(page, page.locator(selector).first)


def then(*gestures: Gesture) -> Gesture:
    def gesture(page: Page, site: Site) -> None:
        for one in gestures:
            one(page, site)

    return gesture
