"""Interruptions: told by the operator, decided by each buyer for its own consultations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_noop

from territoires.contracts import procurement_continuity as facts
from territoires.foundations.actions.api import Outcome, action, unchanged
from territoires.foundations.notifications import api as notifications
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid, TerritoiresError
from territoires.kernel.fact import Fact

from ..domain.incidents import judge_times, known_parts, later
from ..domain.life import CLOSED, LIFE, ROUND_CLOSED
from ..domain.wording import stated
from ..models import LONGEST_REASON, Consultation, Decision, Incident, Touched
from ..permissions import Procurement
from ..queries.addressees import people_of
from ..queries.incidents import (
    Reached,
    bidders_of,
    decidable,
    is_in_a_round,
    locked,
    locked_round,
    newly_reached,
    obstacle_of,
    proposed_for,
    rule_value,
)
from .amending import extended
from .moving import about, move
from .policies import settle_policy

TOLD, ROUND_PUT_OFF = "procurement/interruption", "procurement/round_put_off"
WAITS = "procurement.incident"
SUMMARY = gettext_noop("Deadline put off after an interruption of the platform")


@dataclass(frozen=True, slots=True)
class Extended:
    """What became of one consultation when all were put off together: its new deadline, or the refusal."""

    touched: Touched
    refusal: TerritoiresError | None = None


@action(Procurement.DECLARE_INCIDENT)
def declare_incident(
    *, actor: Actor, from_at: datetime, until_at: datetime | None, what: str, parts: Sequence[str] = ()
) -> Outcome[Incident]:
    """Tells an interruption; its consultations are listed, and their buyers told. Raises Invalid for impossible times."""
    incident = Incident(
        declared_by_id=_teller(actor),
        declared_at=actor.now(),
        touches_within_hours=rule_value("incident-hours", legal_day(actor.now())),
    )
    _write(incident, actor, from_at, until_at, what, parts)
    incident.save(force_insert=True)
    listed = _list(incident, actor)
    return Outcome(incident, facts.IncidentDeclared(**_told(incident, listed)))


@action(Procurement.KEEP_LEDGER, on="incident")
def revise_incident(
    *,
    actor: Actor,
    incident: Incident,
    from_at: datetime,
    until_at: datetime | None,
    what: str,
    parts: Sequence[str] = (),
    version: int | None = None,
) -> Outcome[Incident]:
    """Corrects its times or its words, or says that it ended. No consultation leaves the list: its buyer may have decided.

    Raises Invalid for impossible times, Conflict when it changed since ``version``.
    """
    unchanged(incident, version)
    _write(incident, actor, from_at, until_at, what, parts)
    incident.version += 1
    incident.save()
    listed = _list(incident, actor)
    return Outcome(incident, facts.IncidentRevised(**_told(incident, listed)))


@action(Procurement.KEEP_LEDGER, on="incident")
def follow_incident(*, actor: Actor, incident: Incident) -> Outcome[Incident]:
    """Lists what an interruption that lasts touches by now. Raises Conflict when that is nothing new."""
    listed = _list(incident, actor) if incident.until_at is None else []
    if not listed:
        raise Conflict("incident-unchanged", "It touches nothing more.", "There is nothing to do.")
    return Outcome(incident, facts.IncidentRevised(**_told(incident, listed)))


@action(Procurement.DECIDE_INCIDENT, on="touched", along=("consultation__organisation", "incident"))
def extend_touched(
    *, actor: Actor, touched: Touched, until: datetime | None = None, reason: str = ""
) -> Outcome[Touched]:
    """Puts the deadline off (by default to the proposed one): amendment, corrigendum, word to all who withdrew.

    A call that closed meanwhile receives bids again, as long as none was opened. Raises Conflict when it was decided
    already or cannot be put off any more, Invalid for a deadline that is none.
    """
    _undecided(touched)
    until = until or proposed_for(touched, actor.now())
    if until <= actor.now() or until <= touched.deadline_at:
        raise _refused(
            "until",
            "deadline-past",
            gettext_noop("This deadline has passed, or is not later than the present one."),
        )
    consultation = locked(touched.consultation_id)
    if obstacle_of(consultation):
        raise _too_late()
    why = reason.strip() or touched.incident.what
    put_off = _put_round_off if is_in_a_round(consultation) else _put_call_off
    told = put_off(actor, touched, consultation, until, why)
    touched.extended_until = until.astimezone(UTC)  # as it is read again: the same call has the same answer
    return _decided(actor, touched, Decision.EXTENDED, reason, *told)


@action(Procurement.DECIDE_INCIDENT, on="touched", along=("consultation__organisation", "incident"))
def leave_touched(*, actor: Actor, touched: Touched, reason: str) -> Outcome[Touched]:
    """Keeps the deadline, for a reason that stays in the file. Raises Invalid without one, Conflict when decided."""
    _undecided(touched)
    return _decided(actor, touched, Decision.LEFT, stated(reason, limit=LONGEST_REASON))


def extend_all(*, actor: Actor, incident: Incident) -> list[Extended]:
    """Puts off each of the actor's that wait, to its proposed deadline; what cannot be done leaves the others alone.

    The same key again answers what it put off before, too, each from its own kept answer.
    """
    done = []
    for touched in decidable(actor, incident):
        waits = touched.decision == Decision.PENDING
        if not waits and not actor.idempotency_key:
            continue
        key = actor.idempotency_key and f"{actor.idempotency_key}:{touched.pk}"
        try:
            done.append(Extended(extend_touched(actor=replace(actor, idempotency_key=key), touched=touched)))
        except TerritoiresError as refusal:
            if waits:
                done.append(Extended(touched, refusal))
    return done


def _write(
    incident: Incident,
    actor: Actor,
    from_at: datetime,
    until_at: datetime | None,
    what: str,
    parts: Sequence[str],
) -> None:
    if faults := judge_times(from_at, until_at, actor.now()):
        raise Invalid("incident-refused", "The interruption was not written.", "Correct it.", faults=faults)
    incident.from_at, incident.until_at = from_at, until_at
    incident.what = stated(what, limit=LONGEST_REASON)
    incident.parts = known_parts(list(parts))


def _list(incident: Incident, actor: Actor) -> list[Reached]:
    """Writes what it touches besides, and tells the buyers."""
    found = newly_reached(incident, actor.now())
    for one in found:
        touched = Touched.objects.create(
            incident=incident, consultation=one.consultation, deadline_at=one.deadline_at
        )
        _tell(incident, touched, actor)
    return found


def _tell(incident: Incident, touched: Touched, actor: Actor) -> None:
    consultation = touched.consultation
    address = _address(touched)
    worklist.open_item(
        organisation=consultation.organisation_id,
        subject=touched.subject,
        matter=consultation.pk,
        kind=WAITS,
        title=f"{consultation.reference} {consultation.title}",
        verb=gettext_noop("Decide on the deadline after an interruption"),
        address=address,
        permission=Procurement.DECIDE_INCIDENT,
        due_at=touched.deadline_at,
        state_label=LIFE.states[consultation.state].label,
        tone="bad",
        at=actor.now(),
    )
    if consultation.contact_email:
        notifications.notify(
            recipients=[notifications.Recipient(email=consultation.contact_email)],
            template=TOLD,
            context={
                "reference": consultation.reference,
                "title": consultation.title,
                "what": incident.what,
                "address": address,
            },
            matter=consultation.pk,
            organisation=consultation.organisation_id,
            binding=True,
            at=actor.now(),
        )


def _decided(
    actor: Actor, touched: Touched, decision: Decision, reason: str, *others: Fact
) -> Outcome[Touched]:
    touched.decision, touched.decided_at, touched.decided_by_id = decision, actor.now(), actor.person
    touched.reason = reason.strip()[:LONGEST_REASON]
    touched.save()
    worklist.close_items(subject=touched.subject, kind=WAITS)
    fact = facts.IncidentDecided(
        **about(touched.consultation),
        incident=touched.incident_id,
        decision=decision.value,
        deadline_at=touched.deadline_at,
        extended_until=touched.extended_until,
        reason=touched.reason,
    )
    return Outcome(touched, *others, fact)


def _teller(actor: Actor) -> UUID:
    if actor.person is None:
        raise Invalid("nobody", "An interruption is told by a person.", "Sign in.")
    return actor.person


def _put_call_off(
    actor: Actor, touched: Touched, consultation: Consultation, until: datetime, why: str
) -> list[Fact]:
    """An amendment: version, corrigendum, word to all who withdrew the documents."""
    told: list[Fact] = []
    if consultation.state == CLOSED:
        move(consultation, "reopen_call", actor, None)
        consultation.closed_at = None
        consultation.save()
        told.append(facts.CallReopened(**about(consultation), incident=touched.incident_id))
    calendar = consultation.applications_until, consultation.tenders_until
    values = later(*calendar, touched.deadline_at, until)
    return [*told, *extended(actor, consultation, SUMMARY, why, values).facts]


def _put_round_off(
    actor: Actor, touched: Touched, consultation: Consultation, until: datetime, why: str
) -> list[Fact]:
    """The same deadline for all the invited, and a word to each."""
    told: list[Fact] = []
    if consultation.state == ROUND_CLOSED:
        move(consultation, "reopen_round", actor, None)
        consultation.save()
        told.append(facts.CallReopened(**about(consultation), incident=touched.incident_id))
    found = locked_round(consultation)
    found.deadline_at = until
    found.save()
    for bidder in bidders_of(found):
        if people := people_of(bidder, actor.now()):
            notifications.notify(
                recipients=people,
                template=ROUND_PUT_OFF,
                context={
                    "reference": consultation.reference,
                    "title": consultation.title,
                    "deadline": until.isoformat(),
                    "why": why,
                    "address": reverse("procurement:consultation", kwargs={"consultation": consultation.pk}),
                },
                matter=consultation.pk,
                organisation=bidder,
                binding=True,
                at=actor.now(),
            )
    return [*told, *settle_policy(actor, consultation, found.round)]


def _undecided(touched: Touched) -> None:
    if touched.decision != Decision.PENDING:
        raise Conflict(
            "incident-decided",
            "This was decided already for this consultation; nothing was done twice.",
            "Look at the list again.",
        )


def _too_late() -> Conflict:
    return Conflict(
        "bids-opened",
        "The bids are being opened, or were: the deadline can no longer be put off.",
        "If the interruption kept an enterprise from answering, the procedure must be started again.",
    )


def _refused(field: str, code: str, message: str) -> Invalid:
    fault = Fault(field, code, message, "Give a later one.")
    return Invalid("deadline-refused", "The deadline was not changed.", "Correct it.", faults=[fault])


def _address(touched: Touched) -> str:
    consultation = touched.consultation
    return reverse(
        "procurement_desk:incident",
        kwargs={"organisation": consultation.organisation.reference, "incident": touched.incident_id},
    )


def _told(incident: Incident, listed: Sequence[Reached]) -> dict[str, Any]:
    # An entry of the journal is bounded; the list itself stays in the ledger.
    return {
        "subject": incident.subject,
        "matter": incident.pk,
        "from_at": incident.from_at,
        "until_at": incident.until_at,
        "parts": tuple(incident.parts),
        "consultations": tuple(one.consultation.pk for one in listed[:250]),
        "what": incident.what,
    }
