"""Committees: their members, and the meetings in which they give an opinion or award."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router, Schema
from pydantic import Field

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import Instant

from ..actions import meeting as verbs
from ..domain.committees import has_quorum
from ..models import Committee, CommitteeMeeting
from ..permissions import Procurement
from ..queries import committees as queries
from .evaluation import lot_of
from .shared import FILE_READ, actor_of, consultation_in, require

router = Router()


class CommitteeMemberIn(Schema):
    """``capacity``: president, titular, substitute or adviser."""

    name: str = Field(max_length=200)
    email: str = Field(max_length=254)
    capacity: str = Field(max_length=10)
    quality: str = Field(default="", max_length=200)


class CommitteeIn(Schema):
    """``kind``: cao, jury, cdsp or internal; ``instrument`` is the act that set it up."""

    name: str = Field(max_length=200)
    kind: str = Field(max_length=10)
    instrument: str = Field(default="", max_length=200)


class MembersIn(Schema):
    members: list[CommitteeMemberIn] = Field(max_length=100)


class CommitteeOut(Schema):
    id: UUID
    name: str
    kind: str
    instrument: str
    members: list[CommitteeMemberIn]


class ConveningIn(Schema):
    committee: UUID
    meets_at: Instant
    place: str = Field(max_length=200)
    agenda: str = Field(max_length=4000)
    shortened_because: str = Field(default="", max_length=4000)


class PlaceOut(Schema):
    """One who was convened; ``conflict``: why this one abstains."""

    id: UUID
    name: str
    capacity: str
    is_present: bool
    replaces: UUID | None
    conflict: str


class DecisionOut(Schema):
    lot: int | None
    outcome: str
    bid: UUID | None
    votes_for: int
    votes_against: int
    abstentions: int
    reason: str


class MeetingOut(Schema):
    """``is_second``: it follows one that lacked its quorum."""

    id: UUID
    committee: UUID
    state: str
    meets_at: datetime
    place: str
    is_second: bool
    has_quorum: bool
    places: list[PlaceOut]
    decisions: list[DecisionOut]
    minutes: str


class PresenceIn(Schema):
    """Ids of places; ``replacing`` leads from a substitute to whose seat is taken."""

    present: list[UUID] = Field(max_length=200)
    replacing: dict[UUID, UUID] = {}


class ConflictIn(Schema):
    place: UUID
    reason: str = Field(max_length=2000)


class DecisionIn(Schema):
    """``outcome``: awarded (with its bid), unsuccessful or opinion."""

    lot: int | None = None
    outcome: str = Field(max_length=12)
    bid: UUID | None = None
    votes_for: int = Field(ge=0, le=200)
    votes_against: int = Field(default=0, ge=0, le=200)
    abstentions: int = Field(default=0, ge=0, le=200)
    reason: str = Field(max_length=2000)


class Remarks(Schema):
    remarks: str = Field(default="", max_length=4000)


@router.get("/committees", response={200: list[CommitteeOut]}, summary="The committees of the body")
def list_committees(request: HttpRequest) -> list[CommitteeOut]:
    actor = require(request, Procurement.KEEP_COMMITTEES)
    return [_committee(one) for one in queries.committees_of(actor.acting_organisation())]


@router.post("/committees", response={201: CommitteeOut}, summary="Set a committee up")
def set_up_committee(request: HttpRequest, given: CommitteeIn) -> tuple[int, CommitteeOut]:
    actor = require(request, Procurement.KEEP_COMMITTEES)
    return 201, _committee(verbs.set_up_committee(actor=actor, **given.model_dump()))


@router.put(
    "/committees/{committee}/members",
    response={200: CommitteeOut},
    summary="Say who sits in a committee from now on",
)
def name_members(request: HttpRequest, committee: UUID, given: MembersIn) -> CommitteeOut:
    actor = require(request, Procurement.KEEP_COMMITTEES)
    members = [verbs.MemberWords(**one.model_dump()) for one in given.members]
    return _committee(verbs.name_members(actor=actor, committee=committee, members=members))


@router.get(
    "/consultations/{consultation}/meetings",
    response={200: list[MeetingOut]},
    summary="The meetings held on a consultation",
)
def list_meetings(request: HttpRequest, consultation: UUID) -> list[MeetingOut]:
    found = consultation_in(request, consultation, Procurement.READ)
    return [_meeting(one) for one in queries.meetings_of(found)]


@router.post(
    "/consultations/{consultation}/meetings", response={201: MeetingOut}, summary="Convene a committee"
)
def convene(request: HttpRequest, consultation: UUID, given: ConveningIn) -> tuple[int, MeetingOut]:
    found = consultation_in(request, consultation, Procurement.CONVENE)
    return 201, _meeting(verbs.convene(actor=actor_of(request), consultation=found, **given.model_dump()))


@router.put(
    "/consultations/{consultation}/meetings/{meeting}/presence",
    response={200: MeetingOut},
    summary="Record who came",
)
def note_presence(request: HttpRequest, consultation: UUID, meeting: UUID, given: PresenceIn) -> MeetingOut:
    found = consultation_in(request, consultation, Procurement.CONVENE)
    verbs.note_presence(actor=actor_of(request), consultation=found, meeting=meeting, **given.model_dump())
    return _meeting(queries.meeting_of(found, meeting))


@router.post(
    "/consultations/{consultation}/meetings/{meeting}/conflicts",
    response={200: MeetingOut},
    summary="Record a conflict of interest: who has it abstains",
)
def declare_conflict(
    request: HttpRequest, consultation: UUID, meeting: UUID, given: ConflictIn
) -> MeetingOut:
    found = consultation_in(request, consultation, Procurement.CONVENE)
    verbs.declare_conflict(
        actor=actor_of(request),
        consultation=found,
        meeting=meeting,
        attendance=given.place,
        reason=given.reason,
    )
    return _meeting(queries.meeting_of(found, meeting))


@router.post(
    "/consultations/{consultation}/meetings/{meeting}/decisions",
    response={200: MeetingOut},
    summary="Record what the committee decides of a lot",
)
def record_decision(request: HttpRequest, consultation: UUID, meeting: UUID, given: DecisionIn) -> MeetingOut:
    found = consultation_in(request, consultation, Procurement.CONVENE)
    words = given.model_dump() | {"lot": lot_of(found, given.lot)}
    verbs.record_decision(actor=actor_of(request), consultation=found, meeting=meeting, **words)
    return _meeting(queries.meeting_of(found, meeting))


@router.post(
    "/consultations/{consultation}/meetings/{meeting}/end",
    response={200: MeetingOut},
    summary="End a meeting: its minutes are printed",
)
def end_meeting(request: HttpRequest, consultation: UUID, meeting: UUID, given: Remarks) -> MeetingOut:
    found = consultation_in(request, consultation, Procurement.CONVENE)
    verbs.hold_to_its_end(actor=actor_of(request), consultation=found, meeting=meeting, remarks=given.remarks)
    return _meeting(queries.meeting_of(found, meeting))


@router.get(
    "/consultations/{consultation}/meetings/{meeting}/minutes",
    summary="The minutes of a meeting that is over, as PDF",
    openapi_extra=FILE_READ,
)
def read_minutes(request: HttpRequest, consultation: UUID, meeting: UUID) -> HttpResponseBase:
    found = consultation_in(request, consultation, Procurement.READ)
    held = queries.meeting_of(found, meeting)
    return documents.download_response(queries.minutes_kept(held), request)


def _committee(one: Committee) -> CommitteeOut:
    return CommitteeOut(
        id=one.pk,
        name=one.name,
        kind=one.kind,
        instrument=one.instrument,
        members=[
            CommitteeMemberIn(name=row.name, email=row.email, capacity=row.capacity, quality=row.quality)
            for row in queries.members_of(one)
        ],
    )


def _meeting(one: CommitteeMeeting) -> MeetingOut:
    is_second = one.after_id is not None
    return MeetingOut(
        id=one.pk,
        committee=one.committee_id,
        state=one.state,
        meets_at=one.meets_at,
        place=one.place,
        is_second=is_second,
        has_quorum=has_quorum(one.committee.kind, queries.seats_of(one), is_second=is_second),
        places=[
            PlaceOut(
                id=row.pk,
                name=row.name,
                capacity=row.capacity,
                is_present=row.is_present,
                replaces=row.replaces_id,
                conflict=row.conflict,
            )
            for row in queries.attendances_of(one)
        ],
        decisions=[
            DecisionOut(
                lot=row.lot.number if row.lot else None,
                outcome=row.outcome,
                bid=row.bid_id,
                votes_for=row.votes_for,
                votes_against=row.votes_against,
                abstentions=row.abstentions,
                reason=row.reason,
            )
            for row in queries.decisions_of(one)
        ],
        minutes=one.minutes.sha256 if one.minutes else "",
    )
