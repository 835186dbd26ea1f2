"""From bytes that came in to what they do: read, matched with what was sent, handed to one action.

Whatever is not understood, or answers nothing of ours, raises Invalid: it is then kept in quarantine with the reason.
"""

from __future__ import annotations

import email
import email.policy
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any
from uuid import UUID

from territoires.foundations.documents import api as documents
from territoires.foundations.exchange import api as exchange
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.errors import Invalid

from ..actions import answering, enveloping, letters
from ..domain import letters as letter_rules
from ..domain import transmission as rules
from ..domain.actes import archives
from ..domain.actes.authenticity import StateMail, is_from_state
from ..domain.actes.names import ANOMALY_PREFIX, EnvelopeName, MessageName
from ..domain.actes.reading import (
    MESSAGE_LIMIT,
    ActAcknowledged,
    ActRefused,
    CancellationAcknowledged,
    ClassificationReturned,
    ClassificationUnchanged,
    EnvelopeRefused,
    Letter,
    ReceivedEnvelope,
    Referred,
    ReplyAcknowledged,
    StateMessage,
    read_message,
)
from ..models import Envelope, LetterReply, Transmission, known
from ..queries import transmissions as queries
from ..queries.connection import connection
from ..queries.envelopes import is_classification_asked
from ..queries.letters import reply_answered
from ..queries.readiness import version_in_force

WORKER = "worker"
WHOLE_MAIL = "mail.eml"
MULTI_CHANNEL = "multi-canal"
GZIP = b"\x1f\x8b"
ENCLOSURE_LIMIT = archives.SIZE_LIMIT


@dataclass(frozen=True)
class File:
    """One file of a mail. ``document`` is what is kept of it: the archive, for a file that came inside one."""

    name: str
    document: Any
    inside: bytes | None = None

    @property
    def content(self) -> bytes:
        """The bytes. Raises Invalid past the size of a message; enclosures are never read."""
        if self.inside is not None:
            return self.inside
        if self.document.size > MESSAGE_LIMIT:
            raise _unreadable(self.name)
        return b"".join(documents.open_stream(self.document))

    @cached_property
    def message(self) -> StateMessage:
        """What it says, read once. Raises Invalid when it is no message of the State."""
        return read_message(self.content)

    @property
    def is_message(self) -> bool:
        """Judged by its name: what the State writes to be read by machines ends so."""
        return self.name.lower().endswith(".xml")

    def as_document(self, actor: Actor, organisation: Any) -> Any:
        """A document of its own, also for a file that came inside an archive."""
        if self.inside is None:
            return self.document
        return documents.receive(
            [self.inside], name=self.name, organisation=organisation, actor=actor, limit=ENCLOSURE_LIMIT
        )


@dataclass(frozen=True)
class Package:
    """What came together: messages, the State's envelope around them, documents; fetched once somebody asks."""

    fetch: Callable[[], list[File]]

    @cached_property
    def files(self) -> list[File]:
        return self.fetch()

    @cached_property
    def envelope(self) -> ReceivedEnvelope | None:
        """The State's envelope; an anomaly comes without one."""
        for file in self.files:
            if EnvelopeName.parse(file.name) is not None:
                found = file.message
                return found if isinstance(found, ReceivedEnvelope) else None
        return None

    def named(self, names: tuple[str, ...]) -> list[File]:
        return [file for file in self.files if file.name in names]


@dataclass(frozen=True, slots=True)
class Received:
    """One message being read: its file, what came with it, and by which channel."""

    file: File
    package: Package
    channel: str
    number: int = 0
    """What the third party calls it; 0 for what came straight."""

    @property
    def siren(self) -> str:
        """The body to which the State says that it writes; empty when nothing says it."""
        if self.package.envelope is not None:
            return self.package.envelope.siren
        name = MessageName.parse(self.file.name)
        return name.siren if name else ""

    @property
    def department(self) -> str:
        return self.package.envelope.department if self.package.envelope else self.file.name[:3]

    def require_for(self, siren: str) -> None:
        """Raises Invalid when the message is about one body and made out to another."""
        if self.siren not in ("", siren):
            raise Invalid(
                "answer-for-another-body",
                "This is about the body %(siren)s and made out to %(other)s: it was not used.",
                "Tell the ministry, which made it out to the wrong body.",
                params={"siren": siren, "other": self.siren},
            )


