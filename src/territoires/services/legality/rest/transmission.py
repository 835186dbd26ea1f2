"""The way of an act to the State: prepared, corrected or given up here; a person with a certificate confirms it on a page."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from ..actions import transmitting
from ..models import LetterReply
from ..queries import acts as queries
from ..queries.situation import ReceivedLetter, Sending, situation_of
from .acts import ActOut, performed
from .shared import actor_of

router = Router()


class TransmissionOut(Schema):
    """One sending of an act to the State. ``explanation`` and ``remedy`` are told of a refusal."""

    rank: int
    state: str
    channel: str
    identifier: str
    prepared_at: datetime
    confirmed_at: datetime | None
    sent_at: datetime | None
    received_on: date | None
    cancelled_on: date | None
    anomaly_nature: str
    anomaly_detail: str
    explanation: str = ""
    remedy: str = ""
    acknowledgement: str | None = Field(None, description="SHA-256 of the bytes")


class ReplyOut(Schema):
    """What answers a letter: its kind (2-2 to 4-4; 3-2 and 4-2 are receipts that leave by themselves) and its state."""

    id: UUID
    kind: str
    state: str
    prepared_at: datetime
    confirmed_at: datetime | None
    sent_at: datetime | None
    received_on: date | None
    files: list[str] = Field(description="SHA-256 of each file")


class LetterOut(Schema):
    """What the prefecture wrote: 2-1 letter, 3-1 pieces asked for, 4-1 observations, 5-1 referral to the court.

    ``due_on`` is the last day to answer; ``verbs`` are what may be done about it now.
    """

    id: UUID
    kind: str
    dated_on: date
    text: str
    files: list[str] = Field(description="SHA-256 of each file")
    due_on: date | None
    settled_at: datetime | None
    replies: list[ReplyOut]
    verbs: list[str]


class WayToState(Schema):
    """The sendings of an act, the latest first, and the letters of the prefecture. ``verbs``: what may be done now
    about the latest; ``confirm`` and ``cancel`` ask for a certificate, on a page."""

    transmissions: list[TransmissionOut]
    letters: list[LetterOut]
    verbs: list[str]


@router.get(
    "/acts/{act}/transmissions", response={200: WayToState}, summary="Where an act is on its way to the State"
)
def read_transmissions(request: HttpRequest, act: UUID) -> WayToState:
    actor = actor_of(request)
    situation = situation_of(queries.act_of(actor, act), actor.now())
    return WayToState(
        transmissions=[_transmission(one, actor.language) for one in situation.sendings],
        letters=[letter_out(one) for one in situation.letters],
        verbs=situation.verbs,
    )


@router.post(
    "/acts/{act}/prepare-transmission",
    response={200: ActOut},
    summary="Make an act ready for the State; a person with a certificate then confirms it",
)
def prepare_transmission(request: HttpRequest, response: HttpResponse, act: UUID) -> ActOut:
    return performed(request, response, transmitting.prepare_transmission, act)


class Corrections(Schema):
    """What the State is told anew of a refused act; what was signed does not change. ``number``: the act's with its
    suffix, where it was refused for its number."""

    matter_code: str = Field(max_length=16)
    main_type: str = Field(max_length=5)
    annex_types: dict[UUID, str] = {}
    number: str = Field(default="", max_length=30)


@router.post(
    "/acts/{act}/reissue-transmission",
    response={200: ActOut},
    summary="Correct what the State refused, and make it ready again",
)
def reissue_transmission(
    request: HttpRequest, response: HttpResponse, act: UUID, given: Corrections
) -> ActOut:
    arguments = given.model_dump() | {"annex_types": list(given.annex_types.items())}
    return performed(request, response, transmitting.reissue_transmission, act, **arguments)


@router.post(
    "/acts/{act}/abandon-transmission",
    response={200: ActOut},
    summary="Give up a transmission that nobody has confirmed",
)
def abandon_transmission(request: HttpRequest, response: HttpResponse, act: UUID) -> ActOut:
    return performed(request, response, transmitting.abandon_transmission, act)


def letter_out(received: ReceivedLetter) -> LetterOut:
    plain = ("id", "kind", "dated_on", "text", "settled_at")
    return LetterOut(
        **{name: getattr(received.letter, name) for name in plain},
        files=[file.sha256 for file in received.files],
        due_on=received.due_on,
        replies=[reply_out(one) for one in received.replies],
        verbs=[verb for verb in received.verbs if verb != "confirm"],
    )


def reply_out(reply: LetterReply) -> ReplyOut:
    plain = {name: getattr(reply, name) for name in ReplyOut.model_fields if name != "files"}
    return ReplyOut(**plain, files=[one.document.sha256 for one in reply.files.select_related("document")])


def _transmission(sending: Sending, language: str) -> TransmissionOut:
    row, explained = sending.transmission, sending.explanation
    named = {"explanation", "remedy", "acknowledgement"}
    return TransmissionOut(
        **{name: getattr(row, name) for name in TransmissionOut.model_fields if name not in named},
        explanation=explained.meaning.in_language(language) if explained else "",
        remedy=explained.remedy.in_language(language) if explained else "",
        acknowledgement=row.acknowledgement.sha256 if row.acknowledgement else None,
    )
