"""For the operator: the agreements of bodies with the prefect, and the channels by which they send."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router, Schema
from pydantic import Field

from territoires.foundations.documents import api as documents
from territoires.foundations.identity import api as identity
from territoires.foundations.registry.api import Day, Instant
from territoires.kernel.errors import Missing

from ..actions import configuring
from ..domain.files import AGREEMENT
from ..models import Convention, Route
from ..permissions import Legality
from ..queries import files
from ..queries.configuration import agreement_at, ways_of_members
from .shared import FILE_READ, FILE_SENT, received, require

router = Router()
ONE = "/agreements/{agreement}"


class AgreementIn(Schema):
    """As it was signed; ``office`` is the prefecture in words, the codes are those of the agreement."""

    body: str = Field(description="SIREN or SIRET of the body", max_length=14)
    office: str = Field(max_length=200)
    department: str = Field(max_length=3)
    arrondissement: str = Field(max_length=1)
    nature: str = Field(max_length=2)
    signed_on: Day
    from_on: Day
    until_on: Day | None = None


class AgreementOut(AgreementIn):
    id: UUID
    signed_on: date
    from_on: date
    until_on: date | None = None
    has_file: bool


class RouteIn(Schema):
    """The channel of a body from an instant on; its transmissions under way keep theirs."""

    body: str = Field(description="SIREN or SIRET of the body", max_length=14)
    channel: Literal["actes-ministry", "actes-s2low"]
    from_at: Instant
    transmitter: str = Field(max_length=3)
    return_address: str = Field(max_length=254)
    first_serial: int = Field(default=1, ge=1, lt=1_000_000)


class RouteOut(Schema):
    channel: str
    from_at: datetime


class MemberWayOut(Schema):
    """What is recorded of one body: its agreement, its channel in force, the one to come."""

    body: str
    name: str
    agreement: AgreementOut | None
    route: RouteOut | None
    next_route: RouteOut | None


@router.get(
    "/agreements", response={200: list[MemberWayOut]}, summary="Which bodies may send to the State, and how"
)
def list_agreements(request: HttpRequest) -> list[MemberWayOut]:
    actor = require(request, Legality.CONFIGURE)
    return [
        MemberWayOut(
            body=one.body.reference,
            name=one.body.name,
            agreement=_agreement(one.agreement) if one.agreement else None,
            route=_route(one.route),
            next_route=_route(one.next_route),
        )
        for one in ways_of_members(actor.now())
    ]


@router.post(
    "/agreements", response={201: AgreementOut}, summary="Record the agreement of a body with the prefect"
)
def record_agreement(request: HttpRequest, given: AgreementIn) -> tuple[int, AgreementOut]:
    actor = require(request, Legality.CONFIGURE)
    agreement = configuring.Agreement(**given.model_dump(exclude={"body"}))
    made = configuring.record_convention(
        actor=actor, organisation=identity.organisation_by_reference(given.body), agreement=agreement
    )
    return 201, _agreement(made)


@router.put(
    ONE + "/file",
    response={200: AgreementOut},
    summary="Keep the document of an agreement",
    openapi_extra=FILE_SENT,
)
def file_agreement(request: HttpRequest, agreement: UUID, name: str) -> AgreementOut:
    """The body of the request is the PDF itself; it takes the place of a former one."""
    actor = require(request, Legality.CONFIGURE)
    found = agreement_at(agreement)
    file = files.sound_file(actor, received(request, actor, name), AGREEMENT)
    return _agreement(configuring.file_convention(actor=actor, convention=found, file=file))


@router.get(ONE + "/file", summary="The document of an agreement", openapi_extra=FILE_READ)
def read_agreement_file(request: HttpRequest, agreement: UUID) -> HttpResponseBase:
    require(request, Legality.CONFIGURE)
    document = agreement_at(agreement).document
    if document is None:
        raise Missing("no-file", "The document of this agreement is not kept here.", "Add it on its page.")
    return documents.download_response(document, request)


@router.post("/routes", response={201: RouteOut}, summary="Record the channel of a body from an instant on")
def record_route(request: HttpRequest, given: RouteIn) -> tuple[int, RouteOut]:
    actor = require(request, Legality.CONFIGURE)
    made = configuring.record_route(
        actor=actor,
        organisation=identity.organisation_by_reference(given.body),
        way=configuring.Way(**given.model_dump(exclude={"body"})),
    )
    return 201, RouteOut(channel=made.channel, from_at=made.from_at)


def _agreement(found: Convention) -> AgreementOut:
    named = {
        name: getattr(found, name) for name in AgreementOut.model_fields if name not in ("body", "has_file")
    }
    return AgreementOut(**named, body=found.organisation.reference, has_file=found.document_id is not None)


def _route(found: Route | None) -> RouteOut | None:
    return RouteOut(channel=found.channel, from_at=found.from_at) if found else None
