"""Eyes that go along with a walk and look at each of its pages.

``TERRITOIRES_TEST_FULL=1`` has nothing found on any of them, by axe nor by what it does not tell; without it they fit.
``TERRITOIRES_TEST_PICTURES=FOLDER`` keeps every page, for people to look at.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tests.accessibility.axe import faults
from tests.browser import Look

from .clerk import PICTURES, Clerk

FULL = bool(os.environ.get("TERRITOIRES_TEST_FULL"))


@dataclass
class Eyes:
    """Those of one walk in one look."""

    walk: str
    look: Look
    _steps: Iterator[int] = field(default_factory=lambda: count(1))

    def see(self, somebody: Clerk, step: str) -> None:
        """The page that somebody has in front of them."""
        if PICTURES:
            name = f"{self.walk}-{self.look}-{next(self._steps):02}-{step}.png"
            somebody.page.screenshot(path=Path(PICTURES) / name, full_page=True)
        found = faults(somebody.page, self.look.language) if FULL else []
        assert somebody.fits()
        assert not found, "\n".join([f"{step}, {self.look}", *found])
