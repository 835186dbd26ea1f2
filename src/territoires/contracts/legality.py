"""Facts of the life of an act. ``subject`` is the act, ``matter`` its id from end to end, or that of what it is a part of.

``nature`` is a code of @ctes ("1".."6"), ``matter_code`` a line of the national classification ("7.1"). Objects and
names of persons are personal values: kept beside the tree and erasable.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from territoires.kernel.fact import Fact, digest, personal


@dataclass(frozen=True, kw_only=True)
class AboutAct(Fact):
    """A fact of one act, by the number that it then had."""

    number: str


@dataclass(frozen=True, kw_only=True)
class WithNature(AboutAct):
    """A fact in which the nature of the act counts."""

    nature: str


@dataclass(frozen=True, kw_only=True)
class WithAuthor(Fact):
    """A fact that names the author of the act (CGCT R.2131-1)."""

    given_names: str = personal()
    usual_name: str = personal()
    quality: str = personal()


@dataclass(frozen=True, kw_only=True)
class WithFiles(Fact):
    """A fact that names the bytes of an act: the act itself as ``content``, its annexes as ``annex_1``, ``annex_2``..."""

    content: str = digest()
    annexes: tuple[str, ...] = digest(default=())

    def digests(self) -> dict[str, str]:
        return {"content": self.content} | {f"annex_{n}": d for n, d in enumerate(self.annexes, start=1)}


@dataclass(frozen=True, kw_only=True)
class ActDrafted(WithNature):
    """A draft was opened."""

    KIND: ClassVar[str] = "legality.act.drafted"


@dataclass(frozen=True, kw_only=True)
class ActProposed(AboutAct):
    """A draft was opened for another service; ``matter`` is what it belongs to there, ``act`` its own id."""

    KIND: ClassVar[str] = "legality.act.proposed"
    act: UUID


@dataclass(frozen=True, kw_only=True)
class ActRevised(WithNature):
    """A draft was changed; ``fields`` names what changed."""

    KIND: ClassVar[str] = "legality.act.revised"
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ActPrecedingChosen(AboutAct):
    """It was said which act a draft modifies, repeals or completes (``link``); None and empty: none any more."""

    KIND: ClassVar[str] = "legality.act.preceding-chosen"
    link: str
    preceding: UUID | None
    preceding_number: str


@dataclass(frozen=True, kw_only=True)
class ActFileAttached(Fact):
    """A file was put on a draft: the act itself (``role`` main) or an annex."""

    KIND: ClassVar[str] = "legality.file.attached"
    role: str
    piece_type: str
    media_type: str
    size: int
    content: str = digest()
    name: str = personal()


@dataclass(frozen=True, kw_only=True)
class ActFileRemoved(Fact):
    """A file was taken off a draft."""

    KIND: ClassVar[str] = "legality.file.removed"
    role: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class ActDiscarded(AboutAct):
    """A draft was thrown away."""

    KIND: ClassVar[str] = "legality.act.discarded"


@dataclass(frozen=True, kw_only=True)
class ActSigned(WithNature, WithAuthor, WithFiles):
    """The act is signed, ``means`` says how: ``hand`` (the scan is here, the body keeps the paper), or ``electronic``."""

    KIND: ClassVar[str] = "legality.act.signed"
    decided_on: date
    signed_on: date
    means: str


@dataclass(frozen=True, kw_only=True)
class ActSignaturesAsked(WithNature):
    """The file of the act was closed, and those whom the law names were asked to sign it electronically."""

    KIND: ClassVar[str] = "legality.act.signatures-asked"
    count: int
    content: str = digest()
    names: str = personal()


@dataclass(frozen=True, kw_only=True)
class ActSignatureGiven(WithNature):
    """One of them signed (PAdES B-T): the bytes became ``signed_<rank>``, which hold the former ones unchanged.

    ``signed_at`` is what the time-stamp certifies, ``certificate`` the fingerprint of the certificate (SHA-256).
    """

    KIND: ClassVar[str] = "legality.act.signature-given"
    rank: int
    capacity: str
    certificate: str
    issuer: str
    signed_at: datetime
    source: str
    content: str = digest()
    name: str = personal()
    quality: str = personal()

    def digests(self) -> dict[str, str]:
        return {f"signed_{self.rank}": self.content}


@dataclass(frozen=True, kw_only=True)
class ActReopened(AboutAct):
    """An act declared signed by mistake went back to draft."""

    KIND: ClassVar[str] = "legality.act.reopened"
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class ActPublished(WithNature, WithAuthor, WithFiles):
    """The act went on line in the public register of its body, with these bytes, at this instant."""

    KIND: ClassVar[str] = "legality.act.published"
    matter_code: str
    decided_on: date
    published_at: datetime
    object: str = personal()


@dataclass(frozen=True, kw_only=True)
class ActNotified(WithNature):
    """The act was handed to one person concerned, the ``rank``-th; its receipt, if any, is named ``proof_<rank>``."""

    KIND: ClassVar[str] = "legality.act.notified"
    decided_on: date
    notified_on: date
    means: str
    rank: int
    content: str = digest()
    proof: str = digest(default="")
    recipient: str = personal()

    def digests(self) -> dict[str, str]:
        return {"content": self.content} | ({f"proof_{self.rank}": self.proof} if self.proof else {})


@dataclass(frozen=True, kw_only=True)
class ActPosted(WithNature, WithAuthor, WithFiles):
    """The act was made public on paper from that legal day: posted, held for whoever asks, or posted in an emergency."""

    KIND: ClassVar[str] = "legality.act.posted"
    decided_on: date
    posted_on: date
    mode: str
    object: str = personal()


@dataclass(frozen=True, kw_only=True)
class ActPostingEnded(AboutAct):
    """The act was taken down, or is no longer held on paper."""

    KIND: ClassVar[str] = "legality.act.posting-ended"
    posted_on: date
    removed_on: date


@dataclass(frozen=True, kw_only=True)
class ActDutyDeclared(WithNature):
    """Somebody declared, against the rule ``rule``, whether the act must be transmitted to the State."""

    KIND: ClassVar[str] = "legality.act.duty-declared"
    rule: str
    is_transmitted: bool
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class PublicationModeChosen(Fact):
    """A body under the threshold of population chose how it makes its acts public. ``subject`` is the body.

    ``declared_small``: it said itself that it is, its population not being known.
    """

    KIND: ClassVar[str] = "legality.publication.chosen"
    mode: str
    from_on: date
    deliberation: str
    declared_small: bool = False


@dataclass(frozen=True, kw_only=True)
class ActVoted(AboutAct):
    """How a deliberation was voted in its sitting; counts that nobody gave are None."""

    KIND: ClassVar[str] = "legality.act.voted"
    sitting: UUID
    outcome: str
    votes_for: int | None
    against: int | None
    abstention: int | None
    not_voting: int | None
    names: str = personal(default="")


@dataclass(frozen=True, kw_only=True)
class ActSittingChosen(AboutAct):
    """A draft was attached to a sitting, or detached (None); the vote that it had in another one is forgotten."""

    KIND: ClassVar[str] = "legality.act.sitting-chosen"
    sitting: UUID | None
    held_on: date | None


@dataclass(frozen=True, kw_only=True)
class AboutSitting(Fact):
    """A fact of one sitting: ``subject`` and ``matter`` are the sitting."""

    held_on: date
    body_kind: str


@dataclass(frozen=True, kw_only=True)
class SittingOpened(AboutSitting):
    """A sitting was recorded, with who was there."""

    KIND: ClassVar[str] = "legality.sitting.opened"
    in_office: int
    present: int
    represented: int
    presiding: str = personal()
    secretaries: str = personal()


@dataclass(frozen=True, kw_only=True)
class SittingChanged(SittingOpened):
    """What was recorded of a sitting was corrected."""

    KIND: ClassVar[str] = "legality.sitting.changed"


@dataclass(frozen=True, kw_only=True)
class DeliberationsListed(AboutSitting):
    """The list of the deliberations examined was published (CGCT L.2121-25), with these bytes, ``due_on`` that day."""

    KIND: ClassVar[str] = "legality.sitting.listed"
    due_on: date
    count: int
    content: str = digest()


@dataclass(frozen=True, kw_only=True)
class MinutesPublished(AboutSitting):
    """The minutes adopted on that day were published (CGCT L.2121-15), with these bytes, ``due_on`` that day."""

    KIND: ClassVar[str] = "legality.sitting.minutes-published"
    adopted_on: date
    due_on: date
    content: str = digest()


@dataclass(frozen=True, kw_only=True)
class ActWithdrawn(AboutAct):
    """The act was withdrawn; a published one answers 410 with the reason from then on."""

    KIND: ClassVar[str] = "legality.act.withdrawn"
    was_published: bool
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class ActTakenOver(WithNature):
    """An act of before the platform was taken over as its former device knew it; what it says is the body's word.

    ``status`` is what had become of its transmission: received, not-sent, cancelled. Files may be missing.
    """

    KIND: ClassVar[str] = "legality.act.taken-over"
    status: str
    identifier: str
    matter_code: str
    decided_on: date
    published_on: date | None = None
    received_on: date | None = None
    content: str = digest(default="")
    annexes: tuple[str, ...] = digest(default=())
    acknowledgement: str = digest(default="")
    object: str = personal()

    def digests(self) -> dict[str, str]:
        named = {"content": self.content, "acknowledgement": self.acknowledgement}
        named |= {f"annex_{n}": d for n, d in enumerate(self.annexes, start=1)}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, kw_only=True)
class AboutHistory(Fact):
    """A fact of one import of a body's acts of before the platform; ``content`` is the table, or its archive."""

    content: str = digest()


