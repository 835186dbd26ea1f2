"""The portal for programs: documents of a call, questions and answers, who is told of changes, saved searches.

Open to everybody, without a key. With the key of an enterprise that is invited by name, its calls are there too.
"""

from __future__ import annotations

from copy import copy
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field

from territoires.foundations.documents import api as documents
from territoires.foundations.identity import api as identity
from territoires.kernel.actor import Actor

from ..actions import alerting, answering, corresponding, visitors
from ..domain.searching import LONGEST_WORDS, Criteria, read_criteria
from ..models import LONGEST_QUESTION, Consultation, Piece, Question, SavedSearch
from ..queries import invitations
from ..queries import publication as queries
from ..queries.listings import saved_search
from ..queries.sheets import pieces_of
from .shared import FILE_READ, Digest, actor_of

router = Router(auth=None)
CALL = "/calls/{consultation}"


class CallDocumentOut(Schema):
    """``is_in_force``: not replaced, nor taken off by a later version of the call."""

    sha256: str
    name: str
    media_type: str
    size: int
    kind: str
    is_in_force: bool


class AnswerOut(Schema):
    """A question as the buyer words it for everybody, and its answer."""

    number: int | None
    lot_number: int | None
    question: str
    answer: str
    answered_at: datetime | None


class QuestionIn(Schema):
    """``asker`` and ``email`` are read by the buyer alone, and may be left out."""

    text: str = Field(max_length=LONGEST_QUESTION)
    lot_number: int | None = Field(default=None, ge=1, le=10_000)
    asker: str = Field(default="", max_length=200)
    email: str = Field(default="", max_length=254)


class QuestionAsked(Schema):
    id: UUID
    asked_at: datetime


class CorrespondentIn(Schema):
    """Who is told of each change; a mail to the address says so, with the link that ends it."""

    name: str = Field(max_length=200)
    email: str = Field(max_length=254)
    enterprise: str = Field(default="", max_length=200)


class Token(Schema):
    """The secret that ends the link of the mail."""

    token: str = Field(max_length=100)


class CriteriaIn(Schema):
    """What is looked for; what is left out is everything. ``cpv`` and ``place`` (NUTS) may be cut at any depth."""

    q: str = Field(default="", max_length=LONGEST_WORDS)
    cpv: str = Field(default="", max_length=12)
    place: str = Field(default="", max_length=5)
    category: Literal["", "works", "goods", "services"] = ""
    buyer: str = Field(default="", max_length=LONGEST_WORDS)
    since: date | None = None
    until: date | None = None
    amount_from: Decimal | None = Field(default=None, ge=0, max_digits=14, decimal_places=2)
    amount_until: Decimal | None = Field(default=None, ge=0, max_digits=14, decimal_places=2)
    with_closed: bool = False


class SearchIn(Schema):
    """``label`` names the search in its mails; left out, its words do."""

    email: str = Field(max_length=254)
    frequency: Literal["daily", "weekly"] = "daily"
    label: str = Field(default="", max_length=200)
    criteria: CriteriaIn


class SearchOut(Schema):
    """``confirmed_at`` is null until the holder of the address has said yes; ``stopped_at`` once it was ended."""

    id: UUID
    frequency: str
    confirmed_at: datetime | None
    stopped_at: datetime | None


@router.get(
    CALL + "/documents", response={200: list[CallDocumentOut]}, summary="The documents of a published call"
)
def list_call_documents(request: HttpRequest, consultation: UUID) -> list[CallDocumentOut]:
    found = _call(request, consultation)
    return [_document(piece) for piece in (*pieces_of(found), *queries.former_pieces_of(found))]


@router.get(
    CALL + "/documents/{digest}", summary="The bytes of a document of a call", openapi_extra=FILE_READ
)
def read_call_document(request: HttpRequest, consultation: UUID, digest: Digest) -> HttpResponseBase:
    """The register of withdrawals says that it left; for an invited enterprise, to whom."""
    found = _call(request, consultation)
    piece = queries.public_piece(found, digest)
    if visitors.takes_whole(request.method, request.headers):
        corresponding.hand_out(
            actor=_caller(request),
            consultation=found,
            address=identity.network_address(request),
            sha256=digest,
            correspondent=invitations.accepted_by(found, _enterprises(request)),
        )
    return documents.download_response(piece.document, request)