class Mails:
    """Arrivals that are read together: each file is opened and read once, whichever of them asks."""

    def __init__(self) -> None:
        self._files: dict[UUID, File] = {}

    def file(self, incoming: exchange.Incoming) -> File:
        return self._files.setdefault(incoming.arrival, File(incoming.name, incoming.document))

    def received(self, incoming: exchange.Incoming) -> Received:
        """The arrival as a message, with what came with it."""
        package = Package(lambda: [self.file(one) for one in incoming.companions()])
        return Received(self.file(incoming), package, incoming.channel)


def absorb_all(incoming: Sequence[exchange.Incoming]) -> None:
    """Reads arrivals in their order; acknowledgements of acts that follow each other are recorded together."""
    mails = Mails()
    acknowledged: list[tuple[Received, ActAcknowledged]] = []
    for one in incoming:
        file = mails.file(one)
        message = file.message if file.is_message else None
        if isinstance(message, ActAcknowledged):
            acknowledged.append((mails.received(one), message))
        elif not isinstance(message, ReceivedEnvelope):  # which is read with what it encloses
            _acknowledged_together(acknowledged)
            acknowledged = []
            absorb(one, mails=mails)
    _acknowledged_together(acknowledged)


def absorb(incoming: exchange.Incoming, number: int = 0, mails: Mails | None = None) -> None:
    """Reads one arrival; see ``exchange.Channel.absorb``. ``number`` is that of a third party's letter."""
    if incoming.name == WHOLE_MAIL:
        _judge_mail(b"".join(incoming.chunks()))
        return
    received = (mails or Mails()).received(incoming)
    file, package = received.file, received.package
    if file.is_message:
        _read(received)
    elif next(iter(incoming.chunks()), b"")[:2] == GZIP:
        _read_all(incoming, number)
    elif not any(incoming.name in _documents_of(other) for other in package.files if other.is_message):
        raise _unreadable(incoming.name)


def lists_of(message: ClassificationReturned) -> dict[str, Any]:
    """What is kept of a classification."""
    return {
        "matters": [[entry.code, entry.label] for entry in message.matters],
        "piece_types": {
            nature: [[entry.code, entry.label] for entry in entries]
            for nature, entries in message.piece_types.items()
        },
    }


def is_welcome(mail: bytes) -> bool:
    """Whether the mail comes from the State, as far as our mail server could tell; see ``authenticity``."""
    way = connection()
    return way is not None and (way.state_mail is None or _comes_from(mail, way.state_mail))


def _comes_from(mail: bytes, rule: StateMail) -> bool:
    message = email.message_from_bytes(mail, policy=email.policy.compat32)
    return is_from_state([str(one) for one in message.get_all("Authentication-Results", [])], rule)


def _judge_mail(mail: bytes) -> None:
    """A mail without a message: the notice that an act is followed by paper is expected, all else is not."""
    if not is_welcome(mail):
        raise Invalid(
            "mail-not-from-state",
            "Our mail server could not prove that the State wrote this mail: nothing in it was used.",
            "Check its sender; the operator's file of this exchange says which domains are the State's.",
        )
    message = email.message_from_bytes(mail, policy=email.policy.default)
    if MULTI_CHANNEL not in str(message.get("Subject", "")).lower():
        raise _unreadable(str(message.get("Subject", "")) or WHOLE_MAIL)


def _read_all(incoming: exchange.Incoming, number: int) -> None:
    unpacked = list(_unpacked(incoming))
    package = Package(lambda: unpacked)
    for file in unpacked:
        if file.is_message:
            _read(Received(file, package, incoming.channel, number))


def _unpacked(incoming: exchange.Incoming) -> Iterator[File]:
    stream = BytesIO(b"".join(incoming.chunks()))
    for name, content in archives.unpack(stream):
        yield File(name, incoming.document, content)


def _documents_of(file: File) -> tuple[str, ...]:
    try:
        message = file.message
    except Invalid:
        return ()
    return message.documents if isinstance(message, Letter | Referred) else ()


def _read(received: Received) -> None:
    message = received.file.message
    _HANDLERS[type(message)](received, message)


