"""From the opened bids to the contract, read: candidates, bids with their notes, awards, contracts and their changes."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from ..models import Bid, Contract
from ..permissions import Procurement
from ..queries import award as queries
from ..queries import evaluation
from .shared import consultation_in

router = Router()


class CandidacyOut(Schema):
    id: UUID
    bidder: str
    bidder_name: str
    state: str
    reason: str
    decided_at: datetime | None


class BidOut(Schema):
    """A bid on a lot (null: the consultation is not divided) in a round. ``total`` is out of 100."""

    id: UUID
    candidacy: UUID
    round: int
    lot: int | None
    state: str
    price: Decimal | None
    total: Decimal | None
    rank: int | None


class Evaluation(Schema):
    candidacies: list[CandidacyOut]
    bids: list[BidOut]


class AwardOut(Schema):
    id: UUID
    lot: int | None
    outcome: str
    supplier: str
    amount: Decimal | None
    decided_on: date
    withdrawn_at: datetime | None


class ChangeOut(Schema):
    number: int
    ground: str
    object: str
    new_amount: Decimal
    months: int
    notified_on: date | None


class ContractOut(Schema):
    """Euros without VAT; ``amount`` is the first one, ``present_amount`` with the changes."""

    id: UUID
    number: str
    title: str
    lot: int | None
    state: str
    holder: str
    amount: Decimal
    present_amount: Decimal
    signed_on: date | None
    notified_on: date | None
    ended_on: date | None
    changes: list[ChangeOut]


@router.get(
    "/consultations/{consultation}/evaluation",
    response={200: Evaluation},
    summary="The candidates, and the bids with their points and ranks",
)
def read_evaluation(request: HttpRequest, consultation: UUID) -> Evaluation:
    found = consultation_in(request, consultation, Procurement.ANALYSE)
    return Evaluation(
        candidacies=[
            CandidacyOut(
                id=one.pk,
                bidder=one.bidder.siret or one.bidder.reference,
                bidder_name=one.bidder.name,
                state=one.state,
                reason=one.reason,
                decided_at=one.decided_at,
            )
            for one in evaluation.candidacies_of(found)
        ],
        bids=[_bid(one) for one in evaluation.bids_of(found)],
    )


@router.get(
    "/consultations/{consultation}/awards", response={200: list[AwardOut]}, summary="What was decided by lot"
)
def list_awards(request: HttpRequest, consultation: UUID) -> list[AwardOut]:
    found = consultation_in(request, consultation, Procurement.ANALYSE)
    return [
        AwardOut(
            id=one.pk,
            lot=one.lot.number if one.lot else None,
            outcome=one.outcome,
            supplier=(one.supplier.siret or one.supplier.reference) if one.supplier else "",
            amount=one.amount,
            decided_on=one.decided_on,
            withdrawn_at=one.withdrawn_at,
        )
        for one in queries.awards_of(found)
    ]


@router.get(
    "/consultations/{consultation}/contracts",
    response={200: list[ContractOut]},
    summary="The contracts of a consultation, with their changes",
)
def list_contracts(request: HttpRequest, consultation: UUID) -> list[ContractOut]:
    found = consultation_in(request, consultation, Procurement.READ)
    return [_contract(one) for one in queries.contracts_of(found)]


def _bid(one: Bid) -> BidOut:
    return BidOut(
        id=one.pk,
        candidacy=one.candidacy_id,
        round=one.round,
        lot=one.lot.number if one.lot else None,
        state=one.state,
        price=one.price,
        total=one.total,
        rank=one.rank,
    )


def _contract(one: Contract) -> ContractOut:
    return ContractOut(
        id=one.pk,
        number=one.number,
        title=one.title,
        lot=one.lot.number if one.lot else None,
        state=one.state,
        holder=one.holder.siret or one.holder.reference,
        amount=one.amount,
        present_amount=queries.present_amount(one),
        signed_on=one.signed_on,
        notified_on=one.notified_on,
        ended_on=one.ended_on,
        changes=[
            ChangeOut(**{name: getattr(change, name) for name in ChangeOut.model_fields})
            for change in queries.changes_of(one)
        ],
    )
