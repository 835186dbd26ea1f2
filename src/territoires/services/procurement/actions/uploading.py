"""Blocks and chunks on their way in: durable before they are answered, each line of the log kept for ever.

A chunk is no fact of the journal, which its log joins once a day: what stores one is a single statement, and no action.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from territoires.contracts import procurement_bids as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Invalid, Missing, TerritoiresError

from ..domain import deposit as rules
from ..domain.sealing import documents as doc
from ..domain.sealing import files
from ..domain.sealing.block import check_block, read_block
from ..domain.sealing.policy import Limits
from ..domain.sealing.refusals import mismatch, over_limit, policy_changed
from ..models import BidDraft, ChunkEvent, SealedBlock, SealedFile, StoredChunk, chunk_store
from ..permissions import Procurement
from ..queries.script import served_script
from ..queries.sealed_files import (
    block_of,
    place_of,
    present_policy,
    require_selected,
    sealing_policies,
    waiting_in,
)
from .refused_parts import BLOCK, telling_refusals

MOST_BLOCKS = 2000
MOST_INDEX = 2**31 - 1
PIECE = 64 * 1024

# One statement: it is there with its line in the log, or not at all. A file that a manifest names takes no more chunks:
# the seal locks its row, and this waits for it.
_STORE = """
WITH room AS (
    SELECT id FROM t_procurement_sealedfile WHERE id = %(file)s AND sealed_at IS NULL FOR SHARE
), before AS (
    SELECT leaf FROM t_procurement_storedchunk WHERE file_id = %(file)s AND index = %(index)s
), kept AS (
    INSERT INTO t_procurement_storedchunk AS s (file_id, index, nonce, leaf, size, received_at)
    SELECT id, %(index)s, %(nonce)s, %(leaf)s, %(size)s, %(at)s FROM room
    ON CONFLICT (file_id, index) DO UPDATE
        SET nonce = excluded.nonce, leaf = excluded.leaf, size = excluded.size, received_at = excluded.received_at
        WHERE s.leaf <> excluded.leaf
), told AS (
    SELECT CASE
        WHEN (SELECT leaf FROM before) = %(leaf)s THEN 'again'
        WHEN NOT EXISTS (SELECT FROM room) THEN 'file-sealed'
        WHEN EXISTS (SELECT FROM before) THEN 'replaced'
        ELSE 'stored' END AS outcome
), logged AS (
    INSERT INTO t_procurement_chunkevent (draft, file, index, at, size, leaf, outcome, agent)
    SELECT %(draft)s, %(file)s, %(index)s, %(at)s, %(size)s, %(leaf)s, outcome, %(agent)s FROM told
)
SELECT outcome, (SELECT leaf FROM before) FROM told"""


@dataclass(frozen=True, slots=True)
class Sent:
    """A chunk as its request announces it. ``agent`` is what the browser says it is."""

    file: UUID
    block: UUID | None
    index: int
    nonce: bytes
    leaf: bytes
    agent: str


def announced(file: UUID, index: int, headers: Mapping[str, str]) -> Sent:
    """A chunk as the headers of its request announce it. Raises Invalid."""
    if index > MOST_INDEX:
        raise Invalid("chunk-index", "No file has so many parts; nothing was kept.", "Load the page again.")
    block = headers.get("Sealing-Block")
    return Sent(
        file=file,
        block=doc.identifier(block) if block else None,
        index=index,
        nonce=doc.octets(headers.get("Sealing-Nonce", "")),
        leaf=doc.octets(headers.get("Sealing-Leaf", "")),
        agent=headers.get("User-Agent", ""),
    )


def pieces(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """What a request brings, in bounded memory. Raises Invalid when the connection is lost in the middle."""
    try:
        while piece := read(PIECE):
            yield piece
    except OSError as error:
        raise Invalid(
            "upload-cut-short",
            "The connection was lost in the middle of a part; that part was not kept, those before it are safe.",
            "Go on: only what is missing is sent.",
        ) from error


def whole(read: Callable[[int], bytes], limit: int) -> bytes:
    """All of it, at most ``limit`` bytes. Raises Invalid."""
    content = bytearray()
    for piece in pieces(read):
        content += piece
        if len(content) > limit:
            raise Invalid(
                "too-large",
                "What was sent is larger than the protocol allows; nothing was kept.",
                "Load the page again; if it happens again, call the support.",
            )
    return bytes(content)


def take_block(*, actor: Actor, draft: BidDraft, document: bytes) -> SealedBlock:
    """Keeps a block; the same bytes again are the same block. Raises what ``receive_block`` does."""
    with telling_refusals(actor, draft, BLOCK, document):
        known = block_of(draft, read_block(document).context.block)
        if known is not None and bytes(known.document) == document:
            return known
        return receive_block(actor=actor, draft=draft, document=document)


@action(Procurement.BID_PREPARE, on="draft")
def receive_block(*, actor: Actor, draft: BidDraft, document: bytes) -> Outcome[SealedBlock]:
    """Keeps a block, before any file of it. Raises Conflict for an older policy, with the present one; Invalid for a block
    that is not of this bid."""
    if draft.consultation is not None:
        rules.check_receiving(draft.consultation.state)
    block = read_block(document)
    context = block.context
    policy = sealing_policies(draft).get(context.policy)
    if policy is None:
        raise policy_changed(doc.base64url(present_policy(draft)[1]))
    check_block(block, policy)
    place = place_of(draft)
    require_selected(draft, [context.lot])
    if context.bidder != place.bidder or context.lot not in place.lots:
        raise mismatch("a block of another bidder or lot")
    if SealedBlock.objects.filter(pk=context.block).exists():
        raise Conflict(
            "block-known",
            "This part of the bid was already begun; nothing was done twice.",
            "Load the page again.",
        )
    if SealedBlock.objects.filter(draft=draft).count() >= MOST_BLOCKS:
        raise over_limit(f"{MOST_BLOCKS} blocks")
    kept = SealedBlock(
        pk=context.block,
        draft=draft,
        lot=context.lot,
        envelope=context.envelope,
        policy=context.policy.hex(),
        document=document,
        sha256=hashlib.sha256(document).hexdigest(),
        person_id=actor.person,
        received_at=actor.now(),
    )
    kept.save(force_insert=True)
    fact = facts.BlockReceived(
        subject=draft.subject,
        matter=draft.consultation_id,
        block=kept.pk,
        lot=kept.lot,
        envelope=kept.envelope,
        policy=kept.policy,
        document=kept.sha256,
        script=served_script(),
    )
    return Outcome(kept, fact)


def store_chunk(*, actor: Actor, draft: BidDraft, limits: Limits, sent: Sent, body: Iterable[bytes]) -> str:
    """Keeps one chunk durably, then answers ``stored``, ``again`` or ``replaced``; the caller may prepare this bid.

    The leaf is computed again from what came. Every outcome stands in the log, refusals too. Raises Invalid, Conflict,
    Missing, Unavailable.
    """
    size = 0
    try:
        content, digest = _received(body)
        size = len(content)
        _check(limits, sent, size, digest)
        _begin(draft, limits, sent, actor)
        chunk_store.write_object(draft.pk, sent.file, sent.index, sent.leaf.hex(), content)
        outcome, before = _stored(actor, draft, sent, size)
    except TerritoiresError as refusal:
        _log(actor, draft, sent, size, refusal.code)
        raise
    if outcome == "file-sealed":
        chunk_store.delete_object(draft.pk, sent.file, sent.index, sent.leaf.hex())
        raise Conflict(
            "file-sealed",
            "This file is part of a deposit and cannot be changed any more; nothing was changed.",
            "Add the new version as another file, then deposit again.",
        )
    if outcome == "replaced":
        chunk_store.delete_object(draft.pk, sent.file, sent.index, before)
    return outcome


def discard_file(*, actor: Actor, draft: BidDraft, file: SealedFile, agent: str) -> None:
    """Destroys what arrived of a file that is in no deposit; the caller may prepare this bid. Raises Conflict."""
    gone = list(StoredChunk.objects.filter(file=file).values_list("index", "leaf"))
    if not SealedFile.objects.filter(pk=file.pk, sealed_at=None).delete()[0]:
        raise Conflict(
            "file-sealed",
            "This file is part of a deposit: it stays, sealed.",
            "Deposit again without it: only the last deposit counts.",
        )
    sent = Sent(file.pk, file.block_id, len(gone), b"", b"", agent)
    _log(actor, draft, sent, 0, "discarded")
    for index, leaf in gone:
        chunk_store.delete_object(draft.pk, file.pk, index, leaf)


def _received(body: Iterable[bytes]) -> tuple[bytes, bytes]:
    """The chunk, at most one in memory, and the SHA-256 of it. Raises Invalid past its largest size."""
    content, digest = bytearray(), hashlib.sha256()
    for piece in body:
        content += piece
        digest.update(piece)
        if len(content) > rules.LARGEST_CHUNK:
            break
    return bytes(content), digest.digest()


def _check(limits: Limits, sent: Sent, size: int, digest: bytes) -> None:
    rules.check_chunk_size(size)
    if sent.index >= rules.most_chunks(limits):
        raise over_limit("one file")
    if len(sent.nonce) != files.NONCE_BYTES or rules.leaf_of(sent.nonce, digest) != sent.leaf:
        raise Invalid(
            "chunk-altered",
            "A part of a file changed on its way; it was not kept.",
            "Go on: the page sends it again. If it lasts, try another network.",
        )


def _begin(draft: BidDraft, limits: Limits, sent: Sent, actor: Actor) -> None:
    """The file's row, made by its first chunk. Raises Missing without its block, Invalid for another bid's file."""
    owner = (
        SealedFile.objects.filter(pk=sent.file)
        .values_list("block__draft", "block", "block__destroyed_at")
        .first()
    )
    if owner is not None:
        if owner[0] != draft.pk or sent.block not in (None, owner[1]):
            raise mismatch("a file of another block")
        if owner[2] is not None:
            raise Conflict(
                "bid-destroyed",
                "This bid was never opened and is destroyed, at the end of what the law asks; nothing was kept.",
                "There is nothing more to send.",
            )
        return
    block = block_of(draft, sent.block) if sent.block else None
    if block is None:
        raise Missing(
            "no-block",
            "This part of the bid was not announced, so its files cannot be kept.",
            "Load the page again: it announces it first.",
        )
    taken = waiting_in(draft)
    if taken.files >= limits.files or taken.size >= rules.most_waiting(limits):
        raise over_limit("files that are in no deposit yet")
    row = SealedFile(pk=sent.file, block=block, begun_at=actor.now())
    SealedFile.objects.bulk_create([row], ignore_conflicts=True)


def _stored(actor: Actor, draft: BidDraft, sent: Sent, size: int) -> tuple[str, str]:
    values: dict[str, Any] = {
        "draft": draft.pk,
        "file": sent.file,
        "index": sent.index,
        "nonce": sent.nonce,
        "leaf": sent.leaf.hex(),
        "size": size,
        "at": actor.now(),
        "agent": sent.agent[: rules.LONGEST_AGENT],
    }
    with connection.cursor() as cursor:
        cursor.execute(_STORE, values)
        outcome, before = cursor.fetchone()
    return outcome, before or ""


def _log(actor: Actor, draft: BidDraft, sent: Sent, size: int, outcome: str) -> None:
    ChunkEvent(
        draft=draft.pk,
        file=sent.file,
        index=sent.index,
        at=actor.now(),
        size=size,
        leaf=sent.leaf.hex()[:64],
        outcome=outcome[:60],
        agent=sent.agent[: rules.LONGEST_AGENT],
    ).save()
