"""What candidates are asked after the opening, and what they answer; the reasons given to those who were not chosen."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router, Schema
from pydantic import Field

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import Instant

from ..actions import examining, letters
from ..models import LONGEST_TEXT, BidderRequest
from ..permissions import Procurement
from ..queries import evaluation as queries
from ..queries.award import reasons_waiting
from .shared import FILE_READ, Digest, actor_of, consultation_in

router = Router()
ALL = "/consultations/{consultation}/requests"


class AnswerFileOut(Schema):
    name: str
    sha256: str
    size: int
    received_at: datetime


class RequestOut(Schema):
    """One thing asked of one bidder; requests of one ``batch`` left together, until the same instant.

    ``first_opened_at`` proves its receipt; an answer after ``until_at`` is kept and ``is_late``.
    """

    id: UUID
    batch: UUID
    kind: str
    candidacy: UUID
    bidder: str
    bid: UUID | None
    pieces: list[str]
    text: str
    asked_at: datetime
    until_at: datetime
    first_opened_at: datetime | None
    answered_at: datetime | None
    is_late: bool
    answer: str
    files: list[AnswerFileOut]


class MissingPiecesIn(Schema):
    """The same words and the same instant for every candidate that lacks something."""

    until_at: Instant
    text: str = Field(max_length=LONGEST_TEXT)


class AboutBidsIn(MissingPiecesIn):
    """``kind``: bid (put it in order), precision, or price (explain one that looks abnormally low)."""

    kind: Literal["bid", "price", "precision"]
    bids: list[UUID] = Field(max_length=1000)


class ProofsIn(Schema):
    """``pieces``: codes of the list of proofs; not those that the buyer can get directly."""

    candidacy: UUID
    pieces: list[str] = Field(max_length=100)
    until_at: Instant
    text: str = Field(default="", max_length=LONGEST_TEXT)


class ReasonsAskedOut(Schema):
    """A candidate that waits for the reasons of its rejection."""

    candidacy: UUID
    bidder: str
    asked_at: datetime


class ReasonsIn(Schema):
    text: str = Field(max_length=LONGEST_TEXT)


@router.get(ALL, response={200: list[RequestOut]}, summary="What was asked of bidders, and their answers")
def list_bidder_requests(request: HttpRequest, consultation: UUID) -> list[RequestOut]:
    """The latest first."""
    found = consultation_in(request, consultation, Procurement.ANALYSE)
    return [_request(one) for one in queries.requests_of(found)]


@router.post(
    ALL + "/missing-pieces",
    response={201: list[RequestOut]},
    summary="Ask every candidate for what its candidature lacks",
)
def ask_missing_pieces(
    request: HttpRequest, consultation: UUID, given: MissingPiecesIn
) -> tuple[int, list[RequestOut]]:
    """What lacks is what was noted as missing; answers all that was asked in the consultation."""
    found = consultation_in(request, consultation, Procurement.ANALYSE)
    examining.ask_missing_pieces(actor=actor_of(request), consultation=found, **given.model_dump())
    return 201, list_bidder_requests(request, consultation)


@router.post(
    ALL + "/bids",
    response={201: list[RequestOut]},
    summary="Ask the authors of bids to put them in order, be precise, or explain their price",
)
def ask_about_bids(
    request: HttpRequest, consultation: UUID, given: AboutBidsIn
) -> tuple[int, list[RequestOut]]:
    """A bid is rejected as abnormally low only after its author was asked to explain the price."""
    found = consultation_in(request, consultation, Procurement.ANALYSE)
    examining.ask_about_bids(actor=actor_of(request), consultation=found, **given.model_dump())
    return 201, list_bidder_requests(request, consultation)


@router.post(
    ALL + "/proofs",
    response={201: list[RequestOut]},
    summary="Ask the presumed winner for its proofs",
)
def ask_proofs(request: HttpRequest, consultation: UUID, given: ProofsIn) -> tuple[int, list[RequestOut]]:
    found = consultation_in(request, consultation, Procurement.ANALYSE)
    examining.ask_proofs(actor=actor_of(request), consultation=found, **given.model_dump())
    return 201, list_bidder_requests(request, consultation)


@router.get(
    ALL + "/{asked}/files/{digest}",
    summary="The bytes of a file given in answer",
    openapi_extra=FILE_READ,
)
def read_answer_file(
    request: HttpRequest, consultation: UUID, asked: UUID, digest: Digest
) -> HttpResponseBase:
    found = consultation_in(request, consultation, Procurement.ANALYSE)
    return documents.download_response(queries.answer_file(found, asked, digest), request)


@router.get(
    "/consultations/{consultation}/reasons",
    response={200: list[ReasonsAskedOut]},
    summary="The candidates that wait for the reasons of their rejection",
)
def list_reasons_asked(request: HttpRequest, consultation: UUID) -> list[ReasonsAskedOut]:
    found = consultation_in(request, consultation, Procurement.AWARD)
    return [
        ReasonsAskedOut(
            candidacy=one.candidacy_id,
            bidder=one.candidacy.bidder.siret or one.candidacy.bidder.reference,
            asked_at=one.asked_at,
        )
        for one in reasons_waiting(found)
    ]


@router.post(
    "/consultations/{consultation}/candidacies/{candidacy}/reasons",
    response={204: None},
    summary="Give a candidate the reasons that it asked for",
)
def give_reasons(
    request: HttpRequest, consultation: UUID, candidacy: UUID, given: ReasonsIn
) -> tuple[int, None]:
    """They leave as a letter."""
    found = consultation_in(request, consultation, Procurement.AWARD)
    letters.give_reasons(actor=actor_of(request), consultation=found, candidacy=candidacy, text=given.text)
    return 204, None


def _request(one: BidderRequest) -> RequestOut:
    made = {"candidacy", "bidder", "bid", "is_late", "files"}
    plain = {name: getattr(one, name) for name in RequestOut.model_fields if name not in made}
    bidder = one.candidacy.bidder
    return RequestOut(
        **plain,
        candidacy=one.candidacy_id,
        bidder=bidder.siret or bidder.reference,
        bid=one.bid_id,
        is_late=one.answered_at is not None and one.answered_at > one.until_at,
        files=answer_files(one),
    )


def answer_files(one: BidderRequest) -> list[AnswerFileOut]:
    """What a bidder gave in answer, as the interface tells it to the buyer and to the bidder."""
    return [
        AnswerFileOut(
            name=row.document.name, sha256=row.sha256, size=row.document.size, received_at=row.received_at
        )
        for row in one.files.all()
    ]
