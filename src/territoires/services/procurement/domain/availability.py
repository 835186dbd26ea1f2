"""The availability log: one line a minute and part, a table a day, its root.

The root of a day is the SHA-256 of the table (CSV) that anybody downloads: a bidder checks it with any tool, and finds the
same value in the journal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from territoires.kernel.clock import first_instant
from territoires.kernel.fact import instant_text

MINUTE = timedelta(minutes=1)
COLUMNS = ("minute", "part", "outcome", "latency_ms", "fault")


class Part(StrEnum):
    """What the probe goes through, in the order in which a deposit does."""

    WEB = "web"
    DATABASE = "database"
    STORAGE = "storage"
    JOURNAL = "journal"


class OutcomeOf(StrEnum):
    """What the probe met. SLOW: it passed, later than a bidder should wait."""

    UP = "up"
    SLOW = "slow"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Measure:
    """One part at one minute. ``fault`` is a code, never a message that could tell more than it should."""

    minute: datetime
    part: str
    outcome: str
    latency_ms: int
    fault: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        return instant_text(self.minute), self.part, self.outcome, str(self.latency_ms), self.fault


@dataclass(frozen=True, slots=True)
class Stretch:
    """Minutes on end that were not well; ``until`` is the first minute after them. ``outcome`` may be ``silent``."""

    since: datetime
    until: datetime
    outcome: str

    @property
    def minutes(self) -> int:
        return round((self.until - self.since) / MINUTE)


SILENT = "silent"


def minute_of(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(second=0, microsecond=0)


def table(measures: Iterable[Measure]) -> bytes:
    """The CSV of a day, by minute and part; the same measures always give the same bytes."""
    order = {part: place for place, part in enumerate(Part)}
    lines = [",".join(COLUMNS)]
    lines += [
        ",".join(one.cells) for one in sorted(measures, key=lambda m: (m.minute, order.get(Part(m.part), 9)))
    ]
    return "".join(f"{line}\r\n" for line in lines).encode()


def root(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def bounds(day: date) -> tuple[datetime, datetime]:
    """The first instant of a legal day (Paris), and that of the next."""
    return first_instant(day), first_instant(day + timedelta(days=1))


def stretches(measures: Sequence[Measure], since: datetime, until: datetime) -> list[Stretch]:
    """When the service was down, slow, or told nothing of itself, between two instants, in their order.

    A minute without any measure is silent: what did not answer cannot write that it did not.
    """
    worst: dict[datetime, str] = {}
    rank = {OutcomeOf.UP: 0, OutcomeOf.SLOW: 1, OutcomeOf.DOWN: 2}
    for one in measures:
        known = worst.get(one.minute, OutcomeOf.UP)
        worst[one.minute] = max(known, one.outcome, key=lambda word: rank[OutcomeOf(word)])
    found: list[Stretch] = []
    minute = minute_of(since)
    if minute < since:
        minute += MINUTE
    while minute < until:
        outcome = worst.get(minute, SILENT)
        if outcome != OutcomeOf.UP:
            last = found[-1] if found else None
            if last and last.until == minute and last.outcome == outcome:
                found[-1] = Stretch(last.since, minute + MINUTE, outcome)
            else:
                found.append(Stretch(minute, minute + MINUTE, outcome))
        minute += MINUTE
    return found
