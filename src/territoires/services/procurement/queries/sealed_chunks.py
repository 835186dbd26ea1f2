"""The stored chunks of a sealed file for its opening: one query for all of them, one chunk in memory."""

from __future__ import annotations

from collections.abc import Iterator

from ..domain.sealing.files import FileEntry
from ..models import SealedBlock, StoredChunk, chunk_store


def chunks_of(entry: FileEntry) -> Iterator[bytes]:
    """Nonce, ciphertext and tag of each chunk in order. Raises Corrupt when one is no longer in the store."""
    draft = SealedBlock.objects.values_list("draft_id", flat=True).get(pk=entry.block)
    rows = StoredChunk.objects.filter(file=entry.file).order_by("index").values_list("index", "nonce", "leaf")
    for index, nonce, leaf in list(rows):
        yield bytes(nonce) + chunk_store.read_object(draft, entry.file, index, leaf)
