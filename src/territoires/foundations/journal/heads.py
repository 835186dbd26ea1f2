"""The head of the book, and paths to it: what a browser needs to see for itself that facts were in it at an instant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from django.db import connection

from . import tree
from .store import read_hashes


@dataclass(frozen=True, slots=True)
class Head:
    """The tree of the first ``size`` facts."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Included:
    """A fact's bytes, its number, and the path from it to the root of a head."""

    entry: UUID
    seq: int
    body: bytes
    path: list[bytes]


def head() -> Head:
    """The tree of all that is numbered now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT size FROM journal_state")
        (size,) = cursor.fetchone()
    return Head(size, tree.root(read_hashes, size))


def included(entries: Iterable[UUID], size: int) -> list[Included]:
    """Those of these facts that are among the first ``size``, by number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, seq, body FROM journal_entry JOIN journal_leaf ON entry = id"
            " WHERE id = ANY(%s) AND seq < %s ORDER BY seq",
            [list(entries), size],
        )
        rows = cursor.fetchall()
    read = cache(read_hashes)  # paths to one root share most of their nodes
    return [Included(entry, seq, bytes(body), tree.inclusion(read, seq, size)) for entry, seq, body in rows]
