"""Rounds to which candidates are invited: the tenders of a procedure in two stages, then negotiation."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from territoires.foundations.registry.api import Instant, if_match

from ..actions import negotiating
from ..models import LONGEST_REASON, LONGEST_TEXT, Consultation, NegotiationRound
from ..permissions import Procurement
from ..queries.rounds import invited_to, rounds_of
from .shared import State, actor_of, consultation_in, state_of

router = Router()


class RoundIn(Schema):
    """``information`` is what the invitation says, the same to all; ``is_final``: after it nothing is negotiated."""

    information: str = Field(max_length=LONGEST_TEXT)
    deadline_at: Instant
    is_final: bool = False


class NotInvited(Schema):
    bidder: UUID
    reason: str = Field(max_length=LONGEST_REASON)


class SelectedFor(Schema):
    """``lots`` are numbers."""

    bidder: UUID
    lots: list[int] = Field(min_length=1, max_length=1000)


class OpeningIn(Schema):
    """``bidders`` are ids of enterprises; ``reasons`` say why a fit candidate is not invited to the tenders, or not for all
    the lots that it answered: ``lots`` then names those for which it is."""

    bidders: list[UUID] = Field(min_length=1, max_length=500)
    lots: list[SelectedFor] = Field(default=[], max_length=500)
    reasons: list[NotInvited] = Field(default=[], max_length=500)
    few_reason: str = Field(default="", max_length=LONGEST_REASON)


class RoundOut(RoundIn):
    """``invited_at`` is null while the invitations have not left; ``bidders`` are those invited."""

    round: int
    invited_at: datetime | None
    few_reason: str
    bidders: list[UUID]


@router.get("/consultations/{consultation}/rounds", response={200: list[RoundOut]}, summary="The rounds")
def list_rounds(request: HttpRequest, consultation: UUID) -> list[RoundOut]:
    """From the second on: the first is the call itself."""
    found = consultation_in(request, consultation, Procurement.READ)
    return [_out(found, one) for one in rounds_of(found)]


@router.put(
    "/consultations/{consultation}/rounds/next",
    response={200: RoundOut},
    summary="Make the next round ready, or change it",
)
def prepare_round(request: HttpRequest, consultation: UUID, given: RoundIn) -> RoundOut:
    found = consultation_in(request, consultation, Procurement.NEGOTIATE)
    made = negotiating.prepare_round(actor=actor_of(request), consultation=found, **given.model_dump())
    return _out(found, made)


@router.post(
    "/consultations/{consultation}/rounds/next/invitations",
    response={200: State},
    summary="Invite the candidates, all together, and open the round",
)
def open_round(request: HttpRequest, response: HttpResponse, consultation: UUID, given: OpeningIn) -> State:
    """Each is held to the lots that it answered last."""
    found = consultation_in(request, consultation, Procurement.NEGOTIATE)
    negotiating.open_round(
        actor=actor_of(request),
        consultation=found,
        bidders=given.bidders,
        reasons={one.bidder: one.reason for one in given.reasons},
        lots={one.bidder: one.lots for one in given.lots},
        few_reason=given.few_reason,
        version=if_match(request),
    )
    return state_of(response, found)


def _out(consultation: Consultation, one: NegotiationRound) -> RoundOut:
    plain = {name: getattr(one, name) for name in RoundOut.model_fields.keys() - {"bidders"}}
    return RoundOut(**plain, bidders=sorted(invited_to(consultation, one.round) or ()))
