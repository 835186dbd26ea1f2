"""The stored chunks of a sealed file for its opening: one query for all of them, one chunk in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from ..domain.sealing.files import FileEntry
from ..models import SealedBlock, StoredChunk, chunk_store


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Where a file's chunks lie: read as often as asked, from any thread, without the database."""

    draft: UUID
    file: UUID
    chunks: Sequence[tuple[int, bytes, str]]

    def __iter__(self) -> Iterator[bytes]:
        """Nonce, ciphertext and tag of each chunk in order. Raises Corrupt when one is no longer in the store."""
        for index, nonce, leaf in self.chunks:
            yield nonce + chunk_store.read_object(self.draft, self.file, index, leaf)


def stored_file(entry: FileEntry) -> StoredFile:
    """The stored chunks of a file that a manifest names."""
    draft = SealedBlock.objects.values_list("draft_id", flat=True).get(pk=entry.block)
    rows = StoredChunk.objects.filter(file=entry.file).order_by("index").values_list("index", "nonce", "leaf")
    return StoredFile(draft, entry.file, [(index, bytes(nonce), leaf) for index, nonce, leaf in rows])


def stored_places(block: SealedBlock) -> Iterator[tuple[UUID, int, str]]:
    """File, index and leaf of every chunk of a block that is stored."""
    rows = StoredChunk.objects.filter(file__block=block).values_list("file", "index", "leaf")
    yield from rows.iterator()
