"""The evaluation: candidates examined, bids priced, noted criterion by criterion, and ranked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Missing

from ..actions import examining, scoring
from ..domain.examination import Noted
from ..models import Bid, Candidacy, Consultation
from ..permissions import Procurement
from ..queries import evaluation as queries
from .shared import actor_of, consultation_in

router = Router()


class CandidacyOut(Schema):
    id: UUID
    bidder: str
    bidder_name: str
    state: str
    reason: str
    decided_at: datetime | None


class NoteOut(Schema):
    """The last note of one evaluator; the former ones are counted by ``version`` and stay in the book."""

    evaluator: UUID
    value: Decimal
    justification: str
    version: int


class LineOut(Schema):
    """What is noted apart: a criterion, or one ``part`` of it. ``weight`` in percent, ``points`` out of it."""

    criterion: UUID
    part: UUID | None
    name: str
    weight: Decimal
    method: str
    scale: int | None
    notes: list[NoteOut]
    agreed: Decimal | None
    points: Decimal | None
    justification: str


class BidOut(Schema):
    """A bid on a lot (null: the consultation is not divided) in a round. ``total`` is out of 100.

    ``candidacy`` is null as long as it is an anonymous project, which ``name`` then numbers."""

    id: UUID
    candidacy: UUID | None
    name: str
    round: int
    lot: int | None
    state: str
    reason: str
    price: Decimal | None
    total: Decimal | None
    rank: int | None
    lines: list[LineOut]


class Evaluation(Schema):
    candidacies: list[CandidacyOut]
    bids: list[BidOut]


class CandidacyPieceIn(Schema):
    kind: str = Field(max_length=30)
    state: str = Field(max_length=8)


class PiecesIn(Schema):
    pieces: list[CandidacyPieceIn] = Field(max_length=100)


class CandidacyVerdict(Schema):
    """``verb``: admit, reject (with its reason) or examine_again."""

    verb: str = Field(max_length=20)
    reason: str = Field(default="", max_length=2000)


class PriceIn(Schema):
    """Euros without VAT."""

    price: Decimal = Field(max_digits=14, decimal_places=2)


class BidVerdict(Schema):
    """``state``: admissible, irregular, unacceptable, inappropriate, abnormally_low, or opened to examine it again."""

    state: str = Field(max_length=14)
    reason: str = Field(default="", max_length=2000)


class NoteIn(Schema):
    criterion: UUID
    part: UUID | None = None
    value: Decimal = Field(max_digits=6, decimal_places=2)
    justification: str = Field(max_length=4000)


class MethodIn(Schema):
    """``scale``: the highest note of a grid; null for a formula."""

    method: str = Field(max_length=12)
    scale: int | None = None


class CandidateLotIn(Schema):
    """The number of a lot; null where the consultation is not divided."""

    lot: int | None = None


@router.get(
    "/consultations/{consultation}/evaluation",
    response={200: Evaluation},
    summary="The candidates, and the bids with their notes, points and ranks",
)
def read_evaluation(request: HttpRequest, consultation: UUID) -> Evaluation:
    return _evaluation(request, consultation_in(request, consultation, Procurement.ANALYSE))


@router.post(
    "/consultations/{consultation}/examination",
    response={200: Evaluation},
    summary="Put the opened bids of the round on the table",
)
def begin_examination(request: HttpRequest, consultation: UUID) -> Evaluation:
    found = consultation_in(request, consultation, Procurement.ANALYSE)
    examining.begin_examination(actor=actor_of(request), consultation=found)
    return _evaluation(request, found)


@router.put(
    "/consultations/{consultation}/candidacies/{candidacy}/pieces",
    response={200: CandidacyOut},
    summary="Write what was found of each piece of a candidature",
)
def note_pieces(request: HttpRequest, consultation: UUID, candidacy: UUID, given: PiecesIn) -> CandidacyOut:
    found = consultation_in(request, consultation, Procurement.ANALYSE)
    pieces = [Noted(one.kind, one.state) for one in given.pieces]
    return _candidacy(
        examining.note_pieces(actor=actor_of(request), consultation=found, candidacy=candidacy, pieces=pieces)
    )


@router.post(
    "/consultations/{consultation}/candidacies/{candidacy}/decision",
    response={200: CandidacyOut},
    summary="Admit a candidate, refuse it, or examine it again",
)
def decide_candidacy(
    request: HttpRequest, consultation: UUID, candidacy: UUID, given: CandidacyVerdict
) -> CandidacyOut:
    found = consultation_in(request, consultation, Procurement.ANALYSE)
    return _candidacy(
        examining.decide_candidacy(
            actor=actor_of(request), consultation=found, candidacy=candidacy, **given.model_dump()
        )
    )


@router.put(
    "/consultations/{consultation}/bids/{bid}/price",
    response={200: BidOut},
    summary="Write the price that is compared",
)
def price_bid(request: HttpRequest, consultation: UUID, bid: UUID, given: PriceIn) -> BidOut:
    return _judged(request, consultation, bid, examining.price_bid, given)


@router.post(
    "/consultations/{consultation}/bids/{bid}/decision",
    response={200: BidOut},
    summary="Say whether a bid can be compared",
)
def judge_bid(request: HttpRequest, consultation: UUID, bid: UUID, given: BidVerdict) -> BidOut:
    return _judged(request, consultation, bid, examining.judge_bid, given)


@router.post(
    "/consultations/{consultation}/bids/{bid}/notes",
    response={200: BidOut},
    summary="Give one's note on a criterion, or on a part of it",
)
def score_bid(request: HttpRequest, consultation: UUID, bid: UUID, given: NoteIn) -> BidOut:
    return _judged(request, consultation, bid, scoring.score_bid, given, Procurement.SCORE)


@router.post(
    "/consultations/{consultation}/bids/{bid}/agreed-notes",
    response={200: BidOut},
    summary="Write the note on which the evaluators agree",
)
def agree_score(request: HttpRequest, consultation: UUID, bid: UUID, given: NoteIn) -> BidOut:
    return _judged(request, consultation, bid, scoring.agree_score, given)


@router.put(
    "/consultations/{consultation}/criteria/{criterion}/method",
    response={204: None},
    summary="Choose how a criterion is noted, before the opening",
)
def choose_scoring(
    request: HttpRequest, consultation: UUID, criterion: UUID, given: MethodIn
) -> tuple[int, None]:
    found = consultation_in(request, consultation, Procurement.PREPARE)
    scoring.choose_scoring(
        actor=actor_of(request), consultation=found, criterion=criterion, **given.model_dump()
    )
    return 204, None


@router.post(
    "/consultations/{consultation}/ranking",
    response={200: Evaluation},
    summary="Rank the bids of a lot",
)
def rank_bids(request: HttpRequest, consultation: UUID, given: CandidateLotIn) -> Evaluation:
    found = consultation_in(request, consultation, Procurement.ANALYSE)
    scoring.rank_bids(actor=actor_of(request), consultation=found, lot=lot_of(found, given.lot))
    return _evaluation(request, found)


def lot_of(consultation: Consultation, number: int | None) -> UUID | None:
    """The id of a lot by its number. Raises Missing for one that is not of the consultation."""
    for lot in queries.scopes(consultation):
        if (lot.number if lot else None) == number:
            return lot.pk if lot else None
    raise Missing("no-lot", "There is no such lot in this consultation.", "Go back to the consultation.")


def _evaluation(request: HttpRequest, found: Consultation) -> Evaluation:
    return Evaluation(
        candidacies=[_candidacy(one) for one in queries.candidacies_of(found)],
        bids=[_bid(grid) for grid in _grids(request, found)],
    )


def _grids(request: HttpRequest, found: Consultation) -> list[queries.Grid]:
    day = legal_day(actor_of(request).now())
    return [grid for lot in queries.scopes(found) for grid in queries.grids_of(found, lot, day)]


def _judged(
    request: HttpRequest,
    consultation: UUID,
    bid: UUID,
    verb: Callable[..., Any],
    given: Schema,
    permission: Procurement = Procurement.ANALYSE,
) -> BidOut:
    """Calls a verb on a bid, and answers the bid as it then stands."""
    found = consultation_in(request, consultation, permission)
    verb(actor=actor_of(request), consultation=found, bid=bid, **given.model_dump())
    return next(_bid(grid) for grid in _grids(request, found) if grid.bid.pk == bid)


def _candidacy(one: Candidacy) -> CandidacyOut:
    return CandidacyOut(
        id=one.pk,
        bidder=one.bidder.siret or one.bidder.reference,
        bidder_name=one.bidder.name,
        state=one.state,
        reason=one.reason,
        decided_at=one.decided_at,
    )


def _bid(grid: queries.Grid) -> BidOut:
    one: Bid = grid.bid
    same: dict[str, Any] = {
        name: getattr(one, name) for name in ("round", "state", "reason", "price", "total", "rank")
    }
    return BidOut(
        id=one.pk,
        candidacy=None if one.deposit.is_anonymous else one.candidacy_id,
        name=one.shown_name,
        lot=one.lot.number if one.lot else None,
        lines=[_line(line) for line in grid.lines],
        **same,
    )


def _line(line: queries.Line) -> LineOut:
    return LineOut(
        criterion=line.criterion.pk,
        part=line.part.pk if line.part else None,
        name=line.name,
        weight=line.weight,
        method=line.method.code,
        scale=line.method.scale,
        notes=[
            NoteOut(
                evaluator=one.evaluator_id,
                value=one.value,
                justification=one.justification,
                version=one.version,
            )
            for one in line.scores
        ],
        agreed=line.final.value if line.final and not line.method.is_formula else None,
        points=line.final.points if line.final else None,
        justification=line.final.justification if line.final else "",
    )
