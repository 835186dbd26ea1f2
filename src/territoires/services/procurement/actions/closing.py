"""A deadline passes. It counts to the microsecond; the platform takes note of it each minute, or when the opening is asked."""

from __future__ import annotations

from territoires.contracts import procurement_award, procurement_publication
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict
from territoires.kernel.fact import Fact

from ..domain import life
from ..models import Consultation
from ..permissions import Procurement
from ..queries.publication import state_at
from ..queries.rounds import current_round, deadline_of
from ..queries.seals import waits_in_time
from .listing import write_listing
from .moving import about, move
from .next_step import wait_for_next_step

_VERBS = {life.PUBLISHED: "close", life.NEGOTIATING: "close_round"}


@action(Procurement.KEEP_TIME, on="consultation")
def close_round(*, actor: Actor, consultation: Consultation) -> Outcome[Consultation]:
    """Takes note that the deadline of the call, or of a later round, has passed. Raises Conflict before it, or twice."""
    told = noted_deadline(actor, consultation)
    if not told:
        raise Conflict("not-yet", "Its deadline has not passed.", "Nothing to do.")
    return Outcome(consultation, *told)


def require_all_settled(consultation: Consultation, round: int) -> None:
    """Raises Conflict while a bid that arrived in time is not deposited yet: it counts with the others."""
    if waits_in_time(consultation, round):
        raise Conflict(
            "bid-being-checked",
            "A bid that arrived before the deadline is still being checked: nothing was done, so that it counts with the"
            " others.",
            "Start again in two minutes; if it is refused still, call the operator of the platform.",
        )


def noted_deadline(actor: Actor, consultation: Consultation) -> list[Fact]:
    """Inside an action: closes what the deadline has closed; nothing where it has not, or is closed already."""
    if state_at(consultation, actor.now()) == consultation.state:
        return []
    round, is_call = current_round(consultation), consultation.state == life.PUBLISHED
    deadline = deadline_of(consultation, round)
    assert deadline is not None
    move(consultation, _VERBS[consultation.state], actor, None)
    if is_call:
        consultation.closed_at = actor.now()
    consultation.save()
    if is_call:
        write_listing(actor, consultation)
    wait_for_next_step(consultation, actor)
    if is_call:
        return [procurement_publication.ConsultationClosed(**about(consultation), deadline=deadline)]
    return [procurement_award.RoundClosed(**about(consultation), round=round)]