def _acknowledged(received: Received, message: ActAcknowledged) -> None:
    received.require_for(message.act.siren)
    transmission = queries.answered(str(message.act), channel=received.channel)
    if transmission.state in (*rules.RECEIVED, rules.CANCELLED):
        return  # the State says it again
    actor = _actor(transmission)
    answering.acknowledge(
        actor=actor,
        transmission=transmission,
        envelope=_arrived(transmission),
        received_on=message.received_on,
        document=received.file.document,
    )
    ask_when_newer(transmission, message.classification_on, actor)


def _acknowledged_together(answers: Sequence[tuple[Received, ActAcknowledged]]) -> None:
    """The same for several: those whose sending is recorded and who are not answered yet are one gesture of each body."""
    if not answers:
        return
    channel = answers[0][0].channel
    found = queries.answered_all((str(message.act) for _received, message in answers), channel=channel)
    plain: dict[UUID, dict[UUID, tuple[Received, ActAcknowledged]]] = defaultdict(dict)
    others = []
    for received, message in answers:
        received.require_for(message.act.siren)
        transmission = found[str(message.act)]
        of_body = plain[transmission.organisation_id]
        if transmission.state == rules.SENT and transmission.pk not in of_body:
            of_body[transmission.pk] = received, message
        else:
            others.append((received, message))
    for organisation, of_body in plain.items():
        _acknowledge_of(system_actor(WORKER, organisation=organisation), of_body)
    for received, message in others:
        _acknowledged(received, message)


def _acknowledge_of(actor: Actor, answers: Mapping[UUID, tuple[Received, ActAcknowledged]]) -> None:
    if not answers:
        return
    recorded = answering.acknowledge_all(
        actor=actor,
        transmissions=list(answers),
        receipts={
            key: answering.Receipt(message.received_on, received.file.document)
            for key, (received, message) in answers.items()
        },
    )
    for transmission in recorded:
        ask_when_newer(transmission, answers[transmission.pk][1].classification_on, actor)


def _arrived(transmission: Transmission) -> Envelope | None:
    """The envelope of an act that an answer proves to have arrived; None when that is recorded already."""
    return None if transmission.state == rules.SENT else queries.left(transmission, Envelope.Kind.ACT)


def _refused(received: Received, message: ActRefused) -> None:
    transmission = queries.refused_act(received.siren, message.received, channel=received.channel)
    if transmission.state not in (rules.CONFIRMED, rules.SENT):
        return  # said again, or a second envelope of an act that the State has
    actor = _actor(transmission)
    answering.refuse(
        actor=actor,
        transmission=transmission,
        nature=message.nature,
        detail=message.detail,
        envelope=_arrived(transmission),
        document=received.file.document,
    )
    ask_when_newer(transmission, message.classification_on, actor)


def _envelope_refused(received: Received, message: EnvelopeRefused) -> None:
    name = received.file.name.removeprefix(ANOMALY_PREFIX)
    envelope = queries.envelope_named(name, message.siren, channel=received.channel)
    transmission = envelope.transmission
    if transmission is None:
        return  # a request for a classification: the next night asks again
    actor = _actor(transmission)
    if envelope.reply is not None:
        _reply_refused(received, message, envelope.reply, actor)
        return
    if envelope.kind == Envelope.Kind.ACT and transmission.state in (rules.CONFIRMED, rules.SENT):
        answering.refuse(
            actor=actor,
            transmission=transmission,
            nature=message.nature,
            detail=message.detail,
            envelope=envelope,
            document=received.file.document,
        )
    elif envelope.kind == Envelope.Kind.CANCELLATION and transmission.state == rules.CANCELLING:
        answering.refuse_cancellation(
            actor=actor, transmission=transmission, detail=message.detail, document=received.file.document
        )


def _reply_refused(received: Received, message: EnvelopeRefused, reply: LetterReply, actor: Actor) -> None:
    if reply.state not in letter_rules.UNDER_WAY:
        return  # said again
    letters.refuse_reply(
        actor=actor,
        reply=reply,
        detail=message.detail,
        document=received.file.document,
        has_arrived=True,
    )


def _cancelled(received: Received, message: CancellationAcknowledged) -> None:
    received.require_for(message.act.siren)
    transmission = queries.answered(str(message.act), channel=received.channel)
    if transmission.state == rules.CANCELLED:
        return
    answering.record_cancelled(
        actor=_actor(transmission),
        transmission=transmission,
        envelope=queries.left(transmission, Envelope.Kind.CANCELLATION),
        cancelled_on=message.received_on,
        document=received.file.document,
    )


