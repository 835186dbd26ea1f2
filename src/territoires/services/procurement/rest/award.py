"""The decision: what was decided lot by lot, the letters that tell it, the end without contract."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from ..actions import awarding, letters
from ..models import Award
from ..permissions import Procurement
from ..queries import award as queries
from .evaluation import lot_of
from .shared import State, actor_of, consultation_in, performed, state_of

router = Router()


class AwardOut(Schema):
    """``outcome``: awarded, unsuccessful or abandoned; a decision taken back keeps its line."""

    id: UUID
    lot: int | None
    outcome: str
    supplier: str
    amount: Decimal | None
    decided_on: date
    withdrawn_at: datetime | None


class AwardIn(Schema):
    """The bid that comes first; ``proofs_are_complete``: those of the chosen enterprise were received, or got directly."""

    lot: int | None = None
    bid: UUID
    reason: str = Field(max_length=2000)
    proofs_are_complete: bool


class ClosingIn(Schema):
    """``outcome``: unsuccessful or abandoned; ``without_committee``: why unsuccessful though the tender committee has not found it so."""

    lot: int | None = None
    outcome: str = Field(max_length=12)
    reason: str = Field(max_length=2000)
    without_committee: str = Field("", max_length=2000)


class WithdrawalIn(Schema):
    lot: int | None = None
    reason: str = Field(max_length=2000)


class EndIn(Schema):
    """``outcome``: unsuccessful or abandoned; ``without_committee``: why unsuccessful though the tender committee has not found it so."""

    outcome: str = Field(max_length=12)
    reason: str = Field(max_length=2000)
    without_committee: str = Field("", max_length=2000)


class StandstillIn(Schema):
    keeps: bool


class AwardLetterOut(Schema):
    """A letter of the decision.

    ``accepted_at``, when a server took each mail, proves its sending; ``first_opened_at`` its receipt.
    """

    id: UUID
    bidder: str
    kind: str
    sha256: str
    sent_at: datetime
    accepted_at: list[datetime]
    first_opened_at: datetime | None


@router.get(
    "/consultations/{consultation}/awards", response={200: list[AwardOut]}, summary="What was decided by lot"
)
def list_awards(request: HttpRequest, consultation: UUID) -> list[AwardOut]:
    found = consultation_in(request, consultation, Procurement.ANALYSE)
    return [_award(one) for one in queries.awards_of(found)]


@router.post(
    "/consultations/{consultation}/awards",
    response={201: AwardOut},
    summary="Award a lot to the bid that comes first",
)
def award_lot(request: HttpRequest, consultation: UUID, given: AwardIn) -> tuple[int, AwardOut]:
    found = consultation_in(request, consultation, Procurement.AWARD)
    words = given.model_dump() | {"lot": lot_of(found, given.lot)}
    return 201, _award(awarding.award_lot(actor=actor_of(request), consultation=found, **words))


@router.post(
    "/consultations/{consultation}/awards/closings",
    response={201: AwardOut},
    summary="End a lot without contract",
)
def close_lot(request: HttpRequest, consultation: UUID, given: ClosingIn) -> tuple[int, AwardOut]:
    found = consultation_in(request, consultation, Procurement.AWARD)
    words = given.model_dump() | {"lot": lot_of(found, given.lot)}
    return 201, _award(awarding.close_lot(actor=actor_of(request), consultation=found, **words))


@router.post(
    "/consultations/{consultation}/awards/withdrawals",
    response={200: AwardOut},
    summary="Take the decision on a lot back, before anybody was told",
)
def withdraw_decision(request: HttpRequest, consultation: UUID, given: WithdrawalIn) -> AwardOut:
    found = consultation_in(request, consultation, Procurement.AWARD)
    words = given.model_dump() | {"lot": lot_of(found, given.lot)}
    return _award(awarding.withdraw_decision(actor=actor_of(request), consultation=found, **words))


@router.post(
    "/consultations/{consultation}/end-without-contract",
    response={200: State},
    summary="End the whole procedure without contract",
)
def end_without_contract(
    request: HttpRequest, response: HttpResponse, consultation: UUID, given: EndIn
) -> State:
    return performed(
        request,
        response,
        awarding.end_without_contract,
        consultation,
        Procurement.AWARD,
        **given.model_dump(),
    )


@router.get(
    "/consultations/{consultation}/letters",
    response={200: list[AwardLetterOut]},
    summary="The letters of the decision, with what proves their sending and receipt",
)
def list_letters(request: HttpRequest, consultation: UUID) -> list[AwardLetterOut]:
    found = consultation_in(request, consultation, Procurement.ANALYSE)
    return [
        AwardLetterOut(
            id=one.letter.pk,
            bidder=one.letter.bidder.siret or one.letter.bidder.reference,
            kind=one.letter.kind,
            sha256=one.letter.sha256,
            sent_at=one.letter.sent_at,
            accepted_at=one.accepted_at,
            first_opened_at=one.letter.first_opened_at,
        )
        for one in queries.letters_of(found)
    ]


@router.post(
    "/consultations/{consultation}/letters",
    response={200: State},
    summary="Send the letters of the decision, all at once",
)
def send_letters(request: HttpRequest, response: HttpResponse, consultation: UUID) -> State:
    return performed(request, response, letters.tell_candidates, consultation, Procurement.AWARD)


@router.put(
    "/consultations/{consultation}/standstill",
    response={200: State},
    summary="Keep a standstill that no text asks for, or no more",
)
def keep_standstill(
    request: HttpRequest, response: HttpResponse, consultation: UUID, given: StandstillIn
) -> State:
    found = consultation_in(request, consultation, Procurement.AWARD)
    letters.keep_standstill(actor=actor_of(request), consultation=found, keeps=given.keeps)
    return state_of(response, found)


def _award(one: Award) -> AwardOut:
    return AwardOut(
        id=one.pk,
        lot=one.lot.number if one.lot else None,
        outcome=one.outcome,
        supplier=(one.supplier.siret or one.supplier.reference) if one.supplier else "",
        amount=one.amount,
        decided_on=one.decided_on,
        withdrawn_at=one.withdrawn_at,
    )
