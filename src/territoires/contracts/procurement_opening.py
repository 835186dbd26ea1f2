"""Facts of the opening: holders and keys, versions of the policy, orders, releases, results, safety copies.

``matter`` is the consultation. Hashes and instants, never contents nor secrets; names and reasons are personal values.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from territoires.kernel.fact import Fact, digest, personal


@dataclass(frozen=True, kw_only=True)
class CustodianKeysImported(Fact):
    """Public keys that a custodian prepared off line joined the stock, or became the key of recovery."""

    KIND: ClassVar[str] = "procurement.custodian.imported"
    count: int
    for_recovery: bool
    name: str = personal()


@dataclass(frozen=True, kw_only=True)
class HolderAccepted(Fact):
    """A holder of one round has a key: an officer accepted in her browser and tried each slot, or a custodian's was drawn.

    ``key`` is the SHA-256 of the public key.
    """

    KIND: ClassVar[str] = "procurement.holder.accepted"
    round: int
    holder: UUID
    role: str
    key: str
    slots: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SlotAdded(Fact):
    """An officer has one more way to her key."""

    KIND: ClassVar[str] = "procurement.slot.added"
    round: int
    holder: UUID
    slot_kind: str


@dataclass(frozen=True, kw_only=True)
class TrialOpened(Fact):
    """An officer opened a trial seal with her key, by one of her slots."""

    KIND: ClassVar[str] = "procurement.trial.opened"
    round: int
    holder: UUID
    slot_kind: str


@dataclass(frozen=True, kw_only=True)
class HolderLeft(Fact):
    """An officer opens no more: her slots are destroyed."""

    KIND: ClassVar[str] = "procurement.holder.left"
    round: int
    holder: UUID


@dataclass(frozen=True, kw_only=True)
class HandoverAsked(Fact):
    """The body names who takes an officer's place, bids being sealed for her already. ``deals``: she hands over herself."""

    KIND: ClassVar[str] = "procurement.handover.asked"
    round: int
    leaving: UUID
    successor: UUID
    deals: bool


@dataclass(frozen=True, kw_only=True)
class HandoverBegun(Fact):
    """The successor has a key that opens: the policy names her, and so many blocks are to change hands."""

    KIND: ClassVar[str] = "procurement.handover.begun"
    round: int
    leaving: UUID
    holder: UUID
    policy: str
    blocks: int


@dataclass(frozen=True, kw_only=True)
class PiecesDealt(Fact):
    """A holder dealt her pieces of blocks to the new holders, sealed to each. ``parts`` is the SHA-256 of what she gave."""

    KIND: ClassVar[str] = "procurement.pieces.dealt"
    round: int
    holder: UUID
    blocks: int
    parts: str
    brought: bool


@dataclass(frozen=True, kw_only=True)
class PiecesReceived(Fact):
    """A new holder published the hashes of the pieces received. ``agreed`` counts the blocks that changed hands with it."""

    KIND: ClassVar[str] = "procurement.pieces.received"
    round: int
    holder: UUID
    blocks: int
    parts: str
    agreed: int
    brought: bool


@dataclass(frozen=True, kw_only=True)
class HandoverRestarted(Fact):
    """What was dealt does not fit: it is thrown away for so many blocks, and dealt again."""

    KIND: ClassVar[str] = "procurement.handover.restarted"
    round: int
    blocks: int


@dataclass(frozen=True, kw_only=True)
class HandoverEnded(Fact):
    """So many blocks changed hands; those ``left`` are opened by who held them. The key of who leaves is destroyed."""

    KIND: ClassVar[str] = "procurement.handover.ended"
    round: int
    agreed: int
    left: int


@dataclass(frozen=True, kw_only=True)
class QuorumChosen(Fact):
    """The body chose how many holders are needed."""

    KIND: ClassVar[str] = "procurement.quorum.chosen"
    round: int
    threshold: int


@dataclass(frozen=True, kw_only=True)
class QuorumPrepared(Fact):
    """What the platform does for a round was asked again: custodian, time key, policy. ``missing`` counts what is not there."""

    KIND: ClassVar[str] = "procurement.quorum.prepared"
    round: int
    missing: int


@dataclass(frozen=True, kw_only=True)
class TimeKeyMade(Fact):
    """The time-keeper made the key of a round; its backup is sealed to the recovery custodian's key."""

    KIND: ClassVar[str] = "procurement.time_key.made"
    round: int
    key: str
    recovery: UUID | None


