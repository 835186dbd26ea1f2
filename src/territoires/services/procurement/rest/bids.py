"""The register of deposits: who deposited what, when, and the receipts; never what a bid says."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import get_language
from ninja import Query, Router, Schema
from pydantic import Field

from ..actions import late
from ..models import LONGEST_REASON, Consultation, Deposit, LateDecision, Receipt
from ..permissions import Procurement
from ..queries import bids as queries
from ..queries import dossiers
from ..queries.rounds import awaited_round
from .shared import FILE_READ, TABLE_READ, Page, PageAfter, actor_of, consultation_in, paged, table

router = Router()


class DepositOut(Schema):
    """One line of the register. ``lots`` are numbers; none: the consultation is not divided. ``root`` is the SHA-256 of
    the sealed manifest. ``bidder`` and ``bidder_name`` are empty for the buyer before the deadline."""

    id: UUID
    round: int
    number: int
    bidder: str
    bidder_name: str
    lots: list[int]
    state: str
    completed_at: datetime
    deadline_at: datetime
    is_late: bool
    root: str


class ReceiptOut(Schema):
    """What the bidder received at once. ``token`` is its RFC 3161 time-stamp in base64, null until it came."""

    kind: str
    sha256: str
    made_at: datetime
    said: dict[str, Any]
    token: str | None
    authority: str


class LateAdmissionIn(Schema):
    """``ground``: the fault of the platform is not excluded, or a judge ordered it."""

    ground: LateDecision.Ground
    reason: str = Field(max_length=LONGEST_REASON)


class LateAdmission(LateAdmissionIn):
    deposit: UUID
    decided_at: datetime


@router.get(
    "/consultations/{consultation}/deposits",
    response={200: Page[DepositOut]},
    summary="The register of deposits",
)
def list_deposits(request: HttpRequest, consultation: UUID, page: Query[PageAfter]) -> Page[DepositOut]:
    found = consultation_in(request, consultation, Procurement.DEPOSITS_READ)
    rows, following = paged(queries.register_of(found), "completed_at", page)
    return Page[DepositOut](items=_register(request, found, rows), next=following)


@router.get(
    "/consultations/{consultation}/deposits.csv",
    summary="The register of deposits, as CSV",
    openapi_extra=TABLE_READ,
)
def export_deposits(request: HttpRequest, consultation: UUID) -> HttpResponseBase:
    found = consultation_in(request, consultation, Procurement.DEPOSITS_READ)
    names = list(DepositOut.model_fields)
    lines = (_line(one, names) for one in _register(request, found, queries.register_of(found)))
    return table("depots.csv", names, lines)


@router.get(
    "/consultations/{consultation}/deposits/{deposit}/receipts",
    response={200: list[ReceiptOut]},
    summary="The receipts of a deposit",
)
def list_receipts(request: HttpRequest, consultation: UUID, deposit: UUID) -> list[ReceiptOut]:
    found = consultation_in(request, consultation, Procurement.DEPOSITS_READ)
    at = actor_of(request).now()
    return [receipt_out(one) for one in queries.receipts_in_register(found, deposit, at)]


@router.get(
    "/consultations/{consultation}/deposits/{deposit}/dossier",
    summary="The dossier of a late deposit, made now",
    openapi_extra=FILE_READ,
)
def read_late_dossier(request: HttpRequest, consultation: UUID, deposit: UUID) -> HttpResponseBase:
    """A ZIP: what happened to it, part by part, and the interruptions around it; never what it says."""
    found = consultation_in(request, consultation, Procurement.DEPOSITS_READ)
    one = dossiers.late_deposit(found, deposit)
    made = dossiers.dossier_of(one, actor_of(request).now())
    response = HttpResponse(
        dossiers.dossier_zip(made, one.draft_id, language=get_language() or "fr"),
        content_type="application/zip",
    )
    response["Content-Disposition"] = f'attachment; filename="{one.pk}.zip"'
    return response


@router.post(
    "/consultations/{consultation}/deposits/{deposit}/admission",
    response={201: LateAdmission},
    summary="Let a late deposit be opened, by a reasoned decision",
)
def admit_late_deposit(
    request: HttpRequest, consultation: UUID, deposit: UUID, given: LateAdmissionIn
) -> tuple[int, LateAdmission]:
    """The dossier of that moment is kept with the decision."""
    found = consultation_in(request, consultation, Procurement.DEPOSIT_ADMIT)
    made = late.admit_late_deposit(
        actor=actor_of(request),
        consultation=found,
        deposit=deposit,
        ground=given.ground.value,
        reason=given.reason,
    )
    return 201, LateAdmission(
        deposit=made.deposit_id,
        ground=LateDecision.Ground(made.ground),
        reason=made.reason,
        decided_at=made.decided_at,
    )


def receipt_out(one: Receipt) -> ReceiptOut:
    """A receipt as the interface gives it, to the buyer and to the bidder."""
    return ReceiptOut(
        kind=one.kind,
        sha256=one.sha256,
        made_at=one.made_at,
        said=json.loads(bytes(one.document)),
        token=base64.b64encode(bytes(one.token)).decode() if one.token else None,
        authority=one.authority,
    )


def deposit_out(one: Deposit) -> DepositOut:
    """A deposit as the interface gives it, to the buyer and to the bidder."""
    return DepositOut(
        id=one.pk,
        round=one.round,
        number=one.number,
        bidder=one.bidder.siret or one.bidder.reference,
        bidder_name=one.bidder.name,
        lots=[each.lot.number for each in one.lots.all() if each.lot],
        state=one.state,
        completed_at=one.completed_at,
        deadline_at=one.deadline_at,
        is_late=one.is_late,
        root=one.root,
    )


def _register(request: HttpRequest, found: Consultation, rows: Iterable[Deposit]) -> list[DepositOut]:
    """The lines as the buyer may read them: who deposited is told after the deadline, here as on the page."""
    awaited = awaited_round(found, actor_of(request).now())
    unnamed = {"bidder": "", "bidder_name": ""}
    return [
        deposit_out(one).model_copy(
            update=unnamed if one.round == awaited else _hidden(one) if one.is_anonymous else {}
        )
        for one in rows
    ]


def _hidden(one: Deposit) -> dict[str, str]:
    """What the buyer reads of an anonymous project in the place of its author."""
    return {"bidder": "", "bidder_name": one.alias_name}


def _line(shown: DepositOut, names: list[str]) -> list[Any]:
    values = [getattr(shown, name) for name in names]
    return [
        " ".join(map(str, value))
        if isinstance(value, list)
        else str(value)
        if isinstance(value, UUID)
        else value
        for value in values
    ]
