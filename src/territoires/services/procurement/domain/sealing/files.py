"""Files: padding, chunks, leaves, root, header (TSB1, section 7).

A stored chunk is nonce, ciphertext and tag, one after the other; a stored file is its chunks in order. One chunk is in
memory at a time, whatever the size of the file.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from . import documents as doc
from . import refusals
from .block import derived

CHUNK_BYTES = 1 << 20
NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD = NONCE_BYTES + TAG_BYTES
LEAST_PADDED = 4096
LARGEST_HEADER = 4096


@dataclass(frozen=True, slots=True)
class Header:
    """What the bidder calls the file: NFC, no folder. ``size`` in bytes, without padding."""

    name: str
    media: str
    size: int


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A sealed file as the manifest names it; ``size`` is that of its stored chunks."""

    file: UUID
    block: UUID
    chunks: int
    size: int
    root: bytes
    header: bytes


def padded_size(size: int) -> int:
    """Bytes after padding: Padmé (PURBs, 2019), and never less than 4,096."""
    if size <= LEAST_PADDED:
        return LEAST_PADDED
    exponent = size.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (size + mask) & ~mask


def chunk_count(padded: int) -> int:
    return max(1, -(-padded // CHUNK_BYTES))


def stored_size(size: int) -> int:
    """Bytes that a file of that size takes when stored."""
    padded = padded_size(size)
    return padded + OVERHEAD * chunk_count(padded)


def file_key(master: bytes, file: UUID) -> AESGCM:
    return AESGCM(derived(master, file.bytes, "TSB1/file"))


def header_key(master: bytes, file: UUID) -> AESGCM:
    return AESGCM(derived(master, file.bytes, "TSB1/header"))


def chunk_data(block: UUID, file: UUID, index: int, count: int) -> bytes:
    """The associated data of a chunk, 44 bytes."""
    return b"TBC1" + block.bytes + file.bytes + doc.u32(index) + doc.u32(count)


def header_data(block: UUID, file: UUID) -> bytes:
    return b"TBH1" + block.bytes + file.bytes + doc.u32(0) + doc.u32(1)


def leaf(stored: bytes) -> bytes:
    """The leaf of a stored chunk: the ciphertext is hashed by itself, which spares the browser a copy of it."""
    view = memoryview(stored)
    return doc.sha256(b"\0", view[:NONCE_BYTES], doc.sha256(view[NONCE_BYTES:]))


def merkle_root(leaves: Iterable[bytes]) -> bytes:
    """The root of the tree of RFC 9162 over at least one leaf."""
    full: list[tuple[int, bytes]] = []  # perfect trees from left to right, each larger than the next
    for one in leaves:
        width, node = 1, one
        while full and full[-1][0] == width:
            width, node = width * 2, _inner(full.pop()[1], node)
        full.append((width, node))
    node = full.pop()[1]
    while full:
        node = _inner(full.pop()[1], node)
    return node


def _inner(left: bytes, right: bytes) -> bytes:
    return doc.sha256(b"\1", left, right)


# Sealing, for tests and for a sealer outside of a browser: a bidder's files are sealed by the browser.


def sealed_chunks(master: bytes, block: UUID, file: UUID, plain: BinaryIO, size: int) -> Iterator[bytes]:
    """The stored chunks of ``size`` bytes read from ``plain``."""
    key, padded = file_key(master, file), padded_size(size)
    count = chunk_count(padded)
    for index in range(count):
        length = min(CHUNK_BYTES, padded - index * CHUNK_BYTES)
        piece = plain.read(min(length, max(0, size - index * CHUNK_BYTES))).ljust(length, b"\0")
        nonce = os.urandom(NONCE_BYTES)
        yield nonce + key.encrypt(nonce, piece, chunk_data(block, file, index, count))


def sealed_header(master: bytes, block: UUID, file: UUID, header: Header) -> bytes:
    """Nonce, ciphertext and tag."""
    plain = doc.canonical(
        {
            "name": unicodedata.normalize("NFC", header.name),
            "media": header.media,
            "size": header.size,
        }
    )
    nonce = os.urandom(NONCE_BYTES)
    return nonce + header_key(master, file).encrypt(nonce, plain, header_data(block, file))


# Opening


def check_root(entry: FileEntry, stored: Iterable[bytes]) -> None:
    """The stored chunks are those that were sealed. Raises Invalid; to be called before anything is decrypted."""
    count = size = 0

    def leaves() -> Iterator[bytes]:
        nonlocal count, size
        for chunk in stored:
            count, size = count + 1, size + len(chunk)
            yield leaf(chunk)

    try:
        root = merkle_root(leaves())
    except IndexError:
        root = b""
    if (root, count, size) != (entry.root, entry.chunks, entry.size):
        raise refusals.unreadable("stored chunks do not have the root of the manifest")


def opened_header(master: bytes, entry: FileEntry) -> Header:
    """The name, media type and true size. Raises Invalid."""
    sealed = entry.header
    try:
        plain = header_key(master, entry.file).decrypt(
            sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], header_data(entry.block, entry.file)
        )
    except (InvalidTag, ValueError):
        raise refusals.unreadable("the header of a file") from None
    found = doc.fields({"name": doc.text, "media": doc.text, "size": doc.integer()})(doc.parsed(plain))
    if stored_size(found["size"]) != entry.size:
        raise refusals.unreadable("the size of a file")
    return Header(**found)


def opened_chunks(
    master: bytes, entry: FileEntry, header: Header, stored: Iterable[bytes]
) -> Iterator[bytes]:
    """The file's own bytes, chunk by chunk, padding checked and left out. Raises Invalid at the first fault."""
    key, left, count = file_key(master, entry.file), header.size, 0
    for index, chunk in enumerate(stored):
        view = memoryview(chunk)
        try:
            plain = key.decrypt(
                view[:NONCE_BYTES],
                view[NONCE_BYTES:],
                chunk_data(entry.block, entry.file, index, entry.chunks),
            )
        except (InvalidTag, ValueError):
            raise refusals.unreadable(f"chunk {index}") from None
        own = min(left, len(plain))
        if plain.count(0, own) != len(plain) - own:
            raise refusals.unreadable("padding that is not zero")
        left, count = left - own, count + 1
        yield plain[:own] if own < len(plain) else plain
    if left or count != entry.chunks:
        raise refusals.unreadable("chunks are missing")


def check_sizes(entry: FileEntry) -> None:
    """Chunks, stored size and header of an entry agree. Raises Invalid."""
    padded = entry.size - OVERHEAD * entry.chunks
    if padded < LEAST_PADDED or chunk_count(padded) != entry.chunks:
        raise refusals.mismatch("number of chunks and size of a file")
    if not OVERHEAD < len(entry.header) <= LARGEST_HEADER:
        raise refusals.malformed("the header of a file")


def stored_chunks(file: BinaryIO) -> Iterator[bytes]:
    """The chunks of a stored file."""
    while chunk := file.read(CHUNK_BYTES + OVERHEAD):
        yield chunk


def total(entries: Sequence[FileEntry]) -> int:
    return sum(entry.size for entry in entries)
