"""What the State tells about letters: a letter came, an answer to one left, arrived, or was refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from territoires.contracts import legality_transmission as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.foundations.exchange import api as exchange
from territoires.kernel.actor import Actor
from territoires.kernel.fact import Fact

from ..domain import letters as rules
from ..domain.letters import REPLY
from ..models import ChannelCode, LetterReply, StateLetter, Transmission
from ..permissions import Legality
from ..queries.letters import live_reply, way_to_answer
from .answering import LONGEST_DETAIL
from .informing import nothing_waits_of, tell_letter, tell_refused_reply, wait_for_answer
from .telling import about_letter, about_reply
from .transmitting import draw_envelope


@action(Legality.RECORD, on="transmission")
def record_letter(
    *,
    actor: Actor,
    transmission: Transmission,
    kind: str,
    dated_on: date,
    text: str,
    document: Any,
    enclosures: Sequence[Any],
    channel: str,
    number: int = 0,
) -> Outcome[StateLetter]:
    """The prefecture wrote about the act: the letter is kept with its enclosures, told, put on the desk, acknowledged.

    ``number`` is what the third party calls it. The receipt is that of whoever took the letter: the third party's, or
    ours for one that came straight.
    """
    letter = StateLetter(
        transmission=transmission,
        kind=kind,
        dated_on=dated_on,
        text=text,
        received_at=actor.now(),
        archive=document,
        channel=channel,
        number=number,
    )
    letter.save(force_insert=True)
    for enclosed in (document, *enclosures):
        documents.attach(enclosed, holder=letter.subject)
    tell_letter(letter, actor)
    wait_for_answer(letter, actor)
    told: list[Fact] = [
        facts.StateLetterReceived(**about_letter(letter), letter=document.sha256, text=text[:LONGEST_DETAIL])
    ]
    if channel == ChannelCode.MINISTRY:
        told += _acknowledge_letter(actor, letter)
    return Outcome(letter, *told)


@action(Legality.RECORD_REPLY, on="reply")
def record_reply_sent(*, actor: Actor, reply: LetterReply, sent_at: datetime) -> Outcome[LetterReply]:
    """The State's service took the envelope. Raises Conflict when an answer was faster than this record."""
    reply.state = REPLY.after(reply.state, "record_sent")
    reply.sent_at = sent_at
    reply.save()
    return Outcome(reply, facts.ReplySent(**about_reply(reply), sent_at=sent_at))


@action(Legality.RECORD_REPLY, on="reply")
def acknowledge_reply(
    *, actor: Actor, reply: LetterReply, received_on: date, document: Any = None
) -> Outcome[LetterReply]:
    """The prefecture received the answer; ``document`` is its message, which a third party may keep to itself."""
    told: list[Fact] = []
    if reply.state == rules.REFUSED and (replaced := live_reply(reply.letter)):
        # The State has the answer after all: what was being prepared in its place is pointless.
        told.append(abandon(replaced))
    reply.state = REPLY.after(reply.state, "acknowledge")
    reply.sent_at = reply.sent_at or actor.now()
    reply.received_on, reply.anomaly_detail = received_on, ""
    _keep(actor, reply, document)
    nothing_waits_of(reply.letter)
    answer = document.sha256 if document else ""
    told.append(facts.ReplyAcknowledged(**about_reply(reply), received_on=received_on, answer=answer))
    return Outcome(reply, *told)


@action(Legality.RECORD_REPLY, on="reply")
def refuse_reply(
    *, actor: Actor, reply: LetterReply, detail: str, document: Any = None, has_arrived: bool = False
) -> Outcome[LetterReply]:
    """The answer counts as not sent, and the letter waits again. ``has_arrived``: the refusal proves it."""
    reply.state = REPLY.after(reply.state, "refuse")
    reply.anomaly_detail = detail[:LONGEST_DETAIL]
    _keep(actor, reply, document, has_arrived=has_arrived)
    if not reply.is_receipt:
        wait_for_answer(reply.letter, actor, refused=reply)
        tell_refused_reply(reply, actor)
    answer = document.sha256 if document else ""
    fact = facts.ReplyRefused(**about_reply(reply), detail=reply.anomaly_detail, answer=answer)
    return Outcome(reply, fact)


def abandon(reply: LetterReply) -> facts.ReplyAbandoned:
    """Ends an answer that nobody has confirmed; the caller leaves the fact."""
    reply.state = REPLY.after(reply.state, "abandon")
    reply.save()
    nothing_waits_of(reply)
    return facts.ReplyAbandoned(**about_reply(reply))


def _acknowledge_letter(actor: Actor, letter: StateLetter) -> list[Fact]:
    """The receipt that the norm makes the transmitter send; none where nothing can leave for the body any more."""
    kind, route = rules.RECEIPTS.get(letter.kind), way_to_answer(letter, actor.now())
    if kind is None or route is None:
        return []
    receipt = LetterReply(letter=letter, kind=kind, state=rules.CONFIRMED, prepared_at=actor.now())
    receipt.save(force_insert=True)
    envelope = draw_reply(actor, receipt, route)
    return [facts.ReceiptOrdered(**about_reply(receipt), envelope=envelope.name)]


def draw_reply(actor: Actor, reply: LetterReply, route: Any) -> Any:
    """The envelope of a message about a letter."""
    transmission = reply.transmission
    return draw_envelope(
        actor, transmission.organisation, reply.kind, transmission=transmission, reply=reply, route=route
    )


def _keep(actor: Actor, reply: LetterReply, document: Any, *, has_arrived: bool = True) -> None:
    if has_arrived:
        envelope = reply.envelope
        exchange.confirm_sent(actor=actor, channel=envelope.route.channel, key=envelope.archive_name)
    if document is not None:
        reply.answer = documents.attach(document, holder=reply.subject)
    reply.save()
