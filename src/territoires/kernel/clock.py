"""Time is handed in, never looked up, so that any legal time limit can be replayed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")

Clock = Callable[[], datetime]
"""Returns the present instant, aware, in UTC."""


def system_clock() -> datetime:
    """The machine's own clock."""
    return datetime.now(UTC)


def fixed_clock(instant: datetime) -> Clock:
    """A clock that stands still at ``instant`` (aware)."""
    if instant.tzinfo is None:
        raise ValueError("a clock needs an aware instant")
    return lambda: instant.astimezone(UTC)


def legal_day(instant: datetime) -> date:
    """The day that counts in French law for an instant: the date in Paris."""
    return instant.astimezone(PARIS).date()


def first_instant(day: date) -> datetime:
    """The instant at which a day begins in Paris: what holds through a day ends when the next one begins."""
    return datetime.combine(day, time(), PARIS).astimezone(UTC)
