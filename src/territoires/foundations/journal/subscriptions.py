"""Followers of the book: a cursor each, moved in the transaction of the handler's effects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .entries import Recorded


@dataclass(frozen=True, slots=True)
class Subscription:
    """A follower: its handler runs inside the transaction that moves its cursor, so exactly once."""

    name: str
    kinds: Sequence[str]
    handler: Callable[[Recorded], None]
