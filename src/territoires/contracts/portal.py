"""Facts of the portal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from territoires.kernel.fact import Fact


@dataclass(frozen=True, kw_only=True)
class DeadLetterReplayed(Fact):
    """An operator handed a parked fact to its follower again; ``passed`` counts the facts that went through."""

    KIND: ClassVar[str] = "portal.dead-letter.replayed"
    passed: int


FACTS: tuple[type[Fact], ...] = (DeadLetterReplayed,)
