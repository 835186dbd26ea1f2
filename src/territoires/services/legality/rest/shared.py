"""What the operations share: who calls, the bytes of a request, files and faults as they are answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, TypeVar
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from ninja import Path, Schema

from territoires.foundations.actions import api as rights
from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import sentence
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Fault, Invalid

from ..domain.preflight import TOTAL_SIZE
from ..permissions import Legality

R = TypeVar("R", bound=HttpResponseBase)

BYTES = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
FILE_SENT = {"requestBody": {"required": True, "content": BYTES}}
FILE_READ = {"responses": {200: {"description": "The bytes of the file", "content": BYTES}}}
PDF_READ = {
    "responses": {
        200: {
            "description": "The certificate",
            "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
        }
    }
}
ZIP_READ = {
    "responses": {
        200: {
            "description": "The bundle",
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        }
    }
}
Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


class FileOut(Schema):
    id: UUID | None = None
    sha256: str
    name: str
    media_type: str
    size: int
    piece_type: str


class FaultOut(Schema):
    field: str
    code: str
    message: str
    remedy: str


def actor_of(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


def require(request: HttpRequest, permission: Legality) -> Actor:
    """The caller, who holds the permission: an empty list would let it believe that there is nothing."""
    actor = actor_of(request)
    if not actor.holds(permission):
        raise rights.denied(permission)
    return actor


def attached(response: R, name: str) -> R:
    """The answer as a file of this name."""
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def received(request: HttpRequest, actor: Actor, name: str, *, limit: int = TOTAL_SIZE) -> UUID:
    if actor.organisation is None:
        raise Invalid(
            "no-organisation", "This key acts for no organisation.", "Use a key of an organisation."
        )
    return documents.receive_body(
        request, name=name, organisation=actor.organisation, actor=actor, limit=limit
    ).pk


def told(faults: Iterable[Fault]) -> list[FaultOut]:
    return [
        FaultOut(
            field=f.field,
            code=f.code,
            message=sentence(f.message, f.params),
            remedy=sentence(f.remedy, f.params),
        )
        for f in faults
    ]


def file_out(document: Any, piece_type: str, *, key: UUID | None = None) -> FileOut:
    return FileOut(
        id=key or document.pk,
        sha256=document.sha256,
        name=document.name,
        media_type=document.media_type,
        size=document.size,
        piece_type=piece_type,
    )
