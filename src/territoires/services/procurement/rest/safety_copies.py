"""Safety copies: noted when they arrive, opened in the cases of the law alone, or destroyed closed."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import AwareDatetime, Field

from ..actions import safety_copies as verbs
from ..models import LONGEST_REASON, SafetyCopy
from ..permissions import Procurement
from ..queries import opening as queries
from ..queries.rounds import current_round
from .shared import actor_of, consultation_in

router = Router()
ALL = "/consultations/{consultation}/safety-copies"
ONE = ALL + "/{safety_copy}"


class SafetyCopyIn(Schema):
    """``medium``: on what it came; ``deposit`` is the electronic bid that it stands in for, where there is one."""

    bidder_name: str = Field(min_length=1, max_length=200)
    medium: str = Field(min_length=1, max_length=200)
    arrived_at: AwareDatetime
    deposit: UUID | None = None


class SafetyCopyOut(SafetyCopyIn):
    """``state``: kept closed, opened in the case ``ground`` for ``reason``, or destroyed."""

    id: UUID
    round: int
    state: str
    ground: str
    reason: str
    settled_at: AwareDatetime | None


class OpenedIn(Schema):
    """``ground`` is a case of the pack of safety copies."""

    ground: str = Field(max_length=40)
    reason: str = Field(max_length=LONGEST_REASON)


@router.get(ALL, response={200: list[SafetyCopyOut]}, summary="The safety copies that arrived")
def list_safety_copies(request: HttpRequest, consultation: UUID) -> list[SafetyCopyOut]:
    found = consultation_in(request, consultation, Procurement.OPENING_CONDUCT)
    return [_copy(one) for one in queries.safety_copies_of(found)]


@router.post(ALL, response={201: SafetyCopyOut}, summary="Note that a safety copy arrived")
def receive_safety_copy(
    request: HttpRequest, consultation: UUID, given: SafetyCopyIn
) -> tuple[int, SafetyCopyOut]:
    """It stays closed."""
    found = consultation_in(request, consultation, Procurement.OPENING_CONDUCT)
    made = verbs.receive_safety_copy(
        actor=actor_of(request), consultation=found, round=current_round(found), **given.model_dump()
    )
    return 201, _copy(made)


@router.post(ONE + "/open", response={200: SafetyCopyOut}, summary="Open a copy, in a case of the law")
def open_safety_copy(
    request: HttpRequest, consultation: UUID, safety_copy: UUID, given: OpenedIn
) -> SafetyCopyOut:
    found = consultation_in(request, consultation, Procurement.OPENING_CONDUCT)
    return _copy(
        verbs.open_safety_copy(
            actor=actor_of(request), consultation=found, copy=safety_copy, **given.model_dump()
        )
    )


@router.post(
    ONE + "/destroy", response={200: SafetyCopyOut}, summary="Tell that a copy was destroyed, closed"
)
def destroy_safety_copy(request: HttpRequest, consultation: UUID, safety_copy: UUID) -> SafetyCopyOut:
    found = consultation_in(request, consultation, Procurement.OPENING_CONDUCT)
    return _copy(verbs.destroy_safety_copy(actor=actor_of(request), consultation=found, copy=safety_copy))


def _copy(one: SafetyCopy) -> SafetyCopyOut:
    plain = {name: getattr(one, name) for name in SafetyCopyOut.model_fields.keys() - {"deposit"}}
    return SafetyCopyOut(deposit=one.deposit_id, **plain)
