"""Answers to the prefecture's letters, by people: prepared, confirmed with a certificate, given up; letters set aside."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from territoires.contracts import legality_transmission as facts
from territoires.foundations.actions.api import Outcome, action, unchanged
from territoires.foundations.documents import api as documents
from territoires.foundations.identity import api as identity
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Fault, Invalid

from ..domain import letters as rules
from ..domain.letters import REPLY
from ..domain.preflight import FILES_SIZE
from ..models import Act, LetterReply, ReplyFile, Route, StateLetter
from ..permissions import Legality
from ..queries.connection import require_open
from ..queries.files import SoundFile, received
from ..queries.letters import letter_of, live_reply, required_reply, way_to_answer
from .filing import type_code
from .informing import nothing_waits_of, wait_for_answer, wait_for_reply_confirmation
from .letters import abandon, draw_reply
from .moving import stated
from .telling import about_letter, about_reply
from .transmitting import PRESENCE_FOR_SENDING


@action(Legality.PREPARE, on="act")
def prepare_reply(
    *,
    actor: Actor,
    act: Act,
    letter: UUID,
    kind: str,
    files: Sequence[SoundFile],
    piece_type: str = "",
    version: int | None = None,
) -> Outcome[LetterReply]:
    """Makes an answer to a letter ready; nothing leaves before somebody who may send confirms it.

    ``piece_type`` is that of the files, the act's own unless told. Raises Conflict when the letter is answered already
    or cannot be from here, Invalid for an answer that the norm does not have, or too few, many or large files.
    """
    unchanged(act, version)
    found = letter_of(act, letter)
    if kind not in rules.REPLIES[found.kind]:
        raise Invalid(
            "reply-kind",
            "This is no answer to a letter of this kind.",
            "Choose one of those shown.",
            faults=[Fault("kind", "reply-kind", "Choose what you answer.", "It is one of those shown.")],
        )
    if live_reply(found) is not None:
        raise Conflict(
            "already-answered",
            "This letter is answered already, or its answer waits to be confirmed; nothing was done twice.",
            "Reload the page of the act to see where it stands.",
        )
    _required_way(found, actor)
    held = [received(actor, file.document) for file in files]
    _require_files(kind, [document.size for document in held])
    reply = LetterReply(
        letter=found,
        kind=kind,
        piece_type=type_code(piece_type) or act.main_type,
        prepared_by=actor.person,
        prepared_at=actor.now(),
    )
    reply.save(force_insert=True)
    for position, document in enumerate(held, 1):
        documents.attach(document, holder=reply.subject)
        ReplyFile(reply=reply, document=document, position=position).save(force_insert=True)
    wait_for_reply_confirmation(reply, actor)
    return Outcome(reply, facts.ReplyPrepared(**about_reply(reply)))


@action(Legality.SEND, on="act", step_up=PRESENCE_FOR_SENDING)
def confirm_reply(
    *, actor: Actor, act: Act, letter: UUID, version: int | None = None
) -> Outcome[LetterReply]:
    """Orders the answer to leave, in the name of the person whose certificate this request presents.

    It takes the way by which the letter came. Raises Denied or Invalid for the certificate, Conflict when nothing waits
    or the way is closed.
    """
    unchanged(act, version)
    reply = required_reply(letter_of(act, letter))
    certificate = identity.judge_presented_certificate(actor, act.organisation)
    route = _required_way(reply.letter, actor)
    require_open(route.channel, act.organisation.siren)
    reply.state = REPLY.after(reply.state, "confirm")
    reply.confirmed_by, reply.confirmed_at = actor.person, actor.now()
    reply.certificate = certificate.fingerprint
    reply.save()
    envelope = draw_reply(actor, reply, route)
    nothing_waits_of(reply)
    fact = facts.ReplyConfirmed(
        **about_reply(reply),
        channel=route.channel,
        envelope=envelope.name,
        certificate=reply.certificate,
        files=tuple(file.document.sha256 for file in reply.files.select_related("document")),
    )
    return Outcome(reply, fact)


@action(Legality.PREPARE, on="act")
def abandon_reply(
    *, actor: Actor, act: Act, letter: UUID, version: int | None = None
) -> Outcome[LetterReply]:
    """Gives up an answer that nobody has confirmed: the letter waits again. Raises Conflict once it is."""
    unchanged(act, version)
    reply = required_reply(letter_of(act, letter))
    told = abandon(reply)
    wait_for_answer(reply.letter, actor)
    return Outcome(reply, told)


@action(Legality.PREPARE, on="act")
def settle_letter(
    *, actor: Actor, act: Act, letter: UUID, reason: str, version: int | None = None
) -> Outcome[StateLetter]:
    """Takes a letter off the desk: answered otherwise, or no answer is due. Raises Conflict while an answer waits."""
    unchanged(act, version)
    found = letter_of(act, letter)
    if found.settled_at is not None or live_reply(found) is not None:
        raise Conflict(
            "letter-answered",
            "This letter is answered, or set aside already.",
            "Reload the page of the act to see where it stands.",
        )
    said = stated(reason)
    found.settled_at = actor.now()
    found.save(update_fields=["settled_at"])
    nothing_waits_of(found)
    return Outcome(found, facts.StateLetterSettled(**about_letter(found), reason=said))


def _required_way(letter: StateLetter, actor: Actor) -> Route:
    if (route := way_to_answer(letter, actor.now())) is not None:
        return route
    raise Conflict(
        "no-way-to-answer",
        "This letter cannot be answered from here: the way by which it came no longer serves your body.",
        "Answer the prefecture where the letter came from, or on paper; then say here that it is answered.",
    )


def _require_files(kind: str, sizes: Sequence[int]) -> None:
    fault = None
    if not sizes:
        fault = Fault(
            "papers",
            "reply-file-missing",
            "The answer needs a file.",
            "Choose the signed letter, or the pieces.",
        )
    elif len(sizes) > 1 and kind not in rules.WITH_SEVERAL_FILES:
        fault = Fault(
            "papers",
            "reply-one-file",
            "The State takes one file in such an answer.",
            "Put the letter and what goes with it together in one PDF.",
        )
    elif sum(sizes) > FILES_SIZE:
        fault = Fault(
            "papers",
            "reply-too-large",
            "The files are larger than 149 MiB together, the most that fits in what the State takes.",
            "Make the scans lighter, or leave one out.",
        )
    if fault is not None:
        raise Invalid(
            "reply-files", "The answer was not prepared.", "Correct the point below.", faults=[fault]
        )