@dataclass(frozen=True, kw_only=True)
class PolicyWritten(Fact):
    """A version of the policy of a round (TSB1, section 5)."""

    KIND: ClassVar[str] = "procurement.policy.written"
    round: int
    number: int
    policy: str
    deadline: datetime
    threshold: int
    holders: int


@dataclass(frozen=True, kw_only=True)
class OpeningAsked(Fact):
    """A session was asked for one envelope of a round."""

    KIND: ClassVar[str] = "procurement.opening.asked"
    round: int
    envelope: str


@dataclass(frozen=True, kw_only=True)
class OrderPrepared(Fact):
    """The order of a session is fixed: what may be opened, and what stays closed."""

    KIND: ClassVar[str] = "procurement.order.prepared"
    round: int
    envelope: str
    order: str
    bids: int
    excluded: int


@dataclass(frozen=True, kw_only=True)
class PresenceNoted(Fact):
    """Somebody attends a session."""

    KIND: ClassVar[str] = "procurement.presence.noted"
    name: str = personal()
    capacity: str = personal()


@dataclass(frozen=True, kw_only=True)
class PiecesReleased(Fact):
    """A holder gave her part to a session. ``brought``: by somebody else, from what the holder made off line.

    ``script``: the digest of the scripts that browsers were served then; empty where it was brought.
    """

    KIND: ClassVar[str] = "procurement.pieces.released"
    order: str
    holder: UUID
    release: str
    brought: bool
    script: str = ""


@dataclass(frozen=True, kw_only=True)
class ReleaseDeclined(Fact):
    """An officer said that she gives no part to a session, and why. She may still give it while the session waits."""

    KIND: ClassVar[str] = "procurement.release.declined"
    order: str
    holder: UUID
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class ReleaseJudged(Fact):
    """The worker compared a release with the hashes that the bidders sealed; ``fault`` is empty when it is right."""

    KIND: ClassVar[str] = "procurement.release.judged"
    order: str
    holder: UUID
    fault: str


@dataclass(frozen=True, kw_only=True)
class TimeReleased(Fact):
    """The time-keeper released the time secrets of the listed blocks, under a time-stamp later than the deadline.

    ``clock_at``: what its own clock said just before it asked for the time-stamp.
    """

    KIND: ClassVar[str] = "procurement.time.released"
    order: str
    blocks: int
    stamped_at: datetime
    clock_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class QuorumReached(Fact):
    """Holders enough gave their parts, and the time-keeper its own: the bids are being deciphered."""

    KIND: ClassVar[str] = "procurement.quorum.reached"
    order: str
    holders: int


@dataclass(frozen=True, kw_only=True)
class ReleaseRefused(Fact):
    """A part that somebody brought was refused before anything of it was kept: of an officer who left, of another session.

    ``code`` is that of the refusal, ``release`` the SHA-256 of what was brought.
    """

    KIND: ClassVar[str] = "procurement.release.refused"
    order: str
    code: str
    release: str


@dataclass(frozen=True, kw_only=True)
class EarlyOpeningRefused(Fact):
    """An attempt to open that the time-keeper refused: too early, or of something that is not to be opened."""

    KIND: ClassVar[str] = "procurement.opening.refused"
    order: str
    code: str


@dataclass(frozen=True, kw_only=True)
class OpeningInterrupted(Fact):
    """The session ended without opening anything: lost with its worker, or given up."""

    KIND: ClassVar[str] = "procurement.opening.interrupted"
    state: str
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class BidOpened(Fact):
    """What became of one bid in a session. ``files`` counts by verdict; ``names`` are not here, digests are in the minutes."""

    KIND: ClassVar[str] = "procurement.bid.opened"
    deposit: UUID
    root: str
    envelope: str
    clear: int
    unreadable: int
    infected: int


@dataclass(frozen=True, kw_only=True)
class OpeningEnded(Fact):
    """A session opened what its order lists; ``manifest`` is the SHA-256 of the canonical list of results."""

    KIND: ClassVar[str] = "procurement.opening.ended"
    round: int
    envelope: str
    order: str
    bids: int
    antivirus: str
    manifest: str


@dataclass(frozen=True, kw_only=True)
class MinutesWritten(Fact):
    """The minutes of a session, or of the opening of a safety copy, exist in one language."""

    KIND: ClassVar[str] = "procurement.minutes.written"
    language: str
    content: str = digest()


