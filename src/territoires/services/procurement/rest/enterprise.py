"""The enterprise's space over HTTP: bids, their blocks and chunks, deposits and receipts, candidature, safe of attestations.

A program seals as the browser does (docs/protocols/tsb1.md): nothing here sees what a bid says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router, Schema
from pydantic import Field

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import etag, if_match
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day

from ..actions import bidding, enterprise, uploading
from ..actions import espd as espd_verbs
from ..domain import deposit as rules
from ..domain import espd
from ..domain.sealing import documents as doc
from ..models import Attestation, BidDraft, Deposit, EnterpriseSheet
from ..permissions import Procurement
from ..queries import bids as queries
from ..queries import enterprise as kept
from ..queries import espd as espd_queries
from ..queries.publication import public_consultation
from ..queries.receipts import bundle_of, receipt_of, sealed_receipt
from ..queries.rounds import current_round, deadline_of
from ..queries.sealed_files import (
    file_of,
    lots_closed_to,
    policy_bytes,
    present_policy,
    stored_leaves,
    unnamed_files,
)
from .bids import DepositOut, ReceiptOut, deposit_out, receipt_out
from .shared import FILE_READ, FILE_SENT, Page, PageAfter, actor_of, paged, require

router = Router()
LARGEST = 20 * 1024 * 1024
_JSON = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
DOCUMENT_SENT = {"requestBody": {"required": True, "content": _JSON}}
CHUNK_SENT = {
    **DOCUMENT_SENT,
    "parameters": [
        {
            "name": name,
            "in": "header",
            "required": required,
            "description": said,
            "schema": {"type": "string"},
        }
        for name, required, said in (
            ("Sealing-Nonce", True, "The nonce of the chunk, 12 bytes in base64url."),
            ("Sealing-Leaf", True, "Its leaf, 32 bytes in base64url."),
            ("Sealing-Block", False, "The block of the file; asked with its first chunk."),
        )
    ],
}


class PartnerOut(Schema):
    siret: str
    name: str
    part: str


class ConsortiumIn(Schema):
    """``consortium`` is empty for an enterprise that answers alone; its lead is the caller."""

    consortium: Literal["", "joint", "joint_lead_liable", "several"]
    members: list[PartnerOut] = Field(default_factory=list, max_length=100)


class ArrivedOut(Schema):
    """A file that no deposit names yet; its name is known to who sealed it alone."""

    file: UUID
    block: UUID
    chunks: int
    size: int


class OwnBidOut(Schema):
    """A bid of the enterprise. ``policy`` is the hash to seal for now; null while the buyer has named no officers.

    ``lots`` are those that it may answer, as blocks and manifests name them: in a later round those of its invitation.
    """

    id: UUID
    consultation: UUID
    reference: str
    title: str
    buyer: str
    round: int
    deadline_at: datetime | None
    started_at: datetime
    policy: str | None
    lots: list[UUID]
    consortium: str
    members: list[PartnerOut]
    arrived: list[ArrivedOut]


class BlockOut(Schema):
    block: UUID
    sha256: str


class ChunkOut(Schema):
    """``stored``, ``again`` for one that was there, or ``replaced``."""

    outcome: str


class ChunksOut(Schema):
    """What is there of a file: what a program asks before it goes on. ``sealed``: it is part of a deposit."""

    chunks: list[tuple[int, str]]
    sealed: bool


class EnterpriseSheetIn(Schema):
    """What DC1, DC2 and the DUME say of the enterprise; fields that are absent stay. Euros without VAT."""

    legal_form: str | None = Field(default=None, max_length=120)
    address: str | None = Field(default=None, max_length=300)
    postal_code: str | None = Field(default=None, max_length=10)
    town: str | None = Field(default=None, max_length=120)
    email: str | None = Field(default=None, max_length=254)
    telephone: str | None = Field(default=None, max_length=30)
    signatory: str | None = Field(default=None, max_length=200)
    signatory_title: str | None = Field(default=None, max_length=120)
    is_small: bool | None = None
    headcount: int | None = Field(default=None, ge=0, le=10**7)
    turnover_year: int | None = Field(default=None, ge=1990, le=2100)
    turnover: Decimal | None = Field(default=None, max_digits=14, decimal_places=2)
    turnover_before: Decimal | None = Field(default=None, max_digits=14, decimal_places=2)
    turnover_two_before: Decimal | None = Field(default=None, max_digits=14, decimal_places=2)
    insurance: str | None = Field(default=None, max_length=300)
    qualifications: str | None = Field(default=None, max_length=1000)
    references: str | None = Field(default=None, max_length=3000)


class EnterpriseSheetOut(EnterpriseSheetIn):
    version: int


class AttestationOut(Schema):
    id: UUID
    kind: str
    name: str
    sha256: str
    valid_until: date | None
    added_at: datetime


class EspdOut(Schema):
    """The DUME of a bid. ``answers`` by id of question; ``unanswered`` counts the criteria without any."""

    criteria: list[str]
    questions: dict[str, str]
    answers: dict[str, str]
    unanswered: int
    is_own: bool
    is_written: bool
    version: int


class EspdIn(Schema):
    """``true`` or ``false``, ISO dates, ``start/end``, numbers with a point; a question that is left out has no answer."""

    answers: dict[str, str] = Field(max_length=6000)


@router.get("/bids", response={200: Page[OwnBidOut]}, summary="The bids of the enterprise")
def list_bids(request: HttpRequest, page: Query[PageAfter]) -> Page[OwnBidOut]:
    actor = require(request, Procurement.BID_READ)
    rows, following = paged(queries.bids_of(actor), "started_at", page)
    return Page[OwnBidOut](items=[_bid(one) for one in rows], next=following)


@router.post("/consultations/{consultation}/bids", response={201: OwnBidOut}, summary="Begin a bid")
def start_bid(request: HttpRequest, consultation: UUID) -> tuple[int, OwnBidOut]:
    """For the round that is open; one bid for each round."""
    actor = require(request, Procurement.BID_START)
    found = public_consultation(actor, consultation)
    return 201, _bid(bidding.start_bid(actor=actor, consultation=found, round=current_round(found)))


@router.get("/bids/{draft}", response={200: OwnBidOut}, summary="A bid")
def read_bid(request: HttpRequest, draft: UUID) -> OwnBidOut:
    return _bid(_draft(request, draft, Procurement.BID_READ))


@router.put(
    "/bids/{draft}/consortium", response={200: OwnBidOut}, summary="Say with whom the enterprise answers"
)
def write_consortium(request: HttpRequest, draft: UUID, given: ConsortiumIn) -> OwnBidOut:
    found = _draft(request, draft, Procurement.BID_PREPARE)
    members = [enterprise.MemberWords(one.siret, one.name, one.part) for one in given.members]
    return _bid(
        enterprise.write_consortium(
            actor=actor_of(request), draft=found, consortium=given.consortium, members=members
        )
    )


@router.get("/bids/{draft}/policy", summary="The policy to seal for now", openapi_extra=FILE_READ)
def read_policy(request: HttpRequest, draft: UUID) -> HttpResponse:
    """The very bytes whose SHA-256 is the policy hash of the consultation's rules."""
    _policy, document = present_policy(_draft(request, draft, Procurement.BID_READ))
    return HttpResponse(document, content_type="application/json")