def _letter(received: Received, message: Letter | Referred) -> None:
    received.require_for(message.act.siren)
    transmission = queries.written_about(str(message.act))
    kind, dated_on, text = (
        (message.kind, message.dated_on, message.text)
        if isinstance(message, Letter)
        else ("5-1", message.filed_on, message.illegality)
    )
    before = transmission.letters.filter(kind=kind, dated_on=dated_on).first()
    if before is not None and before.text == text:
        return  # said again
    if before is not None:
        raise Invalid(
            "letter-of-the-same-day",
            "A letter of this kind and day about the act %(identifier)s is here already, and says something else.",
            "Read both, and tell the body that two letters came.",
            params={"identifier": transmission.identifier},
        )
    actor = _actor(transmission)
    letters.record_letter(
        actor=actor,
        transmission=transmission,
        kind=kind,
        dated_on=dated_on,
        text=text,
        document=received.file.document,
        enclosures=[
            file.as_document(actor, transmission.organisation_id)
            for file in received.package.named(message.documents)
        ],
        channel=received.channel,
        number=received.number,
    )


def _classification(received: Received, message: ClassificationReturned) -> None:
    enveloping.record_classification(
        actor=system_actor(WORKER),
        department=_asked_department(received),
        dated_on=message.dated_on,
        lists=lists_of(message),
        document=received.file.document,
    )


def _unchanged(received: Received, message: ClassificationUnchanged) -> None:
    department = _asked_department(received)
    version = version_in_force(department)
    if version is not None and version.dated_on != message.dated_on:
        raise Invalid(
            "classification-other",
            "The State confirms a classification of %(day)s, which is not the one known here.",
            "Ask for the classification again.",
            params={"day": message.dated_on},
        )


def _asked_department(received: Received) -> str:
    """The department that a classification is for: one that we asked, in the name of the body that it is made out to."""
    department = received.department
    if not (received.siren and is_classification_asked(department, siren=received.siren)):
        raise Invalid(
            "classification-not-asked",
            "Nobody here asked the prefecture of %(department)s for this classification.",
            "Check who wrote it.",
            params={"department": department},
        )
    return department


def _nothing(received: Received, message: object) -> None:
    """Read with the messages that it encloses, or a receipt that changes nothing yet."""


def _reply_acknowledged(received: Received, message: ReplyAcknowledged) -> None:
    received.require_for(message.act.siren)
    reply = reply_answered(str(message.act), message.kind, message.letter_on)
    if reply.state == letter_rules.ACKNOWLEDGED:
        return  # said again
    queries.require_left(reply.envelope)
    letters.acknowledge_reply(
        actor=_actor(reply.transmission),
        reply=reply,
        received_on=message.received_on,
        document=received.file.document,
    )


def ask_when_newer(transmission: Transmission, in_force: Any, actor: Actor) -> None:
    """The answer names the classification in force: a newer one than ours is asked for at once."""
    if in_force <= transmission.classification_on:
        return
    convention = known(queries.envelope_of(transmission, Envelope.Kind.ACT)).convention
    if not is_classification_asked(convention.department, since=actor.now() - enveloping.PATIENCE):
        enveloping.request_classification(
            actor=actor, organisation=transmission.organisation, department=convention.department
        )


def _actor(transmission: Transmission) -> Actor:
    return system_actor(WORKER, organisation=transmission.organisation_id)


def _unreadable(name: str) -> Invalid:
    return Invalid(
        "not-a-message",
        "“%(name)s” is no message of the State, and none names it.",
        "Read it, then set it aside or tell the body that it concerns.",
        params={"name": name[:120]},
    )


_HANDLERS: dict[type[StateMessage], Callable[[Received, Any], None]] = {
    ActAcknowledged: _acknowledged,
    ActRefused: _refused,
    EnvelopeRefused: _envelope_refused,
    CancellationAcknowledged: _cancelled,
    Letter: _letter,
    Referred: _letter,
    ReplyAcknowledged: _reply_acknowledged,
    ClassificationReturned: _classification,
    ClassificationUnchanged: _unchanged,
    ReceivedEnvelope: _nothing,
}
