"""Whether the time may be certified now. A clock that jumped, or that stands behind a time already certified, is
refused until an operator says that it is right again.

Two watches. In the process: wall clock minus the clock since boot; a slow correction moves both, a step moves one.
Across processes and restarts: a durable mark ahead of every stamp; a clock that stands behind it went back.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

MILLISECOND = 1_000_000
LARGEST_STEP = 500 * MILLISECOND
# A step back within LEAD + LARGEST_STEP goes unseen across a restart: one second, the accuracy that tokens declare.
LEAD = 500 * MILLISECOND

log = logging.getLogger(__name__)

Nanoseconds = Callable[[], int]


class ClockRefused(Exception):
    """The time cannot be certified; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What is kept of the clock: no stamp is later than ``until``; ``fault`` is why it is refused, or empty; ``now``
    is the keeper's own clock, a second opinion. Instants are nanoseconds since 1970."""

    until: int
    fault: str
    now: int


class MarkKeeper(Protocol):
    """Keeps the mark apart from the process; every method commits before it returns."""

    def advance(self, until: int) -> Mark:
        """Moves the mark to ``until``, never back, and not at all while a fault is kept; returns it."""

    def refuse(self, fault: str) -> None:
        """Keeps a fault for every process."""


def since_boot() -> int:
    """Nanoseconds since boot, sleep included, which no setting of the clock changes."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


class ClockGuard:
    """Gives the time to certify. Clocks are handed in so that steps can be tried."""

    def __init__(
        self,
        keeper: MarkKeeper,
        *,
        wall: Nanoseconds = time.time_ns,
        steady: Nanoseconds = since_boot,
        synchronised: Callable[[], str] = lambda: "",
    ) -> None:
        self._keeper, self._wall, self._steady, self._synchronised = keeper, wall, steady, synchronised
        self._lock = threading.Lock()
        self._offset = wall() - steady()
        self._until = 0

    def now(self) -> int:
        """The instant to certify, in nanoseconds since 1970. Raises ClockRefused."""
        with self._lock:
            now = self._wall()
            offset = now - self._steady()
            moved, self._offset = offset - self._offset, offset
            if abs(moved) > LARGEST_STEP:
                self._refuse(f"The clock jumped by {moved / 1e9:+.3f} s.")
            if not self._until - LEAD <= now <= self._until:
                self._renew(now)
            return now

    def _renew(self, now: int) -> None:
        mark = self._keeper.advance(now + LEAD)
        answered = self._wall()  # later than what others certified while this process waited for its turn
        self._until = 0
        if mark.fault:
            raise ClockRefused(mark.fault)
        behind = mark.until - LEAD - answered
        if behind > LARGEST_STEP:
            self._refuse(f"The clock stands {behind / 1e9:.3f} s behind a time that was already certified.")
        difference = max(now - mark.now, mark.now - answered)
        if difference > 2 * LARGEST_STEP:
            raise ClockRefused(f"The clock differs by {difference / 1e9:.3f} s from the database server's.")
        if fault := self._synchronised():
            raise ClockRefused(fault)
        self._until = now + LEAD

    def _refuse(self, fault: str) -> None:
        self._until = 0
        self._keeper.refuse(fault)
        log.critical("trust: no time-stamp is given any more. %s", fault)
        raise ClockRefused(fault)
