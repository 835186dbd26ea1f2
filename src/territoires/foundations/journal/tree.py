"""The Merkle tree of RFC 9162, section 2.1: leaf SHA-256(0x00 || body), node SHA-256(0x01 || left || right).

Pure arithmetic on hashes. Level 0 holds the leaves; the stored rows are levels 0, 8, 16, 24... (the tiles of C2SP
tlog-tiles), from which at most 255 hashes a level give any other node back.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import reduce

Read = Callable[[int, int, int], Sequence[bytes]]
"""``read(level, first, count)``: that many stored hashes of a stored level, in order."""

EMPTY = hashlib.sha256(b"").digest()
STRIDE = 8  # one stored level each eight


def leaf_hash(body: bytes) -> bytes:
    """The hash of an entry's bytes."""
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a tree of ``size`` leaves: the roots of its largest complete subtrees, highest first."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self._peaks = list(peaks)

    def add(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Adds a leaf; answers the stored nodes that it completes, as (level, index, hash)."""
        completed = []
        level, index = 0, self.size
        self._peaks.append(leaf)
        while index & 1:
            right = self._peaks.pop()
            self._peaks[-1] = node_hash(self._peaks[-1], right)
            level, index = level + 1, index >> 1
            if level % STRIDE == 0:
                completed.append((level, index, self._peaks[-1]))
        self.size += 1
        return completed

    def root(self) -> bytes:
        """The root of all leaves so far."""
        return _joined(self._peaks)

    def copy(self) -> Frontier:
        return Frontier(self.size, self._peaks)


def held(leaves: Iterable[bytes]) -> Read:
    """The stored rows of a tree that is whole in memory."""
    rows: dict[int, list[bytes]] = defaultdict(list)
    edge = Frontier()
    for leaf in leaves:
        rows[0].append(leaf)
        for level, _index, node in edge.add(leaf):
            rows[level].append(node)
    return lambda level, first, count: rows[level][first : first + count]


def frontier(read: Read, size: int) -> Frontier:
    """The frontier of the first ``size`` leaves, from stored rows."""
    return Frontier(size, _peaks(read, 0, size))


def root(read: Read, size: int) -> bytes:
    """The root of the first ``size`` leaves."""
    return _joined(_peaks(read, 0, size))


def inclusion(read: Read, index: int, size: int) -> list[bytes]:
    """The path from leaf ``index`` to the root of ``size`` leaves, leaf first (RFC 9162, section 2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not among {size}")
    path: list[bytes] = []
    first, last = 0, size
    while last - first > 1:
        middle = first + _split(last - first)
        if index < middle:
            path.append(_joined(_peaks(read, middle, last)))
            last = middle
        else:
            path.append(_joined(_peaks(read, first, middle)))
            first = middle
    return path[::-1]


def consistency(read: Read, old: int, size: int) -> list[bytes]:
    """The proof that the first ``old`` leaves are a prefix of ``size`` (RFC 9162, section 2.1.4.1)."""
    if not 0 < old <= size:
        raise ValueError(f"{old} leaves are no prefix of {size}")
    path: list[bytes] = []
    first, last, whole = 0, size, True
    while last != old:
        middle = first + _split(last - first)
        if old <= middle:
            path.append(_joined(_peaks(read, middle, last)))
            last = middle
        else:
            path.append(_joined(_peaks(read, first, middle)))
            first, whole = middle, False
    if not whole:
        path.append(_joined(_peaks(read, first, last)))
    return path[::-1]


def root_of_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that an inclusion path leads to; None when its length does not fit (section 2.1.3.2)."""
    found, last = leaf, size - 1
    for step in path:
        if last == 0:
            return None
        if index & 1 or index == last:
            found = node_hash(step, found)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            found = node_hash(found, step)
        index, last = index >> 1, last >> 1
    return found if last == 0 else None


def _split(count: int) -> int:
    """The largest power of two below ``count``."""
    return 1 << ((count - 1).bit_length() - 1)


def _peaks(read: Read, first: int, last: int) -> list[bytes]:
    """The roots of the complete subtrees that tile leaves ``first`` to ``last`` (``first`` is aligned to the tile)."""
    peaks = []
    while first < last:
        level = (last - first).bit_length() - 1
        peaks.append(_complete(read, level, first >> level))
        first += 1 << level
    return peaks


def _complete(read: Read, level: int, index: int) -> bytes:
    """The root of a complete subtree of 2^level leaves, folded from the nearest stored level below."""
    above = level % STRIDE
    hashes = list(read(level - above, index << above, 1 << above))
    while len(hashes) > 1:
        hashes = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]


def _joined(peaks: Sequence[bytes]) -> bytes:
    return reduce(lambda right, left: node_hash(left, right), reversed(peaks)) if peaks else EMPTY
