"""Facts of what passes between a body and the State about its acts: transmissions, letters, answers, and by which channel.

``matter`` is the act. ``act`` names it where ``subject`` is a transmission, a letter or an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from territoires.kernel.fact import Fact, digest, personal

from .legality import AboutAct, WithFiles


@dataclass(frozen=True, kw_only=True)
class AboutTransmission(AboutAct):
    """A fact of one sending of an act to the State, the ``rank``-th, under the State's ``identifier`` (IDActe).

    ``subject`` is the transmission. Bytes of an answer are named by the rank: an act refused once has two answers.
    """

    act: UUID | None = None
    rank: int
    identifier: str


@dataclass(frozen=True, kw_only=True)
class WithAnswer(AboutTransmission):
    """A fact that rests on the bytes of an answer of the State, empty when it was known without one."""

    NAME: ClassVar[str]
    answer: str = digest(default="")

    def digests(self) -> dict[str, str]:
        return {f"{self.NAME}_{self.rank}": self.answer} if self.answer else {}


@dataclass(frozen=True, kw_only=True)
class TransmissionPrepared(AboutTransmission):
    """The file for the State is ready; nothing leaves before somebody who may send confirms it."""

    KIND: ClassVar[str] = "legality.transmission.prepared"
    channel: str
    classification_on: date


@dataclass(frozen=True, kw_only=True)
class TransmissionAbandoned(AboutTransmission):
    """A transmission that nobody had confirmed was given up."""

    KIND: ClassVar[str] = "legality.transmission.abandoned"


@dataclass(frozen=True, kw_only=True)
class TransmissionConfirmed(AboutTransmission, WithFiles):
    """A person ordered these bytes to leave, with the client certificate of this fingerprint (SHA-256)."""

    KIND: ClassVar[str] = "legality.transmission.confirmed"
    channel: str
    envelope: str
    certificate: str


@dataclass(frozen=True, kw_only=True)
class TransmissionSent(AboutTransmission):
    """The State's service took the envelope."""

    KIND: ClassVar[str] = "legality.transmission.sent"
    sent_at: datetime


@dataclass(frozen=True, kw_only=True)
class TransmissionAcknowledged(WithAnswer):
    """The act was received at the prefecture on that legal day; the bytes that prove it are ``acknowledgement_<rank>``."""

    KIND: ClassVar[str] = "legality.transmission.acknowledged"
    NAME: ClassVar[str] = "acknowledgement"
    received_on: date


@dataclass(frozen=True, kw_only=True)
class TransmissionRefused(WithAnswer):
    """The act counts as not transmitted. ``code`` is that of the explanation, ``nature`` the State's number."""

    KIND: ClassVar[str] = "legality.transmission.refused"
    NAME: ClassVar[str] = "refusal"
    nature: str
    code: str
    detail: str = personal()


@dataclass(frozen=True, kw_only=True)
class TransmissionCancellationAsked(AboutTransmission):
    """The body asked the State to count the act as never transmitted."""

    KIND: ClassVar[str] = "legality.transmission.cancellation-asked"
    envelope: str
    certificate: str


@dataclass(frozen=True, kw_only=True)
class TransmissionCancelled(WithAnswer):
    """The State cancelled the transmission: the act counts as never transmitted."""

    KIND: ClassVar[str] = "legality.transmission.cancelled"
    NAME: ClassVar[str] = "cancellation"
    cancelled_on: date


@dataclass(frozen=True, kw_only=True)
class TransmissionCancellationRefused(WithAnswer):
    """The State did not cancel the transmission: it still holds."""

    KIND: ClassVar[str] = "legality.transmission.cancellation-refused"
    NAME: ClassVar[str] = "cancellation_refusal"
    detail: str = personal()


@dataclass(frozen=True, kw_only=True)
class StateLetterReceived(Fact):
    """The prefecture wrote about an act: a letter (2-1), pieces asked for (3-1), observations (4-1), referral (5-1)."""

    KIND: ClassVar[str] = "legality.letter.received"
    act: UUID | None = None
    identifier: str
    message: str
    dated_on: date
    letter: str = digest()
    text: str = personal()


@dataclass(frozen=True, kw_only=True)
class StateLetterSettled(Fact):
    """Somebody said that nothing more is to be done about a letter: answered otherwise, or no answer due."""

    KIND: ClassVar[str] = "legality.letter.settled"
    act: UUID | None = None
    identifier: str
    message: str
    dated_on: date
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class AboutReply(Fact):
    """A fact of one message of the body (2-2, 3-2 to 3-4, 4-2 to 4-4) about the prefecture's letter of ``letter_on``.

    ``subject`` is that message, ``identifier`` the State's name of the act.
    """

    act: UUID | None = None
    identifier: str
    message: str
    letter_on: date

    @property
    def named(self) -> str:
        """How its bytes are named: one message of a kind about one letter of a day."""
        return f"{self.message.replace('-', '_')}_{self.letter_on:%Y%m%d}"


