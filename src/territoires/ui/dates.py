"""Dates and deadlines in words, in the reader's language, on Paris days."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import formats, timezone, translation
from django.utils.translation import gettext, ngettext

Moment = date | datetime
NO_BREAK = "\u00a0"
# As French abbreviates them; Django writes "jan." and "fév.".
_SHORT_MONTHS = [
    "janv.",
    "févr.",
    "mars",
    "avr.",
    "mai",
    "juin",
    "juill.",
    "août",
    "sept.",
    "oct.",
    "nov.",
    "déc.",
]


def long_date(value: Moment) -> str:
    """ "jeudi 12 novembre 2026", or with its time "jeudi 12 novembre 2026, 14 h"; "Thursday 12 November 2026, 2 pm"."""
    weekday, _space, day = formats.date_format(_local(value), "l j F Y").partition(" ")
    day = f"{weekday} {_first(day)}"
    return f"{day}, {clock_time(value)}" if isinstance(value, datetime) else day


def told_date(value: str) -> str:
    """The long date of an ISO text, as notifications keep a day or an instant; another text as it stands."""
    try:
        return long_date(date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value))
    except ValueError:
        return value


def short_date(value: Moment) -> str:
    """ "12 nov. 2026", "1er nov. 2026", or with its time "12 nov. 2026, 14 h"."""
    day = _first(_short_day(_day(value)))
    return f"{day}, {clock_time(value)}" if isinstance(value, datetime) else day


def exact_date(value: datetime) -> str:
    """An instant to the second, for what may have to be proved: "12 nov. 2026, 14:00:05"."""
    local = timezone.localtime(value)
    return f"{short_date(local.date())}, {local:%H:%M:%S}"


def proven_date(value: datetime) -> str:
    """An instant to the millisecond, with its zone: "12 nov. 2026, 14:00:05.123 (CET)"."""
    local = timezone.localtime(value)
    return f"{exact_date(value)}.{local.microsecond // 1000:03} ({local:%Z})"


def clock_time(value: datetime) -> str:
    """ "14 h", "9 h 12"; in English "2 pm", "9:12 am": never broken between two lines."""
    local = timezone.localtime(value)
    if _is_french():
        return f"{local.hour}{NO_BREAK}h" + (f"{NO_BREAK}{local.minute:02}" if local.minute else "")
    return formats.date_format(local, "P").replace(".", "").replace(" ", NO_BREAK)


def due_in_words(value: Moment, now: datetime) -> str:
    """How far a deadline is: "dans 2 jours", "aujourd'hui", "en retard de 3 jours". Counts Paris days."""
    days = (_day(value) - timezone.localdate(now)).days
    if isinstance(value, datetime) and value <= now and days == 0:
        return gettext("time is up")
    if days == 0:
        return gettext("today")
    if days == 1:
        return gettext("tomorrow")
    if days > 0:
        return ngettext("in %(days)s day", "in %(days)s days", days) % {"days": days}
    return ngettext("%(days)s day late", "%(days)s days late", -days) % {"days": -days}


def _first(day: str) -> str:
    """The first of a month is "1er" in French."""
    return day.replace("1 ", "1er ", 1) if _is_french() and day.startswith("1 ") else day


def _short_day(day: date) -> str:
    if _is_french():
        return f"{day.day} {_SHORT_MONTHS[day.month - 1]} {day.year}"
    return formats.date_format(day, "j N Y")


def _local(value: Moment) -> Moment:
    return timezone.localtime(value) if isinstance(value, datetime) else value


def _day(value: Moment) -> date:
    return timezone.localdate(value) if isinstance(value, datetime) else value


def _is_french() -> bool:
    return (translation.get_language() or "").startswith("fr")


__all__ = ["clock_time", "due_in_words", "exact_date", "long_date", "short_date", "told_date"]
