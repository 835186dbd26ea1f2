"""What an interruption touches, and the deadline to propose after it."""

from __future__ import annotations

from datetime import datetime, timedelta

from territoires.kernel.calendar import LegalCalendar
from territoires.kernel.clock import PARIS, legal_day
from territoires.kernel.errors import Fault, Invalid

from .availability import Part

LONGEST = timedelta(days=31)


def reach(
    from_at: datetime, until_at: datetime | None, hours: int, now: datetime
) -> tuple[datetime, datetime]:
    """The deadlines that it touches, both ends included: during it, or within ``hours`` after its end."""
    return from_at, (until_at or now) + timedelta(hours=hours)


def proposed(
    deadline: datetime, until_at: datetime | None, *, days: int, calendar: LegalCalendar, now: datetime
) -> datetime:
    """The same hour of a working day, ``days`` after the deadline or the end, whichever is later."""
    last = max(deadline, until_at or now)
    day = calendar.working_day_from(legal_day(last) + timedelta(days=days))
    return datetime.combine(day, deadline.astimezone(PARIS).timetz())


def later(
    applications: datetime | None, tenders: datetime | None, touched: datetime, until: datetime
) -> dict[str, datetime]:
    """The fields of the calendar that move: the deadline that was touched, and by as much the one that follows it."""
    if applications is None or touched != applications:
        return {"tenders_until": until}
    moved = {"applications_until": until}
    if tenders is not None:
        moved["tenders_until"] = tenders + (until - applications)
    return moved


def judge_times(from_at: datetime, until_at: datetime | None, now: datetime) -> list[Fault]:
    """What is wrong with the times that the operator gives."""
    faults = []
    if from_at > now:
        faults.append(
            Fault(
                "from_at",
                "incident-future",
                "The interruption would begin after now.",
                "Correct its beginning.",
            )
        )
    if until_at is not None and until_at > now:
        faults.append(
            Fault(
                "until_at",
                "incident-end-future",
                "The interruption would end after now.",
                "Leave its end empty while it lasts.",
            )
        )
    if until_at is not None and until_at <= from_at:
        faults.append(
            Fault("until_at", "incident-reversed", "It would end before it began.", "Correct one of the two.")
        )
    if (until_at or now) - from_at > LONGEST:
        faults.append(
            Fault(
                "from_at",
                "incident-too-long",
                "An interruption of more than a month is several.",
                "Tell each of them.",
            )
        )
    return faults


def known_parts(parts: tuple[str, ...] | list[str]) -> list[str]:
    """The parts that the log knows, once each, in its order. Raises Invalid for another."""
    if unknown := [part for part in parts if part not in list(Part)]:
        fault = Fault(
            "parts",
            "part-unknown",
            "“%(part)s” is no part of the platform.",
            "Choose among those shown.",
            {"part": unknown[0][:40]},
        )
        raise Invalid("incident-refused", "The interruption was not written.", "Correct it.", faults=[fault])
    return [part.value for part in Part if part in parts]
