"""The door of ``journal``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from territoires.kernel.actor import Actor
from territoires.kernel.fact import Fact


@dataclass(frozen=True, slots=True)
class Recorded:
    """A sequenced entry, as followers receive it. ``facts`` is the plain payload, ``files`` the digests."""

    seq: int
    id: UUID
    kind: str
    version: int
    at: datetime
    organisation: UUID | None
    actor: Mapping[str, Any]
    subject_type: str
    subject_id: UUID
    matter: UUID | None
    facts: Mapping[str, Any]
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A follower: its handler runs inside the transaction that moves its cursor, so exactly once."""

    name: str
    kinds: Sequence[str]
    handler: Callable[[Recorded], None]


def append(fact: Fact, *, actor: Actor, outcome: str = "done") -> UUID:
    """Writes a fact as the last statement of the caller's transaction; returns the entry's id."""
    raise NotImplementedError
