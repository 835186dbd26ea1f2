"""When a published consultation changes, or a question is answered late, its deadline is put off: by how much.

The text asks that the last information reaches enterprises some whole days before the deadline (CCP R2132-6), and that
the deadline is put off in proportion to a substantial change; the days of the second are a proposal of the pack.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from territoires.kernel.clock import PARIS, first_instant, legal_day
from territoires.kernel.errors import Fault, Invalid

from .findings import msgid
from .law import Law

FARTHEST = timedelta(days=730)


def information_days(law: Law, *, is_urgent: bool) -> int:
    """How many whole days before the deadline the last information is due."""
    return int(law.rules["information-days-urgent" if is_urgent else "information-days"].value)


def last_answers(deadline: datetime, law: Law, *, is_urgent: bool) -> datetime:
    """Until when an answer comes in time: the end of the last day that leaves all the days of the text."""
    return first_instant(legal_day(deadline) - timedelta(days=information_days(law, is_urgent=is_urgent)))


def is_late(now: datetime, deadline: datetime, law: Law, *, is_urgent: bool) -> bool:
    """Whether what is told now leaves fewer whole days than the text asks."""
    return now >= last_answers(deadline, law, is_urgent=is_urgent)


def proposed_deadline(
    now: datetime, deadline: datetime, law: Law, *, is_urgent: bool, is_substantial: bool
) -> datetime | None:
    """The deadline to propose after a change made now, at the same hour of a working day; None: the present one serves."""
    days = information_days(law, is_urgent=is_urgent)
    if is_substantial:
        days = max(days, int(law.rules["substantial-change-days"].value))
    today = legal_day(now)
    first = law.calendar.working_day_from(today + timedelta(days=days + 1))
    hour = deadline.astimezone(PARIS).timetz()
    proposed = datetime.combine(first, hour)
    return proposed if proposed > deadline else None


def require_later(
    field: str, before: datetime | None, after: datetime | None, now: datetime
) -> datetime | None:
    """The deadline to keep. Raises Invalid for one that is earlier than the present one, past, or beyond two years."""
    if after is None or after == before:
        return before
    if before is not None and after < before:
        raise _refused(
            field,
            "deadline-earlier",
            msgid("A deadline that was published is never brought forward: enterprises count on it."),
            msgid("Keep it, or give a later one."),
        )
    if after <= now:
        raise _refused(
            field, "deadline-past", msgid("This deadline has already passed."), msgid("Give a later one.")
        )
    if after > now + FARTHEST:
        raise _refused(
            field,
            "deadline-far",
            msgid("This deadline is more than two years away."),
            msgid("Check the year."),
        )
    return after


def _refused(field: str, code: str, message: str, remedy: str) -> Invalid:
    fault = Fault(field, code, message, remedy)
    return Invalid(code, "The deadline was not changed.", "Correct it.", faults=[fault])
