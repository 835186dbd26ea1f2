"""The tree against a naive root and, for its proofs, against the verifying algorithms of RFC 9162."""

from __future__ import annotations

import hashlib

import pytest

from territoires.foundations.journal.tree import (
    Frontier,
    consistency,
    frontier,
    inclusion,
    leaf_hash,
    node_hash,
    root,
    root_of_path,
)

SIZES = [*range(1, 81), 255, 256, 257, 511, 512, 513]
LEAVES = [leaf_hash(str(i).encode()) for i in range(65_540)]


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(naive_root(leaves[:split]), naive_root(leaves[split:]))


class Rows:
    """Stored levels, as the database keeps them."""

    def __init__(self, size: int) -> None:
        self.levels: dict[int, list[bytes]] = {0: LEAVES[:size]}
        self.edge = Frontier()
        for leaf in LEAVES[:size]:
            for level, index, node in self.edge.add(leaf):
                assert index == len(self.levels.setdefault(level, []))
                self.levels[level].append(node)

    def read(self, level: int, first: int, count: int) -> list[bytes]:
        found = self.levels[level][first : first + count]
        assert len(found) == count
        return found


def prefix_holds(old: int, size: int, old_root: bytes, new_root: bytes, path: list[bytes]) -> bool:
    """RFC 9162, section 2.1.4.2."""
    if old & (old - 1) == 0:
        path = [old_root, *path]
    fn, sn = old - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for step in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(step, fr), node_hash(step, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, step)
        fn, sn = fn >> 1, sn >> 1
    return (fr, sr, sn) == (old_root, new_root, 0)


def test_the_empty_tree_is_the_hash_of_nothing():
    assert Frontier().root() == hashlib.sha256().digest()


@pytest.mark.parametrize("size", SIZES)
def test_root_frontier_and_inclusion_at(size):
    rows, expected = Rows(size), naive_root(LEAVES[:size])
    assert rows.edge.root() == root(rows.read, size) == expected
    assert frontier(rows.read, size).root() == expected
    for index in {*range(min(size, 20)), size // 2, size - 1}:
        path = inclusion(rows.read, index, size)
        assert root_of_path(LEAVES[index], index, size, path) == expected
        assert root_of_path(LEAVES[index + 1], index, size, path) != expected
        assert root_of_path(LEAVES[index], index, size, [*path, LEAVES[0]]) != expected


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 40, 80, 257, 513])
def test_every_prefix_is_consistent(size):
    rows = Rows(size)
    for old in range(1, size):
        path = consistency(rows.read, old, size)
        assert prefix_holds(old, size, naive_root(LEAVES[:old]), naive_root(LEAVES[:size]), path)
    assert consistency(rows.read, size, size) == []


def test_a_tree_with_a_second_stored_level():
    size = 65_537
    rows = Rows(size)
    assert (len(rows.levels[8]), len(rows.levels[16])) == (256, 1)
    expected = naive_root(LEAVES[:size])
    for index in (0, 255, 256, 65_535, 65_536):
        assert root_of_path(LEAVES[index], index, size, inclusion(rows.read, index, size)) == expected
    for old in (1, 255, 256, 300, 65_535, 65_536):
        path = consistency(rows.read, old, size)
        assert prefix_holds(old, size, naive_root(LEAVES[:old]), expected, path)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_outside_the_tree_has_no_path(index, size):
    with pytest.raises(ValueError, match="not among"):
        inclusion(Rows(3).read, index, size)
