"""Interruptions and the consultations that they touch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from territoires.foundations.actions import api as actions
from territoires.foundations.packs.api import pack
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Missing

from ..domain import life
from ..domain.availability import bounds
from ..domain.incidents import proposed, reach
from ..models import Consultation, Decision, Incident, NegotiationRound, OpeningOrder, Touched
from ..permissions import Procurement
from .law import law_on
from .publication import first_deadline
from .rounds import current_round, deadline_of, invited_to

CONTINUITY = "procurement-continuity"
LISTED = 100
# Where bids are awaited, or lie sealed: an opened one has no deadline to put off any more.
_AWAITING = (life.PUBLISHED, life.SUSPENDED, life.CLOSED)
_ROUNDS = (life.NEGOTIATING, life.ROUND_CLOSED)


@lru_cache(maxsize=16)
def rule_value(code: str, day: date) -> int:
    """A number of the pack on a day. Raises Unavailable without the pack."""
    return int(pack(CONTINUITY, on=day).by_code(code)["value"])


@dataclass(frozen=True, slots=True)
class Reached:
    """A consultation and the deadline that an interruption touches."""

    consultation: Consultation
    deadline_at: datetime


@dataclass(frozen=True, slots=True)
class TouchedLine:
    """A touched consultation with what is proposed; ``obstacle`` is why one click does not serve."""

    touched: Touched
    proposed: datetime
    obstacle: str

    @property
    def is_pending(self) -> bool:
        return self.touched.decision == Decision.PENDING

    @property
    def can_extend(self) -> bool:
        return self.is_pending and not self.obstacle


def reached(incident: Incident, now: datetime) -> list[Reached]:
    """The consultations whose deadline it touches, the earliest first, those already listed included."""
    since, until = reach(incident.from_at, incident.until_at, incident.touches_within_hours, now)
    found = Consultation.objects.filter(state__in=_AWAITING).filter(
        Q(tenders_until__gte=since, tenders_until__lte=until)
        | Q(applications_until__gte=since, applications_until__lte=until)
    )
    calls = [(one, first_deadline(one)) for one in found]
    rounds = [
        (one, deadline_of(one, current_round(one))) for one in Consultation.objects.filter(state__in=_ROUNDS)
    ]
    touched = [Reached(one, at) for one, at in (*calls, *rounds) if at is not None and since <= at <= until]
    return sorted(touched, key=lambda one: (one.deadline_at, str(one.consultation.pk)))


def newly_reached(incident: Incident, now: datetime) -> list[Reached]:
    listed = set(Touched.objects.filter(incident=incident).values_list("consultation_id", flat=True))
    return [one for one in reached(incident, now) if one.consultation.pk not in listed]


def lasting() -> list[Incident]:
    """The interruptions whose end is not known."""
    return list(Incident.objects.filter(until_at=None))


def told_to_all() -> list[Incident]:
    """What everybody may read of the ledger, without its consultations: the latest first."""
    return list(Incident.objects.all()[:LISTED])


def told_on(day: date) -> list[Incident]:
    """The interruptions of a legal day."""
    since, until = bounds(day)
    open_or_later = Q(until_at=None) | Q(until_at__gt=since)
    return list(Incident.objects.filter(open_or_later, from_at__lt=until))


def incidents_of(actor: Actor) -> list[tuple[Incident, int, int]]:
    """For the operator: all; for a body: those that touch its consultations. The latest first, each with how
    many of them the actor sees, and how many wait."""
    lines: QuerySet[Touched] = actions.visible(actor, Procurement.READ_INCIDENTS)
    found = Incident.objects.all()
    if not (actor.is_operator and actor.holds(Procurement.KEEP_LEDGER)):
        found = found.filter(pk__in=lines.values("incident"))
    ours = Q(touched__in=lines.values("pk"))
    counted: Any = found.annotate(
        ours=Count("touched", filter=ours),
        pending=Count("touched", filter=ours & Q(touched__decision=Decision.PENDING)),
    ).order_by("-from_at", "-id")[:LISTED]
    return [(one, one.ours, one.pending) for one in counted]


def incident_of(actor: Actor, key: UUID) -> Incident:
    """One that the actor may see. Raises Missing."""
    found = Incident.objects.filter(pk=key).select_related("declared_by").first()
    sees_all = actor.is_operator and actor.holds(Procurement.KEEP_LEDGER)
    if found is None or not (
        sees_all or actions.visible(actor, Procurement.READ_INCIDENTS).filter(incident=found).exists()
    ):
        raise Missing(
            "no-incident",
            "There is no such interruption, or it touches none of your consultations.",
            "Look in the list.",
        )
    return found


def touched_of(actor: Actor, incident: Incident) -> list[TouchedLine]:
    """The consultations that it touches, as far as the actor may see them, the earliest deadline first."""
    rows: QuerySet[Touched] = (
        actions.visible(actor, Procurement.READ_INCIDENTS)
        .filter(incident=incident)
        .select_related("consultation__organisation", "decided_by", "incident")
        .order_by("deadline_at", "id")
        .distinct()
    )
    return [line_of(one, actor.now()) for one in rows]


def touched_line(actor: Actor, incident: Incident, key: UUID) -> Touched:
    """One of them. Raises Missing."""
    found = (
        actions.visible(actor, Procurement.READ_INCIDENTS)
        .filter(incident=incident, pk=key)
        .select_related("consultation__organisation", "incident")
        .first()
    )
    if found is None:
        raise Missing("no-incident", "This consultation is not in the list.", "Look at the list again.")
    return found


def decidable(actor: Actor, incident: Incident) -> list[Touched]:
    """Those that the actor may decide, decided already or not."""
    rows: QuerySet[Touched] = actions.visible(actor, Procurement.DECIDE_INCIDENT).filter(incident=incident)
    return list(rows.select_related("consultation", "incident").order_by("deadline_at", "id"))


def locked(key: UUID) -> Consultation:
    """A consultation as it is now, held until the end of the action that puts its deadline off."""
    return Consultation.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=key)


def line_of(touched: Touched, now: datetime) -> TouchedLine:
    return TouchedLine(touched, proposed_for(touched, now), obstacle_of(touched.consultation))


def proposed_for(touched: Touched, now: datetime) -> datetime:
    today = legal_day(now)
    incident = touched.incident
    return proposed(
        touched.deadline_at,
        incident.until_at,
        days=rule_value("incident-extension-days", today),
        calendar=law_on(today).calendar,
        now=now,
    )


def obstacle_of(consultation: Consultation) -> str:
    """Why its deadline is not put off in one click: a code, empty when it can be."""
    if consultation.state in (life.PUBLISHED, life.SUSPENDED):
        return ""
    if consultation.state not in (life.CLOSED, *_ROUNDS):
        return "past"
    orders = OpeningOrder.objects.filter(consultation=consultation, round=current_round(consultation))
    return "opened" if orders.exists() else ""


def is_in_a_round(consultation: Consultation) -> bool:
    return consultation.state in _ROUNDS


def locked_round(consultation: Consultation) -> NegotiationRound:
    """The round that receives bids, held until the end of the action that puts its deadline off."""
    rows = NegotiationRound.objects.select_for_update()
    return rows.get(consultation=consultation, round=current_round(consultation))


def bidders_of(found: NegotiationRound) -> list[UUID]:
    """The enterprises that were invited to it."""
    return sorted(invited_to(found.consultation, found.round) or ())
