"""Numbers entries after their commit, without gap and without holding any writer back.

One invariant: what is sequenced is exactly what the snapshot ``state.seen`` sees. A batch is one transaction, READ
COMMITTED, under an advisory lock of that transaction; any number of sequencers may run.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

from territoires.foundations.trust import api as trust
from territoires.kernel.clock import system_clock

from .store import read_hashes
from .tree import Frontier, frontier, leaf_hash

LOCK = 0x6A6F75726E616C  # "journal"
BATCH = 20_000  # transactions, so that a huge backlog is read in bounded memory

log = logging.getLogger(__name__)

# The planner guesses a third of the table for a range of xid and would read all of it. The lock and the window are two
# statements: a snapshot older than the lock would repeat the predecessor's batch.
_BEGIN = """
SELECT pg_try_advisory_xact_lock(%s), pg_current_xact_id_if_assigned() IS NULL,
       set_config('enable_seqscan', 'off', true)"""
_STATE = """
SELECT size, seen::text, floor_n, system = (SELECT system_identifier FROM pg_control_system()) FROM journal_state"""
# Entries that ``seen`` did not see and the present snapshot sees: those that began later, and those that were running.
# Past ``batch`` transactions the present snapshot is clipped at transaction ``cut``.
_WINDOW = """
WITH edge AS MATERIALIZED (
    SELECT (SELECT xid FROM journal_entry WHERE xid >= %(xmax)s::xid8 ORDER BY xid OFFSET %(batch)s LIMIT 1) AS cut
), fresh AS (
    SELECT id, n, body, mac FROM journal_entry, edge
    WHERE xid >= %(xmax)s::xid8 AND xid <= coalesce(edge.cut, '18446744073709551615'::xid8) AND n > %(floor_n)s
    UNION ALL
    SELECT id, n, body, mac FROM journal_entry
    WHERE xid = ANY(%(running)s::xid8[]) AND xid < %(xmax)s::xid8 AND n > %(floor_n)s
)
SELECT pg_current_snapshot()::text, edge.cut::text, fresh.id, fresh.body, fresh.mac
FROM edge LEFT JOIN fresh ON true ORDER BY fresh.n"""
# After a restore into a new cluster transaction numbers start again: what has no leaf is found by looking for it.
_LEFTOVERS = """
SELECT pg_current_snapshot()::text, left_over.id, left_over.body, left_over.mac FROM (VALUES (1)) AS one
LEFT JOIN (
    SELECT id, n, body, mac FROM journal_entry AS e
    WHERE NOT EXISTS (SELECT FROM journal_leaf WHERE entry = e.id)
    AND NOT EXISTS (SELECT FROM journal_quarantine WHERE entry = e.id)
    ORDER BY n LIMIT %s
) AS left_over ON true ORDER BY left_over.n"""
# ``floor_n`` is the highest rank among entries whose old transaction number the new cluster has not reached: new ones
# rank above all of them, those still uncommitted too.
_ADOPT = """
UPDATE journal_state SET seen = %(now)s::pg_snapshot,
    system = (SELECT system_identifier FROM pg_control_system()),
    floor_n = greatest(floor_n, (
        SELECT max(n) FROM journal_entry WHERE NOT pg_visible_in_snapshot(xid, %(now)s::pg_snapshot)))"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A pg_snapshot: all below ``xmax`` is settled, but ``running``."""

    xmax: int
    running: tuple[int, ...]

    @classmethod
    def read(cls, text: str) -> Snapshot:
        _, xmax, running = text.split(":")
        return cls(int(xmax), tuple(map(int, running.split(","))) if running else ())

    def clipped(self, cut: int) -> Snapshot:
        """What this snapshot saw of the transactions up to ``cut``: a snapshot too."""
        if cut >= self.xmax:
            return self
        return Snapshot(cut + 1, tuple(xid for xid in self.running if xid <= cut))

    def __str__(self) -> str:
        return f"{min((*self.running, self.xmax))}:{self.xmax}:{','.join(map(str, self.running))}"


@dataclass(frozen=True, slots=True)
class _State:
    size: int
    seen: Snapshot
    floor_n: int
    is_of_this_cluster: bool


_Entry = tuple[UUID, bytes, bytes]