@router.get(
    CALL + "/questions", response={200: list[AnswerOut]}, summary="The answers that everybody may read"
)
def list_answers(request: HttpRequest, consultation: UUID) -> list[AnswerOut]:
    """The last first."""
    return [_answer(one) for one in queries.answered_of(_call(request, consultation))]


@router.post(CALL + "/questions", response={201: QuestionAsked}, summary="Ask the buyer a question")
def ask_question(request: HttpRequest, consultation: UUID, given: QuestionIn) -> tuple[int, QuestionAsked]:
    """It is published with its answer, worded by the buyer, without who asked."""
    found, actor = _call(request, consultation), _caller(request)
    visitors.require_few_questions(actor, found, identity.network_address(request))
    asked = answering.ask_question(actor=actor, consultation=found, **given.model_dump())
    return 201, QuestionAsked(id=asked.pk, asked_at=asked.asked_at)


@router.post(
    CALL + "/correspondents", response={204: None}, summary="Be told by mail of each change of a call"
)
def join_correspondents(request: HttpRequest, consultation: UUID, given: CorrespondentIn) -> tuple[int, None]:
    """The same answer whether the address was there already or not."""
    actor = _caller(request)
    found = queries.public_consultation(actor, consultation)
    visitors.require_seldom(identity.network_address(request), visitors.FOLLOW)
    corresponding.join_correspondents(actor=actor, consultation=found, **given.model_dump())
    return 204, None


@router.post(
    CALL + "/correspondents/{correspondent}/stop", response={204: None}, summary="End the mails to an address"
)
def stop_telling(
    request: HttpRequest, consultation: UUID, correspondent: UUID, given: Token
) -> tuple[int, None]:
    """By the link of one of them."""
    found = _call(request, consultation)
    known = queries.correspondent_with(found, correspondent, given.token)
    corresponding.stop_telling(
        actor=_caller(request), consultation=found, correspondent=known, token=given.token
    )
    return 204, None


@router.post(
    "/searches", response={201: SearchOut}, summary="Have new consultations of a search told by mail"
)
def save_search(request: HttpRequest, given: SearchIn) -> tuple[int, SearchOut]:
    """Nothing is sent but the link by which the holder of the address says yes."""
    visitors.require_seldom(identity.network_address(request), visitors.SAVE_SEARCH)
    criteria = read_criteria(given.criteria.model_dump())
    made = alerting.save_search(
        actor=_caller(request),
        criteria=criteria,
        label=given.label or _label(criteria),
        email=given.email,
        frequency=given.frequency,
    )
    return 201, _search(made)


@router.post(
    "/searches/{search}/confirm", response={200: SearchOut}, summary="Say yes to the mails of a search"
)
def confirm_search(request: HttpRequest, search: UUID, given: Token) -> SearchOut:
    """By the link of the first mail."""
    found = saved_search(search)
    return _search(alerting.confirm_search(actor=_caller(request), search=found, token=given.token))


@router.post("/searches/{search}/stop", response={200: SearchOut}, summary="End the mails of a search")
def stop_search(request: HttpRequest, search: UUID, given: Token) -> SearchOut:
    """By the link of any of them."""
    found = saved_search(search)
    return _search(alerting.stop_search(actor=_caller(request), search=found, token=given.token))


def _call(request: HttpRequest, key: UUID) -> Consultation:
    """What is public, or what the enterprise of the key is invited to."""
    return invitations.consultation_for(_caller(request), key, _enterprises(request))


def _caller(request: HttpRequest) -> Actor:
    """Whoever calls, with a key or without; the value behind the middleware's lazy proxy."""
    return copy(actor_of(request))


def _enterprises(request: HttpRequest) -> list[UUID]:
    organisation = actor_of(request).organisation
    return [organisation] if organisation else []


def _document(piece: Piece) -> CallDocumentOut:
    file = piece.document
    return CallDocumentOut(
        sha256=piece.sha256,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        kind=piece.kind,
        is_in_force=piece.retired_in is None,
    )


def _answer(one: Question) -> AnswerOut:
    return AnswerOut(
        number=one.number,
        lot_number=one.lot_number,
        question=one.public_text,
        answer=one.answer,
        answered_at=one.answered_at,
    )


def _label(criteria: Criteria) -> str:
    return ", ".join(criteria.as_query().values()) or _("all consultations")


def _search(one: SavedSearch) -> SearchOut:
    return SearchOut(**{name: getattr(one, name) for name in SearchOut.model_fields})
