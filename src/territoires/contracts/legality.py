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
)
