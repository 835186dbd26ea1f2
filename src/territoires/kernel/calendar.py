"""Working days and periods in days, as French and European law count them.

A period of days begins on the day after its event and ends with its last day; when that one is a Saturday, a Sunday or
a public holiday, it ends with the next working day (Regulation (EEC) 1182/71, article 3; same rule in CPC 641 and 642).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class LegalCalendar:
    """``fixed`` are holidays as (month, day); ``after_easter`` are days counted from Easter Sunday."""

    fixed: frozenset[tuple[int, int]]
    after_easter: frozenset[int]

    @classmethod
    def of(cls, fixed: Iterable[tuple[int, int]], after_easter: Iterable[int]) -> LegalCalendar:
        return cls(frozenset(fixed), frozenset(after_easter))

    def is_holiday(self, day: date) -> bool:
        return (day.month, day.day) in self.fixed or (day - easter(day.year)).days in self.after_easter

    def is_working(self, day: date) -> bool:
        return day.weekday() < SATURDAY and not self.is_holiday(day)

    def working_day_from(self, day: date) -> date:
        """The day itself when it is a working day, otherwise the next one."""
        while not self.is_working(day):
            day += timedelta(days=1)
        return day

    def last_working_day(self, event: date, days: int) -> date:
        """The last of so many working days, the first of which follows the event."""
        day = event
        for _ in range(days):
            day = self.working_day_from(day + timedelta(days=1))
        return day

    def last_day(self, event: date, days: int) -> date:
        """The last day of a period of ``days`` that an event of that day starts."""
        return self.working_day_from(event + timedelta(days=days))


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher)."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leap, plain = divmod(century, 4)
    moon = (19 * golden + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * plain + 2 * (rest // 4) - moon - rest % 4) % 7
    shift = (golden + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * shift + 114, 31)
    return date(year, month, day + 1)
