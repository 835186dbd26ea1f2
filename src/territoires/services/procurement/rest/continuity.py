"""Interruptions and the availability log, the switch from another platform, the kept files."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from ninja import Query, Router, Schema
from pydantic import Field

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import Instant, etag, if_match, sentence

from ..actions import incidents, packaging, switching
from ..domain.availability import Part
from ..domain.switching import Kind
from ..models import LONGEST_REASON, ImportLine, ImportRun, Incident, Package, Touched
from ..permissions import Procurement
from ..queries import incidents as incident_queries
from ..queries import packages as package_queries
from ..queries import switching as switch_queries
from ..queries.availability import probed_days
from .shared import FILE_READ, FILE_SENT, Reason, State, actor_of, consultation_in, require

router = Router()
LARGEST = 4 * 1024 * 1024 * 1024
Kinds = Literal["accounts", "alerts", "attestations", "contracts", "packages", "notices", "redirects"]
Fates = Literal["", "new", "known", "changed", "merged", "refused"]


class IncidentIn(Schema):
    """``until_at`` is absent while it lasts; ``what`` enterprises met, in their words: everybody reads it."""

    from_at: Instant
    until_at: Instant | None = None
    what: str = Field(max_length=LONGEST_REASON)
    parts: list[Part] = Field(default=[], max_length=len(Part))


class IncidentOut(IncidentIn):
    id: UUID
    touches_within_hours: int
    version: int


class ProbedDayOut(Schema):
    """A finished day of the log: ``root`` is the SHA-256 of its table, as the journal holds it; ``log`` its JSON."""

    day: date
    root: str
    sealed_at: datetime
    log: str


class TouchedOut(Schema):
    """A consultation whose deadline an interruption touches; ``obstacle`` is why it cannot be put off in one call."""

    id: UUID
    consultation: UUID
    reference: str
    deadline_at: datetime
    proposed: datetime
    decision: str
    extended_until: datetime | None
    obstacle: str


class TouchedPutOff(TouchedOut):
    """``refusal`` is why this one was not put off; empty: it was."""

    refusal: str


class Extension(Schema):
    """Absent: the proposed deadline, and the operator's account as its reason."""

    until: Instant | None = None
    reason: str = Field(default="", max_length=2000)


class RunOut(Schema):
    """An import: ``received``, then ``checked`` by the dry run, ``ordered``, ``done``. ``counts`` by fate of the lines."""

    id: UUID
    kind: str
    state: str
    platform: str
    counts: dict[str, int]
    brought_at: datetime
    done_at: datetime | None


class ImportFault(Schema):
    column: str
    code: str
    message: str
    remedy: str


class ImportLineOut(Schema):
    number: int
    fate: str
    what: str
    faults: list[ImportFault]


class LinesAfter(Schema):
    """``after`` is the number of the last line read."""

    fate: Fates = ""
    after: int = Field(default=0, ge=0, le=1_000_000_000)
    limit: int = Field(default=500, ge=1, le=5000)


class PackageOut(Schema):
    """``state``: reading while a package that was brought is being verified, then kept or refused."""

    id: UUID
    origin: str
    state: str
    reference: str
    title: str
    size: int
    sha256: str
    made_at: datetime
    keep_until: date | None
    keep_article: str
    destroyed_at: datetime | None


@router.get(
    "/incidents", response={200: list[IncidentOut]}, summary="The interruptions that touch your consultations"
)
def list_incidents(request: HttpRequest) -> list[IncidentOut]:
    found = incident_queries.incidents_of(require(request, Procurement.READ_INCIDENTS))
    return [_incident(one) for one, _ours, _pending in found]


@router.post(
    "/incidents", response={201: IncidentOut}, summary="Tell an interruption: its consultations are listed"
)
def declare_incident(
    request: HttpRequest, response: HttpResponse, given: IncidentIn
) -> tuple[int, IncidentOut]:
    """The buyers concerned are told at once."""
    actor = require(request, Procurement.DECLARE_INCIDENT)
    told = incidents.declare_incident(actor=actor, **given.model_dump())
    response["ETag"] = etag(told.version)
    return 201, _incident(told)


@router.put(
    "/incidents/{incident}",
    response={200: IncidentOut},
    summary="Correct an interruption, or tell its end",
)
def revise_incident(
    request: HttpRequest, response: HttpResponse, incident: UUID, given: IncidentIn
) -> IncidentOut:
    actor = require(request, Procurement.DECLARE_INCIDENT)
    found = incident_queries.incident_of(actor, incident)
    told = incidents.revise_incident(
        actor=actor, incident=found, version=if_match(request), **given.model_dump()
    )
    response["ETag"] = etag(told.version)
    return _incident(told)