@router.post(
    "/bids/{draft}/blocks", response={201: BlockOut}, summary="Send a block", openapi_extra=DOCUMENT_SENT
)
def send_block(request: HttpRequest, draft: UUID) -> tuple[int, BlockOut]:
    """Before any file of it. The same bytes again are the same block."""
    found = _draft(request, draft, Procurement.BID_PREPARE)
    document = uploading.whole(request.read, rules.LARGEST_BLOCK)
    made = uploading.take_block(actor=_unkeyed(request), draft=found, document=document)
    return 201, BlockOut(block=made.pk, sha256=made.sha256)


@router.put(
    "/bids/{draft}/files/{file}/chunks/{index}",
    response={200: ChunkOut},
    summary="Send a chunk",
    openapi_extra=CHUNK_SENT,
)
def send_chunk(request: HttpRequest, draft: UUID, file: UUID, index: int) -> ChunkOut:
    """The body is ciphertext and tag. Durable once answered; in any order, and again as often as needed."""
    found = _draft(request, draft, Procurement.BID_PREPARE)
    sent = uploading.announced(file, max(index, 0), request.headers)
    outcome = uploading.store_chunk(
        actor=_unkeyed(request),
        draft=found,
        limits=present_policy(found)[0].limits,
        sent=sent,
        body=uploading.pieces(request.read),
    )
    return ChunkOut(outcome=outcome)


