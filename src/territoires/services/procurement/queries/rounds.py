"""The rounds of a consultation. The first is the call itself, open to anybody; to each further one candidates are invited.

In a procedure in two stages the call receives candidatures alone, and the second round the tenders of those selected.
What follows in any procedure is negotiation. In a competitive dialogue, rounds discuss solutions until its end is declared; the
final one receives the tenders.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime
from typing import Any
from uuid import UUID

from territoires.kernel.errors import Conflict

from ..domain.law import CONTEST, DIALOGUE
from ..models import Consultation, Letter, LetterKind, NegotiationRound

FIRST = 1


def current_round(consultation: Consultation) -> int:
    """The round that receives bids now, or received the last ones."""
    invited = NegotiationRound.objects.filter(consultation=consultation, invited_at__isnull=False)
    return max(invited.values_list("round", flat=True), default=FIRST)


def has_two_stages(consultation: Consultation) -> bool:
    """Whether candidates are selected before any of them submits a tender."""
    return consultation.applications_until is not None


def awaits_tenders(consultation: Consultation) -> bool:
    """Whether no tender was called for yet: candidatures alone, and in a competitive dialogue the solutions discussed."""
    if not has_two_stages(consultation):
        return False
    if consultation.procedure == DIALOGUE:
        return not any(one.is_final and one.invited_at is not None for one in rounds_of(consultation))
    return current_round(consultation) == FIRST


def in_dialogue(consultation: Consultation) -> bool:
    """Whether solutions are still discussed with the candidates, or are about to be."""
    return consultation.procedure == DIALOGUE and consultation.dialogue_ended_at is None


def is_anonymous(consultation: Consultation) -> bool:
    """Whether the projects of a contest are judged without their names, from their deposit until the jury has ranked."""
    return (
        consultation.procedure == CONTEST
        and consultation.anonymity_lifted_at is None
        and current_round(consultation) > FIRST
    )


def require_named(consultation: Consultation) -> None:
    """Raises Conflict while the projects are anonymous: this would tell whose one of them is."""
    if is_anonymous(consultation):
        raise Conflict(
            "anonymous",
            "The projects are anonymous until the jury has given its opinion: this would tell whose they are.",
            "Have the jury give its opinion, then lift the anonymity.",
        )


def deadline_of(consultation: Consultation, round: int) -> datetime | None:
    """Until when what a round receives is in time; None while no deadline is set."""
    if round == FIRST:
        return consultation.applications_until or consultation.tenders_until
    found = NegotiationRound.objects.filter(consultation=consultation, round=round).first()
    return found.deadline_at if found else None


def awaited_round(consultation: Consultation, at: datetime) -> int | None:
    """The round whose deadline is still to come: nobody is told yet who deposits in it. None once it has passed."""
    round = current_round(consultation)
    deadline = deadline_of(consultation, round)
    return round if deadline is None or at <= deadline else None


def rounds_of(consultation: Consultation) -> list[NegotiationRound]:
    """The rounds to which candidates are invited, in their order, the one in preparation last."""
    return list(NegotiationRound.objects.filter(consultation=consultation))


def prepared_round(consultation: Consultation) -> NegotiationRound | None:
    """The round that is being made ready: its invitations have not left."""
    return NegotiationRound.objects.filter(consultation=consultation, invited_at=None).first()


def invited_to(consultation: Consultation, round: int) -> Set[UUID] | None:
    """The enterprises that may bid in a round; None in the first, where anybody may."""
    if round == FIRST:
        return None
    letters = Letter.objects.filter(consultation=consultation, kind=LetterKind.INVITATION, round=round)
    return frozenset(letters.values_list("bidder_id", flat=True))


def lots_invited(consultation: Consultation, round: int, bidder: UUID) -> list[dict[str, Any]] | None:
    """The lots to which an invitation of a round holds its candidate, as the letter names them; None for all of them."""
    if round == FIRST:
        return None
    letters = Letter.objects.filter(
        consultation=consultation, kind=LetterKind.INVITATION, round=round, bidder=bidder
    )
    body = letters.values_list("body", flat=True).first() or {}
    return body.get("only_lots") or None


def may_bid(consultation: Consultation, round: int, bidder: UUID) -> bool:
    """Whether an enterprise may bid in a round: anybody in the first, then whoever was invited."""
    invited = invited_to(consultation, round)
    return invited is None or bidder in invited
