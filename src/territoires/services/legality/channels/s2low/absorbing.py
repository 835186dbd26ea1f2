"""What it means: reports on our transactions, and letters, read and handed to one action."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from territoires.foundations.documents import api as documents
from territoires.foundations.exchange import api as exchange
from territoires.kernel.actor import system_actor
from territoires.kernel.clock import legal_day, system_clock
from territoires.kernel.errors import Invalid

from ...actions import answering, enveloping, letters
from ...domain import letters as letter_rules
from ...domain import s2low
from ...domain import transmission as rules
from ...domain.actes.names import ActIdentifier
from ...domain.actes.reading import (
    MESSAGE_LIMIT,
    ActAcknowledged,
    ActRefused,
    CancellationAcknowledged,
    ClassificationReturned,
    ReplyAcknowledged,
    StateMessage,
    read_message,
)
from ...domain.letters import ACKNOWLEDGED_BY, SENT_BY_BODY, UNDER_WAY
from ...domain.s2low import ACKNOWLEDGED, FAILED, Declined, Odd, Report
from ...models import Envelope, Transmission, known
from ...queries import transmissions as queries
from .. import answers

WORKER = "worker"
_REPORT = re.compile(r"transaction-\d+\.report", re.ASCII)
_LETTER = re.compile(r"letter-(\d+)\.tar\.gz", re.ASCII)


@dataclass(frozen=True, slots=True)
class Told:
    """A report being read: the envelope that it answers, and the document that keeps it."""

    report: Report
    envelope: Envelope
    document: Any

    @property
    def transmission(self) -> Transmission:
        return known(self.envelope.transmission)

    def message(self) -> StateMessage:
        """What the State wrote. Raises Invalid when it wrote nothing that can be read."""
        return read_message(self._bytes())

    def message_document(self) -> Any:
        """The State's message as a document of its own."""
        return documents.receive(
            [self._bytes()],
            name=f"{self.report.envelope.removesuffix('.xml')}-{self.report.transaction}.xml",
            organisation=self.envelope.organisation_id,
            actor=system_actor(WORKER, organisation=self.envelope.organisation_id),
            limit=MESSAGE_LIMIT,
        )

    def _bytes(self) -> bytes:
        try:
            return self.report.message
        except (Odd, Declined) as failure:
            raise _unreadable(self.report) from failure


def absorb(incoming: exchange.Incoming) -> None:
    """Reads one arrival: a report on a transaction of ours, or a letter of the prefecture."""
    if _REPORT.fullmatch(incoming.name) is None:
        letter = _LETTER.fullmatch(incoming.name)
        answers.absorb(incoming, number=int(letter[1]) if letter else 0)
        return
    report = Report.read(b"".join(incoming.chunks()))
    envelope = queries.envelope_named(report.envelope, report.siren, channel=incoming.channel)
    _HANDLERS[envelope.kind](Told(report, envelope, incoming.document))


def _act_told(told: Told) -> None:
    transmission = told.transmission
    if told.report.status in ACKNOWLEDGED:
        _acknowledged(told, transmission)
    elif told.report.status not in FAILED:
        raise _unreadable(told.report)
    elif transmission.state in (rules.CONFIRMED, rules.SENT):
        _refused(told, transmission)


def _refused(told: Told, transmission: Transmission) -> None:
    nature, detail = _refusal(told)
    actor = _actor(told)
    answering.refuse(
        actor=actor,
        transmission=transmission,
        nature=nature,
        detail=detail,
        envelope=told.envelope,
        document=told.message_document() if told.report.message else told.document,
    )
    if detail.startswith(rules.STALE_CLASSIFICATION):
        # The third party writes the date of its own copy, one for each body: it is this one that must be renewed.
        enveloping.request_classification(
            actor=actor,
            organisation=told.envelope.organisation,
            department=told.envelope.convention.department,
        )


