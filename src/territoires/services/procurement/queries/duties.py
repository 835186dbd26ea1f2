"""What an opening officer has to do: keys to make, trials, sessions that wait for her."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from territoires.kernel.actor import Actor

from ..domain import life, session
from ..domain.sealing.policy import OFFICER
from ..models import Consultation, HolderKey, KeySlot, Member, OpeningOrder, TeamRole
from .handovers import awaits_key_of, replaceable, under_way
from .quorum import is_public, own_holder, present_holders, seats, slots_of, threshold_of
from .rounds import current_round, prepared_round
from .team import candidates_of

# Nothing is to be accepted any more once the procedure has ended in one way or another.
_ENDED = tuple(name for name, state in life.LIFE.states.items() if state.final)


@dataclass(frozen=True, slots=True)
class Duty:
    """One round of one consultation that the person is named to open. ``is_fixed``: bids are sealed for its officers."""

    consultation: Consultation
    round: int
    holder: HolderKey | None
    slots: tuple[KeySlot, ...]
    is_fixed: bool

    @property
    def is_ready(self) -> bool:
        return self.holder is not None and self.holder.tried_at is not None


def duties_of(actor: Actor) -> list[Duty]:
    """The consultations of the acting organisation whose bids the person opens, those to come first."""
    if actor.person is None or actor.organisation is None:
        return []
    named = Member.objects.filter(
        person_id=actor.person, role=TeamRole.OPEN, consultation__organisation_id=actor.organisation
    )
    rows = Consultation.objects.filter(pk__in=named.values("consultation")).exclude(state__in=_ENDED)
    ordered = rows.select_related("organisation").order_by("tenders_until", "pk")
    return [_duty(one, round, actor) for one in ordered for round in rounds_at_hand(one)]


def rounds_at_hand(consultation: Consultation) -> list[int]:
    """The round that receives bids or received the last ones, and the one that is being made ready."""
    prepared = prepared_round(consultation)
    return [current_round(consultation), *([prepared.round] if prepared else [])]


def _duty(consultation: Consultation, round: int, actor: Actor) -> Duty:
    holder = own_holder(consultation, round, actor.person)
    slots = tuple(slots_of(holder)) if holder else ()
    is_fixed = is_public(consultation, round) and not awaits_key_of(consultation, round, actor.person)
    return Duty(consultation, round, holder, slots, is_fixed)


def waiting_sessions(actor: Actor) -> list[OpeningOrder]:
    """The ready sessions that still wait for the person's part."""
    if actor.person is None or actor.organisation is None:
        return []
    keys = HolderKey.objects.filter(person_id=actor.person, role=OFFICER, left_at=None)
    found = OpeningOrder.objects.filter(
        state=session.READY,
        consultation__organisation_id=actor.organisation,
        consultation__holders__in=keys,
    ).select_related("consultation__organisation")
    return [
        one
        for one in found.distinct().order_by("ready_at")
        if not one.releases.filter(holder__person_id=actor.person, fault="").exists()
    ]


def opened_by(organisation: UUID, person: UUID) -> list[Consultation]:
    """The consultations of a body, not ended, whose bids the person is named or holds a key to open."""
    named = Member.objects.filter(person_id=person, role=TeamRole.OPEN).values("consultation")
    keys = HolderKey.objects.filter(person_id=person, left_at=None).values("consultation")
    rows = Consultation.objects.filter(Q(pk__in=named) | Q(pk__in=keys), organisation_id=organisation)
    return list(rows.exclude(state__in=_ENDED).select_related("organisation"))


def officers_to_replace(consultation: Consultation, at: datetime) -> list[str]:
    """Names of the officers who cannot be counted on, as long as somebody can take their place and nobody does yet.

    Those who no longer belong to the body; and those who left, where every key that stays is needed.
    """
    members = candidates_of(consultation.organisation_id, at)
    found: dict[UUID | None, str] = {}
    for round in rounds_at_hand(consultation):
        if not is_public(consultation, round):
            found |= {
                seat.person: seat.name for seat in seats(consultation, round) if seat.person not in members
            }
        elif under_way(consultation, round) is None:
            is_tight = len(present_holders(consultation, round)) <= threshold_of(consultation, round)
            found |= {
                one.person_id: one.name
                for one in replaceable(consultation, round)
                if (is_tight if one.left_at else one.person_id not in members)
            }
    return sorted(found.values())
