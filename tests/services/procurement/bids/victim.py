"""A server's process to be killed in a deposit."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from territoires.foundations.actions.api import permissions_of
from territoires.kernel.actor import Actor, Grant
from territoires.services.procurement.actions import bidding, uploading
from territoires.services.procurement.domain.sealing import files
from territoires.services.procurement.jobs import bids as jobs
from territoires.services.procurement.models import BidDraft
from territoires.services.procurement.queries.sealed_files import present_policy
from tests.victims import die_at

ACTIONS = "territoires.services.procurement.actions"
JOURNAL = "territoires.foundations.journal.api"
# Where: module, name, before or after its work, and at which of its calls.
CHUNK_POINTS = {
    "in-the-middle-of-a-chunk": ("os", "write", "half", 1),
    "written-not-named": ("os", "fsync", "after", 1),
    "named-not-recorded": (f"{ACTIONS}.uploading", "_stored", "before", 1),
    "recorded-not-answered": (f"{ACTIONS}.uploading", "_stored", "after", 1),
}
POINTS = {
    "before-intent": (f"{ACTIONS}.bidding", "receive_manifest", "before", 1),
    "intent": (f"{ACTIONS}.bidding", "receive_manifest", "after", 1),
    "checked": (f"{ACTIONS}.bidding", "_deposit", "before", 1),
    "inserted": (f"{ACTIONS}.bidding", "_deposit", "after", 1),
    "files-sealed": (f"{ACTIONS}.bidding", "_seal_files", "after", 1),
    "before-receipt": (f"{ACTIONS}.bidding", "_receipt", "before", 1),
    "receipt": (f"{ACTIONS}.bidding", "_settle", "before", 1),
    "before-journal": (JOURNAL, "append_all", "before", 2),
    "journal-not-committed": (JOURNAL, "append_all", "after", 2),
    "deposited": (f"{ACTIONS}.bidding", "seal_deposit", "after", 1),
}
BLOCK_POINTS = {
    "block-checked": (f"{ACTIONS}.uploading", "check_block", "after", 1),
    "block-not-committed": (JOURNAL, "append_all", "after", 1),
    "block-kept": (f"{ACTIONS}.uploading", "receive_block", "after", 1),
}
TOKEN_POINTS = {
    "token-asked": ("territoires.foundations.trust.api", "time_stamp", "before", 1),
    "token-given": ("territoires.foundations.trust.api", "time_stamp", "after", 1),
    "token-not-committed": (JOURNAL, "append_all", "after", 1),
    "token-kept": (f"{ACTIONS}.bidding", "record_token", "after", 1),
}


def run(point: str, draft: UUID, file: Path) -> None:
    """``file`` holds what was sent: the manifest, a block, or one chunk named ``<file>_<block>_<index>``."""
    found = BidDraft.objects.select_related("consultation").get(pk=draft)
    member = found.bidder.memberships.get()  # type: ignore[union-attr]
    actor = Actor(
        person=member.person_id,
        organisation=found.bidder_id,
        grants={p: Grant(p, "role", "representative") for p in permissions_of("representative")},
        services=frozenset({"procurement"}),
    )
    content = file.read_bytes()
    die_at(*(POINTS | CHUNK_POINTS | BLOCK_POINTS)[point])
    if point in CHUNK_POINTS:
        send(actor, found, file.name, content)
    elif point in BLOCK_POINTS:
        uploading.take_block(actor=actor, draft=found, document=content)
    else:
        bidding.deposit(actor=actor.at(actor.now()), draft=found, document=content)


def stamp(point: str, receipt: str) -> None:
    """The worker that asks the time-stamp of a receipt."""
    die_at(*TOKEN_POINTS[point])
    jobs.stamp_receipt(receipt)


def send(actor: Any, draft: Any, name: str, chunk: bytes) -> None:
    file, block, index = name.split("_")
    nonce, body = chunk[: files.NONCE_BYTES], chunk[files.NONCE_BYTES :]
    sent = uploading.Sent(UUID(file), UUID(block), int(index), nonce, files.leaf(chunk), "Essai/1.0")
    limits = present_policy(draft)[0].limits
    uploading.store_chunk(actor=actor, draft=draft, limits=limits, sent=sent, body=[body])