@dataclass(frozen=True, kw_only=True)
class ReceiptOrdered(AboutReply):
    """The platform acknowledges a letter by itself, as the norm wants (3-2, 4-2)."""

    KIND: ClassVar[str] = "legality.receipt.ordered"
    envelope: str


@dataclass(frozen=True, kw_only=True)
class ReplyPrepared(AboutReply):
    """An answer is ready; nothing leaves before somebody who may send confirms it."""

    KIND: ClassVar[str] = "legality.reply.prepared"


@dataclass(frozen=True, kw_only=True)
class ReplyAbandoned(AboutReply):
    """An answer that nobody had confirmed was given up."""

    KIND: ClassVar[str] = "legality.reply.abandoned"


@dataclass(frozen=True, kw_only=True)
class ReplyConfirmed(AboutReply):
    """A person ordered these bytes to leave, with the client certificate of this fingerprint (SHA-256)."""

    KIND: ClassVar[str] = "legality.reply.confirmed"
    channel: str
    envelope: str
    certificate: str
    files: tuple[str, ...] = digest()

    def digests(self) -> dict[str, str]:
        return {f"reply_{self.named}_{n}": found for n, found in enumerate(self.files, start=1)}


@dataclass(frozen=True, kw_only=True)
class ReplySent(AboutReply):
    """The State's service took the envelope."""

    KIND: ClassVar[str] = "legality.reply.sent"
    sent_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReplyAcknowledged(AboutReply):
    """The prefecture received the answer on that legal day (3-5, 4-5; the third party may say it without the bytes)."""

    KIND: ClassVar[str] = "legality.reply.acknowledged"
    received_on: date
    answer: str = digest(default="")

    def digests(self) -> dict[str, str]:
        return {f"receipt_of_reply_{self.named}": self.answer} if self.answer else {}


@dataclass(frozen=True, kw_only=True)
class ReplyRefused(AboutReply):
    """The answer counts as not sent."""

    KIND: ClassVar[str] = "legality.reply.refused"
    answer: str = digest(default="")
    detail: str = personal()

    def digests(self) -> dict[str, str]:
        return {f"refusal_of_reply_{self.named}": self.answer} if self.answer else {}


@dataclass(frozen=True, kw_only=True)
class EnvelopePosted(Fact):
    """The bytes of an envelope for the State were made, once, and wait to leave."""

    KIND: ClassVar[str] = "legality.envelope.posted"
    name: str
    message: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class ClassificationRequested(Fact):
    """The prefecture of a department was asked for its classification."""

    KIND: ClassVar[str] = "legality.classification.requested"
    department: str
    envelope: str
    known_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class ClassificationReceived(Fact):
    """A prefecture's classification came; ``is_new`` is false when that date was known already."""

    KIND: ClassVar[str] = "legality.classification.received"
    department: str
    dated_on: date
    is_new: bool
    answer: str = digest()


@dataclass(frozen=True, kw_only=True)
class ConventionRecorded(Fact):
    """The operator recorded a body's agreement with its prefect: from that day its acts may be sent."""

    KIND: ClassVar[str] = "legality.convention.recorded"
    organisation: UUID
    department: str
    arrondissement: str
    nature: str
    signed_on: date
    from_on: date
    until_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class ConventionFiled(Fact):
    """The operator kept the document of a body's agreement with its prefect, in place of a former one."""

    KIND: ClassVar[str] = "legality.convention.filed"
    organisation: UUID
    content: str = digest()


@dataclass(frozen=True, kw_only=True)
class RouteRecorded(Fact):
    """The operator decided by which channel a body's new transmissions leave from an instant on."""

    KIND: ClassVar[str] = "legality.route.recorded"
    organisation: UUID
    channel: str
    from_at: datetime
    first_serial: int


FACTS: tuple[type[Fact], ...] = (
    TransmissionPrepared,
    TransmissionAbandoned,
    TransmissionConfirmed,
    TransmissionSent,
    TransmissionAcknowledged,
    TransmissionRefused,
    TransmissionCancellationAsked,
    TransmissionCancelled,
    TransmissionCancellationRefused,
    StateLetterReceived,
    StateLetterSettled,
    ReceiptOrdered,
    ReplyPrepared,
    ReplyAbandoned,
    ReplyConfirmed,
    ReplySent,
    ReplyAcknowledged,
    ReplyRefused,
    EnvelopePosted,
    ClassificationRequested,
    ClassificationReceived,
    ConventionRecorded,
    ConventionFiled,
    RouteRecorded,
)
