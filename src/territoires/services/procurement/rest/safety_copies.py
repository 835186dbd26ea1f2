"""Safety copies: noted when they arrive, opened in the cases of the law alone, or destroyed closed."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router, Schema
from pydantic import Field

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import Instant

from ..actions import safety_copies as verbs
from ..models import LONGEST_REASON, Envelope, SafetyCopy, SafetyCopyFile
from ..permissions import Procurement
from ..queries import opening as queries
from ..queries.files import LARGEST
from ..queries.rounds import current_round
from ..queries.safety_copies import file_of_copy
from .post import ReceivedOut
from .shared import FILE_READ, FILE_SENT, Digest, actor_of, consultation_in

router = Router()
ALL = "/consultations/{consultation}/safety-copies"
ONE = ALL + "/{safety_copy}"


class SafetyCopyIn(Schema):
    """``medium``: on what it came; ``deposit`` is the electronic bid that it stands in for, where there is one."""

    bidder_name: str = Field(min_length=1, max_length=200)
    medium: str = Field(min_length=1, max_length=200)
    arrived_at: Instant
    deposit: UUID | None = None


class CopyFileOut(Schema):
    """``lot`` null: for all that the bid answers. ``fault``: what the antivirus found in an infected one, whose bytes are
    not kept."""

    lot: int | None

    name: str
    size: int
    sha256: str
    envelope: Envelope
    verdict: str
    fault: str


class SafetyCopyOut(SafetyCopyIn):
    """``state``: kept closed, opened in the case ``ground`` for ``reason``, infected, or destroyed. Of an opened one
    ``deposit`` is the bid that it became."""

    id: UUID
    round: int
    state: str
    ground: str
    reason: str
    settled_at: Instant | None
    files: list[CopyFileOut]


class CopyFileIn(Schema):
    """A file that was brought for the copy, the envelope that it belongs to, and its lot where the bid is for several."""

    document: UUID
    envelope: Envelope = Envelope.TENDER
    lot: int | None = Field(default=None, ge=1, le=1000)


class OpenedIn(Schema):
    """``ground`` is a case of the pack of safety copies. ``siret`` says whose it is where no deposit does; ``lots``
    (numbers) what it answers, where the enterprise deposited nothing."""

    ground: str = Field(max_length=40)
    reason: str = Field(max_length=LONGEST_REASON)
    files: list[CopyFileIn] = Field(max_length=verbs.MOST_FILES)
    siret: str = Field(default="", max_length=20)
    lots: list[int] = Field(default_factory=list, max_length=1000)


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


@router.post(
    ONE + "/files",
    response={201: ReceivedOut},
    summary="Bring a file of a copy: a scan, or what its medium held",
    openapi_extra=FILE_SENT,
)
def bring_copy_file(
    request: HttpRequest, consultation: UUID, safety_copy: UUID, name: str
) -> tuple[int, ReceivedOut]:
    """The body of the request is the file. Nothing is opened by it: the opening names it."""
    found = consultation_in(request, consultation, Procurement.OPENING_CONDUCT)
    queries.safety_copy(found, safety_copy)
    actor = actor_of(request)
    kept = documents.receive_body(
        request, name=name, organisation=actor.acting_organisation(), actor=actor, limit=LARGEST
    )
    return 201, ReceivedOut(id=kept.pk, name=kept.name, sha256=kept.sha256, size=kept.size)


@router.get(ONE + "/files/{digest}", summary="The bytes of a file of an opened copy", openapi_extra=FILE_READ)
def read_copy_file(
    request: HttpRequest, consultation: UUID, safety_copy: UUID, digest: Digest
) -> HttpResponseBase:
    found = consultation_in(request, consultation, Procurement.OPENED_READ)
    document = file_of_copy(queries.safety_copy(found, safety_copy), digest)
    return documents.download_response(document, request)


@router.post(ONE + "/open", response={200: SafetyCopyOut}, summary="Open a copy, in a case of the law")
def open_safety_copy(
    request: HttpRequest, consultation: UUID, safety_copy: UUID, given: OpenedIn
) -> SafetyCopyOut:
    """Its files become the bid of the enterprise; an infected copy is set aside."""
    found = consultation_in(request, consultation, Procurement.OPENING_CONDUCT)
    return _copy(
        verbs.open_safety_copy(
            actor=actor_of(request),
            consultation=found,
            copy=safety_copy,
            **given.model_dump(exclude={"files"}),
            files=[verbs.Brought(**one.model_dump()) for one in given.files],
        )
    )


@router.post(
    ONE + "/destroy", response={200: SafetyCopyOut}, summary="Tell that a copy was destroyed, closed"
)
def destroy_safety_copy(request: HttpRequest, consultation: UUID, safety_copy: UUID) -> SafetyCopyOut:
    found = consultation_in(request, consultation, Procurement.OPENING_CONDUCT)
    return _copy(verbs.destroy_safety_copy(actor=actor_of(request), consultation=found, copy=safety_copy))


def _copy(one: SafetyCopy) -> SafetyCopyOut:
    plain = {name: getattr(one, name) for name in SafetyCopyOut.model_fields.keys() - {"deposit", "files"}}
    files = [_file(file) for file in one.files.all()]
    return SafetyCopyOut(deposit=one.deposit_id, files=files, **plain)


def _file(one: SafetyCopyFile) -> CopyFileOut:
    plain = {name: getattr(one, name) for name in CopyFileOut.model_fields.keys() - {"lot"}}
    return CopyFileOut(lot=one.lot.number if one.lot else None, **plain)
