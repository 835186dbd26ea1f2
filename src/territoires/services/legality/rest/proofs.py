"""What proves an act: its timeline, its certificates (PDF), its evidence bundle (ZIP); those of an act on line for anybody."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import Router, Schema

from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor

from ..models import Act
from ..queries import acts as queries
from ..queries import files, proofs, register
from ..queries.lists import no_act
from .shared import FILE_READ, PDF_READ, ZIP_READ, Digest, actor_of, attached

router = Router()
IN_REGISTER = "/registers/{body}/acts/{act}"


class StepOut(Schema):
    """One thing that happened to an act. ``number`` is that of the entry in the book, null at first; ``state`` says
    how far its proof is."""

    entry: UUID
    number: int | None
    kind: str
    title: str
    who: str
    at: datetime
    detail: str
    is_binding: bool
    words: str


@router.get(
    "/acts/{act}/timeline", response={200: list[StepOut]}, summary="Everything that the book holds of an act"
)
def read_timeline(request: HttpRequest, act: UUID) -> list[StepOut]:
    found = queries.act_of(actor_of(request), act)
    return [_step(one) for one in proofs.timeline_of(found)]


@router.get(
    "/acts/{act}/certificate",
    summary="The certificate of publication or of notification, as PDF",
    openapi_extra=PDF_READ,
)
def read_certificate(request: HttpRequest, act: UUID) -> HttpResponse:
    """In the language of the request."""
    actor = actor_of(request)
    return _certificate(queries.act_of(actor, act), actor)


@router.get(
    "/acts/{act}/posting-certificate",
    summary="The certificate of publicity on paper, to sign by hand, as PDF",
    openapi_extra=PDF_READ,
)
def read_posting_certificate(request: HttpRequest, act: UUID) -> HttpResponse:
    actor = actor_of(request)
    found = queries.act_of(actor, act)
    pdf = proofs.posting_certificate_of(found, language=actor.language)
    return attached(
        HttpResponse(pdf, content_type="application/pdf"), f"certificat-affichage-{found.number}.pdf"
    )


@router.get(
    "/acts/{act}/evidence",
    summary="The evidence bundle: files, facts and their proofs, as ZIP",
    openapi_extra=ZIP_READ,
)
def read_evidence(request: HttpRequest, act: UUID, entry: UUID | None = None) -> HttpResponseBase:
    """Every fact with legal effect, or the one that ``entry`` of the timeline names. Streamed."""
    return _evidence(queries.act_of(actor_of(request), act), only=entry, is_public=False)


@router.get(
    IN_REGISTER + "/files/{sha256}", summary="A file of an act on line", openapi_extra=FILE_READ, auth=None
)
def read_public_file(request: HttpRequest, body: str, act: UUID, sha256: Digest) -> HttpResponseBase:
    return documents.download_response(files.public_file_of(_on_line(request, body, act), sha256), request)


@router.get(
    IN_REGISTER + "/certificate",
    summary="The certificate of publication of an act on line, as PDF",
    openapi_extra=PDF_READ,
    auth=None,
)
def read_public_certificate(request: HttpRequest, body: str, act: UUID) -> HttpResponse:
    return _certificate(_on_line(request, body, act), actor_of(request))


@router.get(
    IN_REGISTER + "/evidence",
    summary="The evidence bundle of the publication of an act, as ZIP",
    openapi_extra=ZIP_READ,
    auth=None,
)
def read_public_evidence(request: HttpRequest, body: str, act: UUID) -> HttpResponseBase:
    """Streamed; verified by one file, ``verify_evidence.py``, without this platform."""
    return _evidence(_on_line(request, body, act), is_public=True)


def _on_line(request: HttpRequest, body: str, key: UUID) -> Act:
    """An act of this body's register. Raises Gone, with the reason, once it was withdrawn."""
    found = register.public_act(actor_of(request), key)
    if found.organisation.reference != body:
        raise no_act()
    return found


def _certificate(act: Act, actor: Actor) -> HttpResponse:
    pdf = proofs.certificate_of(act, language=actor.language)
    return attached(HttpResponse(pdf, content_type="application/pdf"), f"attestation-{act.number}.pdf")


def _evidence(act: Act, *, only: UUID | None = None, is_public: bool) -> HttpResponseBase:
    bundle = proofs.bundle_of(act, only=only, is_public=is_public)
    return attached(StreamingHttpResponse(bundle, content_type="application/zip"), f"preuve-{act.number}.zip")


def _step(step: proofs.Step) -> StepOut:
    plain = {name: getattr(step, name) for name in StepOut.model_fields if name != "title"}
    return StepOut(**plain, title=str(step.title))
