"""Particular ways to buy: a dynamic purchasing system or a framework agreement, a competitive dialogue, a contest."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router, Schema
from pydantic import Field

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import Day, etag

from ..actions import admitting, calling, contest, dialogue
from ..models import LONGEST_REASON, LONGEST_TEXT, Admission, Consultation, DialogueMeeting
from ..permissions import Procurement
from ..queries import systems as queries
from ..queries.evaluation import candidacy_of, dialogue_meetings_of
from ..queries.publication import public_consultation
from .shared import FILE_READ, FILE_SENT, Digest, Reason, State, actor_of, consultation_in, performed, require

router = Router()
LARGEST = 200 * 1024 * 1024
SYSTEM = "/consultations/{consultation}/system"
ADMISSION = SYSTEM + "/admissions/{admission}"


class AdmissionOut(Schema):
    """A place in a system. ``lots`` are numbers; none: it is not divided. ``examine_until`` is the last day to answer."""

    id: UUID
    bidder: str
    bidder_name: str
    lots: list[int]
    state: str
    received_at: datetime
    examine_until: date | None
    reason: str
    decided_at: datetime | None


class AdmissionAsked(Schema):
    """``lots`` are numbers, empty where the system is not divided; ``files`` ids of those brought before, the candidature."""

    lots: list[int] = Field(default=[], max_length=1000)
    text: str = Field(default="", max_length=LONGEST_TEXT)
    files: list[UUID] = Field(max_length=100)


class CandidatureOut(Schema):
    """``id`` names the file in the request."""

    id: UUID
    name: str
    sha256: str
    size: int


class CalledOut(State):
    reference: str
    title: str
    lot: int | None


class SystemOut(Schema):
    """Euros without VAT: ``committed`` by the contracts called under it, ``left`` of its maximum, null without one."""

    state: str
    in_force_until: date | None
    carries: bool
    committed: Decimal
    left: Decimal | None
    admissions: list[AdmissionOut]
    called: list[CalledOut]


class TermIn(Schema):
    """The last day of the system."""

    in_force_until: Day


class NewTermIn(TermIn):
    reason: str = Field(max_length=LONGEST_REASON)


class AdmissionDecision(Schema):
    """A refusal says why: the enterprise reads it."""

    verb: Literal["admit", "refuse"]
    reason: str = Field(default="", max_length=LONGEST_REASON)


class CallIn(Schema):
    """``lot`` is a number of the parent. ``holder``: of an agreement, one alone, and ``ground`` by which of its terms."""

    title: str = Field(min_length=1, max_length=300)
    lot: int | None = Field(default=None, ge=1, le=10_000)
    holder: UUID | None = None
    ground: str = Field(default="", max_length=LONGEST_REASON)


class DialogueMeetingIn(Schema):
    """A session with one candidate; ``present`` and ``summary`` stay between the two."""

    candidacy: UUID
    held_on: Day
    present: str = Field(max_length=LONGEST_REASON)
    summary: str = Field(max_length=LONGEST_TEXT)


class DialogueMeetingOut(DialogueMeetingIn):
    """``sha256`` is that of its minutes, empty without some."""

    id: UUID
    sha256: str
    recorded_at: datetime


class ConclusionIn(Schema):
    """What the candidates that remain are told."""

    conclusion: str = Field(max_length=LONGEST_REASON)


class PrizeIn(Schema):
    """Euros without VAT."""

    deposit: UUID
    amount: Decimal = Field(max_digits=14, decimal_places=2, ge=0)


class LiftingIn(Schema):
    """``prizes``: those that differ from what was announced; ``reason`` says why one is less."""

    prizes: list[PrizeIn] = Field(default=[], max_length=500)
    reason: str = Field(default="", max_length=LONGEST_REASON)


@router.get(SYSTEM, response={200: SystemOut}, summary="Who is in a system, and what is called under it")
def read_system(request: HttpRequest, consultation: UUID) -> SystemOut:
    """The same for a framework agreement, which has no admissions."""
    found = consultation_in(request, consultation, Procurement.READ)
    committed = queries.committed_under(found)
    return SystemOut(
        state=found.state,
        in_force_until=found.in_force_until,
        carries=queries.carries_contracts(found),
        committed=committed,
        left=None if found.framework_maximum is None else found.framework_maximum - committed,
        admissions=[_admission(one) for one in queries.admissions_of(found)],
        called=[_called(one) for one in queries.children_of(found)],
    )


@router.post(
    "/admission-files",
    response={201: CandidatureOut},
    summary="Bring a file of a request to be admitted",
    openapi_extra=FILE_SENT,
)
def bring_admission_file(request: HttpRequest, name: str) -> tuple[int, CandidatureOut]:
    """The body of the request is the file. Nothing is asked by it: the request names it."""
    actor = require(request, Procurement.ASK_ADMISSION)
    kept = documents.receive_body(
        request, name=name, organisation=actor.acting_organisation(), actor=actor, limit=LARGEST
    )
    return 201, CandidatureOut(id=kept.pk, name=kept.name, sha256=kept.sha256, size=kept.size)


@router.post(SYSTEM + "/admissions", response={201: AdmissionOut}, summary="Ask to be admitted to a system")
def ask_admission(
    request: HttpRequest, consultation: UUID, given: AdmissionAsked
) -> tuple[int, AdmissionOut]:
    """At any time of the system; the buyer answers within the working days of the law."""
    actor = require(request, Procurement.ASK_ADMISSION)
    found = public_consultation(actor, consultation)
    return 201, _admission(admitting.ask_admission(actor=actor, consultation=found, **given.model_dump()))


@router.get(
    "/admissions/{admission}", response={200: AdmissionOut}, summary="Where the enterprise's request stands"
)
def read_admission(request: HttpRequest, admission: UUID) -> AdmissionOut:
    return _admission(queries.held_admission(require(request, Procurement.HOLD_ADMISSION), admission))


@router.post(
    "/admissions/{admission}/leave",
    response={200: AdmissionOut},
    summary="Leave a system, or take the request back",
)
def leave_system(request: HttpRequest, admission: UUID) -> AdmissionOut:
    """What the enterprise was invited to goes on; it may ask again."""
    actor = require(request, Procurement.HOLD_ADMISSION)
    held = queries.held_admission(actor, admission)
    return _admission(admitting.leave_system(actor=actor, admission=held))


@router.post(SYSTEM, response={200: State}, summary="Set a dynamic purchasing system up")
def set_up_system(request: HttpRequest, response: HttpResponse, consultation: UUID, given: TermIn) -> State:
    """With all the candidates that were found fit; each is told."""
    return performed(
        request,
        response,
        admitting.set_up_system,
        consultation,
        Procurement.AWARD,
        **given.model_dump(),
    )


@router.post(SYSTEM + "/term", response={200: State}, summary="Change the last day of a system")
def change_term(request: HttpRequest, response: HttpResponse, consultation: UUID, given: NewTermIn) -> State:
    return performed(
        request, response, admitting.change_term, consultation, Procurement.AWARD, **given.model_dump()
    )


@router.post(SYSTEM + "/end", response={200: State}, summary="End a system")
def end_system(request: HttpRequest, response: HttpResponse, consultation: UUID, why: Reason) -> State:
    """What was called under it goes on."""
    return performed(
        request, response, admitting.end_system, consultation, Procurement.AWARD, reason=why.reason
    )


@router.post(SYSTEM + "/calls", response={201: State}, summary="Begin a contract under it")
def call_under(
    request: HttpRequest, response: HttpResponse, consultation: UUID, given: CallIn
) -> tuple[int, State]:
    """A draft with the criteria and the terms of its parent, and whom it invites."""
    found = consultation_in(request, consultation, Procurement.READ)
    made = calling.call_under(actor=actor_of(request), parent=found, **given.model_dump())
    response["ETag"] = etag(made.version)
    return 201, State(id=made.pk, state=made.state, version=made.version)


@router.post(
    ADMISSION + "/decision", response={200: AdmissionOut}, summary="Admit an enterprise, or refuse it"
)
def decide_admission(
    request: HttpRequest, consultation: UUID, admission: UUID, given: AdmissionDecision
) -> AdmissionOut:
    """Who no longer meets the conditions is refused, too."""
    found = consultation_in(request, consultation, Procurement.ANALYSE)
    return _admission(
        admitting.decide_admission(
            actor=actor_of(request), consultation=found, admission=admission, **given.model_dump()
        )
    )


@router.post(
    ADMISSION + "/prolong", response={200: AdmissionOut}, summary="Take the longer time to examine a request"
)
def prolong_examination(
    request: HttpRequest, consultation: UUID, admission: UUID, why: Reason
) -> AdmissionOut:
    found = consultation_in(request, consultation, Procurement.ANALYSE)
    return _admission(
        admitting.prolong_examination(
            actor=actor_of(request), consultation=found, admission=admission, reason=why.reason
        )
    )


@router.get(
    "/consultations/{consultation}/dialogue-meetings",
    response={200: list[DialogueMeetingOut]},
    summary="The sessions of a competitive dialogue",
)
def list_dialogue_meetings(request: HttpRequest, consultation: UUID) -> list[DialogueMeetingOut]:
    found = consultation_in(request, consultation, Procurement.NEGOTIATE)
    return [_meeting(one) for one in dialogue_meetings_of(found)]


@router.post(
    "/consultations/{consultation}/dialogue-meetings",
    response={201: DialogueMeetingOut},
    summary="Note a session with one candidate",
)
def note_dialogue_meeting(
    request: HttpRequest, consultation: UUID, given: DialogueMeetingIn
) -> tuple[int, DialogueMeetingOut]:
    found = consultation_in(request, consultation, Procurement.NEGOTIATE)
    candidacy_of(found, given.candidacy)
    return 201, _meeting(
        dialogue.note_meeting(actor=actor_of(request), consultation=found, **given.model_dump())
    )


@router.post(
    "/consultations/{consultation}/dialogue/end",
    response={200: State},
    summary="Declare a competitive dialogue over",
)
def end_dialogue(
    request: HttpRequest, response: HttpResponse, consultation: UUID, given: ConclusionIn
) -> State:
    """The next round receives the final tenders."""
    return performed(
        request, response, dialogue.end_dialogue, consultation, Procurement.NEGOTIATE, **given.model_dump()
    )


@router.post(
    "/consultations/{consultation}/anonymity/lift",
    response={200: State},
    summary="Put names to the projects of a contest, for good",
)
def lift_anonymity(
    request: HttpRequest, response: HttpResponse, consultation: UUID, given: LiftingIn
) -> State:
    """After the opinion of the jury; each author is told its number and its prize."""
    return performed(
        request,
        response,
        contest.lift_anonymity,
        consultation,
        Procurement.AWARD,
        prizes={one.deposit: one.amount for one in given.prizes},
        reason=given.reason,
    )


@router.get(
    ADMISSION + "/files/{digest}", summary="The bytes of a file of a request", openapi_extra=FILE_READ
)
def read_admission_file(
    request: HttpRequest, consultation: UUID, admission: UUID, digest: Digest
) -> HttpResponseBase:
    found = consultation_in(request, consultation, Procurement.OPENED_READ)
    file = queries.file_of_admission(queries.admission_of(found, admission), digest)
    return documents.download_response(file, request)


def _admission(one: Admission) -> AdmissionOut:
    plain = {
        name: getattr(one, name) for name in AdmissionOut.model_fields.keys() - {"bidder", "bidder_name"}
    }
    return AdmissionOut(bidder=one.bidder.siret or one.bidder.reference, bidder_name=one.bidder.name, **plain)


def _called(one: Consultation) -> CalledOut:
    return CalledOut(
        id=one.pk,
        state=one.state,
        version=one.version,
        reference=one.reference,
        title=one.title,
        lot=one.parent_lot,
    )


def _meeting(one: DialogueMeeting) -> DialogueMeetingOut:
    plain = {name: getattr(one, name) for name in DialogueMeetingOut.model_fields.keys() - {"candidacy"}}
    return DialogueMeetingOut(candidacy=one.candidacy_id, **plain)
