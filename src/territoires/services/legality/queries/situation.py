"""Where an act is on its way to the State, what is wrong with it and what to do, at an instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from territoires.foundations.documents import api as documents
from territoires.foundations.exchange import api as exchange
from territoires.kernel.clock import legal_day

from ..domain import letters
from ..domain import transmission as rules
from ..domain.letters import REPLY
from ..domain.transmission import TRANSMISSION, Explanation, explanation_of
from ..models import Act, Convention, Envelope, LetterReply, StateLetter, Transmission
from .anomalies import anomalies
from .letters import due_on, replies_of, way_to_answer
from .transmissions import convention_of, envelope_of, letters_of, transmissions_of


@dataclass(frozen=True, slots=True)
class Sending:
    """One transmission as a page shows it. ``parcel`` is its envelope on the bus, None before its archive is made."""

    transmission: Transmission
    state: Any
    explanation: Explanation | None
    parcel: Any
    is_late: bool

    @property
    def is_doubtful(self) -> bool:
        """Nobody knows whether the State has the envelope."""
        return self.parcel is not None and self.parcel.state == "doubtful"

    @property
    def is_held_up(self) -> bool:
        """The State's service could not be reached so far: it is tried again for ever."""
        return self.parcel is not None and self.parcel.state == "waiting" and bool(self.parcel.reason)


@dataclass(frozen=True, slots=True)
class ReceivedLetter:
    """A letter of the prefecture with its files, the papers before the message that announces them.

    ``replies`` is what answered it; ``due_on`` the last day to; ``is_answerable`` says whether it can be from here.
    """

    letter: StateLetter
    files: list[Any]
    replies: list[LetterReply]
    due_on: date | None
    is_answerable: bool

    @property
    def live(self) -> LetterReply | None:
        """The one answer that counts."""
        found = (reply for reply in self.replies if reply.state in letters.LIVE and not reply.is_receipt)
        return next(found, None)

    @property
    def verbs(self) -> list[str]:
        """The gestures that it allows."""
        if self.live is not None:
            verbs = REPLY.verbs(self.live.state)
            return [verb for verb in ("confirm", "abandon") if verb in verbs]
        may_answer = self.is_answerable and letters.REPLIES[self.letter.kind]
        return [*(["answer"] if may_answer else []), *([] if self.letter.settled_at else ["settle"])]


@dataclass(frozen=True, slots=True)
class Situation:
    """The sendings of an act, the latest first, the body's agreement, and the prefecture's letters."""

    sendings: list[Sending]
    convention: Convention | None
    letters: list[ReceivedLetter]

    @property
    def latest(self) -> Sending | None:
        return self.sendings[0] if self.sendings else None

    @property
    def verbs(self) -> list[str]:
        """The gestures that the state of the latest sending allows, apart from the State's own."""
        if self.latest is None or self.latest.transmission.state == rules.CANCELLED:
            return ["prepare"]
        if self.latest.transmission.state == rules.REFUSED:
            return ["reissue"]
        verbs = TRANSMISSION.verbs(self.latest.transmission.state)
        return [verb for verb in ("confirm", "abandon", "cancel") if verb in verbs]


def situation_of(act: Act, now: datetime) -> Situation:
    """Everything that the page of an act says of its way to the State."""
    transmissions = transmissions_of(act)
    return Situation(
        [_sending(one, now) for one in reversed(transmissions)],
        convention_of(act.organisation_id, legal_day(now)),
        [received_letter(letter, now) for letter in letters_of(transmissions)],
    )


def received_letter(letter: StateLetter, now: datetime) -> ReceivedLetter:
    """A letter with what surrounds it, at an instant."""
    held = documents.documents_of(letter.subject)
    return ReceivedLetter(
        letter,
        sorted(held, key=lambda one: one.pk == letter.archive_id),
        replies_of(letter),
        due_on(letter),
        way_to_answer(letter, now) is not None,
    )


def _sending(transmission: Transmission, now: datetime) -> Sending:
    is_refused = transmission.state == rules.REFUSED
    is_late = (
        transmission.state == rules.SENT
        and transmission.sent_at is not None
        and now - transmission.sent_at > rules.ANSWER_DUE
    )
    return Sending(
        transmission,
        TRANSMISSION.states[transmission.state],
        explanation_of(transmission.anomaly_detail, anomalies(legal_day(now))) if is_refused else None,
        _parcel(transmission) if transmission.state in (rules.CONFIRMED, rules.CANCELLING) else None,
        is_late,
    )


def _parcel(transmission: Transmission) -> Any:
    kind = Envelope.Kind.ACT if transmission.state == rules.CONFIRMED else Envelope.Kind.CANCELLATION
    envelope = envelope_of(transmission, kind)
    if envelope is None:
        return None
    return exchange.parcel_of(channel=envelope.route.channel, key=envelope.archive_name)
