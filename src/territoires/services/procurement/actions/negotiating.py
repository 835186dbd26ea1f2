"""Rounds of negotiation: the same invitation for all, a deadline and keys of their own; criteria are never negotiated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from territoires.contracts import procurement_award as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid

from ..domain.examination import ADMITTED
from ..domain.law import ADAPTED, CONCESSION, DIALOGUE, INNOVATION, NEGOTIATED
from ..domain.wording import stated
from ..models import LONGEST_TEXT, Candidacy, Consultation, Letter, LetterKind, NegotiationRound
from ..permissions import Procurement
from ..queries.award import awards_of
from ..queries.evaluation import candidacies_of
from ..queries.quorum import quorum_obstacles
from ..queries.rounds import current_round, prepared_round, rounds_of
from .examining import require_analysis
from .moving import about, move
from .next_step import wait_for_next_step
from .policies import settle_policy
from .telling import tell_enterprise

SHORTEST = timedelta(days=2)
NEGOTIABLE = (NEGOTIATED, DIALOGUE, INNOVATION, CONCESSION)


def may_negotiate(consultation: Consultation) -> bool:
    """Whether the procedure allows it: by its nature, or because an adapted one announced it."""
    return consultation.procedure in NEGOTIABLE or (
        consultation.procedure == ADAPTED and consultation.is_negotiated
    )


@action(Procurement.NEGOTIATE, on="consultation")
def prepare_round(
    *,
    actor: Actor,
    consultation: Consultation,
    information: str,
    deadline_at: datetime,
    is_final: bool = False,
) -> Outcome[NegotiationRound]:
    """Makes the next round ready, or changes it: nobody is invited yet, and its keys are made meanwhile.

    Raises Conflict where the procedure does not negotiate or the final offers are in, Invalid for a deadline too near.
    """
    require_analysis(consultation)
    _require_negotiable(consultation)
    if deadline_at - actor.now() < SHORTEST:
        fault = Fault(
            "deadline_on",
            "round-too-short",
            "The round leaves less than two days.",
            "Leave the time that a new bid takes.",
        )
        raise Invalid("round-refused", "The round was not saved.", "Correct it.", faults=[fault])
    made, _created = NegotiationRound.objects.update_or_create(
        consultation=consultation,
        round=current_round(consultation) + 1,
        defaults={
            "information": stated(information, limit=LONGEST_TEXT),
            "deadline_at": deadline_at.replace(microsecond=0),
            "is_final": is_final,
        },
    )
    wait_for_next_step(consultation, actor)
    policy = settle_policy(actor, consultation, made.round)
    fact = facts.RoundPrepared(
        **about(consultation), round=made.round, deadline_at=made.deadline_at, is_final=is_final
    )
    return Outcome(made, fact, *policy)


@action(Procurement.NEGOTIATE, on="consultation")
def open_round(
    *, actor: Actor, consultation: Consultation, bidders: Sequence[UUID], version: int | None = None
) -> Outcome[NegotiationRound]:
    """Invites the candidates, all with the same words, and opens the round to their new sealed bids.

    Raises Conflict while its keys are not ready, Invalid when nobody or somebody not admitted is invited.
    """
    prepared = prepared_round(consultation)
    if prepared is None:
        raise Conflict("no-round", "No round is ready.", "Prepare it first: what is negotiated, until when.")
    _require_negotiable(consultation)
    if obstacles := quorum_obstacles(consultation, prepared.round):
        raise Conflict(
            "round-without-keys",
            "The keys of this round are not ready: the new bids could not be sealed.",
            "Have the officers accept this round first.",
            faults=[one.as_fault() for one in obstacles],
        )
    if prepared.deadline_at <= actor.now():
        raise Conflict("round-too-late", "The deadline of this round has passed.", "Give it a new one.")
    invited = _invited(consultation, bidders)
    move(consultation, "negotiate", actor, version)
    consultation.save()
    prepared.invited_at = actor.now()
    prepared.save()
    for candidacy in invited:
        _invite(actor, consultation, prepared, candidacy)
    wait_for_next_step(consultation, actor)
    fact = facts.RoundOpened(
        **about(consultation),
        round=prepared.round,
        deadline_at=prepared.deadline_at,
        is_final=prepared.is_final,
        bidders=tuple(one.bidder_id for one in invited),
    )
    return Outcome(prepared, fact)


@action(Procurement.CLOSE_ROUND, on="consultation")
def close_round(*, actor: Actor, consultation: Consultation) -> Outcome[Consultation]:
    """Closes the round whose deadline has passed. Raises Conflict before it."""
    round = current_round(consultation)
    last = next((one for one in rounds_of(consultation) if one.round == round), None)
    if last is None or actor.now() <= last.deadline_at:
        raise Conflict("round-open", "The deadline of the round has not passed.", "Wait for it.")
    move(consultation, "close_round", actor, None)
    consultation.save()
    wait_for_next_step(consultation, actor)
    return Outcome(consultation, facts.RoundClosed(**about(consultation), round=round))


def _require_negotiable(consultation: Consultation) -> None:
    if not may_negotiate(consultation):
        raise Conflict(
            "not-negotiated",
            "This procedure does not negotiate: bids are judged as they are.",
            "An adapted procedure negotiates when its documents announced it.",
        )
    if awards_of(consultation):
        raise Conflict("already-decided", "A lot is decided already.", "Take the decision back first.")
    if any(one.is_final and one.invited_at is not None for one in rounds_of(consultation)):
        raise Conflict(
            "final-offers-in",
            "The final offers are in: nothing is negotiated any more.",
            "Evaluate them, and decide.",
        )


def _invited(consultation: Consultation, bidders: Sequence[UUID]) -> list[Candidacy]:
    wanted = set(bidders)
    found = [one for one in candidacies_of(consultation) if one.bidder_id in wanted]
    if not found or len(found) != len(wanted) or any(one.state != ADMITTED for one in found):
        fault = Fault(
            "bidders",
            "invited-not-admitted",
            "Nobody is chosen, or somebody who was not admitted.",
            "Invite candidates that were admitted.",
        )
        raise Invalid("invitation-refused", "Nobody was invited.", "Correct the choice.", faults=[fault])
    return found


def _invite(
    actor: Actor, consultation: Consultation, prepared: NegotiationRound, candidacy: Candidacy
) -> None:
    letter = Letter.objects.create(
        consultation=consultation,
        candidacy=candidacy,
        bidder=candidacy.bidder,
        kind=LetterKind.INVITATION,
        round=prepared.round,
        body={
            "information": prepared.information,
            "deadline_at": prepared.deadline_at.isoformat(),
            "is_final": prepared.is_final,
            "on": legal_day(actor.now()).isoformat(),
        },
        sent_at=actor.now(),
    )
    tell_enterprise(
        actor,
        consultation,
        candidacy.bidder,
        about=letter.pk,
        template="letter",
        page="letter",
        first=candidacy.deposit.person_id,
        kind=LetterKind.INVITATION,
    )