@router.get(
    "/bids/{draft}/files/{file}/chunks", response={200: ChunksOut}, summary="Which chunks of a file are there"
)
def list_chunks(request: HttpRequest, draft: UUID, file: UUID) -> ChunksOut:
    found = file_of(_draft(request, draft, Procurement.BID_READ), file)
    return ChunksOut(chunks=stored_leaves(found.pk), sealed=found.sealed_at is not None)


@router.delete(
    "/bids/{draft}/files/{file}", response={204: None}, summary="Destroy a file that is in no deposit"
)
def discard_file(request: HttpRequest, draft: UUID, file: UUID) -> tuple[int, None]:
    found = _draft(request, draft, Procurement.BID_PREPARE)
    agent = request.headers.get("User-Agent", "")
    uploading.discard_file(actor=_unkeyed(request), draft=found, file=file_of(found, file), agent=agent)
    return 204, None


@router.post(
    "/bids/{draft}/deposits", response={201: DepositOut}, summary="Deposit", openapi_extra=DOCUMENT_SENT
)
def seal_deposit(request: HttpRequest, draft: UUID) -> tuple[int, DepositOut]:
    """The body is the manifest, whose ``deposit`` makes two calls one. Its last byte read here is the instant that counts."""
    found = _draft(request, draft, Procurement.BID_SEAL)
    document = uploading.whole(request.read, rules.LARGEST_MANIFEST)
    actor = _unkeyed(request)
    made = bidding.deposit(actor=actor.at(actor.now()), draft=found, document=document)
    assert isinstance(made, Deposit)
    return 201, deposit_out(made)


@router.get("/bids/{draft}/deposits", response={200: list[DepositOut]}, summary="The deposits of a bid")
def list_own_deposits(request: HttpRequest, draft: UUID) -> list[DepositOut]:
    found = _draft(request, draft, Procurement.BID_READ)
    return [deposit_out(one) for one in queries.deposits_of(found).select_related("bidder")]


@router.post(
    "/bids/{draft}/deposits/{deposit}/withdrawal",
    response={201: ReceiptOut},
    summary="Take a deposit back, before the deadline",
)
def withdraw_deposit(request: HttpRequest, draft: UUID, deposit: UUID) -> tuple[int, ReceiptOut]:
    found = _draft(request, draft, Procurement.BID_SEAL)
    return 201, receipt_out(bidding.withdraw_deposit(actor=actor_of(request), draft=found, deposit=deposit))


@router.get(
    "/bids/{draft}/deposits/{deposit}/receipts", response={200: list[ReceiptOut]}, summary="The receipts"
)
def list_own_receipts(request: HttpRequest, draft: UUID, deposit: UUID) -> list[ReceiptOut]:
    made = queries.deposit_of(_draft(request, draft, Procurement.BID_READ), deposit)
    return [receipt_out(one) for one in made.receipts.order_by("made_at")]


