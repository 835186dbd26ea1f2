"""Facts of the keys and the clock of the platform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from territoires.kernel.fact import Fact


@dataclass(frozen=True, kw_only=True)
class ClockCleared(Fact):
    """Somebody with the machine in hand has checked its clock: time-stamps are given again.

    ``fault`` is the sentence for which they were refused, empty when they were not.
    """

    KIND: ClassVar[str] = "trust.clock.cleared"
    fault: str


FACTS: tuple[type[Fact], ...] = (ClockCleared,)