def _acknowledged(told: Told, transmission: Transmission) -> None:
    message = told.message()
    if not isinstance(message, ActAcknowledged):
        raise _unreadable(told.report)
    _require_same(message.act, transmission)
    if transmission.state in (*rules.RECEIVED, rules.CANCELLED):
        return
    actor = _actor(told)
    answering.acknowledge(
        actor=actor,
        transmission=transmission,
        envelope=told.envelope,
        received_on=message.received_on,
        document=told.message_document(),
    )
    answers.ask_when_newer(transmission, message.classification_on, actor)


def _cancellation_told(told: Told) -> None:
    transmission = told.transmission
    if transmission.state != rules.CANCELLING:
        return
    if told.report.status in FAILED:
        _nature, detail = _refusal(told)
        answering.refuse_cancellation(
            actor=_actor(told), transmission=transmission, detail=detail, document=told.document
        )
        return
    message = told.message()
    if told.report.status not in ACKNOWLEDGED or not isinstance(message, CancellationAcknowledged):
        raise _unreadable(told.report)
    _require_same(message.act, transmission)
    answering.record_cancelled(
        actor=_actor(told),
        transmission=transmission,
        envelope=told.envelope,
        cancelled_on=message.received_on,
        document=told.message_document(),
    )


def _reply_told(told: Told) -> None:
    reply, status = known(told.envelope.reply), told.report.status
    if status in FAILED:
        if reply.state in UNDER_WAY:
            detail = s2low.status_in(told.report.answer).words
            letters.refuse_reply(
                actor=_actor(told), reply=reply, detail=detail, document=told.document, has_arrived=True
            )
        return
    if reply.state == letter_rules.ACKNOWLEDGED or reply.kind not in ACKNOWLEDGED_BY:
        return
    message = told.message() if told.report.message else None
    if message is None:  # the third party says it in its own way: its report is the proof
        received_on, document = legal_day(system_clock()), told.document
    elif isinstance(message, ReplyAcknowledged):
        _require_same(message.act, reply.transmission)
        received_on, document = message.received_on, told.message_document()
    else:
        raise _unreadable(told.report)
    letters.acknowledge_reply(actor=_actor(told), reply=reply, received_on=received_on, document=document)


def _classification_told(told: Told) -> None:
    message = told.message()
    if not isinstance(message, ClassificationReturned):
        raise _unreadable(told.report)
    enveloping.record_classification(
        actor=system_actor(WORKER),
        department=told.envelope.convention.department,
        dated_on=message.dated_on,
        lists=answers.lists_of(message),
        document=told.message_document(),
    )


def _refusal(told: Told) -> tuple[str, str]:
    """The nature and words of a refusal: the State's when its message came, else the third party's own."""
    with contextlib.suppress(Invalid):
        message = told.message()
        if isinstance(message, ActRefused):
            return message.nature, message.detail
    return "", s2low.status_in(told.report.answer).words


def _require_same(act: ActIdentifier, transmission: Transmission) -> None:
    if str(act) != transmission.identifier:
        raise Invalid(
            "answer-about-another-act",
            "This is the answer to %(sent)s, and it speaks of %(answered)s: it was not used.",
            "Tell the third party, which took the answer of another act for this one's.",
            params={"sent": transmission.identifier, "answered": str(act)},
        )


def _unreadable(report: Report) -> Invalid:
    return Invalid(
        "third-party-report",
        "The third party says of its transaction %(transaction)s what an answer to ours does not say (status %(status)s).",
        "Look it up there: somebody may have cancelled or destroyed it by hand.",
        params={"transaction": report.transaction, "status": report.status},
    )


_HANDLERS: dict[str, Callable[[Told], None]] = {
    Envelope.Kind.ACT: _act_told,
    Envelope.Kind.CANCELLATION: _cancellation_told,
    Envelope.Kind.CLASSIFICATION: _classification_told,
    **dict.fromkeys(SENT_BY_BODY, _reply_told),
}


def _actor(told: Told) -> Any:
    return system_actor(WORKER, organisation=told.envelope.organisation_id)
