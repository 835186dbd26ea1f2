"""Quarters of the calendar year, in legal days."""

from __future__ import annotations

from datetime import date, timedelta

MONTHS = 3


def first_of_quarter(day: date) -> date:
    """The first day of the quarter of a day."""
    return date(day.year, day.month - (day.month - 1) % MONTHS, 1)


def last_of_quarter(day: date) -> date:
    """The last day of the quarter of a day."""
    first = first_of_quarter(day)
    year, month = divmod(first.month - 1 + MONTHS, 12)
    return date(first.year + year, month + 1, 1) - timedelta(days=1)
