"""Answers to the prefecture's letters: prepared, given up, set aside; a person with a certificate confirms them on a page."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from territoires.foundations.registry.api import if_match

from ..actions import replying
from ..domain.files import REPLY
from ..models import Act
from ..permissions import Legality
from ..queries import acts as queries
from ..queries import files
from ..queries.letters import letter_of
from ..queries.situation import received_letter
from .acts import ActReason
from .shared import FILE_SENT, FileOut, actor_of, file_out, received
from .transmission import LetterOut, letter_out

router = Router()
ONE = "/acts/{act}/letters/{letter}"


class ReplyIn(Schema):
    """``files`` are ids of files sent before; ``piece_type`` is theirs, the act's own when absent."""

    kind: Literal["2-2", "3-3", "3-4", "4-3", "4-4"]
    files: list[UUID] = Field(max_length=50)
    piece_type: str = Field(default="", max_length=5)


@router.get(ONE, response={200: LetterOut}, summary="A letter of the prefecture and what answers it")
def read_state_letter(request: HttpRequest, act: UUID, letter: UUID) -> LetterOut:
    return _shown(request, queries.act_of(actor_of(request), act), letter)


@router.post(
    ONE + "/files", response={201: FileOut}, summary="Send a file of an answer", openapi_extra=FILE_SENT
)
def post_reply_file(request: HttpRequest, act: UUID, letter: UUID, name: str) -> tuple[int, FileOut]:
    """The body of the request is the file itself; its id goes into the answer."""
    actor = actor_of(request)
    letter_of(queries.act_of(actor, act, Legality.PREPARE), letter)
    return 201, file_out(files.received(actor, received(request, actor, name)), "")


@router.post(
    ONE + "/reply",
    response={201: LetterOut},
    summary="Make an answer ready; a person with a certificate then confirms it",
)
def prepare_reply(request: HttpRequest, act: UUID, letter: UUID, given: ReplyIn) -> tuple[int, LetterOut]:
    actor = actor_of(request)
    found = queries.act_of(actor, act, Legality.PREPARE)
    letter_of(found, letter)
    replying.prepare_reply(
        actor=actor,
        act=found,
        letter=letter,
        kind=given.kind,
        files=[files.sound_file(actor, one, REPLY) for one in given.files],
        piece_type=given.piece_type,
        version=if_match(request),
    )
    return 201, _shown(request, found, letter)


@router.delete(ONE + "/reply", response={200: LetterOut}, summary="Give up an answer before it leaves")
def abandon_reply(request: HttpRequest, act: UUID, letter: UUID) -> LetterOut:
    found = queries.act_of(actor_of(request), act, Legality.PREPARE)
    replying.abandon_reply(actor=actor_of(request), act=found, letter=letter, version=if_match(request))
    return _shown(request, found, letter)


@router.post(
    ONE + "/settle",
    response={200: LetterOut},
    summary="Take a letter off the desk: answered otherwise, or none is due",
)
def settle_letter(request: HttpRequest, act: UUID, letter: UUID, why: ActReason) -> LetterOut:
    found = queries.act_of(actor_of(request), act, Legality.PREPARE)
    replying.settle_letter(
        actor=actor_of(request), act=found, letter=letter, reason=why.reason, version=if_match(request)
    )
    return _shown(request, found, letter)


def _shown(request: HttpRequest, act: Act, letter: UUID) -> LetterOut:
    return letter_out(received_letter(letter_of(act, letter), actor_of(request).now()))
