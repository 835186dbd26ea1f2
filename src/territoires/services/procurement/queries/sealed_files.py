"""What arrived of a bid: policies that it may be sealed for, blocks, files and their chunks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.db.models import Count, Sum

from territoires.kernel.errors import Conflict, Corrupt, Invalid, Missing

from ..domain.sealing import files
from ..domain.sealing.policy import Policy, openable, read_policy, sealing_for_the_same
from ..models import BidDraft, PolicyVersion, Rehearsal, SealedBlock, SealedFile, StoredChunk, chunk_store
from .bids import sealed_lots
from .rounds import lots_invited


@dataclass(frozen=True, slots=True)
class Place:
    """What a bid's blocks and manifests must name: ``lots`` by the ids that blocks give them."""

    consultation: UUID
    round: int
    bidder: UUID
    lots: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a bid holds that no manifest names yet: files, and stored bytes without nonces."""

    files: int
    size: int


@lru_cache(maxsize=256)
def _read(document: bytes) -> Policy:
    return read_policy(document)


def policy_bytes(draft: BidDraft) -> list[bytes]:
    """The versions of the policy of the draft's round, oldest first."""
    if draft.consultation_id is None:
        return [bytes(Rehearsal.objects.only("policy").get(draft=draft).policy)]
    rows = PolicyVersion.objects.filter(consultation_id=draft.consultation_id, round=draft.round)
    return [bytes(one) for one in rows.order_by("version").values_list("document", flat=True)]


def present_policy(draft: BidDraft) -> tuple[Policy, bytes]:
    """The policy to seal for now, and its bytes. Raises Conflict while there is none."""
    document = _versions(draft)[-1]
    return _read(document), document


def accepted_policies(draft: BidDraft) -> Mapping[bytes, Policy]:
    """The versions, by hash, whose blocks still open: a deadline put off, or an officer replaced, asks for no new upload."""
    return openable([_read(one) for one in _versions(draft)])


def sealing_policies(draft: BidDraft) -> Mapping[bytes, Policy]:
    """The versions, by hash, that a new block may be made for: those of the present officers."""
    return sealing_for_the_same([_read(one) for one in _versions(draft)])


def _versions(draft: BidDraft) -> list[bytes]:
    if not (versions := policy_bytes(draft)):
        raise Conflict(
            "no-opening-officers",
            "The buyer has not named yet who will open the bids: nothing can be sealed.",
            "Come back later; the page of the consultation tells when it is open.",
        )
    return versions


def place_of(draft: BidDraft, lots: Iterable[UUID] | None = None) -> Place:
    """Where the bid belongs; ``lots`` where they are already read. A rehearsal has a consultation, a bidder and a lot of its own, which are nobody's."""
    if draft.consultation is None or draft.bidder_id is None:
        room = Rehearsal.objects.only("bidder", "lot").get(draft=draft)
        return Place(draft.pk, draft.round, room.bidder, frozenset({room.lot}))
    found = sealed_lots(draft.consultation) if lots is None else lots
    return Place(draft.consultation.pk, draft.round, draft.bidder_id, frozenset(found))


def lots_closed_to(draft: BidDraft) -> dict[UUID, str]:
    """The lots for which the candidate of a later round was not selected, as people name them: it answers none of them."""
    if draft.consultation is None or draft.bidder_id is None:
        return {}
    held = lots_invited(draft.consultation, draft.round, draft.bidder_id)
    if held is None:
        return {}
    open_to = {UUID(one["id"]) for one in held}
    lots = sealed_lots(draft.consultation)
    return {key: str(lot) for key, lot in lots.items() if lot is not None and key not in open_to}


def require_selected(draft: BidDraft, lots: Iterable[UUID]) -> None:
    """Raises Invalid for a lot for which the candidate was not selected."""
    closed = lots_closed_to(draft)
    if other := [closed[lot] for lot in lots if lot in closed]:
        raise Invalid(
            "lot-not-selected",
            "Your enterprise is not among the candidates selected for this lot (%(lot)s): nothing was kept for it.",
            "Answer the lots that your invitation names; load the page again to see them.",
            params={"lot": ", ".join(other)},
        )


def block_of(draft: BidDraft, key: UUID) -> SealedBlock | None:
    """A block of this bid."""
    return SealedBlock.objects.filter(draft=draft, pk=key).first()