@router.get(
    "/bids/{draft}/deposits/{deposit}/receipts/{kind}/{shape}",
    summary="A receipt as sealed PDF, or as the bundle that proves it without the platform (ZIP)",
    openapi_extra=FILE_READ,
)
def read_receipt(
    request: HttpRequest,
    draft: UUID,
    deposit: UUID,
    kind: Literal["deposit", "withdrawal"],
    shape: Literal["pdf", "zip"],
) -> HttpResponseBase:
    receipt = receipt_of(_draft(request, draft, Procurement.BID_READ), deposit, kind)
    if shape == "zip":
        return StreamingHttpResponse(bundle_of(receipt), content_type="application/zip")
    content = sealed_receipt(receipt, language="fr", at=actor_of(request).now())
    return HttpResponse(content, content_type="application/pdf")


@router.get(
    "/bids/{draft}/forms/{paper}", summary="DC1 or DC2, made of the sheet, as PDF", openapi_extra=FILE_READ
)
def read_candidature_form(request: HttpRequest, draft: UUID, paper: Literal["dc1", "dc2"]) -> HttpResponse:
    found = _draft(request, draft, Procurement.BID_READ)
    actor = actor_of(request)
    content = kept.candidature_form(found, kept.sheet_of(actor), paper, actor.now())
    return HttpResponse(content, content_type="application/pdf")


@router.get("/bids/{draft}/espd", response={200: EspdOut}, summary="The DUME (ESPD) of a bid")
def read_espd(request: HttpRequest, response: HttpResponse, draft: UUID) -> EspdOut:
    """With what the platform knows already among the answers, until some are written."""
    return _espd(request, response, _draft(request, draft, Procurement.BID_READ))


@router.put("/bids/{draft}/espd", response={200: EspdOut}, summary="Write the answers of the DUME (ESPD)")
def write_espd(request: HttpRequest, response: HttpResponse, draft: UUID, given: EspdIn) -> EspdOut:
    found = _draft(request, draft, Procurement.BID_PREPARE)
    espd_verbs.write_espd(
        actor=actor_of(request), draft=found, answers=given.answers, version=if_match(request)
    )
    return _espd(request, response, found)


@router.put(
    "/bids/{draft}/espd/request",
    response={200: EspdOut},
    summary="Answer the DUME (ESPD) of this XML file",
    openapi_extra=FILE_SENT,
)
def bring_espd(request: HttpRequest, response: HttpResponse, draft: UUID) -> EspdOut:
    """A request of the buyer, or a response whose answers serve again. An empty body: the platform's own request."""
    found = _draft(request, draft, Procurement.BID_PREPARE)
    data = uploading.whole(request.read, espd.LARGEST)
    espd_verbs.take_espd(actor=actor_of(request), draft=found, data=data)
    return _espd(request, response, found)


@router.get(
    "/bids/{draft}/espd/{name}",
    summary="The request or the response of the DUME as XML, or to read",
    openapi_extra=FILE_READ,
)
def read_espd_file(
    request: HttpRequest,
    draft: UUID,
    name: Literal["espd-request.xml", "espd-response.xml", "dume.pdf"],
) -> HttpResponse:
    found = _draft(request, draft, Procurement.BID_READ)
    actor = actor_of(request)
    content, kind = espd_queries.espd_file(found, kept.sheet_of(actor), name, actor.now())
    return HttpResponse(content, content_type=kind)


@router.get("/sheet", response={200: EnterpriseSheetOut}, summary="The sheet of the enterprise")
def read_sheet(request: HttpRequest, response: HttpResponse) -> EnterpriseSheetOut:
    return _sheet(response, kept.sheet_of(require(request, Procurement.SAFE)))


@router.patch("/sheet", response={200: EnterpriseSheetOut}, summary="Write the sheet of the enterprise")
def write_sheet(request: HttpRequest, response: HttpResponse, given: EnterpriseSheetIn) -> EnterpriseSheetOut:
    actor = require(request, Procurement.SAFE)
    values = given.dict(exclude_unset=True, exclude_none=True)
    return _sheet(response, enterprise.write_sheet(actor=actor, values=values, version=if_match(request)))


