"""The desk of the ministry: takes an archive, decides, remembers, and puts its answers in the outbox."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any
from zoneinfo import ZoneInfo

from .. import clock
from ..control_api import Unfit
from ..store import Store
from . import answers, letters, memory
from .archives import File, files_of
from .behaviours import Behaviour, Settings
from .checks import (
    MESSAGE,
    TEXTS,
    UNKNOWN_TRANSACTION,
    ActRefused,
    Envelope,
    EnvelopeRefused,
    Message,
    Sender,
    Unanswerable,
    check_act,
    check_documents,
    check_envelope,
    check_files,
    read_envelope,
    read_messages,
)
from .classification import Classification
from .norm import Unreadable, attribute, is_siren, text
from .outgoing import Answer, Correspondent, post, post_anomaly

PARIS = ZoneInfo("Europe/Paris")
ACCEPTED, REFUSED, UNREADABLE = "accepted", "refused", "unreadable"
LETTERS = ("2-1", "3-1", "4-1", "5-1")
USUAL_WORDS = "Examen de l'acte au titre du contrôle de légalité."
_LETTER_OF_REPLY = {"2": "2-1", "3": "3-1", "4": "4-1"}
_ANSWER_TO_REPLY = {"3-3": "3-5", "3-4": "3-5", "4-3": "4-5", "4-4": "4-5"}


class Desk:
    """One ministry. ``now`` is its clock; ``posted`` is set whenever the outbox has changed."""

    def __init__(self, store: Store, now: Callable[[], datetime] = clock.now) -> None:
        self._store = store
        self._now = now
        self.posted = threading.Event()

    def receive(self, archive_name: str, archive: IO[bytes], sha256: str) -> Behaviour:
        """Judges what HTTPS received; answers how HTTPS is to go on. ``error`` and ``lost`` leave no trace."""
        files: dict[str, File] = {}
        envelope, reason = None, ""
        try:
            files = files_of(archive)
            envelope = read_envelope(archive_name, files)
        except (Unreadable, Unanswerable) as failure:
            reason = str(failure)
        with self._store.transaction() as database:
            behaviour = _behaviour(database, envelope)
            if behaviour.reception in ("error", "lost"):
                return behaviour
            own_name = None
            verdict = (UNREADABLE, reason)
            if envelope is not None:
                name = str(envelope.name)
                own_name = None if memory.was_received(database, name) else name
                examination = Examination(database, archive_name, envelope, files, behaviour, self._today())
                verdict = examination.conclude()
            memory.record(database, archive_name, own_name, sha256, self._now(), *verdict)
        self.posted.set()
        return behaviour

    def write_letter(
        self, kind: str, act: str, words: str = "", dated_on: date | None = None, delay: float = 0.0
    ) -> None:
        """Sends 2-1, 3-1, 4-1 or 5-1 about an act that stands acknowledged. Raises Unfit."""
        if kind not in LETTERS:
            raise Unfit(f"kind is one of {', '.join(LETTERS)}")
        day, words, document = dated_on or self._today(), words or USUAL_WORDS, f"{act}-{kind}_1.pdf"
        behaviour = Behaviour.read({"delay": delay})
        if not words.isprintable():
            raise Unfit("words are one line of text")
        with self._store.transaction() as database:
            to = memory.correspondent_of(database, act)
            if to is None:
                raise Unfit(f"no such act stands acknowledged: {act}")
            write = answers.referred if kind == "5-1" else answers.letter_of(kind)
            paper = letters.paper([f"Acte {act}", f"Courrier du {day:%d/%m/%Y}", words])
            letter = Answer(kind, act, write(act, day, words, document), {document: paper})
            memory.keep_letter(database, act, kind, day.isoformat())
            post(database, to, [letter], behaviour, self._today())
        self.posted.set()

    def publish_classification(self, department: str, dated_on: date, matters: Mapping[str, str]) -> None:
        """Puts a new classification in force in a department: the national one and further ``matters``."""
        with self._store.transaction() as database:
            memory.publish(database, department, dated_on, matters)

    def declare(self, convention: Sender) -> None:
        """Records the convention of a body with its prefect. Raises Unfit."""
        if not is_siren(convention.siren):
            raise Unfit("siren has nine digits whose Luhn sum holds")
        with self._store.transaction() as database:
            memory.declare(database, convention)

    def behave(self, behaviour: Behaviour) -> None:
        """From the next envelope on; the behaviours asked for first are used first."""
        with self._store.transaction() as database:
            memory.add_behaviour(database, behaviour)

    def clear(self) -> None:
        """Ends every behaviour, and sends at once what they delayed."""
        with self._store.transaction() as database:
            database.execute("DELETE FROM behaviours")
            database.execute("UPDATE outbox SET due_at = 0")
        self.posted.set()

    def settings(self) -> Settings:
        with self._store.transaction() as database:
            return memory.settings(database)

    def set_up(self, settings: Settings) -> None:
        with self._store.transaction() as database:
            memory.set_up(database, settings)
        self.posted.set()

    def received(self) -> list[dict[str, Any]]:
        """The envelopes received, the oldest first, with what became of them."""
        with self._store.transaction() as database:
            return [dict(row) for row in database.execute("SELECT * FROM envelopes ORDER BY id")]

    def replies(self) -> list[dict[str, str]]:
        """What answered the letters: receipts and replies, the oldest first."""
        with self._store.transaction() as database:
            return memory.replies(database)

    def waiting(self) -> int:
        """How many answers have not left yet."""
        with self._store.transaction() as database:
            return int(database.execute("SELECT count(*) FROM outbox").fetchone()[0])

    def _today(self) -> date:
        """The legal day, in Paris."""
        return self._now().astimezone(PARIS).date()


@dataclass(frozen=True, slots=True)
class Examination:
    """One envelope on the desk."""

    database: sqlite3.Connection
    archive_name: str
    envelope: Envelope
    files: Mapping[str, File]
    behaviour: Behaviour
    today: date

    @property
    def to(self) -> Correspondent:
        return Correspondent(
            self.envelope.name.application, self.envelope.sender, self.envelope.return_addresses
        )

    def conclude(self) -> tuple[str, str]:
        """Answers the envelope; gives the verdict and, for a refusal, its words."""
        self.database.execute("SAVEPOINT examination")
        try:
            replies = self._replies()
        except EnvelopeRefused as refusal:
            self.database.execute("ROLLBACK TO examination")
            if self.behaviour.answer:
                content = answers.envelope_refused(
                    self.today, refusal.nature, refusal.detail, self.envelope.element
                )
                post_anomaly(self.database, self.to, str(self.envelope.name), content, self.behaviour)
            return REFUSED, refusal.detail
        if replies and self.behaviour.answer:
            post(self.database, self.to, replies, self.behaviour, self.today)
        refusals = [reply.refusal for reply in replies if reply.refusal]
        return (REFUSED, refusals[0]) if refusals else (ACCEPTED, "")

    def _replies(self) -> list[Answer]:
        if self.behaviour.whole:
            self._refuse_on_demand()
        is_double = memory.was_received(self.database, str(self.envelope.name))
        check_envelope(self.envelope, self._convention(), is_double, self.today)
        messages = read_messages(self.envelope, self.files)
        check_files(self.archive_name, messages, self.files)
        replies = [self._reply(message) for message in messages]
        return [reply for reply in replies if reply is not None]

    def _convention(self) -> Sender | None:
        """The body's; signed on the spot where the register is open."""
        sender = self.envelope.sender
        known = memory.sender(self.database, sender.siren)
        if known is None and is_siren(sender.siren) and memory.settings(self.database).open_register:
            memory.declare(self.database, sender)
            return sender
        return known

    def _reply(self, message: Message) -> Answer | None:
        in_force = memory.classification(self.database, message.name.department)
        if message.name.kind == "1-1":
            return self._reply_to_act(message, in_force)
        if self.behaviour.anomaly:
            self._refuse_on_demand()
        if message.name.kind == "7-1":
            return _reply_to_request(message, in_force)
        if attribute(message.element, "IDActe") != message.name.act:
            raise EnvelopeRefused(MESSAGE, UNKNOWN_TRANSACTION)
        if message.name.kind == "6-1":
            return self._reply_to_cancellation(message)
        return self._reply_to_reply(message, in_force)

    def _reply_to_act(self, message: Message, in_force: Classification) -> Answer:
        act = message.element
        number, decided_on = attribute(act, "NumeroInterne"), attribute(act, "Date")
        try:
            if self.behaviour.anomaly:
                raise ActRefused(self._anomaly(), self.behaviour.nature)
            is_taken = memory.is_taken(self.database, message.name.siren, number, decided_on)
            check_act(message, self.files, in_force, is_taken, self.today)
        except ActRefused as refusal:
            content = answers.act_refused(self.today, refusal.nature, refusal.detail, act, in_force.dated_on)
            return Answer("1-3", "", content, refusal=refusal.detail)
        memory.keep_act(self.database, message.name.act, number, decided_on, self.to)
        content = answers.act_acknowledged(message.name.act, self.today, act, in_force.dated_on)
        return Answer("1-2", message.name.act, content)

    def _reply_to_cancellation(self, message: Message) -> Answer:
        if not memory.cancel_act(self.database, message.name.act):
            raise EnvelopeRefused(MESSAGE, UNKNOWN_TRANSACTION)
        content = answers.cancellation_acknowledged(message.name.act, self.today)
        return Answer("6-2", message.name.act, content)

    def _reply_to_reply(self, message: Message, in_force: Classification) -> Answer | None:
        kind, act, letter_on = (
            message.name.kind,
            message.name.act,
            attribute(message.element, "DateCourrierPref"),
        )
        if not memory.wrote_letter(self.database, act, _LETTER_OF_REPLY[kind[0]], letter_on):
            raise EnvelopeRefused(MESSAGE, UNKNOWN_TRANSACTION)
        try:
            check_documents(message, self.files, in_force)
        except ActRefused as refusal:  # 1-3 is for acts only
            raise EnvelopeRefused(MESSAGE, refusal.detail) from refusal
        memory.keep_reply(self.database, act, _LETTER_OF_REPLY[kind[0]], letter_on, kind, self.today)
        if kind not in _ANSWER_TO_REPLY:
            return None
        answer = _ANSWER_TO_REPLY[kind]
        return Answer(answer, act, answers.reply_acknowledged(answer, act, letter_on, self.today))

    def _refuse_on_demand(self) -> None:
        raise EnvelopeRefused(self.behaviour.nature, self._anomaly())

    def _anomaly(self) -> str:
        return TEXTS.get(self.behaviour.anomaly, self.behaviour.anomaly)


def _reply_to_request(message: Message, in_force: Classification) -> Answer:
    known = message.element.find("{*}DateClassification")
    if known is not None and text(message.element, "DateClassification") == in_force.dated_on.isoformat():
        return Answer("7-3", "", answers.classification_unchanged(in_force.dated_on))
    return Answer("7-2", "", answers.classification(in_force))


def _behaviour(database: sqlite3.Connection, envelope: Envelope | None) -> Behaviour:
    if envelope is None:
        return memory.behaviour_for(database, "", set())
    return memory.behaviour_for(database, envelope.name.siren, envelope.act_numbers)
