"""What surrounds the words of a consultation: its documents, its team, the warnings that the buyer overrides."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router, Schema
from pydantic import Field

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import if_match

from ..actions import filing, staffing, validating
from ..models import LONGEST_REASON, Piece
from ..permissions import Procurement
from ..queries.files import LARGEST, piece_of
from ..queries.sheets import pieces_of
from ..queries.team import team_of
from .shared import FILE_READ, FILE_SENT, Digest, State, actor_of, consultation_in, state_of

router = Router()
Kind = Literal["rules", "contract", "technical", "prices", "other"]
TeamRole = Literal["prepare", "validate", "open", "evaluate"]


class DocumentOut(Schema):
    sha256: str
    name: str
    media_type: str
    size: int
    kind: str


class MemberOut(Schema):
    person: UUID
    name: str
    role: str


class MemberIn(Schema):
    """A person of the body, or who holds a mandate of it, and what she does."""

    person: UUID
    role: TeamRole


class OverrideIn(Schema):
    """``finding`` is the key of a warning of the check."""

    finding: str = Field(max_length=200)
    reason: str = Field(max_length=LONGEST_REASON)


@router.get(
    "/consultations/{consultation}/documents",
    response={200: list[DocumentOut]},
    summary="List the documents of a consultation",
)
def list_documents(request: HttpRequest, consultation: UUID) -> list[DocumentOut]:
    found = consultation_in(request, consultation, Procurement.READ)
    return [_document(piece) for piece in pieces_of(found)]


@router.post(
    "/consultations/{consultation}/documents",
    response={201: DocumentOut},
    summary="Add a document",
    openapi_extra=FILE_SENT,
)
def add_document(
    request: HttpRequest, consultation: UUID, name: str, kind: Kind = "other"
) -> tuple[int, DocumentOut]:
    """The body of the request is the file."""
    found = consultation_in(request, consultation, Procurement.PREPARE)
    actor = actor_of(request)
    document = documents.receive_body(
        request, name=name, organisation=actor.acting_organisation(), actor=actor, limit=LARGEST
    )
    piece = filing.add_document(
        actor=actor, consultation=found, document=document.pk, kind=kind, version=if_match(request)
    )
    return 201, _document(piece)


@router.get(
    "/consultations/{consultation}/documents/{digest}",
    summary="The bytes of a document",
    openapi_extra=FILE_READ,
)
def read_document(request: HttpRequest, consultation: UUID, digest: Digest) -> HttpResponseBase:
    found = consultation_in(request, consultation, Procurement.READ)
    return documents.download_response(piece_of(found, digest).document, request)


@router.delete(
    "/consultations/{consultation}/documents/{digest}",
    response={200: State},
    summary="Take a document off",
)
def remove_document(
    request: HttpRequest, response: HttpResponse, consultation: UUID, digest: Digest
) -> State:
    found = consultation_in(request, consultation, Procurement.PREPARE)
    filing.remove_document(
        actor=actor_of(request), consultation=found, sha256=digest, version=if_match(request)
    )
    return state_of(response, found)


@router.get(
    "/consultations/{consultation}/team",
    response={200: list[MemberOut]},
    summary="Who works on a consultation",
)
def read_team(request: HttpRequest, consultation: UUID) -> list[MemberOut]:
    found = consultation_in(request, consultation, Procurement.READ)
    return [MemberOut(person=one.person_id, name=str(one.person), role=one.role) for one in team_of(found)]


@router.post(
    "/consultations/{consultation}/team", response={200: list[MemberOut]}, summary="Put a person on the team"
)
def join_team(request: HttpRequest, consultation: UUID, member: MemberIn) -> list[MemberOut]:
    found = consultation_in(request, consultation, Procurement.STAFF)
    staffing.join_team(actor=actor_of(request), consultation=found, person=member.person, role=member.role)
    return [MemberOut(person=one.person_id, name=str(one.person), role=one.role) for one in team_of(found)]


@router.delete(
    "/consultations/{consultation}/team/{person}/{role}",
    response={200: list[MemberOut]},
    summary="Take a person off the team",
)
def leave_team(request: HttpRequest, consultation: UUID, person: UUID, role: TeamRole) -> list[MemberOut]:
    found = consultation_in(request, consultation, Procurement.STAFF)
    staffing.leave_team(actor=actor_of(request), consultation=found, person=person, role=role)
    return [MemberOut(person=one.person_id, name=str(one.person), role=one.role) for one in team_of(found)]


@router.post(
    "/consultations/{consultation}/overrides",
    response={200: State},
    summary="Go on in spite of a warning, with a reason that stays in the file",
)
def override_warning(
    request: HttpRequest, response: HttpResponse, consultation: UUID, given: OverrideIn
) -> State:
    found = consultation_in(request, consultation, Procurement.PREPARE)
    validating.override_warning(
        actor=actor_of(request), consultation=found, finding=given.finding, reason=given.reason
    )
    return state_of(response, found)


def _document(piece: Piece) -> DocumentOut:
    file = piece.document
    return DocumentOut(
        sha256=piece.sha256, name=file.name, media_type=file.media_type, size=file.size, kind=piece.kind
    )