@router.get(
    "/availability",
    response={200: list[ProbedDayOut]},
    auth=None,
    summary="The finished days of the availability log",
)
def list_probed_days(request: HttpRequest) -> list[ProbedDayOut]:
    return [
        ProbedDayOut(day=one.day, root=one.root, sealed_at=one.sealed_at, log=_log_of(request, one.day))
        for one in probed_days()
    ]


@router.post(
    "/incidents/{incident}/extend",
    response={200: list[TouchedPutOff]},
    summary="Put every deadline that waits off, each to its proposed one",
)
def extend_all(request: HttpRequest, incident: UUID) -> list[TouchedPutOff]:
    """What cannot be put off leaves the others alone."""
    actor = require(request, Procurement.DECIDE_INCIDENT)
    found = incident_queries.incident_of(actor, incident)
    return [_put_off(one, actor.now()) for one in incidents.extend_all(actor=actor, incident=found)]


@router.get(
    "/incidents/{incident}/consultations",
    response={200: list[TouchedOut]},
    summary="Your consultations that an interruption touches",
)
def list_touched(request: HttpRequest, incident: UUID) -> list[TouchedOut]:
    actor = require(request, Procurement.READ_INCIDENTS)
    found = incident_queries.incident_of(actor, incident)
    return [_touched(line) for line in incident_queries.touched_of(actor, found)]


@router.post(
    "/incidents/{incident}/consultations/{touched}/extend",
    response={200: TouchedOut},
    summary="Put the deadline off, with its corrigendum",
)
def extend_deadline(request: HttpRequest, incident: UUID, touched: UUID, given: Extension) -> TouchedOut:
    actor = require(request, Procurement.DECIDE_INCIDENT)
    line = _line(request, incident, touched)
    done = incidents.extend_touched(actor=actor, touched=line, until=given.until, reason=given.reason)
    return _touched(incident_queries.line_of(done, actor.now()))


@router.post(
    "/incidents/{incident}/consultations/{touched}/keep",
    response={200: TouchedOut},
    summary="Keep the deadline, for a reason",
)
def keep_deadline(request: HttpRequest, incident: UUID, touched: UUID, why: Reason) -> TouchedOut:
    actor = require(request, Procurement.DECIDE_INCIDENT)
    done = incidents.leave_touched(actor=actor, touched=_line(request, incident, touched), reason=why.reason)
    return _touched(incident_queries.line_of(done, actor.now()))


@router.get("/switches", response={200: list[RunOut]}, summary="List the tables that were brought")
def list_switches(request: HttpRequest) -> list[RunOut]:
    found = switch_queries.runs_of(require(request, Procurement.ORDER_IMPORT))
    return [_run(one) for one in found]


@router.post(
    "/switches",
    response={201: RunOut},
    summary="Bring a table of another platform, for its dry run",
    openapi_extra=FILE_SENT,
)
def bring_switch(request: HttpRequest, name: str, kind: Kinds, platform: str = "") -> tuple[int, RunOut]:
    """The body of the request is the CSV or JSON, or the ZIP with the files that it names; nothing is taken over yet."""
    actor = require(request, Procurement.BRING)
    document = documents.receive_body(
        request, name=name, organisation=actor.acting_organisation(), actor=actor, limit=LARGEST
    )
    run = switching.bring_import(actor=actor, kind=Kind(kind), document=document.pk, platform=platform)
    return 201, _run(run)


@router.get("/switches/{run}", response={200: RunOut}, summary="What the dry run of a table tells")
def read_switch(request: HttpRequest, run: UUID) -> RunOut:
    return _run(switch_queries.run_of(require(request, Procurement.ORDER_IMPORT), run))


@router.get("/switches/{run}/lines", response={200: list[ImportLineOut]}, summary="The same, line by line")
def list_switch_lines(request: HttpRequest, run: UUID, narrowing: Query[LinesAfter]) -> list[ImportLineOut]:
    found = switch_queries.run_of(require(request, Procurement.ORDER_IMPORT), run)
    rows = switch_queries.lines_of(found, narrowing.fate).filter(number__gt=narrowing.after)
    return [_import_line(one) for one in rows[: narrowing.limit]]


@router.post(
    "/switches/{run}/order", response={200: RunOut}, summary="Order its sound lines to be taken over"
)
def order_switch(request: HttpRequest, run: UUID) -> RunOut:
    """All of them together, or none."""
    actor = require(request, Procurement.ORDER_IMPORT)
    return _run(switching.order_import(actor=actor, run=switch_queries.run_of(actor, run)))