@dataclass(frozen=True, kw_only=True)
class RepairAttempted(Fact):
    """Somebody tried to repair a file that could not be read or was infected; ``fault``: what the antivirus still found."""

    KIND: ClassVar[str] = "procurement.repair.attempted"
    file: UUID
    succeeded: bool
    content: str = digest(default="")
    fault: str = ""
    note: str = personal(default="")


@dataclass(frozen=True, kw_only=True)
class SafetyCopyReceived(Fact):
    """A safety copy arrived; it stays closed."""

    KIND: ClassVar[str] = "procurement.safety_copy.received"
    arrived_at: datetime
    bidder: str = personal()
    medium: str = personal()


@dataclass(frozen=True, kw_only=True)
class SafetyCopyOpened(Fact):
    """A safety copy was opened, in one of the cases of the law, and stands as the bid ``deposit``.

    ``contents``: the SHA-256 of its files. ``infected`` of them were: the copy is then set aside, as if it had never come.
    """

    KIND: ClassVar[str] = "procurement.safety_copy.opened"
    ground: str
    deposit: UUID | None
    files: int
    contents: tuple[str, ...] = ()
    infected: int = 0
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class SafetyCopyDestroyed(Fact):
    """A safety copy was destroyed without having been opened."""

    KIND: ClassVar[str] = "procurement.safety_copy.destroyed"


@dataclass(frozen=True, kw_only=True)
class DisputeNoted(Fact):
    """A dispute or an inspection began: what was never opened is not destroyed before it has ended."""

    KIND: ClassVar[str] = "procurement.dispute.noted"
    dispute: UUID
    what: str = personal()


@dataclass(frozen=True, kw_only=True)
class DisputeEnded(Fact):
    """It has ended, with that outcome."""

    KIND: ClassVar[str] = "procurement.dispute.ended"
    dispute: UUID
    outcome: str = personal()


@dataclass(frozen=True, kw_only=True)
class DestructionOrdered(Fact):
    """The keys of a consultation and what was never opened in it are to be destroyed, with the visa of the archives.

    ``keys`` officers have no way to their key any more. ``kept_until`` was the last legal day, ``article`` what sets it.
    """

    KIND: ClassVar[str] = "procurement.destruction.ordered"
    kept_until: date
    article: str
    visa_on: date
    keys: int
    visa_by: str = personal()
    visa_reference: str = personal()


@dataclass(frozen=True, kw_only=True)
class BlockDestroyed(Fact):
    """A block that was never opened has no wraps any more, its files no bytes. ``document`` is the SHA-256 of what came."""

    KIND: ClassVar[str] = "procurement.block.destroyed"
    block: UUID
    document: str
    files: int
    chunks: int
    size: int


@dataclass(frozen=True, kw_only=True)
class TimeKeyDestroyed(Fact):
    """The time-keeper has the private key of a round no more. ``key`` is the SHA-256 of the public key."""

    KIND: ClassVar[str] = "procurement.time_key.destroyed"
    round: int
    key: str


@dataclass(frozen=True, kw_only=True)
class DestructionDone(Fact):
    """Everything that the order named is gone."""

    KIND: ClassVar[str] = "procurement.destruction.done"
    blocks: int
    files: int
    chunks: int
    size: int


FACTS: tuple[type[Fact], ...] = (
    CustodianKeysImported,
    HolderAccepted,
    SlotAdded,
    TrialOpened,
    HolderLeft,
    HandoverAsked,
    HandoverBegun,
    PiecesDealt,
    PiecesReceived,
    HandoverRestarted,
    HandoverEnded,
    QuorumChosen,
    QuorumPrepared,
    TimeKeyMade,
    PolicyWritten,
    OpeningAsked,
    OrderPrepared,
    PresenceNoted,
    PiecesReleased,
    ReleaseDeclined,
    ReleaseJudged,
    TimeReleased,
    QuorumReached,
    ReleaseRefused,
    EarlyOpeningRefused,
    OpeningInterrupted,
    BidOpened,
    OpeningEnded,
    MinutesWritten,
    RepairAttempted,
    SafetyCopyReceived,
    SafetyCopyOpened,
    SafetyCopyDestroyed,
    DisputeNoted,
    DisputeEnded,
    DestructionOrdered,
    BlockDestroyed,
    TimeKeyDestroyed,
    DestructionDone,
)
