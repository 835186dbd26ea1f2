"""Sittings: who was there, how each deliberation was voted, the list and the minutes put on line."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from territoires.foundations.actions import api as rights
from territoires.foundations.registry.api import Day, etag, if_match

from ..actions import minutes, sittings
from ..domain.files import MINUTES
from ..domain.sitting import MOST_MEMBERS, MOST_SECRETARIES, Ballot, Name, SittingWords
from ..models import Act, Sitting
from ..permissions import Legality
from ..queries import files
from ..queries import sittings as queries
from ..queries.minutes import minutes_of
from .shared import FILE_SENT, actor_of, received

router = Router()


class NameIO(Schema):
    given_names: str = Field(max_length=100)
    usual_name: str = Field(max_length=100)

    def as_name(self) -> Name:
        return Name(self.given_names, self.usual_name)


class SittingIn(Schema):
    """What is written of a sitting. ``kind`` is council or board; the counts are of members."""

    held_on: Day
    kind: str = Field(max_length=10)
    presiding: NameIO
    quality: str = Field(max_length=150)
    secretaries: list[NameIO] = Field(max_length=MOST_SECRETARIES)
    in_office: int = Field(ge=0, le=MOST_MEMBERS)
    present: int = Field(ge=0, le=MOST_MEMBERS)
    represented: int = Field(ge=0, le=MOST_MEMBERS)
    attendance: str = Field(default="", max_length=20_000)

    def as_words(self) -> SittingWords:
        plain = self.model_dump(exclude={"presiding", "secretaries"})
        named = [one.as_name() for one in self.secretaries]
        return SittingWords(**plain, presiding=self.presiding.as_name(), secretaries=named)


class Vote(Schema):
    """How a deliberation was voted: adopted, rejected, postponed; counts that nobody gave are null."""

    outcome: str = Field(max_length=10)
    votes_for: int | None = Field(default=None, ge=0, le=MOST_MEMBERS)
    against: int | None = Field(default=None, ge=0, le=MOST_MEMBERS)
    abstention: int | None = Field(default=None, ge=0, le=MOST_MEMBERS)
    not_voting: int | None = Field(default=None, ge=0, le=MOST_MEMBERS)
    names: str = Field(default="", max_length=20_000)


class Ballots(Schema):
    """The votes to write, by the id of their act; those that are absent stay."""

    ballots: dict[UUID, Vote]


class Examined(Schema):
    act: UUID
    number: str
    object: str
    state: str
    vote: Vote | None


class SittingLine(Schema):
    id: UUID
    held_on: date
    kind: str
    version: int
    listed_at: datetime | None
    minutes_at: datetime | None


class SittingOut(SittingIn):
    """A sitting with its deliberations, its list and its minutes; ``*_due_on`` are the last days that the law gives."""

    id: UUID
    version: int
    held_on: date
    listed_at: datetime | None
    list_due_on: date
    list_sha256: str | None
    minutes_at: datetime | None
    minutes_adopted_on: date | None
    minutes_due_on: date | None
    minutes_sha256: str | None
    acts: list[Examined]


@router.get("/sittings", response={200: list[SittingLine]}, summary="List the sittings of your body")
def list_sittings(request: HttpRequest) -> list[SittingLine]:
    """The latest hundred."""
    if not actor_of(request).holds(Legality.READ_SITTING):
        raise rights.denied(Legality.READ_SITTING)
    found = queries.sittings_of(actor_of(request))
    return [SittingLine(**{name: getattr(one, name) for name in SittingLine.model_fields}) for one in found]


@router.post("/sittings", response={201: SittingOut}, summary="Record a sitting")
def open_sitting(request: HttpRequest, response: HttpResponse, words: SittingIn) -> tuple[int, SittingOut]:
    opened = sittings.open_sitting(actor=actor_of(request), words=words.as_words())
    response["Location"] = f"{request.path.rstrip('/')}/{opened.pk}"
    return 201, _shown(request, response, opened.pk)


@router.get("/sittings/{sitting}", response={200: SittingOut}, summary="Read a sitting")
def read_sitting(request: HttpRequest, response: HttpResponse, sitting: UUID) -> SittingOut:
    return _shown(request, response, sitting)


@router.put("/sittings/{sitting}", response={200: SittingOut}, summary="Correct a sitting")
def change_sitting(
    request: HttpRequest, response: HttpResponse, sitting: UUID, words: SittingIn
) -> SittingOut:
    found = queries.sitting_of(actor_of(request), sitting, Legality.KEEP_SITTING)
    sittings.change_sitting(
        actor=actor_of(request), sitting=found, words=words.as_words(), version=if_match(request)
    )
    return _shown(request, response, sitting)


@router.put("/sittings/{sitting}/votes", response={200: SittingOut}, summary="Write the votes of a sitting")
def capture_votes(request: HttpRequest, response: HttpResponse, sitting: UUID, votes: Ballots) -> SittingOut:
    found = queries.sitting_of(actor_of(request), sitting, Legality.KEEP_SITTING)
    ballots = {act: Ballot(**vote.model_dump()) for act, vote in votes.ballots.items()}
    sittings.capture_votes(actor=actor_of(request), sitting=found, ballots=ballots, version=if_match(request))
    return _shown(request, response, sitting)


@router.post("/sittings/{sitting}/publish-list", response={200: SittingOut}, summary="Put the list on line")
def publish_list(request: HttpRequest, response: HttpResponse, sitting: UUID) -> SittingOut:
    """The platform prints the list as the sitting stands."""
    actor = actor_of(request)
    found = queries.sitting_of(actor, sitting, Legality.LIST)
    sittings.publish_list(actor=actor, sitting=found, version=if_match(request))
    return _shown(request, response, sitting)


@router.post(
    "/sittings/{sitting}/publish-minutes",
    response={200: SittingOut},
    summary="Put the minutes on line",
    openapi_extra=FILE_SENT,
)
def publish_minutes(
    request: HttpRequest, response: HttpResponse, sitting: UUID, name: str, adopted_on: Day
) -> SittingOut:
    """The body of the request is the PDF itself; ``adopted_on`` is the day of the sitting that adopted it."""
    actor = actor_of(request)
    found = queries.sitting_of(actor, sitting, Legality.LIST)
    file = files.sound_file(actor, received(request, actor, name), MINUTES)
    minutes.publish_minutes(
        actor=actor, sitting=found, file=file, adopted_on=adopted_on, version=if_match(request)
    )
    return _shown(request, response, sitting)


def _shown(request: HttpRequest, response: HttpResponse, key: UUID) -> SittingOut:
    found = queries.sitting_of(actor_of(request), key)
    response["ETag"] = etag(found.version)
    due = minutes_of(found)
    plain = (
        "id",
        "version",
        "held_on",
        "kind",
        "quality",
        "in_office",
        "present",
        "represented",
        "attendance",
    )
    return SittingOut(
        **{name: getattr(found, name) for name in plain},
        presiding=NameIO(given_names=found.given_names, usual_name=found.usual_name),
        secretaries=_secretaries(found),
        listed_at=found.listed_at,
        list_due_on=queries.due_on(found),
        list_sha256=found.list_file.sha256 if found.list_file else None,
        minutes_at=found.minutes_at,
        minutes_adopted_on=due.adopted_on,
        minutes_due_on=due.due_on,
        minutes_sha256=found.minutes_file.sha256 if found.minutes_file else None,
        acts=[_examined(act) for act in queries.acts_of(found)],
    )


def _secretaries(sitting: Sitting) -> list[NameIO]:
    return [
        NameIO(given_names=one.given_names, usual_name=one.usual_name) for one in sitting.secretaries.all()
    ]


def _examined(act: Act) -> Examined:
    ballot = queries.ballot_of(act)
    voted = Vote(**{name: getattr(ballot, name) for name in Vote.model_fields}) if ballot else None
    return Examined(act=act.pk, number=act.number, object=act.object, state=act.state, vote=voted)
