"""What a transmission asks of people: the letters on the desk of those who may, the news told to those who sent it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_noop as _

from territoires.foundations.notifications import api as notifications
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor
from territoires.kernel.fact import Subject

from ..domain.letters import OBSERVATIONS, PIECES_ASKED, REFERRAL, REPLY, SIMPLE
from ..domain.transmission import Explanation
from ..models import Act, LetterReply, StateLetter, Transmission
from ..permissions import Legality
from ..queries.letters import due_on
from ..queries.transmissions import accounts_of
from .waiting import end_of

_ABOUT_LETTER = {
    SIMPLE: _("Read the prefecture's letter"),
    PIECES_ASKED: _("Send the pieces asked for"),
    OBSERVATIONS: _("Answer the observations"),
    REFERRAL: _("Read the referral to the court"),
}


def nothing_waits_of(waiting: StateLetter | LetterReply) -> None:
    """Takes it off the desk: nobody has to do anything."""
    worklist.close_items(waiting.subject)


def wait_for_answer(letter: StateLetter, actor: Actor, refused: LetterReply | None = None) -> None:
    """Puts a letter on the desk of those who may prepare, with the last day to answer; again after a refused answer."""
    state = REPLY.states[refused.state] if refused else None
    day = due_on(letter)
    _open(
        letter.transmission.act,
        actor,
        letter.subject,
        "answer",
        _ABOUT_LETTER[letter.kind],
        Legality.PREPARE,
        state.label if state else _("Letter received"),
        state.tone if state else "wait",
        due_at=end_of(day),
    )


def wait_for_reply_confirmation(reply: LetterReply, actor: Actor) -> None:
    """The answer is ready: in place of the letter, what waits for a certificate, until the same day."""
    nothing_waits_of(reply.letter)
    state, day = REPLY.states[reply.state], due_on(reply.letter)
    _open(
        reply.transmission.act,
        actor,
        reply.subject,
        "confirm",
        _("Confirm the answer to the prefecture"),
        Legality.SEND,
        state.label,
        state.tone,
        due_at=end_of(day),
    )


def tell_refusal(transmission: Transmission, explained: Explanation, actor: Actor) -> None:
    """The State refused the act: who prepared and who sent it read why, and what to do."""
    context = {
        "meaning_fr": explained.meaning.fr,
        "meaning_en": explained.meaning.en,
        "remedy_fr": explained.remedy.fr,
        "remedy_en": explained.remedy.en,
    }
    _tell(transmission, "legality/refused", context, actor)


def tell_letter(letter: StateLetter, actor: Actor) -> None:
    """The prefecture wrote about the act: legal delays may run from today."""
    day = due_on(letter)
    context = {
        "kind": letter.kind,
        "dated_on": letter.dated_on.isoformat(),
        "due_on": day.isoformat() if day else "",
    }
    _tell(letter.transmission, "legality/letter", context, actor)


def tell_refused_reply(reply: LetterReply, actor: Actor) -> None:
    """The State did not take an answer to a letter: who prepared and who sent it read why."""
    context = {"dated_on": reply.letter.dated_on.isoformat(), "detail": reply.anomaly_detail}
    people = {reply.prepared_by, reply.confirmed_by}
    _tell(reply.transmission, "legality/reply_refused", context, actor, people)


def _tell(
    transmission: Transmission,
    template: str,
    context: dict[str, Any],
    actor: Actor,
    people: set[UUID | None] | None = None,
) -> None:
    act = transmission.act
    notifications.notify(
        recipients=_people((people or {transmission.prepared_by, transmission.confirmed_by}) - {None}),
        template=template,
        context={"number": act.number, "object": act.object, "address": _address_of(act), **context},
        matter=act.matter,
        organisation=act.organisation_id,
        at=actor.now(),
    )


def _open(
    act: Act,
    actor: Actor,
    subject: Subject,
    kind: str,
    verb: str,
    permission: Legality,
    state_label: str,
    tone: str,
    *,
    due_at: datetime | None = None,
) -> None:
    worklist.open_item(
        organisation=act.organisation_id,
        subject=subject,
        matter=act.matter,
        kind=kind,
        title=f"{act.number} {act.object}",
        verb=verb,
        address=_address_of(act),
        permission=permission,
        due_at=due_at,
        state_label=state_label,
        tone=tone,
        at=actor.now(),
    )


def _address_of(act: Act) -> str:
    return reverse("legality_desk:act", kwargs={"organisation": act.organisation.reference, "act": act.pk})


def _people(persons: set[UUID | None]) -> list[notifications.Recipient]:
    return [
        notifications.Recipient(account.person_id, account.email, account.person.language)
        for account in accounts_of(persons)
    ]
