"""Essential data of contracts (DECP): written, taken over from a file, handed to the portal; the lossless feed of releases."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from territoires.foundations.documents import api as documents
from territoires.kernel.clock import legal_day

from ..actions import open_data as verbs
from ..domain.notices.decp_import import LARGEST
from ..models import OpenFile, OpenImport, OpenRecord
from ..permissions import Procurement
from ..queries import open_data as queries
from ..queries.buyers import body_of
from ..queries.switching import records_of
from ..queries.wording import filled
from .shared import FILE_SENT, actor_of, require

router = Router()
RecordKinds = Literal["marche", "contrat-concession"]


class RecordOut(Schema):
    """The essential data of one contract, as they are published; ``identifier`` never changes."""

    id: UUID
    identifier: str
    kind: str
    source: str
    revision: int
    written_at: datetime
    content: dict[str, Any]


class RecordFault(Schema):
    """What keeps a record from being published."""

    field: str
    message: str


class RecordChecked(RecordOut):
    """``faults``: empty where it is published; null while the official format is not on this platform."""

    faults: list[RecordFault] | None


class RecordIn(Schema):
    """``content`` is the record in the official format (one ``marche`` or one ``contrat-concession``), whole or with gaps."""

    kind: RecordKinds
    content: dict[str, Any]


class RecordRepair(Schema):
    """One thing that was mended in a record, or why it was not taken over."""

    record: str
    field: str
    code: str
    before: str
    after: str


class RecordImportOut(Schema):
    id: UUID
    taken: int
    refused: int
    repairs: list[RecordRepair]
    imported_at: datetime


class OpenFileOut(Schema):
    """A file handed to the portal; ``state`` is what became of it."""

    id: UUID
    revision: int
    sha256: str
    records: int
    state: str
    reason: str
    ordered_at: datetime
    settled_at: datetime | None


class ReleaseFeed(Schema):
    """Releases in the order of their numbers; go on from ``next`` for ever: nothing is skipped, nothing comes twice."""

    releases: list[dict[str, Any]]
    next: str


@router.get(
    "/open-records", response={200: list[RecordOut]}, summary="The essential data of your body's contracts"
)
def list_open_records(request: HttpRequest) -> list[RecordOut]:
    actor = require(request, Procurement.READ)
    return [
        RecordOut(**{name: getattr(one, name) for name in RecordOut.model_fields})
        for one in records_of(actor)
    ]


@router.get(
    "/releases", response={200: ReleaseFeed}, summary="The ordered feed of OCDS releases, without loss"
)
def list_releases(request: HttpRequest, after: str = "") -> ReleaseFeed:
    require(request, Procurement.READ)
    rows, following = queries.feed(after[:200])
    return ReleaseFeed(releases=[one.content for one in rows], next=following)


@router.post(
    "/open-records", response={201: RecordChecked}, summary="Write the record of a contract awarded elsewhere"
)
def write_open_record(request: HttpRequest, given: RecordIn) -> tuple[int, RecordChecked]:
    """What it lacks keeps it from being published, not from being kept. Its ``id`` never changes."""
    return 201, _written(request, given, None)


@router.get(
    "/open-records/{record}", response={200: RecordChecked}, summary="A record, and what it still lacks"
)
def read_open_record(request: HttpRequest, record: UUID) -> RecordChecked:
    actor = require(request, Procurement.OPEN_DATA_WRITE)
    return _checked(request, queries.own_record(actor.acting_organisation(), record))


@router.put("/open-records/{record}", response={200: RecordChecked}, summary="Write a record anew, whole")
def rewrite_open_record(request: HttpRequest, record: UUID, given: RecordIn) -> RecordChecked:
    actor = require(request, Procurement.OPEN_DATA_WRITE)
    queries.own_record(actor.acting_organisation(), record)
    return _written(request, given, record)


@router.post(
    "/open-record-imports",
    response={201: RecordImportOut},
    summary="Take over a file of essential data",
    openapi_extra=FILE_SENT,
)
def import_records(request: HttpRequest, name: str) -> tuple[int, RecordImportOut]:
    """The body of the request is the file of another platform, JSON or XML; each repair is told."""
    actor = require(request, Procurement.OPEN_DATA_WRITE)
    kept = documents.receive_body(
        request, name=name, organisation=actor.acting_organisation(), actor=actor, limit=LARGEST
    )
    return 201, _import(verbs.take_over_file(actor=actor, organisation=_body(request), document=kept))


@router.get(
    "/open-record-imports/{run}", response={200: RecordImportOut}, summary="What was repaired in a file"
)
def read_record_import(request: HttpRequest, run: UUID) -> RecordImportOut:
    actor = require(request, Procurement.OPEN_DATA_WRITE)
    return _import(queries.own_import(actor.acting_organisation(), run))


@router.get(
    "/open-files", response={200: list[OpenFileOut]}, summary="The files handed to the open-data portal"
)
def list_open_files(request: HttpRequest) -> list[OpenFileOut]:
    """The latest first."""
    actor = require(request, Procurement.OPEN_DATA_WRITE)
    return [_file(one) for one in queries.files_of(actor.acting_organisation())]


@router.post(
    "/open-files", response={202: OpenFileOut}, summary="Hand the file of your body to the open-data portal"
)
def publish_open_file(request: HttpRequest) -> tuple[int, OpenFileOut]:
    """With every record that is complete; it leaves by itself, and its state says what the portal answered."""
    actor = require(request, Procurement.OPEN_DATA_SEND)
    return 202, _file(verbs.publish_file(actor=actor, organisation=_body(request)))


def _body(request: HttpRequest) -> Any:
    return body_of(actor_of(request).acting_organisation())


def _written(request: HttpRequest, given: RecordIn, key: UUID | None) -> RecordChecked:
    actor = require(request, Procurement.OPEN_DATA_WRITE)
    made = verbs.write_record(
        actor=actor, organisation=_body(request), kind=given.kind, record=given.content, key=key
    )
    return _checked(request, made)


def _checked(request: HttpRequest, one: OpenRecord) -> RecordChecked:
    faults = queries.present_faults(one, legal_day(actor_of(request).now()))
    told = (
        None
        if faults is None
        else [_fault(fault.field, filled(fault.message, fault.params)) for fault in faults]
    )
    return RecordChecked(faults=told, **{name: getattr(one, name) for name in RecordOut.model_fields})


def _fault(field: str, message: str) -> RecordFault:
    return RecordFault(field=field, message=message)


def _import(one: OpenImport) -> RecordImportOut:
    return RecordImportOut(
        id=one.pk,
        taken=one.taken,
        refused=one.refused,
        repairs=[RecordRepair(**line) for line in one.repairs],
        imported_at=one.imported_at,
    )


def _file(one: OpenFile) -> OpenFileOut:
    return OpenFileOut(**{name: getattr(one, name) for name in OpenFileOut.model_fields})
