"""The calendar of a consultation: proposed, then checked against the shortest times of the law.

A time limit counts from the day after the notice is sent; its last day must be over before the deadline, so that
enterprises have every one of them whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from territoires.kernel.clock import PARIS, first_instant, legal_day

from .findings import Finding, Severity, by_law, finding, msgid
from .law import Law, Procedure, TimeLimit
from .sheet import Sheet

STEP = "calendar"
_finding = partial(finding, STEP)
NOON = time(12)
# Ours, where the text says "sufficient": what a small enterprise needs to answer.
ADVISED_DAYS = 21
SHORT_DAYS = 15
QUESTION_DAYS = 4  # ours: to write the answers, before the last day on which they may be given
INVITATION_DAYS = 21  # ours: to examine the applications


@dataclass(frozen=True, slots=True)
class Timetable:
    """``applications_until`` and ``invite_on`` are None where the procedure has one stage."""

    publish_on: date
    questions_until: date
    tenders_until: datetime
    applications_until: datetime | None = None
    invite_on: date | None = None


def propose(sheet: Sheet, law: Law, *, publish_on: date) -> Timetable:
    """The earliest lawful calendar from a working day of publication, with deadlines at noon of working days."""
    procedure = law.procedures[sheet.procedure]
    start = law.calendar.working_day_from(publish_on)
    applications, invite_on = None, None
    if law.has_two_stages(sheet):
        applications = _deadline(law, start, _shortest(procedure.applications, sheet))
        invite_on = law.calendar.working_day_from(legal_day(applications) + timedelta(days=INVITATION_DAYS))
    tenders = _deadline(law, invite_on or start, _shortest(_tenders(procedure, sheet, law), sheet))
    return Timetable(start, _last_questions(law, sheet, legal_day(tenders)), tenders, applications, invite_on)


def _tenders(procedure: Procedure, sheet: Sheet, law: Law) -> TimeLimit:
    """How long bids take: where candidatures come with them, what the law leaves to candidatures."""
    is_open = procedure.two_stage_method and not law.has_two_stages(sheet)
    return procedure.applications if is_open else procedure.tenders


def _shortest(limit: TimeLimit, sheet: Sheet) -> int:
    days = limit.shortest(has_prior_notice=sheet.has_prior_notice, is_urgent=sheet.is_urgent)
    return ADVISED_DAYS if days is None else days


def _deadline(law: Law, event: date, days: int) -> datetime:
    day = law.calendar.working_day_from(law.calendar.last_day(event, days) + timedelta(days=1))
    return datetime.combine(day, NOON, PARIS)


def _last_questions(law: Law, sheet: Sheet, deadline: date) -> date:
    return deadline - timedelta(days=_information_days(law, sheet) + QUESTION_DAYS)


def _information_days(law: Law, sheet: Sheet) -> int:
    return int(law.rules["information-days-urgent" if sheet.is_urgent else "information-days"].value)


def check(sheet: Sheet, law: Law, *, today: date) -> Iterator[Finding]:
    procedure = law.procedures.get(sheet.procedure)
    if procedure is None:
        return
    yield from _present(sheet, law, today)
    if sheet.is_urgent and not sheet.urgency_reason:
        yield _finding(
            "urgency-unexplained",
            "urgency_reason",
            Severity.MISSING,
            msgid("The urgency that shortens the time is not justified."),
            msgid("Say what happened: the text asks a justified urgency."),
            article=procedure.tenders.article,
        )
    event = sheet.publish_on
    if law.has_two_stages(sheet):
        event = sheet.invite_on
        yield from _stage(
            sheet,
            law,
            procedure.applications,
            "applications_until",
            sheet.publish_on,
            sheet.applications_until,
        )
    tenders = _tenders(procedure, sheet, law)
    yield from _stage(sheet, law, tenders, "tenders_until", event, sheet.tenders_until)
    if sheet.is_competitive:
        yield from _questions(sheet, law, procedure)


def _present(sheet: Sheet, law: Law, today: date) -> Iterator[Finding]:
    if sheet.publish_on is None:
        yield _missing("publish_on", msgid("The day of publication is not set."))
    elif sheet.publish_on < today:
        yield _missing("publish_on", msgid("The day of publication has passed."))
    if sheet.tenders_until is None:
        yield _missing("tenders_until", msgid("The deadline of the bids is not set."))
    if law.has_two_stages(sheet) and sheet.applications_until is None:
        yield _missing("applications_until", msgid("The deadline of the applications is not set."))


def _missing(field: str, message: str) -> Finding:
    return _finding(
        f"{field.replace('_', '-')}-missing",
        field,
        Severity.MISSING,
        message,
        msgid("Take the proposed calendar, or set your own."),
    )


def _stage(
    sheet: Sheet, law: Law, limit: TimeLimit, field: str, event: date | None, until: datetime | None
) -> Iterator[Finding]:
    """One reception: ``event`` is the sending from which it counts, ``until`` its deadline."""
    if event is None or until is None:
        return
    if until < first_instant(event + timedelta(days=1)):
        yield _finding(
            "deadline-before",
            field,
            Severity.MISSING,
            msgid("This deadline comes before the time to answer has begun."),
            msgid("Set a later one."),
            about=field,
        )
        return
    if not law.calendar.is_working(legal_day(until)):
        yield _finding(
            "deadline-not-working",
            field,
            Severity.WARNING,
            msgid("The deadline falls on a Saturday, a Sunday or a public holiday."),
            msgid("Choose a working day: nobody can help an enterprise that day."),
            about=field,
        )
    yield from _length(sheet, law, limit, field, event, until)


def _length(
    sheet: Sheet, law: Law, limit: TimeLimit, field: str, event: date, until: datetime
) -> Iterator[Finding]:
    days = limit.shortest(has_prior_notice=sheet.has_prior_notice, is_urgent=sheet.is_urgent)
    if days is None:
        if sheet.is_competitive and until < first_instant(event + timedelta(days=SHORT_DAYS + 1)):
            yield _finding(
                "deadline-short",
                field,
                Severity.WARNING,
                msgid(
                    "Fewer than %(days)s days: the law asks a sufficient time, and small enterprises often give up."
                ),
                msgid("Give more, or say why it is enough."),
                about=field,
                params={"days": SHORT_DAYS},
            )
        return
    last = law.calendar.last_day(event, days)
    if until < first_instant(last + timedelta(days=1)):
        yield Finding(
            code="deadline-too-early",
            step=STEP,
            field=field,
            severity=Severity.REFUSAL if limit.is_verified else Severity.WARNING,
            message=msgid("The time to answer is shorter than %(days)s whole days: they end with %(last)s."),
            remedy=msgid("Put the deadline after that day."),
            article=limit.article,
            about=field,
            params={"days": days, "last": last},
        )


def _questions(sheet: Sheet, law: Law, procedure: Procedure) -> Iterator[Finding]:
    if sheet.questions_until is None or sheet.tenders_until is None:
        return
    days = _information_days(law, sheet)
    if sheet.questions_until > legal_day(sheet.tenders_until) - timedelta(days=days):
        rule = law.rules["information-days"]
        yield _finding(
            "questions-late",
            "questions_until",
            by_law(rule) if procedure.is_formal else Severity.WARNING,
            msgid("Answers are due %(days)s days before the deadline: questions may not come later."),
            msgid("Close the questions earlier."),
            article=rule.article,
            params={"days": days},
        )
