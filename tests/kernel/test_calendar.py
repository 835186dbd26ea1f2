from __future__ import annotations

from datetime import date

import pytest

from territoires.kernel.calendar import LegalCalendar, easter

CALENDAR = LegalCalendar.of([(1, 1), (5, 1), (5, 8), (11, 11), (12, 25)], [1, 39, 50])


@pytest.mark.parametrize(
    "sunday", [date(2024, 3, 31), date(2025, 4, 20), date(2026, 4, 5), date(2027, 3, 28), date(2038, 4, 25)]
)
def test_easter_falls_where_the_church_says(sunday: date) -> None:
    assert easter(sunday.year) == sunday


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 5, 14), False),  # Ascension
        (date(2026, 5, 25), False),  # Whit Monday
        (date(2026, 4, 6), False),  # Easter Monday
        (date(2026, 11, 28), False),  # a Saturday
        (date(2026, 11, 30), True),
    ],
)
def test_working_days(day: date, works: bool) -> None:
    assert CALENDAR.is_working(day) is works


def test_a_period_does_not_count_the_day_of_its_event() -> None:
    assert CALENDAR.last_day(date(2026, 11, 30), 10) == date(2026, 12, 10)


def test_a_period_that_ends_on_a_holiday_ends_on_the_next_working_day() -> None:
    assert CALENDAR.last_day(date(2026, 12, 1), 24) == date(2026, 12, 28)  # Christmas is a Friday
