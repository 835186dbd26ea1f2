"""Somebody at a browser, who knows the pages by the names that they give to fields, links and buttons."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from django.utils.translation import gettext, override
from playwright.sync_api import Locator, Page, expect

PICTURES = os.environ.get("TERRITOIRES_TEST_PICTURES")
SECRETARY = "Claire Exemple"
VILLAGE = "212100077"
_numbers = count(1)

Words = dict[str, str]


def say(message: str, language: str = "fr") -> str:
    """What the platform's pages write for a message."""
    with override(language):
        return gettext(message)


def new_number(prefix: str = "DEL") -> str:
    """A number that no other act of the run bears."""
    return f"{prefix}_2026_{500 + next(_numbers)}"


@dataclass
class Clerk:
    """Every verb ends where the person would look: on the page that answers."""

    page: Page
    site: str
    language: str = "fr"
    organisation: str = field(default=VILLAGE)

    # -- what everybody does ------------------------------------------------------------------------------------------

    def say(self, message: str) -> str:
        return say(message, self.language)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.site}{path}")

    def link(self, message: str) -> Locator:
        return self.main.get_by_role("link", name=self.say(message), exact=True)

    def button(self, message: str) -> Locator:
        return self.main.get_by_role("button", name=self.say(message), exact=True)

    def field(self, label: str) -> Locator:
        """The field of a label, which says in addition when it is optional."""
        words = r"\s+".join(map(re.escape, self.say(label).split()))
        return self.main.get_by_label(re.compile(rf"^\s*{words}(\s*\(.*\))?\s*$"))

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    def send(self, button: str) -> None:
        """Clicks, and stays until the page that answers is there: for who must look at which page it is."""
        with self.page.expect_navigation():
            self.button(button).click()

    def sees(self, message: str) -> None:
        expect(self.main).to_contain_text(self.say(message))

    def picture(self, name: str, *, at: str = "", of: str = "main", width: int = 1200) -> None:
        """Keeps what the page, or the one ``at`` an address, shows from ``of`` on, where the run has a folder for pictures."""
        if not PICTURES:
            return
        if at:
            self.page.goto(at)
        seen = self.page.viewport_size
        self.page.set_viewport_size({"width": width, "height": 900})
        # At once: a page scrolls slowly, and would be taken on its way.
        self.page.locator(of).first.evaluate("one => one.scrollIntoView({behavior: 'instant'})")
        self.page.screenshot(path=Path(PICTURES) / f"{name}.jpg", type="jpeg", quality=60)
        if seen:
            self.page.set_viewport_size(seen)

    def fits(self) -> bool:
        """True when nothing makes the page wider than the screen."""
        return bool(
            self.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        )

    def sign_in(self, name: str = SECRETARY, then: str = "/bureaux/") -> None:
        """One click on an invented person of the demonstration."""
        self.open(f"/accounts/login/?next={then}")
        people = self.page.locator("button", has_text=re.compile(rf"^\s*{re.escape(name)}\s*$"))
        if not people.first.is_visible():
            self.main.locator("details", has=people).locator("summary").click()
        people.first.click()
        self.page.wait_for_url(lambda url: "/accounts/" not in url)

    def turn_to(self, service: str) -> None:
        """Another service, by the bar of services, which a phone folds."""
        folded = self.page.locator(".services-menu > summary")
        if folded.is_visible():
            folded.click()
        bar = self.page.get_by_role("navigation", name=self.say("Services"))
        link = bar.get_by_role("link", name=self.say(service), exact=True)
        more = bar.locator(".services-more summary")
        if more.is_visible() and not link.is_visible():
            more.click()
        link.click()

    def sign_out(self) -> None:
        """From the desk's menu, or from the head of a public page."""
        banner = self.page.get_by_role("banner")
        menu = banner.locator("summary")
        if menu.count():
            menu.click()
        leave = banner.get_by_role("button", name=self.say("Sign out"))
        leave.click()
        expect(leave).to_have_count(0)  # the session has ended when the page that offers no way out is there

    def read_in_register(self, number: str) -> None:
        """Opens the act of a number from a list of public acts."""
        row = self.main.get_by_role("row").filter(has_text=number)
        row.get_by_role("link").first.click()

    # -- what a clerk does --------------------------------------------------------------------------------------------

    def desk(self, path: str = "") -> str:
        return f"/o/{self.organisation}/legality/{path}"

    def procurement(self, path: str = "") -> str:
        return f"/o/{self.organisation}/procurement/{path}"

    def write(self, *, number: str, main: Path | None = None, nature: str = "1", **words: str) -> None:
        """Fills the form of a draft that is open, with what a sound act needs unless told otherwise."""
        self.main.get_by_role("radio").and_(self.page.locator(f"[value='{nature}']")).check()
        filled = {
            "Number": number,
            "Date of the decision": "12/11/2026",
            "Object": "Réfection du toit de l'école",
            "First name of the author": "Paul",
            "Name of the author": "Essai",
            "Quality of the author": "Maire",
        } | words
        matter = filled.pop("Subject matter", "1.1")
        for label, text in filled.items():
            self.field(label).fill(text)
        self.field("Subject matter").select_option(matter)
        if main is not None:
            self.field("The act").set_input_files(main)

    def save(self) -> None:
        self.button("Save the draft").click()

    def draft(self, main: Path, *, number: str = "", nature: str = "1", **words: str) -> str:
        """A draft that lacks nothing; answers the address of its page."""
        self.open(self.desk("new/"))
        self.write(number=number or new_number(), main=main, nature=nature, **words)
        self.save()
        self.sees("Nothing is missing: the act can be signed.")
        return self.page.url

    def sign(self, act: str, scan: Path | None = None) -> None:
        """Signed by hand: the scan is here and we keep the original."""
        self.page.goto(act)
        self.link("Declare it signed by hand").click()
        if scan is not None:
            self.field("Scan of the signed original").set_input_files(scan)
        self.field(
            "The act is signed by hand, and our body keeps the paper original in its register."
        ).check()
        self.button("Record the signature").click()
        self.sees("The act is signed; it now waits to take effect.")

    def publish(self, act: str) -> str:
        """Puts the act on line; answers its public address."""
        self.page.goto(act)
        self.link("Publish").click()
        self.button("Publish the act").click()
        self.sees("The act is on line in the public register.")
        return self.public_address(act)

    def public_address(self, act: str) -> str:
        key = act.rstrip("/").rpartition("/")[2]
        return f"{self.site}/collectivites/{self.organisation}/actes/{key}/"

    def act_on_line(self, main: Path, **words: str) -> tuple[str, str]:
        """From nothing to a published act; answers its own and its public address."""
        act = self.draft(main, **words)
        self.sign(act)
        return act, self.publish(act)
