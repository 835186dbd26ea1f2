"""Mandates: who acts for an organisation from outside, by which decision."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router, Schema
from pydantic import Field

from territoires.foundations.documents import api as documents
from territoires.foundations.identity import api as identity
from territoires.foundations.registry.api import Day
from territoires.kernel.errors import Invalid

from ..permissions import Governance
from ..queries import people as queries
from .people import RoleIn
from .shared import MEMBER, actor_of, member_in

router = Router()
LARGEST_INSTRUMENT = 20 * 1024 * 1024
BYTES = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
FILE_SENT = {"requestBody": {"required": True, "content": BYTES}}
FILE_READ = {"responses": {200: {"description": "The bytes of the file", "content": BYTES}}}


class MandateIn(RoleIn):
    """The person is named by address and name together. ``instrument``: kind, number and date of the decision;
    ``document``: the id of its file, sent before."""

    email: str = Field(max_length=254)
    usual_name: str = Field(max_length=120)
    since: Day | None = None
    instrument: str = Field(max_length=200)
    document: UUID | None = None


class MandateOut(Schema):
    """``is_ours``: given by the organisation that is looked at, which may end it."""

    id: UUID
    representative: str
    principal: str
    powers: list[str]
    since: date
    until: date | None
    instrument: str
    has_file: bool
    is_ours: bool
    is_ended: bool


class InstrumentOut(Schema):
    """The file of a decision, for the mandate that it gives."""

    id: UUID
    sha256: str
    size: int


@router.get(
    MEMBER + "/mandates",
    response={200: list[MandateOut]},
    summary="Who acts for an organisation, and for whom its people act",
)
def list_mandates(request: HttpRequest, member: str) -> list[MandateOut]:
    found = member_in(request, member, Governance.READ_PEOPLE)
    return [
        MandateOut(**{name: getattr(one, name) for name in MandateOut.model_fields})
        for one in queries.mandates_of(actor_of(request), found)
    ]


@router.post(
    MEMBER + "/mandates/files",
    response={201: InstrumentOut},
    summary="Send the decision that gives a mandate",
    openapi_extra=FILE_SENT,
)
def post_instrument(request: HttpRequest, member: str, name: str) -> tuple[int, InstrumentOut]:
    """The body of the request is the PDF itself, 20 MB at most; its id goes into the mandate."""
    actor = actor_of(request)
    found = member_in(request, member, Governance.READ_PEOPLE, identity.Identity.GIVE_MANDATE)
    kept = documents.receive_body(
        request, name=name, organisation=found.pk, actor=actor, limit=LARGEST_INSTRUMENT
    )
    if faults := documents.check_pdf(kept):
        raise Invalid(
            "file-refused", "The file was not kept.", "Correct it and send it again.", faults=faults
        )
    return 201, InstrumentOut(id=kept.pk, sha256=kept.sha256, size=kept.size)


@router.post(MEMBER + "/mandates", response={201: list[MandateOut]}, summary="Give a mandate")
def give_mandate(request: HttpRequest, member: str, given: MandateIn) -> tuple[int, list[MandateOut]]:
    """A role of the organisation, lent to a person of another one. A key lends no administration."""
    actor = actor_of(request)
    found = member_in(request, member, Governance.READ_PEOPLE, identity.Identity.GIVE_MANDATE)
    words = given.model_dump(exclude={"email", "usual_name", "document"})
    representative = queries.outsider(given.email, given.usual_name)
    if representative is None:
        raise Invalid(
            "unknown-person",
            "Nobody here has both this address and this name: check them with the person.",
            "Correct them and send it again.",
        )
    document = queries.instrument_sent(actor, found, given.document) if given.document else None
    identity.give_mandate(
        actor=actor, principal=found, representative=representative, document=document, **words
    )
    return 201, list_mandates(request, member)


@router.delete(
    MEMBER + "/mandates/{mandate}", response={200: list[MandateOut]}, summary="End a mandate, at once"
)
def end_mandate(request: HttpRequest, member: str, mandate: UUID) -> list[MandateOut]:
    found = member_in(request, member, Governance.KEEP_PEOPLE)
    given = queries.held_here(found, "Mandate", mandate)
    identity.revoke_mandate(actor=actor_of(request), mandate=given)
    return list_mandates(request, member)


@router.get(
    MEMBER + "/mandates/{mandate}/instrument",
    summary="The file of the decision that gives a mandate",
    openapi_extra=FILE_READ,
)
def read_instrument(request: HttpRequest, member: str, mandate: UUID) -> HttpResponseBase:
    found = member_in(request, member, Governance.READ_PEOPLE)
    return documents.download_response(queries.instrument_of(actor_of(request), found, mandate), request)
