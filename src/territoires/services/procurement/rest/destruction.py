"""The keys and the bids that nobody opened: disputes that forbid to destroy them, and their destruction."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router, Schema
from pydantic import Field

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import Day
from territoires.kernel.errors import Missing

from ..actions import destroying
from ..models import LONGEST_REASON, Destruction, Dispute
from ..permissions import Procurement
from ..queries import destruction as queries
from ..queries.written_minutes import minutes_in, minutes_of
from .shared import FILE_READ, actor_of, consultation_in

router = Router()
HERE = "/consultations/{consultation}/closed-bids"
PERMISSION = Procurement.DESTROY_BIDS


class DisputeIn(Schema):
    what: str = Field(max_length=LONGEST_REASON)


class OutcomeIn(Schema):
    outcome: str = Field(max_length=LONGEST_REASON)


class DisputeOut(Schema):
    id: UUID
    what: str
    noted_at: datetime
    ended_at: datetime | None
    outcome: str


class VisaIn(Schema):
    """The visa of the archives: who gave it, by which instrument, when."""

    visa_by: str = Field(max_length=destroying.LONGEST_VISA)
    visa_reference: str = Field(max_length=destroying.LONGEST_VISA)
    visa_on: Day


class DestructionOut(VisaIn):
    """``keys`` counts officers; ``size`` is of stored bytes; ``minutes`` are the languages in which they are written."""

    kept_until: date
    article: str
    ordered_at: datetime
    done_at: datetime | None
    keys: int
    blocks: int
    files: int
    chunks: int
    size: int
    minutes: list[str]


class ClosedBidsOut(Schema):
    """``envelopes`` counts those that nobody opened and that are still there."""

    envelopes: int
    disputes: list[DisputeOut]
    destruction: DestructionOut | None


@router.get(HERE, response={200: ClosedBidsOut}, summary="What nobody opened, and how far its destruction is")
def read_closed_bids(request: HttpRequest, consultation: UUID) -> ClosedBidsOut:
    found = consultation_in(request, consultation, PERMISSION)
    destruction = queries.destruction_of(found)
    return ClosedBidsOut(
        envelopes=queries.unopened(found).count(),
        disputes=[_dispute(one) for one in queries.disputes_of(found)],
        destruction=_destruction(destruction) if destruction else None,
    )


@router.post(HERE + "/disputes", response={201: DisputeOut}, summary="Note a dispute or an inspection")
def note_dispute(request: HttpRequest, consultation: UUID, given: DisputeIn) -> tuple[int, DisputeOut]:
    """Nothing is destroyed before its end is noted."""
    found = consultation_in(request, consultation, PERMISSION)
    made = destroying.note_dispute(actor=actor_of(request), consultation=found, what=given.what)
    return 201, _dispute(made)


@router.post(
    HERE + "/disputes/{dispute}/end", response={200: DisputeOut}, summary="Note the end of a dispute"
)
def end_dispute(request: HttpRequest, consultation: UUID, dispute: UUID, given: OutcomeIn) -> DisputeOut:
    found = consultation_in(request, consultation, PERMISSION)
    ended = destroying.end_dispute(
        actor=actor_of(request), consultation=found, dispute=dispute, outcome=given.outcome
    )
    return _dispute(ended)


@router.post(
    HERE + "/destruction",
    response={202: DestructionOut},
    summary="Destroy the keys and what nobody opened, with the visa of the archives",
)
def destroy_bids(request: HttpRequest, consultation: UUID, visa: VisaIn) -> tuple[int, DestructionOut]:
    """At the legal end alone. The officers' keys go at once, the rest within minutes; hashes and journal stay."""
    found = consultation_in(request, consultation, PERMISSION)
    ordered = destroying.order_destruction(actor=actor_of(request), consultation=found, **visa.model_dump())
    return 202, _destruction(ordered)


@router.get(
    HERE + "/minutes/{language}", summary="The minutes of the destruction, as PDF", openapi_extra=FILE_READ
)
def read_destruction_minutes(
    request: HttpRequest, consultation: UUID, language: Literal["fr", "en"]
) -> HttpResponseBase:
    destruction = queries.destruction_of(consultation_in(request, consultation, PERMISSION))
    if destruction is None:
        raise Missing("no-minutes", "These minutes are not written yet.", "Wait a few seconds.")
    return documents.download_response(minutes_in(destruction, language).document, request)


def _dispute(one: Dispute) -> DisputeOut:
    return DisputeOut(
        id=one.pk, what=one.what, noted_at=one.noted_at, ended_at=one.ended_at, outcome=one.outcome
    )


def _destruction(one: Destruction) -> DestructionOut:
    names = [name for name in DestructionOut.model_fields if name != "minutes"]
    return DestructionOut(
        **{name: getattr(one, name) for name in names}, minutes=[each.language for each in minutes_of(one)]
    )