@router.get("/attestations", response={200: list[AttestationOut]}, summary="The safe of attestations")
def list_attestations(request: HttpRequest) -> list[AttestationOut]:
    """What ended, or ends soonest, first."""
    return [_attestation(one) for one in kept.safe_of(require(request, Procurement.SAFE))]


@router.post(
    "/attestations",
    response={201: AttestationOut},
    summary="Put a document in the safe",
    openapi_extra=FILE_SENT,
)
def keep_attestation(
    request: HttpRequest, name: str, kind: str = "other", valid_until: date | None = None
) -> tuple[int, AttestationOut]:
    """The body of the request is the file; ``kind`` is a code of the list of attestations."""
    actor = require(request, Procurement.SAFE)
    document = documents.receive_body(
        request, name=name, organisation=actor.acting_organisation(), actor=actor, limit=LARGEST
    )
    made = enterprise.keep_attestation(actor=actor, document=document.pk, kind=kind, valid_until=valid_until)
    return 201, _attestation(made)


@router.get("/attestations/{attestation}", summary="A document of the safe", openapi_extra=FILE_READ)
def read_attestation(request: HttpRequest, attestation: UUID) -> HttpResponseBase:
    found = kept.attestation_of(require(request, Procurement.SAFE), attestation)
    return documents.download_response(found.document, request)


@router.delete("/attestations/{attestation}", response={204: None}, summary="Take a document out of the safe")
def remove_attestation(request: HttpRequest, attestation: UUID) -> tuple[int, None]:
    enterprise.remove_attestation(actor=require(request, Procurement.SAFE), attestation=attestation)
    return 204, None


def _draft(request: HttpRequest, key: UUID, permission: Procurement) -> BidDraft:
    return queries.draft_of(require(request, permission), key, permission)


def _unkeyed(request: HttpRequest) -> Actor:
    """The protocol has keys of its own: ids of blocks, indexes and leaves, the id of the deposit."""
    return replace(actor_of(request), idempotency_key=None)


def _bid(draft: BidDraft) -> OwnBidOut:
    consultation = draft.consultation
    assert consultation is not None
    versions = policy_bytes(draft)
    return OwnBidOut(
        id=draft.pk,
        consultation=consultation.pk,
        reference=consultation.reference,
        title=consultation.title,
        buyer=consultation.organisation.name,
        round=draft.round,
        deadline_at=deadline_of(consultation, draft.round),
        started_at=draft.started_at,
        policy=doc.sha256(versions[-1]).hex() if versions else None,
        lots=sorted(queries.sealed_lots(consultation).keys() - lots_closed_to(draft).keys()),
        consortium=draft.consortium,
        members=[PartnerOut(siret=one.siret, name=one.name, part=one.part) for one in draft.members.all()],
        arrived=[
            ArrivedOut(file=one.file, block=one.block, chunks=one.chunks, size=one.size)
            for one in unnamed_files(draft)
        ],
    )


def _espd(request: HttpRequest, response: HttpResponse, draft: BidDraft) -> EspdOut:
    actor = actor_of(request)
    found = espd_queries.espd_of(draft, kept.sheet_of(actor), legal_day(actor.now()))
    response["ETag"] = etag(found.version)
    return EspdOut(
        criteria=[one.code for one in found.call.criteria],
        questions={one.property.id: one.property.text for one in espd.questions(found.call)},
        answers=found.answers,
        unanswered=espd.unanswered(found.call, found.answers),
        is_own=found.is_own,
        is_written=not found.is_known,
        version=found.version,
    )


def _sheet(response: HttpResponse, sheet: EnterpriseSheet) -> EnterpriseSheetOut:
    response["ETag"] = etag(sheet.version)
    values: Mapping[str, Any] = {name: getattr(sheet, name) for name in enterprise.SHEET_FIELDS}
    return EnterpriseSheetOut(**values, version=sheet.version)


def _attestation(one: Attestation) -> AttestationOut:
    return AttestationOut(
        id=one.pk,
        kind=one.kind,
        name=one.document.name,
        sha256=one.sha256,
        valid_until=one.valid_until,
        added_at=one.added_at,
    )
