"""The opening of the bids, but for what needs an officer's private key: her browser alone holds it.

A session is begun here, attended, declined, given up, ended, and read; the officers give their parts on its page.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router, Schema
from pydantic import Field

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import sentence

from ..actions import handing_over, holders, safety_copies
from ..actions import opening as verbs
from ..models import (
    LONGEST_REASON,
    Consultation,
    DeclinedRelease,
    Handover,
    HolderKey,
    OpenedFile,
    OpeningOrder,
)
from ..permissions import Procurement
from ..queries import handovers, quorum
from ..queries import opening as queries
from ..queries.duties import rounds_at_hand
from ..queries.opened_minutes import reason_label
from ..queries.rounds import current_round, deadline_of
from ..queries.wording import reread
from ..queries.written_minutes import minutes_in, minutes_of
from .shared import FILE_READ, FILE_SENT, Reason, State, actor_of, consultation_in, state_of

router = Router()
HERE = "/consultations/{consultation}/opening"
ALL = HERE + "/sessions"
ONE = ALL + "/{session}"
FILES = "/consultations/{consultation}/opened-files"
LARGEST_REPAIRED = 4 * 1024 * 1024 * 1024


class OfficerOut(Schema):
    """Who is named to open. ``holder`` is her key, null while she has not accepted; ``tried_at`` her trial opening."""

    person: UUID
    name: str
    holder: UUID | None
    accepted_at: datetime | None
    tried_at: datetime | None


class ObstacleOut(Schema):
    """What is missing before bids can be sealed to the officers."""

    code: str
    message: str
    remedy: str


class QuorumOut(Schema):
    """Who opens the round at hand. ``threshold`` is how many keys are needed; ``policy_sha256`` the hash of the opening
    rules, empty until they are written; ``handover`` the replacement of an officer that is under way."""

    round: int
    threshold: int
    is_public: bool
    policy_sha256: str
    deadline_at: datetime | None
    officers: list[OfficerOut]
    obstacles: list[ObstacleOut]
    handover: UUID | None


class ThresholdIn(Schema):
    threshold: int = Field(ge=1, le=100)


class SessionIn(Schema):
    envelope: Literal["candidature", "tender"]


class SessionHead(Schema):
    """``sha256`` is the hash of its order, the same for everybody; empty until the platform has made it."""

    id: UUID
    round: int
    envelope: str
    state: str
    sha256: str
    asked_at: datetime
    ready_at: datetime | None
    ended_at: datetime | None
    ended_reason: str


class PartOut(Schema):
    """``given_at`` is null while the holder has not given her part; ``declined_at`` unless she declined to."""

    holder: UUID
    name: str
    role: str
    given_at: datetime | None
    declined_at: datetime | None
    declined_reason: str


class LeftClosed(Schema):
    deposit: UUID
    number: int
    reason: str


class AttendanceIn(Schema):
    name: str = Field(min_length=1, max_length=200)
    capacity: str = Field(default="", max_length=200)


class SessionOut(SessionHead):
    """``time_given``: the time-keeper has given its part. ``minutes`` are the languages in which they are written."""

    parts: list[PartOut]
    time_given: bool
    time_refusal: str
    presences: list[AttendanceIn]
    left_closed: list[LeftClosed]
    minutes: list[str]


class OpenedFileOut(Schema):
    """A file of a bid after its opening. ``verdict``: clear, unreadable or infected; one that is not clear says why."""

    id: UUID
    session: UUID
    deposit: UUID
    number: int
    bidder: str
    lot: int | None
    envelope: str
    name: str
    size: int
    sha256: str
    verdict: str
    fault: str


class RepairAttemptOut(Schema):
    succeeded: bool
    note: str
    attempted_at: datetime


class HandoverIn(Schema):
    """``leaving`` is the key of an officer, ``successor`` a person of the body. ``leaving_deals``: she still hands over."""

    leaving: UUID
    successor: UUID
    leaving_deals: bool


class HandoverOut(HandoverIn):
    """``changed_hands`` of ``bids`` have. ``ended_at`` is null while it is under way."""

    id: UUID
    asked_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None
    bids: int
    changed_hands: int


@router.get(
    HERE, response={200: QuorumOut}, summary="Who opens the bids, and what is missing before they can"
)
def read_quorum(request: HttpRequest, consultation: UUID) -> QuorumOut:
    return _quorum(consultation_in(request, consultation, Procurement.READ))


@router.put(HERE + "/threshold", response={200: QuorumOut}, summary="Choose how many keys open the bids")
def choose_threshold(request: HttpRequest, consultation: UUID, given: ThresholdIn) -> QuorumOut:
    """Before the publication; the proposed number holds until one is chosen."""
    found = consultation_in(request, consultation, Procurement.STAFF)
    holders.choose_threshold(
        actor=actor_of(request),
        consultation=found,
        round=rounds_at_hand(found)[-1],
        threshold=given.threshold,
    )
    return _quorum(found)


@router.post(
    HERE + "/keys", response={200: QuorumOut}, summary="Ask again for the keys that the platform gives"
)
def prepare_quorum(request: HttpRequest, consultation: UUID) -> QuorumOut:
    """The custodian's, the time-keeper's, and the opening rules: a job makes what is missing."""
    found = consultation_in(request, consultation, Procurement.OPENING_CONDUCT)
    holders.prepare_quorum(actor=actor_of(request), consultation=found, round=rounds_at_hand(found)[-1])
    return _quorum(found)


@router.post(
    HERE + "/handovers", response={201: HandoverOut}, summary="Name who takes the place of an opening officer"
)
def ask_handover(request: HttpRequest, consultation: UUID, given: HandoverIn) -> tuple[int, HandoverOut]:
    """The officers then pass the keys of the sealed bids on, each in her browser."""
    found = consultation_in(request, consultation, Procurement.STAFF)
    made = handing_over.ask_handover(
        actor=actor_of(request),
        consultation=found,
        round=rounds_at_hand(found)[0],
        **given.model_dump(),
    )
    return 201, _handover(made)


@router.get(HERE + "/handovers/{handover}", response={200: HandoverOut}, summary="Where a replacement stands")
def read_handover(request: HttpRequest, consultation: UUID, handover: UUID) -> HandoverOut:
    found = consultation_in(request, consultation, Procurement.READ)
    return _handover(handovers.handover_of(found, handover))


@router.post(
    HERE + "/handovers/{handover}/end", response={200: HandoverOut}, summary="End a replacement as it stands"
)
def end_handover(request: HttpRequest, consultation: UUID, handover: UUID) -> HandoverOut:
    found = consultation_in(request, consultation, Procurement.STAFF)
    return _handover(
        handing_over.end_handover(actor=actor_of(request), consultation=found, handover=handover)
    )


@router.get(ALL, response={200: list[SessionHead]}, summary="The opening sessions")
def list_sessions(request: HttpRequest, consultation: UUID) -> list[SessionHead]:
    found = consultation_in(request, consultation, Procurement.READ)
    return [SessionHead(**_head(one)) for one in queries.sessions_of(found)]


@router.post(ALL, response={201: SessionOut}, summary="Begin an opening session of one envelope")
def ask_opening(request: HttpRequest, consultation: UUID, given: SessionIn) -> tuple[int, SessionOut]:
    """A job makes its order; then the officers give their parts. Too early, it is refused and the journal says who tried."""
    found = consultation_in(request, consultation, Procurement.OPENING_CONDUCT)
    made = verbs.begin_session(
        actor=actor_of(request),
        consultation=found,
        round=current_round(found),
        envelope=given.envelope,
    )
    return 201, _session(made)


@router.get(ONE, response={200: SessionOut}, summary="A session: who has given a part, what stays closed")
def read_session(request: HttpRequest, consultation: UUID, session: UUID) -> SessionOut:
    found = consultation_in(request, consultation, Procurement.READ)
    return _session(queries.session_of(found, session))


@router.post(ONE + "/presences", response={200: SessionOut}, summary="Note who attends a session")
def note_attendance(
    request: HttpRequest, consultation: UUID, session: UUID, given: AttendanceIn
) -> SessionOut:
    """The minutes name them."""
    found = consultation_in(request, consultation, Procurement.OPENING_CONDUCT)
    queries.session_of(found, session)
    verbs.note_presence(actor=actor_of(request), consultation=found, order=session, **given.model_dump())
    return _session(queries.session_of(found, session))


@router.post(ONE + "/decline", response={200: SessionOut}, summary="Decline to give one's part to a session")
def decline_release(request: HttpRequest, consultation: UUID, session: UUID, why: Reason) -> SessionOut:
    """By an opening officer, who may still give it on its page while the session waits."""
    found = consultation_in(request, consultation, Procurement.OPENING_HOLD)
    queries.session_of(found, session)
    verbs.decline_release(actor=actor_of(request), consultation=found, order=session, reason=why.reason)
    return _session(queries.session_of(found, session))


@router.post(ONE + "/cancel", response={200: SessionOut}, summary="Give a session up before its opening")
def cancel_opening(request: HttpRequest, consultation: UUID, session: UUID, why: Reason) -> SessionOut:
    found = consultation_in(request, consultation, Procurement.OPENING_CONDUCT)
    queries.session_of(found, session)
    return _session(
        verbs.cancel_opening(actor=actor_of(request), consultation=found, order=session, reason=why.reason)
    )


@router.get(ONE + "/minutes/{language}", summary="The minutes of a session, as PDF", openapi_extra=FILE_READ)
def read_opening_minutes(
    request: HttpRequest, consultation: UUID, session: UUID, language: Literal["fr", "en"]
) -> HttpResponseBase:
    found = consultation_in(request, consultation, Procurement.READ)
    kept = minutes_in(queries.session_of(found, session), language)
    return documents.download_response(kept.document, request)


@router.post(HERE + "/end", response={200: State}, summary="End the opening: the examination begins")
def end_opening(request: HttpRequest, response: HttpResponse, consultation: UUID) -> State:
    found = consultation_in(request, consultation, Procurement.OPENING_CONDUCT)
    verbs.end_opening(actor=actor_of(request), consultation=found)
    return state_of(response, found)


@router.get(FILES, response={200: list[OpenedFileOut]}, summary="What came out of the envelopes")
def list_opened_files(request: HttpRequest, consultation: UUID) -> list[OpenedFileOut]:
    """All of it: what is unreadable or infected, too."""
    found = consultation_in(request, consultation, Procurement.OPENED_READ)
    return [
        _opened(file)
        for session in queries.sessions_of(found)
        for _deposit, files, _blocks in queries.results_of(session)
        for file in files
    ]


@router.get(FILES + "/{file}", summary="The bytes of an opened file", openapi_extra=FILE_READ)
def read_opened_file(request: HttpRequest, consultation: UUID, file: UUID) -> HttpResponseBase:
    found = consultation_in(request, consultation, Procurement.OPENED_READ)
    document, name = queries.clear_file(found, file)
    return documents.download_response(document, request, as_name=name)


@router.post(
    FILES + "/{file}/repairs",
    response={201: RepairAttemptOut},
    summary="Note that somebody tried to repair a file",
    openapi_extra=FILE_SENT,
)
def record_repair(
    request: HttpRequest, consultation: UUID, file: UUID, note: str, name: str = ""
) -> tuple[int, RepairAttemptOut]:
    """The body of the request is the repaired file, under its ``name``; without a name nothing is read: it failed."""
    found = consultation_in(request, consultation, Procurement.OPENING_CONDUCT)
    queries.opened_file(found, file)
    actor = actor_of(request)
    repaired = None
    if name:
        repaired = documents.receive_body(
            request,
            name=name,
            organisation=actor.acting_organisation(),
            actor=actor,
            limit=LARGEST_REPAIRED,
        ).pk
    made = safety_copies.record_repair(
        actor=actor, consultation=found, file=file, note=note[:LONGEST_REASON], document=repaired
    )
    return 201, RepairAttemptOut(succeeded=made.succeeded, note=made.note, attempted_at=made.attempted_at)


def _quorum(found: Consultation) -> QuorumOut:
    round = rounds_at_hand(found)[-1]
    policy = quorum.current_policy(found, round)
    is_public = quorum.is_public(found, round)
    under_way = handovers.under_way(found, round)
    return QuorumOut(
        round=round,
        threshold=quorum.threshold_of(found, round),
        is_public=is_public,
        policy_sha256=policy.sha256 if policy else "",
        deadline_at=deadline_of(found, round),
        officers=[_officer(one) for one in quorum.seats(found, round)],
        obstacles=[
            ObstacleOut(
                code=one.code,
                message=sentence(one.message, one.params),
                remedy=sentence(one.remedy, one.params),
            )
            for one in ([] if is_public else quorum.quorum_obstacles(found, round))
        ],
        handover=under_way.pk if under_way else None,
    )


def _officer(seat: quorum.Seat) -> OfficerOut:
    key = seat.holder
    return OfficerOut(
        person=seat.person,
        name=seat.name,
        holder=key.pk if key else None,
        accepted_at=key.accepted_at if key else None,
        tried_at=key.tried_at if key else None,
    )


def _head(one: OpeningOrder) -> dict[str, Any]:
    plain = {name: getattr(one, name) for name in SessionHead.model_fields}
    return plain | {"ended_reason": reread(one.ended_reason)}


def _session(one: OpeningOrder) -> SessionOut:
    given = {each.holder_id: each.received_at for each in queries.releases_of(one) if not each.fault}
    declined = {each.holder_id: each for each in queries.declined_in(one)}
    left = one.excluded.select_related("deposit").order_by("deposit__number")
    return SessionOut(
        **_head(one),
        parts=[_part(each, given.get(each.pk), declined.get(each.pk)) for each in queries.holders_in(one)],
        time_given=None in given,
        time_refusal=reread(one.time_refusal),
        presences=[
            AttendanceIn(name=each.name, capacity=each.capacity) for each in queries.presences_of(one)
        ],
        left_closed=[
            LeftClosed(
                deposit=each.deposit_id, number=each.deposit.number, reason=str(reason_label(each.reason))
            )
            for each in left
        ],
        minutes=[each.language for each in minutes_of(one)],
    )


def _part(holder: HolderKey, given_at: datetime | None, declined: DeclinedRelease | None) -> PartOut:
    return PartOut(
        holder=holder.pk,
        name=holder.name,
        role=holder.role,
        given_at=given_at,
        declined_at=declined.declined_at if declined else None,
        declined_reason=declined.reason if declined else "",
    )


def _opened(one: OpenedFile) -> OpenedFileOut:
    plain = ("id", "envelope", "name", "size", "sha256", "verdict")
    return OpenedFileOut(
        **{name: getattr(one, name) for name in plain},
        session=one.order_id,
        deposit=one.deposit_id,
        number=one.deposit.number,
        bidder=one.deposit.shown_name,
        lot=one.lot.number if one.lot else None,
        fault=reread(one.fault),
    )


def _handover(one: Handover) -> HandoverOut:
    left = handovers.passing(one) if one.ended_at is None else []
    total = one.transfers.count()
    return HandoverOut(
        id=one.pk,
        leaving=one.leaving_id,
        successor=one.successor_id,
        leaving_deals=one.leaving_deals,
        asked_at=one.asked_at,
        begun_at=one.begun_at,
        ended_at=one.ended_at,
        bids=total,
        changed_hands=total - len(left),
    )
