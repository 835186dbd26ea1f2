"""Facts of bids: sealed, deposited, replaced, withdrawn; hashes and instants, never contents. Lots are their numbers.

``subject`` is the deposit (or the draft, before there is one), ``matter`` the consultation. Organisations act for
themselves: the acting organisation of a deposit is the bidder. Instants are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from territoires.kernel.fact import Fact, digest, personal


@dataclass(frozen=True, kw_only=True)
class BidStarted(Fact):
    """An enterprise began to prepare a bid for a round."""

    KIND: ClassVar[str] = "procurement.bid.started"
    round: int


@dataclass(frozen=True, kw_only=True)
class ConsortiumWritten(Fact):
    """The bidder said with whom it answers; ``members`` counts the others. Who they are is in the bid."""

    KIND: ClassVar[str] = "procurement.consortium.written"
    consortium: str
    members: int


@dataclass(frozen=True, kw_only=True)
class BlockReceived(Fact):
    """The two secrets of one lot and envelope of a bid, dealt to the holders of a policy by the bidder's browser.

    ``script``: the digest of the scripts that browsers were served then.
    """

    KIND: ClassVar[str] = "procurement.block.received"
    block: UUID
    lot: UUID
    envelope: str
    policy: str
    script: str = ""
    document: str = digest()


@dataclass(frozen=True, kw_only=True)
class ManifestReceived(Fact):
    """The last byte of a manifest was read at ``completed_at``: the deposit counts from then, whatever happens after."""

    KIND: ClassVar[str] = "procurement.manifest.received"
    deposit: UUID
    completed_at: datetime
    root: str = digest()


@dataclass(frozen=True, kw_only=True)
class ManifestRefused(Fact):
    """A manifest does not agree with what arrived; ``code`` is that of the refusal. Nothing is deposited."""

    KIND: ClassVar[str] = "procurement.manifest.refused"
    deposit: UUID
    completed_at: datetime
    code: str


@dataclass(frozen=True, kw_only=True)
class BidPartRefused(Fact):
    """What an enterprise sent for its bid was refused before anything was kept of it: ``what`` is a block, a manifest or an
    ESPD, ``code`` that of the refusal."""

    KIND: ClassVar[str] = "procurement.bid_part.refused"
    what: str
    code: str
    content: str = digest()


@dataclass(frozen=True, kw_only=True)
class DepositSealed(Fact):
    """A bid was deposited in time. ``number`` is its order in the register, ``size`` in stored bytes."""

    KIND: ClassVar[str] = "procurement.deposit.sealed"
    round: int
    number: int
    completed_at: datetime
    deadline_at: datetime
    lots: tuple[int, ...]
    files: int
    size: int
    policy: str
    root: str = digest()
    receipt: str = digest()


@dataclass(frozen=True, kw_only=True)
class DepositKeptLate(Fact):
    """A bid came after the deadline: kept sealed, told so, not opened."""

    KIND: ClassVar[str] = "procurement.deposit.kept_late"
    round: int
    number: int
    completed_at: datetime
    deadline_at: datetime
    lots: tuple[int, ...]
    files: int
    size: int
    policy: str
    root: str = digest()
    receipt: str = digest()


@dataclass(frozen=True, kw_only=True)
class DepositSuperseded(Fact):
    """A later deposit in time covers these lots: for them, this one is never opened."""

    KIND: ClassVar[str] = "procurement.deposit.superseded"
    by: UUID
    lots: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class DepositWithdrawn(Fact):
    """The bidder took its deposit back before the deadline; it stays sealed."""

    KIND: ClassVar[str] = "procurement.deposit.withdrawn"
    withdrawn_at: datetime
    deadline_at: datetime
    root: str = digest()
    receipt: str = digest()


@dataclass(frozen=True, kw_only=True)
class ReceiptTimeStamped(Fact):
    """An authority time-stamped a receipt. ``is_flagged``: the deposit is in time, the time-stamp later than the deadline."""

    KIND: ClassVar[str] = "procurement.receipt.time_stamped"
    token_at: datetime
    authority: str
    is_flagged: bool
    receipt: str = digest()
    token: str = digest()


@dataclass(frozen=True, kw_only=True)
class LateDepositAdmitted(Fact):
    """A late deposit may be opened: ``ground`` is ``platform`` (its fault is not excluded) or ``judge``."""

    KIND: ClassVar[str] = "procurement.deposit.admitted"
    ground: str
    completed_at: datetime
    deadline_at: datetime
    dossier: str = digest()
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class ChunkLogClosed(Fact):
    """The upload log of a day, whole. ``root``: that of the tree over its ``groups``, the bids, each the tree of its lines."""

    KIND: ClassVar[str] = "procurement.upload_log.closed"
    day: str
    first: int
    last: int
    lines: int
    groups: int
    root: str = digest()


@dataclass(frozen=True, kw_only=True)
class RehearsalStarted(Fact):
    """Somebody rehearses a deposit, without an account."""

    KIND: ClassVar[str] = "procurement.rehearsal.started"


@dataclass(frozen=True, kw_only=True)
class RehearsalSealed(Fact):
    """A rehearsal went to its end, on the real path; it is never opened."""

    KIND: ClassVar[str] = "procurement.rehearsal.sealed"
    completed_at: datetime
    files: int
    size: int
    root: str = digest()


@dataclass(frozen=True, kw_only=True)
class RehearsalCleared(Fact):
    """Rehearsals past their day were destroyed."""

    KIND: ClassVar[str] = "procurement.rehearsal.cleared"
    rooms: int


@dataclass(frozen=True, kw_only=True)
class AttestationKept(Fact):
    """An enterprise put a document in its safe."""

    KIND: ClassVar[str] = "procurement.attestation.kept"
    attestation_kind: str
    valid_until: str
    content: str = digest()
    name: str = personal()


@dataclass(frozen=True, kw_only=True)
class AttestationRemoved(Fact):
    """An enterprise took a document out of its safe."""

    KIND: ClassVar[str] = "procurement.attestation.removed"
    attestation_kind: str
    content: str = digest()


@dataclass(frozen=True, kw_only=True)
class AttestationExpiring(Fact):
    """The enterprise was told that a document of its safe ends soon."""

    KIND: ClassVar[str] = "procurement.attestation.expiring"
    attestation_kind: str
    valid_until: str


@dataclass(frozen=True, kw_only=True)
class EnterpriseSheetWritten(Fact):
    """An enterprise wrote what its candidatures say of it; ``fields`` names what changed."""

    KIND: ClassVar[str] = "procurement.enterprise_sheet.written"
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class EspdTaken(Fact):
    """An enterprise answers the ESPD (DUME) of this file; ``request`` is empty for the platform's own. Answers are not here."""

    KIND: ClassVar[str] = "procurement.espd.taken"
    answers: int
    request: str


@dataclass(frozen=True, kw_only=True)
class EspdWritten(Fact):
    """An enterprise wrote its answers to an ESPD (DUME): how many; what they are is in its candidature."""

    KIND: ClassVar[str] = "procurement.espd.written"
    answers: int


FACTS = (
    BidStarted,
    ConsortiumWritten,
    BlockReceived,
    ManifestReceived,
    ManifestRefused,
    BidPartRefused,
    DepositSealed,
    DepositKeptLate,
    DepositSuperseded,
    DepositWithdrawn,
    ReceiptTimeStamped,
    LateDepositAdmitted,
    ChunkLogClosed,
    RehearsalStarted,
    RehearsalSealed,
    RehearsalCleared,
    AttestationKept,
    AttestationRemoved,
    AttestationExpiring,
    EnterpriseSheetWritten,
    EspdTaken,
    EspdWritten,
)
