"""Replicated XOR sharing (Ito, Saito, Nishizeki 1987; TSB1, section 4).

A_0..A_(m-1) are the sets of k-1 holders out of N in lexicographic order, m = C(N, k-1). The secret is the XOR of m
pieces, all but the last one drawn at random; piece j goes to every holder who is not in A_j. Any k holders have every
piece; k-1 holders lack the one named after them, and learn nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import comb

from . import refusals

SECRET_BYTES = 32
MOST_HOLDERS = 12
MOST_PIECES = 220


@dataclass(frozen=True, slots=True)
class Shape:
    """N holders of whom k are needed. Raises Invalid when that is outside of section 4's bounds."""

    holders: int
    threshold: int

    def __post_init__(self) -> None:
        # the last holder is the custodian: k is at most the number of officers
        if not 2 <= self.threshold < self.holders <= MOST_HOLDERS or self.pieces > MOST_PIECES:
            raise refusals.policy_refused(f"{self.threshold} of {self.holders} holders")

    @property
    def pieces(self) -> int:
        return comb(self.holders, self.threshold - 1)

    @property
    def absent(self) -> list[tuple[int, ...]]:
        """A_j for each piece j: the holders who do not have it."""
        return list(combinations(range(self.holders), self.threshold - 1))

    def of(self, holder: int) -> list[int]:
        """The pieces of that holder, ascending."""
        return [piece for piece, absent in enumerate(self.absent) if holder not in absent]


def xor(parts: Iterable[bytes]) -> bytes:
    """The XOR of 32-byte strings."""
    result = 0
    for part in parts:
        result ^= int.from_bytes(part, "big")
    return result.to_bytes(SECRET_BYTES, "big")


def split(secret: bytes, count: int) -> list[bytes]:
    """``count`` strings whose XOR is the secret, all but the last one random."""
    drawn = [os.urandom(SECRET_BYTES) for _ in range(count - 1)]
    return [*drawn, xor([secret, *drawn])]


def join(pieces: Mapping[int, bytes], shape: Shape) -> bytes:
    """The secret, from every piece. Raises Conflict when one is missing."""
    if len(pieces) != shape.pieces:
        # whoever brought nothing lacks the missing piece, too
        present = sum(all(one in pieces for one in shape.of(holder)) for holder in range(shape.holders))
        raise refusals.quorum_missing(present, shape.threshold)
    return xor(pieces.values())


def cut(data: bytes) -> list[bytes]:
    """Pieces written one after the other."""
    return [data[at : at + SECRET_BYTES] for at in range(0, len(data), SECRET_BYTES)]