def blocks_of(draft: BidDraft, keys: Iterable[UUID]) -> dict[UUID, tuple[bytes, str]]:
    """The bytes and the envelope of blocks of this bid, by id."""
    rows = SealedBlock.objects.filter(draft=draft, pk__in=set(keys)).order_by()
    return {
        key: (bytes(document), envelope)
        for key, document, envelope in rows.values_list("pk", "document", "envelope")
    }


def file_of(draft: BidDraft, key: UUID) -> SealedFile:
    """A file of this bid. Raises Missing."""
    found = SealedFile.objects.filter(pk=key, block__draft=draft).first()
    if found is None:
        raise Missing(
            "no-sealed-file", "Nothing has arrived of this file.", "Send it: the page does so by itself."
        )
    return found


def waiting_in(draft: BidDraft) -> Waiting:
    """How much of the bid's room is taken."""
    rows = SealedFile.objects.filter(block__draft=draft, sealed_at=None)
    taken = rows.aggregate(files=Count("pk", distinct=True), size=Sum("stored__size"))
    return Waiting(taken["files"], taken["size"] or 0)


def stored_leaves(file: UUID) -> list[tuple[int, str]]:
    """Which (index, leaf) are there: what a browser asks before it goes on."""
    return list(StoredChunk.objects.filter(file=file).order_by("index").values_list("index", "leaf"))


def measured(rows: Sequence[SealedFile]) -> dict[UUID, tuple[int, int, bytes]]:
    """Chunks, stored size and root of each of these files whose chunks follow each other from the first on."""
    known = {
        one.pk: (one.chunks or 0, one.size or 0, bytes.fromhex(one.root)) for one in rows if one.sealed_at
    }
    if not (fresh := [one.pk for one in rows if one.sealed_at is None]):
        return known
    chunks: dict[UUID, list[tuple[int, str, int]]] = {}
    stored = StoredChunk.objects.filter(file__in=fresh).order_by("file", "index")
    for file, index, leaf, size in stored.values_list("file", "index", "leaf", "size"):
        chunks.setdefault(file, []).append((index, leaf, size))
    return known | {file: _measure(found) for file, found in chunks.items() if _is_whole(found)}


def _is_whole(chunks: list[tuple[int, str, int]]) -> bool:
    return [index for index, _leaf, _size in chunks] == list(range(len(chunks)))


def _measure(chunks: list[tuple[int, str, int]]) -> tuple[int, int, bytes]:
    size = sum(one + files.NONCE_BYTES for _index, _leaf, one in chunks)
    root = files.merkle_root(bytes.fromhex(leaf) for _index, leaf, _size in chunks)
    return len(chunks), size, root


def read_chunk(file: SealedFile, index: int) -> tuple[bytes, bytes]:
    """Nonce, and ciphertext with tag, of one chunk. Raises Corrupt when it is not there any more."""
    row = StoredChunk.objects.filter(file=file, index=index).first()
    if row is None:
        raise Corrupt(
            "chunk-lost",
            "A part of a sealed file is no longer in the store.",
            "Tell the operator: it must be restored from a replica; the safety copy may serve meanwhile.",
        )
    draft = SealedBlock.objects.values_list("draft_id", flat=True).get(pk=file.block_id)
    return bytes(row.nonce), chunk_store.read_object(draft, file.pk, index, row.leaf)


def stored_chunks(file: SealedFile) -> Iterator[bytes]:
    """The stored chunks of a file in order, as ``domain.sealing.files`` reads them: nonce, ciphertext, tag."""
    for index in range(file.chunks or 0):
        yield b"".join(read_chunk(file, index))


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that no manifest names, as the page tells it: nobody here knows its name."""

    file: UUID
    block: UUID
    chunks: int
    size: int
    begun_at: datetime


def unnamed_files(draft: BidDraft) -> list[Arrived]:
    """What arrived and is in no deposit."""
    rows = (
        SealedFile.objects.filter(block__draft=draft, sealed_at=None)
        .annotate(arrived=Count("stored"), taken=Sum("stored__size"))
        .order_by("begun_at")
    )
    return [Arrived(one.pk, one.block_id, one.arrived, one.taken or 0, one.begun_at) for one in rows]