class Sequencer:
    """One worker's sequencer. It keeps the tree's edge between batches; the database decides whether it still holds."""

    def __init__(self) -> None:
        self._edge = Frontier()

    def batch(self) -> int | None:
        """Sequences what was committed since the last batch; answers how many, None when another process is at it.

        Must not run inside a transaction that has written: its own snapshot would lie.
        """
        with transaction.atomic():
            if not take_lock():
                return None
            state = _state()
            entries, seen = _window(state) if state.is_of_this_cluster else _leftovers()
            if not entries and seen is None:
                return 0
            genuine = _without_forged(entries)
            edge = self._edge.copy() if self._edge.size == state.size else frontier(read_hashes, state.size)
            _write(genuine, edge, seen)
        self._edge = edge  # only once committed
        return len(entries)


def take_lock() -> bool:
    """Takes the sequencer's lock until the end of the transaction; False when another process holds it."""
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [LOCK])
        taken, is_fresh, _ = cursor.fetchone()
    if not is_fresh:
        raise RuntimeError("the sequencer works in a transaction of its own")
    return bool(taken)


def _state() -> _State:
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        size, seen, floor_n, is_of_this_cluster = cursor.fetchone()
    return _State(size, Snapshot.read(seen), floor_n, is_of_this_cluster)


def _window(state: _State) -> tuple[list[_Entry], str | None]:
    with connection.cursor() as cursor:
        cursor.execute(
            _WINDOW,
            {
                "xmax": str(state.seen.xmax),
                "running": [str(xid) for xid in state.seen.running],
                "floor_n": state.floor_n,
                "batch": BATCH,
            },
        )
        rows = cursor.fetchall()
    if rows[0][2] is None and rows[0][1] is None:
        return [], None  # nothing came: the old snapshot stays as good as the new one
    now = Snapshot.read(rows[0][0])
    seen = now if rows[0][1] is None else now.clipped(int(rows[0][1]))
    return [(row[2], bytes(row[3]), bytes(row[4])) for row in rows if row[2] is not None], str(seen)


def _leftovers() -> tuple[list[_Entry], str | None]:
    with connection.cursor() as cursor:
        cursor.execute(_LEFTOVERS, [BATCH])
        rows = cursor.fetchall()
        entries = [(row[1], bytes(row[2]), bytes(row[3])) for row in rows if row[1] is not None]
        if len(entries) < BATCH:
            cursor.execute(_ADOPT, {"now": rows[0][0]})
            log.warning("journal: this database was restored into another cluster; numbering continues")
    return entries, None


def _without_forged(entries: Sequence[_Entry]) -> list[_Entry]:
    """The entries that the platform wrote, each under its own id; the others go to quarantine."""
    genuine = [entry for entry in entries if _is_genuine(*entry)]
    if len(genuine) < len(entries):
        forged = {entry[0] for entry in entries} - {entry[0] for entry in genuine}
        log.critical("journal: %s entries not written by the platform, in quarantine", len(forged))
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO journal_quarantine (entry, at) VALUES (%s, %s)",
                [(entry, system_clock()) for entry in sorted(forged)],
            )
    return genuine


def _is_genuine(entry: UUID, body: bytes, mac: bytes) -> bool:
    """Whether the platform wrote these bytes for this row: a true fact written again under another id is a replay."""
    return trust.fact_mac_holds(body, mac) and json.loads(body)["id"] == str(entry)


def _write(entries: Sequence[_Entry], edge: Frontier, seen: str | None) -> None:
    first = edge.size
    leaves = [leaf_hash(body) for _, body, _ in entries]
    nodes = [node for leaf in leaves for node in edge.add(leaf)]
    with connection.cursor() as cursor:
        if leaves:
            cursor.execute(
                "INSERT INTO journal_leaf (seq, entry, hash) SELECT %s + rank - 1, entry, hash"
                " FROM unnest(%s::uuid[], %s::bytea[]) WITH ORDINALITY AS l (entry, hash, rank)",
                [first, [entry for entry, _, _ in entries], leaves],
            )
        if nodes:
            cursor.executemany("INSERT INTO journal_node (level, idx, hash) VALUES (%s, %s, %s)", nodes)
        if leaves or seen:
            cursor.execute(
                "UPDATE journal_state SET size = %s, seen = coalesce(%s::pg_snapshot, seen)",
                [edge.size, seen],
            )