@dataclass(frozen=True, kw_only=True)
class HistoryBrought(AboutHistory):
    """Somebody handed over the acts that a body transmitted by ``device`` before the platform."""

    KIND: ClassVar[str] = "legality.history.brought"
    device: str


@dataclass(frozen=True, kw_only=True)
class HistoryChecked(AboutHistory):
    """Every line and file was read: so many acts are new, so many here already, so many faults forbid the import."""

    KIND: ClassVar[str] = "legality.history.checked"
    new: int
    known: int
    faults: int


@dataclass(frozen=True, kw_only=True)
class HistoryOrdered(AboutHistory):
    """Somebody ordered the acts to be taken over, having seen what was read."""

    KIND: ClassVar[str] = "legality.history.ordered"
    new: int


@dataclass(frozen=True, kw_only=True)
class HistoryTakenOver(AboutHistory):
    """The acts were taken over, all together."""

    KIND: ClassVar[str] = "legality.history.taken-over"
    new: int


@dataclass(frozen=True, kw_only=True)
class ActReclassified(AboutAct):
    """What the State is told of a signed act was corrected after a refusal: its matter, the types of its pieces."""

    KIND: ClassVar[str] = "legality.act.reclassified"
    matter_code: str
    piece_types: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ActTakenAsSent(AboutAct):
    """The State acknowledged the ``rank``-th sending after all: the act is again what was sent, signed.

    ``corrections`` is the draft that keeps what was changed meanwhile, None when nothing was.
    """

    KIND: ClassVar[str] = "legality.act.taken-as-sent"
    rank: int
    content: str = digest()
    corrections: UUID | None


@dataclass(frozen=True, kw_only=True)
class ActRenumbered(AboutAct):
    """A signed act got a suffix to its number, because ``former`` was taken where it was sent."""

    KIND: ClassVar[str] = "legality.act.renumbered"
    former: str


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
    ActDrafted,
    ActProposed,
    ActRevised,
    ActPrecedingChosen,
    ActFileAttached,
    ActFileRemoved,
    ActDiscarded,
    ActSigned,
    ActSignaturesAsked,
    ActSignatureGiven,
    ActReopened,
    ActPublished,
    ActNotified,
    ActPosted,
    ActPostingEnded,
    ActDutyDeclared,
    PublicationModeChosen,
    ActVoted,
    ActSittingChosen,
    SittingOpened,
    SittingChanged,
    DeliberationsListed,
    MinutesPublished,
    ActWithdrawn,
    ActTakenOver,
    HistoryBrought,
    HistoryChecked,
    HistoryOrdered,
    HistoryTakenOver,
    ActReclassified,
    ActRenumbered,
    ActTakenAsSent,
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
