"""The operator's console: health, journal, what could not be followed, what has not left for certain."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Path, Router, Schema
from pydantic import Field

from territoires.foundations.documents import api as documents
from territoires.foundations.exchange import api as exchange
from territoires.foundations.identity import api as identity
from territoires.foundations.journal import api as journal
from territoires.foundations.registry.api import failed_jobs

from .. import actions
from ..permissions import Portal
from ..queries import doors
from .shared import require

router = Router()
LARGEST_NUMBER = 2**53
JobNumber = Annotated[int, Path(ge=1, lt=LARGEST_NUMBER)]
BYTES = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
FILE_READ = {"responses": {200: {"description": "The bytes of the file", "content": BYTES}}}


class HealthPartOut(Schema):
    """``detail`` says what is wrong when it is down."""

    name: str
    is_up: bool
    detail: str


class AlarmOut(Schema):
    """What waits for somebody though every part is up, and what to do."""

    label: str
    sentence: str
    remedy: str


class JournalOut(Schema):
    """``size`` facts, of which ``sealed`` are under a signed checkpoint; ``lag`` counts unread facts by follower."""

    size: int
    sealed: int
    sealed_at: datetime | None
    waiting_since: datetime | None
    quarantined: int
    dead_letters: int
    lag: dict[str, int]


class TrafficOut(Schema):
    waiting: int
    doubtful: int
    late: int
    quarantined: int
    oldest_at: datetime | None


class ConsoleOut(Schema):
    """``bodies`` counts the open organisations of each kind."""

    parts: list[HealthPartOut]
    alarms: list[AlarmOut]
    journal: JournalOut
    traffic: TrafficOut
    bodies: dict[str, int]


class EntryOut(Schema):
    """A numbered fact, without personal values; ``state``: sequenced, sealed, anchored."""

    id: UUID
    seq: int
    kind: str
    at: datetime
    organisation: UUID | None
    organisation_name: str
    state: str


class JournalPage(Schema):
    """``before`` of the following page; null on the last."""

    items: list[EntryOut]
    next: int | None
    journal: JournalOut


class DeadLetterOut(Schema):
    """A fact that a follower refused; without ``reason`` it waits behind an earlier one of its subject."""

    id: UUID
    subscriber: str
    seq: int
    kind: str
    subject: UUID
    reason: str
    attempts: int
    failed_at: datetime


class FailedJobOut(Schema):
    """A job of the worker that failed for good; ``reason`` is empty when none was kept."""

    number: int
    task: str
    reason: str
    attempts: int
    failed_at: datetime | None


class Replayed(Schema):
    """How many facts passed; 0: it failed again, and its reason stands in the list."""

    passed: int


class ParcelOut(Schema):
    """What has not left for certain."""

    id: UUID
    channel: str
    organisation_name: str
    state: str
    reason: str
    is_late: bool


class ArrivalOut(Schema):
    """What came and could not be read."""

    id: UUID
    channel: str
    reason: str
    received_at: datetime


class ExchangesOut(Schema):
    traffic: TrafficOut
    parcels: list[ParcelOut]
    quarantine: list[ArrivalOut]


class DiscardIn(Schema):
    """Why nobody needs it; the file is kept."""

    reason: str = Field(max_length=500)


@router.get("/console", response={200: ConsoleOut}, summary="Whether the platform is well")
def read_console(request: HttpRequest) -> ConsoleOut:
    shown = doors.console(require(request, Portal.READ_CONSOLE).now())
    return ConsoleOut(
        parts=[HealthPartOut(name=one.name, is_up=one.is_up, detail=one.detail) for one in shown["parts"]],
        alarms=[
            AlarmOut(label=str(one.label), sentence=one.sentence, remedy=one.remedy)
            for one in shown["alarms"]
        ],
        journal=_journal(shown["journal"]),
        traffic=_traffic(shown["traffic"]),
        bodies=identity.count_by_kind(),
    )


@router.get("/console/journal", response={200: JournalPage}, summary="The latest facts of the book")
def read_journal(request: HttpRequest, before: int | None = None) -> JournalPage:
    """The newest first; ``before`` is the ``next`` of the page before."""
    require(request, Portal.READ_CONSOLE)
    start = str(before) if before is not None and 0 <= before < LARGEST_NUMBER else None
    shown = doors.journal_page(start)
    return JournalPage(
        items=[_entry(line) for line in shown["lines"]],
        next=shown["before"],
        journal=_journal(shown["journal"]),
    )


@router.get(
    "/console/dead-letters", response={200: list[DeadLetterOut]}, summary="Facts that a follower refused"
)
def list_dead_letters(request: HttpRequest) -> list[DeadLetterOut]:
    require(request, Portal.READ_CONSOLE)
    return [
        DeadLetterOut(**{name: getattr(one, name) for name in DeadLetterOut.model_fields})
        for one in journal.dead_letters()
    ]


@router.post(
    "/console/dead-letters/{letter}/replay",
    response={200: Replayed},
    summary="Hand a refused fact to its follower again",
)
def replay_dead_letter(request: HttpRequest, letter: UUID) -> Replayed:
    """With those of the same subject that wait behind it."""
    actor = require(request, Portal.REPLAY_DEAD_LETTER)
    return Replayed(passed=actions.replay_dead_letter(actor=actor, letter=letter))


@router.get("/console/failed-jobs", response={200: list[FailedJobOut]}, summary="Jobs that failed for good")
def list_failed_jobs(request: HttpRequest) -> list[FailedJobOut]:
    require(request, Portal.READ_CONSOLE)
    return _failed_jobs()


@router.post(
    "/console/failed-jobs/{job}/replay",
    response={200: list[FailedJobOut]},
    summary="Have a failed job tried once more",
)
def replay_job(request: HttpRequest, job: JobNumber) -> list[FailedJobOut]:
    """Soon, by the worker: it comes back to the list if that fails."""
    actions.replay_job(actor=require(request, Portal.REPLAY_DEAD_LETTER), job=job)
    return _failed_jobs()


@router.get(
    "/console/exchanges", response={200: ExchangesOut}, summary="What has not left, or could not be read"
)
def read_exchanges(request: HttpRequest) -> ExchangesOut:
    return _exchanges(require(request, Portal.READ_CONSOLE).now())


@router.post(
    "/console/parcels/{parcel}/send-again",
    response={200: ExchangesOut},
    summary="Send the very same bytes of a doubtful parcel again",
)
def send_again(request: HttpRequest, parcel: UUID) -> ExchangesOut:
    actor = require(request, Portal.SETTLE_EXCHANGE)
    actions.send_again(actor=actor, parcel=parcel)
    return _exchanges(actor.now())


@router.get("/console/quarantine/{arrival}/file", summary="A file in quarantine", openapi_extra=FILE_READ)
def read_arrival(request: HttpRequest, arrival: UUID) -> HttpResponseBase:
    require(request, Portal.SETTLE_EXCHANGE)
    return documents.download_response(exchange.quarantined(arrival).document, request)


@router.post(
    "/console/quarantine/{arrival}/replay",
    response={200: ExchangesOut},
    summary="Have an arrival in quarantine read again",
)
def replay_arrival(request: HttpRequest, arrival: UUID) -> ExchangesOut:
    actor = require(request, Portal.SETTLE_EXCHANGE)
    actions.replay_arrival(actor=actor, arrival=arrival)
    return _exchanges(actor.now())


@router.post(
    "/console/quarantine/{arrival}/discard",
    response={200: ExchangesOut},
    summary="Set an arrival in quarantine aside, for a reason",
)
def discard_arrival(request: HttpRequest, arrival: UUID, why: DiscardIn) -> ExchangesOut:
    actor = require(request, Portal.SETTLE_EXCHANGE)
    actions.discard_arrival(actor=actor, arrival=arrival, reason=why.reason)
    return _exchanges(actor.now())


def _exchanges(now: datetime) -> ExchangesOut:
    shown = doors.exchanges(now)
    return ExchangesOut(
        traffic=_traffic(shown["traffic"]),
        parcels=[
            ParcelOut(
                id=one.parcel.pk,
                channel=one.channel,
                organisation_name=one.organisation_name,
                state=one.parcel.state,
                reason=one.reason,
                is_late=one.is_late,
            )
            for one in shown["parcels"]
        ],
        quarantine=[
            ArrivalOut(
                id=one.arrival.pk, channel=one.channel, reason=one.reason, received_at=one.arrival.received_at
            )
            for one in shown["arrivals"]
        ],
    )


def _failed_jobs() -> list[FailedJobOut]:
    return [
        FailedJobOut(**{name: getattr(one, name) for name in FailedJobOut.model_fields})
        for one in failed_jobs()
    ]


def _journal(health: Any) -> JournalOut:
    return JournalOut(**{name: getattr(health, name) for name in JournalOut.model_fields})


def _traffic(traffic: Any) -> TrafficOut:
    return TrafficOut(**{name: getattr(traffic, name) for name in TrafficOut.model_fields})


def _entry(line: doors.Line) -> EntryOut:
    plain = ("id", "seq", "kind", "at", "organisation", "state")
    named = {name: getattr(line.entry, name) for name in plain}
    return EntryOut(**named, organisation_name=line.organisation_name)
