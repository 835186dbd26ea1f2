"""Every set of k holders has every piece; every set of k-1 lacks exactly one."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.kernel.errors import Conflict, Invalid
from territoires.services.procurement.domain.sealing.sharing import Shape, join, split

ALL = [(n, k) for n in range(3, 13) for k in range(2, n) if n <= 9]
SECRET = bytes(range(32))


@pytest.mark.parametrize(("n", "k"), ALL)
def test_exactly_k_holders_are_needed(n: int, k: int) -> None:
    shape = Shape(n, k)
    pieces = split(SECRET, shape.pieces)
    for present in combinations(range(n), k):
        held = {number: pieces[number] for holder in present for number in shape.of(holder)}
        assert join(held, shape) == SECRET
    for present in combinations(range(n), k - 1):
        held = {number: pieces[number] for holder in present for number in shape.of(holder)}
        assert sorted(set(range(shape.pieces)) - held.keys()) == [shape.absent.index(present)]
        with pytest.raises(Conflict, match=f"{k - 1} of the {k} releases"):
            join(held, shape)


@pytest.mark.parametrize(
    ("n", "k", "pieces", "each"),
    [
        (3, 2, 3, 2),
        (4, 2, 4, 3),
        (4, 3, 6, 3),
        (5, 3, 10, 6),
        (6, 3, 15, 10),
        (7, 4, 35, 20),
        (8, 4, 56, 35),
    ],
)
def test_sizes_of_the_published_table(n: int, k: int, pieces: int, each: int) -> None:
    shape = Shape(n, k)
    assert (shape.pieces, {len(shape.of(holder)) for holder in range(n)}) == (pieces, {each})


@pytest.mark.parametrize(("n", "k"), [(2, 2), (3, 1), (3, 3), (13, 2), (12, 6), (0, 0)])
def test_shapes_out_of_bounds_are_refused(n: int, k: int) -> None:
    with pytest.raises(Invalid, match="sealing-policy-refused"):
        Shape(n, k)


@given(secret=st.binary(min_size=32, max_size=32), count=st.integers(2, 220))
def test_pieces_give_the_secret_back_and_change_each_time(secret: bytes, count: int) -> None:
    pieces = split(secret, count)
    whole = 0
    for piece in pieces:
        whole ^= int.from_bytes(piece, "big")
    assert whole.to_bytes(32, "big") == secret
    assert split(secret, count) != pieces
