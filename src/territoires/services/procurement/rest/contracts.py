"""The contracts: prepared, signed, received by the State, notified, carried out, changed, ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router, Schema
from pydantic import Field

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import Day, etag, if_match

from ..actions.contracts import changing, executing, notifying, preparing, signatures, subcontracting
from ..domain.signing import BY_HAND
from ..models import Contract
from ..permissions import Procurement
from ..queries import award as queries
from ..queries.files import LARGEST
from .shared import FILE_READ, FILE_SENT, Digest, Reason, actor_of, consultation_in, require

router = Router()
ONE = "/contracts/{contract}"
PieceType = Literal["11_AE", "11_AP", "11_TP", "11_RC", "11_PV", "11_RP", "11_RA", "11_AT", "10_DE", "99_AU"]


class ChangeOut(Schema):
    number: int
    ground: str
    object: str
    new_amount: Decimal
    months: int
    notified_on: date | None


class SubcontractOut(Schema):
    number: int
    siret: str
    name: str
    amount: Decimal
    state: str
    is_paid_directly: bool
    duration_months: int | None
    price_variation: str


class SignatureOut(Schema):
    """``side``: buyer or holder; ``means``: hand or electronic."""

    side: str
    means: str
    signed_on: Day
    name: str
    quality: str


class PieceOut(Schema):
    """A file beside the contract; ``kind`` is its type for the State."""

    kind: str
    name: str
    sha256: str
    size: int


class ContractOut(Schema):
    """Euros without VAT; ``amount`` is the first one, ``present_amount`` with the changes. ``sha256`` is that of its file.

    ``act`` is the act by which it goes to the State, where ``must_be_received``; ``matter`` is the consultation's id from
    end to end.
    """

    id: UUID
    matter: UUID
    number: str
    title: str
    lot: int | None
    state: str
    version: int
    holder: str
    amount: Decimal
    present_amount: Decimal
    authority: str
    sha256: str
    pieces: list[PieceOut]
    signatures: list[SignatureOut]
    signed_on: date | None
    must_be_received: bool
    transmit_until: date | None
    act: UUID | None
    received_on: date | None
    sent_to_holder_at: datetime | None
    notified_on: date | None
    started_on: date | None
    ended_on: date | None
    invoicing_siret: str
    service_code: str
    commitment_number: str
    changes: list[ChangeOut]
    subcontracts: list[SubcontractOut]


class NumberIn(Schema):
    number: str = Field(max_length=16)


class AuthorityIn(Schema):
    """An act of this platform by its id, or another one by its number and the day since which it is executory."""

    act: UUID | None = None
    declared: str = Field(default="", max_length=45)
    declared_on: Day | None = None


class HandSignatureIn(Schema):
    """A signature given by hand; an electronic one is put by its author, on the page or through the signature desk."""

    side: str = Field(max_length=6)
    signed_on: Day
    name: str = Field(max_length=200)
    quality: str = Field(default="", max_length=200)


class DeliveryIn(Schema):
    received_on: Day


class BeginningIn(Schema):
    started_on: Day


class ChangeIn(Schema):
    """``amount``: by how much the price changes; ``ground``: one of the six of the code.

    ``replaced_siret``: whose place a new holder takes; asked where several hold the contract.
    """

    ground: str = Field(max_length=20)
    object: str = Field(max_length=300)
    reason: str = Field(max_length=2000)
    amount: Decimal = Field(max_digits=14, decimal_places=2)
    months: int = Field(default=0, ge=-600, le=600)
    signed_on: Day
    new_holder_siret: str = Field(default="", max_length=20)
    new_holder_name: str = Field(default="", max_length=200)
    replaced_siret: str = Field(default="", max_length=20)
    committee_agreed: bool = False


class SubcontractIn(Schema):
    """``price_variation``: firm, adjusted or revised. Without it and ``duration_months`` the essential data of the contract
    are kept and not published.
    """

    siret: str = Field(max_length=20)
    name: str = Field(max_length=200)
    services: str = Field(max_length=4000)
    amount: Decimal = Field(max_digits=14, decimal_places=2)
    amount_with_vat: Decimal | None = Field(default=None, max_digits=14, decimal_places=2)
    rank: int = Field(default=1, ge=1, le=9)
    duration_months: int | None = Field(default=None, ge=1, le=1200)
    price_variation: str = Field(default="", max_length=8)


class SubcontractVerdict(Schema):
    accepted: bool
    reason: str = Field(default="", max_length=2000)


class InvoicingIn(Schema):
    siret: str = Field(default="", max_length=20)
    service_code: str = Field(default="", max_length=100)
    commitment_number: str = Field(default="", max_length=50)


class ContractEndIn(Schema):
    """``end_kind``: done, expired or terminated (with its reason)."""

    ended_on: Day
    end_kind: str = Field(max_length=12)
    final_amount: Decimal | None = Field(default=None, max_digits=14, decimal_places=2)
    reason: str = Field(default="", max_length=2000)


@router.get(
    "/consultations/{consultation}/contracts",
    response={200: list[ContractOut]},
    summary="The contracts of a consultation, with their signatures and changes",
)
def list_contracts(request: HttpRequest, consultation: UUID) -> list[ContractOut]:
    found = consultation_in(request, consultation, Procurement.READ)
    return [_contract(one) for one in queries.contracts_of(found)]


@router.put(ONE + "/number", response={200: ContractOut}, summary="Give the contract its number")
def number_contract(
    request: HttpRequest, response: HttpResponse, contract: UUID, given: NumberIn
) -> ContractOut:
    return _signing(
        request,
        response,
        contract,
        preparing.prepare_contract,
        version=if_match(request),
        **given.model_dump(),
    )


@router.put(
    ONE + "/file",
    response={200: ContractOut},
    summary="Give the contract its file, before anybody signs it",
    openapi_extra=FILE_SENT,
)
def put_contract_file(request: HttpRequest, response: HttpResponse, contract: UUID, name: str) -> ContractOut:
    """The body of the request is the file; another one takes its place as long as nobody has signed."""
    return _signing(
        request,
        response,
        contract,
        preparing.prepare_contract,
        document=_received(request, contract, name),
        version=if_match(request),
    )


@router.post(
    ONE + "/pieces",
    response={201: ContractOut},
    summary="Add a piece to the contract, with its type",
    openapi_extra=FILE_SENT,
)
def add_contract_piece(
    request: HttpRequest, response: HttpResponse, contract: UUID, name: str, kind: PieceType
) -> tuple[int, ContractOut]:
    """The body of the request is the file; the same one again is one piece. ``kind`` is its type for the State."""
    made = _signing(
        request,
        response,
        contract,
        preparing.prepare_contract,
        pieces=[(_received(request, contract, name), kind)],
        version=if_match(request),
    )
    return 201, made


@router.get(ONE + "/files/{digest}", summary="The bytes of a file of the contract", openapi_extra=FILE_READ)
def read_contract_file(request: HttpRequest, contract: UUID, digest: Digest) -> HttpResponseBase:
    """The contract itself, a piece, a change, the act of a subcontractor."""
    found = queries.contract_read(require(request, Procurement.READ), contract)
    return documents.download_response(queries.file_of_contract(found, digest), request)


def _received(request: HttpRequest, contract: UUID, name: str) -> UUID:
    """The file that the request brings, once its sender may give it to the contract."""
    actor = require(request, Procurement.SIGN_CONTRACT)
    queries.contract_of(actor, contract, Procurement.SIGN_CONTRACT)
    received = documents.receive_body(
        request, name=name, organisation=actor.acting_organisation(), actor=actor, limit=LARGEST
    )
    return received.pk


@router.put(
    ONE + "/authority", response={200: ContractOut}, summary="Say by which act the signatory may sign"
)
def choose_authority(
    request: HttpRequest, response: HttpResponse, contract: UUID, given: AuthorityIn
) -> ContractOut:
    return _signing(request, response, contract, preparing.choose_authority, **given.model_dump())


@router.post(ONE + "/signature-request", response={200: ContractOut}, summary="Put it before those who sign")
def ask_signatures(request: HttpRequest, response: HttpResponse, contract: UUID) -> ContractOut:
    return _signing(request, response, contract, signatures.ask_signatures)


@router.post(ONE + "/signatures", response={200: ContractOut}, summary="Record a signature given by hand")
def record_signature(
    request: HttpRequest, response: HttpResponse, contract: UUID, given: HandSignatureIn
) -> ContractOut:
    signature = signatures.Signature(means=BY_HAND, **given.model_dump())
    return _signing(
        request,
        response,
        contract,
        signatures.record_signature,
        signature=signature,
        version=if_match(request),
    )


@router.post(ONE + "/give-up", response={200: ContractOut}, summary="Say that it will not be concluded")
def give_up_contract(
    request: HttpRequest, response: HttpResponse, contract: UUID, given: Reason
) -> ContractOut:
    return _signing(request, response, contract, preparing.give_up_contract, **given.model_dump())


@router.post(
    ONE + "/notification", response={200: ContractOut}, summary="Send the signed contract to its holder"
)
def send_to_holder(request: HttpRequest, response: HttpResponse, contract: UUID) -> ContractOut:
    return _carrying(request, response, contract, notifying.send_to_holder, version=if_match(request))


@router.post(
    ONE + "/delivery", response={200: ContractOut}, summary="Record that the holder received it otherwise"
)
def record_delivery(
    request: HttpRequest, response: HttpResponse, contract: UUID, given: DeliveryIn
) -> ContractOut:
    return _carrying(request, response, contract, notifying.record_delivery, **given.model_dump())


@router.post(ONE + "/execution", response={200: ContractOut}, summary="Say since when it is carried out")
def begin_execution(
    request: HttpRequest, response: HttpResponse, contract: UUID, given: BeginningIn
) -> ContractOut:
    return _carrying(
        request,
        response,
        contract,
        executing.begin_execution,
        version=if_match(request),
        **given.model_dump(),
    )


@router.post(ONE + "/changes", response={200: ContractOut}, summary="Record a change that both sides signed")
def conclude_change(
    request: HttpRequest, response: HttpResponse, contract: UUID, given: ChangeIn
) -> ContractOut:
    return _carrying(
        request, response, contract, changing.conclude_change, version=if_match(request), **given.model_dump()
    )


@router.post(
    ONE + "/changes/{number}/notification", response={200: ContractOut}, summary="Send a change to the holder"
)
def send_change(request: HttpRequest, response: HttpResponse, contract: UUID, number: int) -> ContractOut:
    return _carrying(request, response, contract, changing.send_change, number=number)


@router.post(
    ONE + "/changes/{number}/delivery",
    response={200: ContractOut},
    summary="Record that the holder received a change otherwise",
)
def record_change_delivery(
    request: HttpRequest, response: HttpResponse, contract: UUID, number: int, given: DeliveryIn
) -> ContractOut:
    return _carrying(
        request, response, contract, changing.record_change_delivery, number=number, **given.model_dump()
    )


@router.post(ONE + "/subcontracts", response={200: ContractOut}, summary="Record a subcontractor (DC4)")
def declare_subcontractor(
    request: HttpRequest, response: HttpResponse, contract: UUID, given: SubcontractIn
) -> ContractOut:
    return _carrying(request, response, contract, subcontracting.declare_subcontractor, **given.model_dump())


@router.post(
    ONE + "/subcontracts/{number}/decision",
    response={200: ContractOut},
    summary="Accept a subcontractor, or refuse it with a reason",
)
def decide_subcontractor(
    request: HttpRequest, response: HttpResponse, contract: UUID, number: int, given: SubcontractVerdict
) -> ContractOut:
    verb = subcontracting.decide_subcontractor
    return _carrying(request, response, contract, verb, number=number, **given.model_dump())


@router.put(ONE + "/invoicing", response={200: ContractOut}, summary="Say what invoices must bear")
def set_invoicing(
    request: HttpRequest, response: HttpResponse, contract: UUID, given: InvoicingIn
) -> ContractOut:
    return _carrying(request, response, contract, executing.set_invoicing, **given.model_dump())


@router.post(ONE + "/end", response={200: ContractOut}, summary="End a contract in force")
def end_contract(
    request: HttpRequest, response: HttpResponse, contract: UUID, given: ContractEndIn
) -> ContractOut:
    return _carrying(
        request, response, contract, executing.end_contract, version=if_match(request), **given.model_dump()
    )


def _signing(
    request: HttpRequest, response: HttpResponse, key: UUID, verb: Callable[..., Any], **given: Any
) -> ContractOut:
    return _performed(request, response, key, Procurement.SIGN_CONTRACT, verb, given)


def _carrying(
    request: HttpRequest, response: HttpResponse, key: UUID, verb: Callable[..., Any], **given: Any
) -> ContractOut:
    return _performed(request, response, key, Procurement.CARRY_OUT, verb, given)


def _performed(
    request: HttpRequest,
    response: HttpResponse,
    key: UUID,
    permission: Procurement,
    verb: Callable[..., Any],
    given: dict[str, Any],
) -> ContractOut:
    """Calls a verb on a contract that the key may touch, and answers the contract with its new ETag."""
    actor = require(request, permission)
    verb(actor=actor, contract=queries.contract_of(actor, key, permission), **given)
    found = queries.contract_of(actor_of(request), key, permission)
    response["ETag"] = etag(found.version)
    return _contract(found)


def _contract(one: Contract) -> ContractOut:
    made = {
        "matter",
        "lot",
        "holder",
        "authority",
        "present_amount",
        "pieces",
        "signatures",
        "changes",
        "subcontracts",
    }
    plain = {name: getattr(one, name) for name in ContractOut.model_fields if name not in made}
    return ContractOut(
        **plain,
        matter=one.consultation_id,
        lot=one.lot.number if one.lot else None,
        holder=one.holder.siret or one.holder.reference,
        authority=one.authority_number,
        present_amount=queries.present_amount(one),
        pieces=[
            PieceOut(kind=row.kind, name=row.document.name, sha256=row.sha256, size=row.document.size)
            for row in one.pieces.select_related("document")
        ],
        signatures=[same(SignatureOut, row) for row in queries.signatures_of(one)],
        changes=[same(ChangeOut, row) for row in queries.changes_of(one)],
        subcontracts=[same(SubcontractOut, row) for row in queries.subcontracts_of(one)],
    )


def same(schema: type[Schema], row: Any) -> Any:
    """A row by the fields of its schema."""
    return schema(**{name: getattr(row, name) for name in schema.model_fields})
