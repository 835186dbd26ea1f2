"""Facts of the book about itself: the keys that sign its checkpoints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from territoires.kernel.fact import Fact


@dataclass(frozen=True, kw_only=True)
class LogKeyAnnounced(Fact):
    """A further key signs the book, beside the others, from the first checkpoint that holds this fact.

    ``certificate`` is its certificate: DER in base64.
    """

    KIND: ClassVar[str] = "journal.key.announced"
    certificate: str


@dataclass(frozen=True, kw_only=True)
class LogKeyRetired(Fact):
    """A key signs no checkpoint that holds this fact, or any later one. ``certificate`` as above."""

    KIND: ClassVar[str] = "journal.key.retired"
    certificate: str


FACTS: tuple[type[Fact], ...] = (LogKeyAnnounced, LogKeyRetired)
