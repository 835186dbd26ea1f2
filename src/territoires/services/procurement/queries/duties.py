"""What an opening officer has to do: keys to make, trials, sessions that wait for her."""

from __future__ import annotations

from dataclasses import dataclass

from territoires.kernel.actor import Actor

from ..domain import life, session
from ..domain.sealing.policy import OFFICER
from ..models import Consultation, HolderKey, KeySlot, Member, OpeningOrder, TeamRole
from .handovers import awaits_key_of
from .quorum import is_public, own_holder, slots_of
from .rounds import current_round, prepared_round

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
