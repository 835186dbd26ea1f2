"""The instant of deposit and what a bidder receives for it (TSB1, section 8; CCP R2151-5 and R2151-6)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from territoires.kernel.errors import Conflict, Invalid, TooLate
from territoires.kernel.fact import instant_text

from . import life
from .sealing import documents as doc
from .sealing import files
from .sealing.manifest import PADDING_SHARE, Manifest
from .sealing.policy import Limits

RECEIPT = "territoires/procurement/receipt"
LARGEST_MANIFEST = 4 << 20
LARGEST_BLOCK = 256 << 10
LARGEST_CHUNK = files.CHUNK_BYTES + files.TAG_BYTES
LONGEST_AGENT = 200
# The states in which bids arrive: those of after the deadline keep the late ones, as R2151-5 and annex 7 ask.
RECEIVING = (
    life.PUBLISHED,
    life.SUSPENDED,
    life.CLOSED,
    life.OPENING,
    life.NEGOTIATING,
    life.ROUND_CLOSED,
    life.ROUND_OPENING,
    life.ANALYSIS,
    life.DECIDED,
    life.STANDSTILL,
)


def is_in_time(completed_at: datetime, deadline: datetime) -> bool:
    """17:00 means 17:00:00: the end of the deposit counts, and the deadline itself is still in time."""
    return completed_at <= deadline


def is_flagged(completed_at: datetime, deadline: datetime, token_at: datetime) -> bool:
    """In time by the platform's clock, later than the deadline by the time-stamp: both instants are shown."""
    return is_in_time(completed_at, deadline) and token_at > deadline


def check_receiving(state: str) -> None:
    """Raises TooLate once the consultation takes no bid any more, Conflict while it does not take any yet."""
    if state in RECEIVING:
        return
    if state in (life.DRAFT, life.VALIDATED, life.SCHEDULED):
        raise Conflict(
            "not-open-to-bids",
            "This consultation is not open: nothing was deposited.",
            "Wait until it is published.",
        )
    raise TooLate(
        "closed-to-bids",
        "This procedure has gone too far to keep one more bid: nothing was deposited; what you sent stays sealed.",
        "Write to the buyer; the address is on the page of the consultation.",
    )


def most_chunks(limits: Limits) -> int:
    """Chunks of the largest file that the policy admits."""
    return files.chunk_count(files.padded_size(limits.file))


def most_waiting(limits: Limits) -> int:
    """Stored bytes that a bid may hold before a manifest names them: a whole bid, padded."""
    return limits.bid + limits.bid // PADDING_SHARE + 2 * files.LEAST_PADDED * limits.files


def check_chunk_size(size: int) -> None:
    """Ciphertext and tag. Raises Invalid."""
    if not files.TAG_BYTES <= size <= LARGEST_CHUNK:
        raise Invalid(
            "chunk-size",
            "A part of a file does not have the size that the protocol asks; it was not kept.",
            "Load the page again and go on: only what is missing is sent.",
        )


def leaf_of(nonce: bytes, ciphertext_digest: bytes) -> bytes:
    """The leaf of a chunk whose ciphertext was hashed while it came."""
    return hashlib.sha256(b"\0" + nonce + ciphertext_digest).digest()


def check_bid(
    manifest: Manifest, *, consultation: UUID, round: int, bidder: UUID, lots: set[UUID], rehearsal: bool
) -> None:
    """The manifest is of this bid, and of lots that there are. Raises Invalid."""
    if (manifest.consultation, manifest.round, manifest.bidder) != (consultation, round, bidder):
        raise Invalid(
            "manifest-of-another-bid",
            "This deposit is that of another consultation or of another enterprise: nothing was deposited.",
            "Open the page of the bid that you mean, and deposit from there.",
        )
    if manifest.rehearsal is not rehearsal:
        raise Invalid(
            "rehearsal-mixed",
            "A rehearsal is never a deposit, nor a deposit a rehearsal: nothing was deposited.",
            "Open the page of your bid, and deposit from there.",
        )
    if unknown := set(manifest.lots) - lots:
        raise Invalid(
            "lot-unknown",
            "This deposit names a lot that the consultation does not have (%(lot)s): nothing was deposited.",
            "Load the page again: it shows the present lots; your files are kept.",
            params={"lot": str(min(unknown))},
        )


def written_receipt(fields: Mapping[str, Any]) -> bytes:
    """The canonical bytes of a receipt; instants in UTC with microseconds."""
    plain = {key: _plain(value) for key, value in fields.items()}
    return doc.canonical({"v": 1, "type": RECEIPT, **plain})


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value


def written_log(lines: Sequence[Sequence[Any]]) -> bytes:
    """The upload log of a day, one line an event, fields apart by tabs: what its root is the SHA-256 of."""
    return b"".join(
        "\t".join(str(_plain(field)).replace("\t", " ").replace("\n", " ") for field in line).encode(
            "utf-8", "replace"
        )
        + b"\n"
        for line in lines
    )
