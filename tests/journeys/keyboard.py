"""Hands that never touch a mouse."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page

MOST_STEPS = 250
NAME = """() => {
    const here = document.activeElement;
    const labels = [...(here.labels ?? [])].map(label => label.innerText);
    return [here.ariaLabel, ...labels, here.innerText].filter(Boolean).map(text => text.replace(/\\s+/g, ' ').trim());
}"""


class Keyboard:
    """Reaches what is named by Tab alone, then types."""

    def __init__(self, page: Page) -> None:
        self.page = page
        # Listening from the start: the browser begins to hand over its choosers some time after it is asked to.
        page.on("filechooser", lambda _chooser: None)

    def reach(self, name: str) -> None:
        """Tab until the focus is on what bears the name, or begins with it; fails after a page's worth of steps."""
        wanted = re.compile(rf"{re.escape(' '.join(name.split()))}( \(.*\))?$")
        passed: list[list[str]] = []
        for _step in range(MOST_STEPS):
            self.page.keyboard.press("Tab")
            passed.append(self.page.evaluate(NAME))
            if any(wanted.match(found) for found in passed[-1]):
                return
        raise AssertionError(f"the keyboard never reaches {name}, only {passed}")

    def follow(self, link: str) -> None:
        self.reach(link)
        self._leave("Enter")

    def push(self, button: str) -> None:
        self.reach(button)
        self._leave("Space")

    def write(self, field: str, text: str) -> None:
        self.reach(field)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def tick(self, box: str) -> None:
        self.reach(box)
        self.page.keyboard.press("Space")

    def choose(self, select: str, beginning: str) -> None:
        """The option that begins with these letters, as the list itself finds it."""
        self.reach(select)
        self.page.keyboard.type(beginning)

    def give(self, field: str, file: Path) -> None:
        self.reach(field)
        with self.page.expect_file_chooser() as chooser:
            self.page.keyboard.press("Enter")
        chooser.value.set_files(file)

    def _leave(self, key: str) -> None:
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