@router.get("/packages", response={200: list[PackageOut]}, summary="The kept files of your body")
def list_packages(request: HttpRequest) -> list[PackageOut]:
    found = package_queries.packages_of(require(request, Procurement.READ_PACKAGES))
    return [_package(one) for one in found]


@router.get("/packages/{package}/content", summary="The very bytes of a kept file", openapi_extra=FILE_READ)
def read_package(request: HttpRequest, package: UUID) -> HttpResponseBase:
    found = package_queries.package_of(require(request, Procurement.READ_PACKAGES), package)
    response = StreamingHttpResponse(package_queries.bytes_of(found), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{_stem(found)}.zip"'
    return response


@router.post(
    "/packages/{package}/destruction",
    response={200: PackageOut},
    summary="Destroy a kept file whose legal end has passed",
)
def destroy_package(request: HttpRequest, package: UUID, why: Reason) -> PackageOut:
    """``reason`` names the visa of the archives. Its digest stays."""
    actor = require(request, Procurement.DESTROY_PACKAGE)
    found = package_queries.package_of(actor, package)
    return _package(packaging.destroy_package(actor=actor, package=found, reason=why.reason))


@router.post(
    "/packages",
    response={202: PackageOut},
    summary="Bring a package back, byte for byte",
    openapi_extra=FILE_SENT,
)
def bring_package(request: HttpRequest, name: str) -> tuple[int, PackageOut]:
    """The body of the request is the package as it was taken out of a platform like this one; a job verifies it."""
    actor = require(request, Procurement.BRING_PACKAGE)
    document = documents.receive_body(
        request, name=name, organisation=actor.acting_organisation(), actor=actor, limit=LARGEST
    )
    return 202, _package(packaging.bring_package(actor=actor, document=document))


@router.post(
    "/consultations/{consultation}/package",
    response={202: State},
    summary="Have the whole file of an ended consultation kept",
)
def keep_whole_file(request: HttpRequest, consultation: UUID) -> tuple[int, State]:
    """A job makes the package; an ended consultation is then archived."""
    found = consultation_in(request, consultation, Procurement.MAKE_PACKAGE)
    packaging.order_package(actor=actor_of(request), consultation=found)
    return 202, State(id=found.pk, state=found.state, version=found.version)


@router.get(
    "/consultations/{consultation}/package",
    summary="The whole file of a consultation, while it is made",
    openapi_extra=FILE_READ,
)
def take_whole_file(request: HttpRequest, consultation: UUID) -> HttpResponseBase:
    found = consultation_in(request, consultation, Procurement.MAKE_PACKAGE)
    packaging.take_package(actor=actor_of(request), consultation=found)
    response = StreamingHttpResponse(package_queries.taken_out(found), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{found.pk}.zip"'
    return response


def _incident(one: Incident) -> IncidentOut:
    return IncidentOut(**{name: getattr(one, name) for name in IncidentOut.model_fields})


def _log_of(request: HttpRequest, day: date) -> str:
    path = reverse("procurement:availability-json", kwargs={"day": day.isoformat()})
    return request.build_absolute_uri(path)


def _line(request: HttpRequest, incident: UUID, touched: UUID) -> Touched:
    actor = actor_of(request)
    return incident_queries.touched_line(actor, incident_queries.incident_of(actor, incident), touched)


def _put_off(one: incidents.Extended, now: datetime) -> TouchedPutOff:
    said = sentence(one.refusal.message, one.refusal.params) if one.refusal else ""
    shown = _touched(incident_queries.line_of(one.touched, now))
    return TouchedPutOff(**shown.model_dump(), refusal=said)


def _touched(line: incident_queries.TouchedLine) -> TouchedOut:
    one = line.touched
    return TouchedOut(
        id=one.pk,
        consultation=one.consultation_id,
        reference=one.consultation.reference,
        deadline_at=one.deadline_at,
        proposed=line.proposed,
        decision=one.decision,
        extended_until=one.extended_until,
        obstacle=line.obstacle,
    )


def _run(one: ImportRun) -> RunOut:
    return RunOut(**{name: getattr(one, name) for name in RunOut.model_fields})


def _import_line(one: ImportLine) -> ImportLineOut:
    return ImportLineOut(
        number=one.number,
        fate=one.fate,
        what=one.what,
        faults=[
            ImportFault(
                column=fault["column"],
                code=fault["code"],
                message=sentence(fault["message"], fault["params"]),
                remedy=sentence(fault["remedy"], fault["params"]),
            )
            for fault in one.faults
        ],
    )


def _package(one: Package) -> PackageOut:
    return PackageOut(**{name: getattr(one, name) for name in PackageOut.model_fields})


def _stem(package: Package) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", package.reference or str(package.pk))
