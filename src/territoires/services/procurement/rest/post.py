"""What buyers send to an enterprise: letters, requests that it answers, contracts that it holds.

A program that lists has received nothing: a receipt is said by a call of its own, as opening the page says it.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Query, Router, Schema
from pydantic import Field

from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict

from ..actions import examining, letters
from ..actions.contracts import changing, notifying
from ..models import LONGEST_TEXT, BidderRequest, Consultation, Contract, Letter
from ..permissions import Procurement
from ..queries import award as queries
from .contracts import ChangeOut, SignatureOut, SubcontractOut, same
from .requests import AnswerFileOut, answer_files
from .shared import FILE_READ, FILE_SENT, Digest, Page, PageAfter, paged, require

router = Router()
LARGEST = 200 * 1024 * 1024
Sent = TypeVar("Sent", Letter, BidderRequest)


class FromBuyer(Schema):
    """The consultation that it is about."""

    consultation: UUID
    reference: str
    title: str
    buyer: str


class ReceivedLetterHead(FromBuyer):
    """A letter, without its words. ``first_opened_at`` is null while nobody of the enterprise has received it."""

    id: UUID
    kind: str
    round: int | None
    sha256: str
    sent_at: datetime
    first_opened_at: datetime | None


class ReceivedLetterOut(ReceivedLetterHead):
    """``lots``: what it says lot by lot. ``sha256`` is that of its PDF; empty where it has none.

    ``information`` and ``only_lots`` are those of an invitation: the lots for which the enterprise was selected, else all;
    ``left_lots`` those for which it was not, for ``left_reason``.
    """

    lots: list[dict[str, Any]]
    paragraphs: list[str]
    information: str
    only_lots: list[dict[str, Any]]
    left_lots: list[dict[str, Any]]
    left_reason: str


class AskedHead(FromBuyer):
    """What the enterprise is asked, without its words."""

    id: UUID
    kind: str
    asked_at: datetime
    until_at: datetime
    first_opened_at: datetime | None
    answered_at: datetime | None


class AskedOut(AskedHead):
    """``pieces`` by their code; ``is_late``: the answer came after ``until_at``, and is kept."""

    pieces: list[str]
    text: str
    answer: str
    is_late: bool
    files: list[AnswerFileOut]


class ReceivedOut(Schema):
    """A file that waits for the answer that names it by its ``id``."""

    id: UUID
    name: str
    sha256: str
    size: int


class RequestAnswerIn(Schema):
    """The words of the answer, and the files that come with it. Until its deadline it may be completed."""

    text: str = Field(default="", max_length=LONGEST_TEXT)
    files: list[UUID] = Field(default_factory=list, max_length=20)


class HeldContractOut(FromBuyer):
    """A contract of the enterprise. Euros without VAT; what follows ``ended_on`` is what its invoices must bear.

    ``is_holder`` is false once another took its place: the contract is then as it was with that change.
    """

    id: UUID
    is_holder: bool
    number: str
    lot: int | None
    state: str
    amount: Decimal
    present_amount: Decimal
    sha256: str
    signatures: list[SignatureOut]
    signed_on: date | None
    sent_to_holder_at: datetime | None
    notified_on: date | None
    started_on: date | None
    ended_on: date | None
    invoicing_siret: str
    service_code: str
    commitment_number: str
    changes: list[ChangeOut]
    subcontracts: list[SubcontractOut]


@router.get("/letters", response={200: Page[ReceivedLetterHead]}, summary="The letters that buyers sent")
def list_letters_received(request: HttpRequest, page: Query[PageAfter]) -> Page[ReceivedLetterHead]:
    """The earliest first: go on from ``next`` for those to come."""
    actor = require(request, Procurement.READ_LETTER)
    rows, following = paged(queries.letters_to(actor), "sent_at", page)
    return Page[ReceivedLetterHead](
        items=[ReceivedLetterHead(**_head(one, ReceivedLetterHead)) for one in rows], next=following
    )


@router.post(
    "/letters/{letter}/receipt",
    response={200: ReceivedLetterOut},
    summary="Receive a letter, and read what it says",
)
def receive_letter(request: HttpRequest, letter: UUID) -> ReceivedLetterOut:
    """The first time proves its receipt to the buyer, as opening its page does."""
    found = _letter(request, letter)
    if found.first_opened_at is None:
        found = letters.open_letter(actor=require(request, Procurement.READ_LETTER), letter=found)
    return _letter_out(found)


@router.get("/letters/{letter}", response={200: ReceivedLetterOut}, summary="A letter that was received")
def read_letter(request: HttpRequest, letter: UUID) -> ReceivedLetterOut:
    return _letter_out(_received(_letter(request, letter)))


@router.get("/letters/{letter}/file", summary="A letter that was received, as PDF", openapi_extra=FILE_READ)
def read_letter_file(request: HttpRequest, letter: UUID) -> HttpResponseBase:
    found = _received(_letter(request, letter))
    return documents.download_response(queries.file_of_letter(found), request)


@router.post(
    "/letters/{letter}/reasons", response={204: None}, summary="Ask the buyer why one was not chosen"
)
def ask_reasons(request: HttpRequest, letter: UUID) -> tuple[int, None]:
    """Once, of a letter that refuses; the answer comes as a letter."""
    found = _letter(request, letter)
    letters.ask_reasons(actor=require(request, Procurement.READ_LETTER), letter=found)
    return 204, None


@router.get("/requests", response={200: Page[AskedHead]}, summary="What buyers ask of the enterprise")
def list_asked(request: HttpRequest, page: Query[PageAfter]) -> Page[AskedHead]:
    """The earliest first."""
    actor = require(request, Procurement.ANSWER_REQUEST)
    rows, following = paged(queries.requests_to(actor), "asked_at", page)
    return Page[AskedHead](items=[AskedHead(**_head(one, AskedHead)) for one in rows], next=following)


@router.post("/requests/{asked}/receipt", response={200: AskedOut}, summary="Receive a request, and read it")
def receive_request(request: HttpRequest, asked: UUID) -> AskedOut:
    """The first time proves its receipt to the buyer, as opening its page does."""
    found = _asked(request, asked)
    if found.first_opened_at is None:
        examining.open_request(actor=require(request, Procurement.ANSWER_REQUEST), request=found)
    return _asked_out(found)


@router.get("/requests/{asked}", response={200: AskedOut}, summary="A request that was received")
def read_asked(request: HttpRequest, asked: UUID) -> AskedOut:
    return _asked_out(_received(_asked(request, asked)))


@router.post(
    "/requests/{asked}/files",
    response={201: ReceivedOut},
    summary="Bring a file for the answer to a request",
    openapi_extra=FILE_SENT,
)
def bring_answer_file(request: HttpRequest, asked: UUID, name: str) -> tuple[int, ReceivedOut]:
    """The body of the request is the file. Nothing is answered by it: the answer names it."""
    actor = require(request, Procurement.ANSWER_REQUEST)
    _asked(request, asked)
    kept = documents.receive_body(
        request, name=name, organisation=actor.acting_organisation(), actor=actor, limit=LARGEST
    )
    return 201, ReceivedOut(id=kept.pk, name=kept.name, sha256=kept.sha256, size=kept.size)


@router.post("/requests/{asked}/answer", response={200: AskedOut}, summary="Answer a request")
def answer_request(request: HttpRequest, asked: UUID, given: RequestAnswerIn) -> AskedOut:
    found = _asked(request, asked)
    actor = require(request, Procurement.ANSWER_REQUEST)
    examining.answer_request(actor=actor, request=found, **given.model_dump())
    return _asked_out(_asked(request, asked))


@router.get(
    "/held-contracts",
    response={200: Page[HeldContractOut]},
    summary="The contracts that the enterprise holds, or held first",
)
def list_held_contracts(request: HttpRequest, page: Query[PageAfter]) -> Page[HeldContractOut]:
    """Once they have a file to read; the earliest first."""
    actor = require(request, Procurement.READ_HELD_CONTRACT)
    rows, following = paged(queries.contracts_held(actor), "created_at", page)
    return Page[HeldContractOut](items=[_contract(actor, one) for one in rows], next=following)


@router.get(
    "/held-contracts/{contract}", response={200: HeldContractOut}, summary="A contract of the enterprise"
)
def read_held_contract(request: HttpRequest, contract: UUID) -> HeldContractOut:
    return _contract(*_theirs(request, contract))


@router.get(
    "/held-contracts/{contract}/files/{digest}",
    summary="The bytes of a contract, of a change, of a subcontractor's act",
    openapi_extra=FILE_READ,
)
def read_held_file(request: HttpRequest, contract: UUID, digest: Digest) -> HttpResponseBase:
    """Its holder signs by hand on this file and sends it to the buyer, or with its own key on the page of the contract."""
    return documents.download_response(queries.file_for_holder(*_theirs(request, contract), digest), request)


@router.post(
    "/held-contracts/{contract}/receipt",
    response={200: HeldContractOut},
    summary="Receive a signed contract: it is notified",
)
def receive_contract(request: HttpRequest, contract: UUID) -> HeldContractOut:
    """This very instant is its notification."""
    found = _held(request, contract)
    notifying.acknowledge_contract(actor=require(request, Procurement.HOLD_CONTRACT), contract=found)
    return _contract(*_theirs(request, contract))


@router.post(
    "/held-contracts/{contract}/changes/{number}/receipt",
    response={200: HeldContractOut},
    summary="Receive a change of a contract: it takes effect",
)
def receive_change(request: HttpRequest, contract: UUID, number: int) -> HeldContractOut:
    found = _held(request, contract)
    actor = require(request, Procurement.HOLD_CONTRACT)
    changing.acknowledge_change(actor=actor, contract=found, number=number)
    return _contract(*_theirs(request, contract))


def _letter(request: HttpRequest, key: UUID) -> Letter:
    return queries.letter_of(require(request, Procurement.READ_LETTER), key)


def _asked(request: HttpRequest, key: UUID) -> BidderRequest:
    return queries.request_of(require(request, Procurement.ANSWER_REQUEST), key)


def _held(request: HttpRequest, key: UUID) -> Contract:
    return queries.held_contract(require(request, Procurement.HOLD_CONTRACT), key)


def _theirs(request: HttpRequest, key: UUID) -> tuple[Actor, Contract]:
    actor = require(request, Procurement.READ_HELD_CONTRACT)
    return actor, queries.their_contract(actor, key)


def _received(found: Sent) -> Sent:
    """What is read has been received: the buyer knows since when."""
    if found.first_opened_at is None:
        raise Conflict(
            "not-received",
            "Your enterprise has not received this yet.",
            "Receive it first: its receipt answers what it says.",
        )
    return found


def _about(consultation: Consultation) -> dict[str, Any]:
    return {
        "consultation": consultation.pk,
        "reference": consultation.reference,
        "title": consultation.title,
        "buyer": consultation.organisation.name,
    }


def _head(one: Letter | BidderRequest, schema: type[Schema]) -> dict[str, Any]:
    about = _about(one.consultation)
    return about | {name: getattr(one, name) for name in schema.model_fields if name not in about}


def _letter_out(one: Letter) -> ReceivedLetterOut:
    none: dict[str, Any] = {
        "lots": [],
        "paragraphs": [],
        "information": "",
        "only_lots": [],
        "left_lots": [],
        "left_reason": "",
    }
    said = {name: one.body.get(name) or empty for name, empty in none.items()}
    return ReceivedLetterOut(**_head(one, ReceivedLetterHead), **said)


def _asked_out(one: BidderRequest) -> AskedOut:
    return AskedOut(
        **_head(one, AskedHead),
        pieces=one.pieces,
        text=one.text,
        answer=one.answer,
        is_late=one.answered_at is not None and one.answered_at > one.until_at,
        files=answer_files(one),
    )


_INVOICING = ("invoicing_siret", "service_code", "commitment_number")


def _contract(actor: Actor, one: Contract) -> HeldContractOut:
    made = {"is_holder", "lot", "present_amount", "signatures", "changes", "subcontracts"}
    shown = queries.shown_to(actor, one)
    about = _about(one.consultation) | {"title": one.title}
    plain = {
        name: getattr(one, name) for name in HeldContractOut.model_fields if name not in made | about.keys()
    }
    if not shown.is_holder:
        plain |= dict.fromkeys(_INVOICING, "")
    return HeldContractOut(
        **about,
        **plain,
        is_holder=shown.is_holder,
        lot=one.lot.number if one.lot else None,
        present_amount=shown.present_amount,
        signatures=[same(SignatureOut, row) for row in queries.signatures_of(one)],
        changes=[same(ChangeOut, row) for row in shown.changes],
        subcontracts=[same(SubcontractOut, row) for row in shown.subcontracts],
    )
