"""Who signs a contract, and with what: both by hand, both electronically, or one of each. All are as good in law.

CCP R2182-3 leaves the manner free; annex 12 says what an electronic signature must be.
"""

from __future__ import annotations

from collections.abc import Iterable

BUYER, HOLDER = "buyer", "holder"
SIDES = (BUYER, HOLDER)

BY_HAND, ELECTRONIC = "hand", "electronic"
MEANS = (BY_HAND, ELECTRONIC)

MIXED = "mixed"
MANNERS = (*MEANS, MIXED)


def manner_of(means: Iterable[str]) -> str:
    """How the whole was signed, from the means of each side; empty while nobody has signed."""
    found = set(means)
    if len(found) > 1:
        return MIXED
    return next(iter(found), "")


def awaited(signed: Iterable[str]) -> list[str]:
    """The sides that have not signed yet."""
    present = set(signed)
    return [side for side in SIDES if side not in present]
