"""A custodian's stock of public keys, and the backup of a time key (TSB1, section 12): documents of tools/open_bids.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from . import documents as doc
from . import suites


@dataclass(frozen=True, slots=True)
class StockKey:
    """One public key; ``id`` is the holder's id that it will bear."""

    id: UUID
    key: bytes


@dataclass(frozen=True, slots=True)
class Stock:
    """Keys prepared off line; ``recovery``: for the backups of time keys, and never a holder's."""

    name: str
    suite: int
    recovery: bool
    keys: Sequence[StockKey]


_SHAPE = {
    "name": doc.text,
    "suite": doc.integer(1),
    "recovery": doc.truth,
    "keys": doc.listed(doc.fields({"id": doc.identifier, "key": doc.octets})),
}


def read_stock(data: bytes) -> Stock:
    """The stock of these bytes, each key loaded. Raises Invalid."""
    found: dict[str, Any] = doc.read(data, "stock", _SHAPE)
    keys = [StockKey(**one) for one in found["keys"]]
    for one in keys:
        suites.read_public(found["suite"], one.key)
    return Stock(**{**found, "keys": keys})


def written_backup(time: UUID, suite: int, key: bytes, backup: bytes) -> bytes:
    """A time key's backup as it is handed to the recovery custodian; ``key`` is the public half."""
    return doc.written(
        "time-backup",
        {"time": str(time), "suite": suite, "key": doc.base64url(key), "backup": doc.base64url(backup)},
    )
