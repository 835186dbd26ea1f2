"""Reads the whole book again and says what is not as it was written.

One ordered walk in one snapshot: bytes, numbers, MACs, nodes, root at every checkpoint and at every note kept outside,
signatures, tokens, the sequencer's state, search copies and disclosures.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from asn1crypto import cms, tsp
from django.db import connection, transaction

from territoires.foundations.trust import api as trust

from . import disclosures, notes, witness
from .copies import copy_of
from .tree import EMPTY, Frontier, leaf_hash

MOST_FINDINGS = 100
CHUNK = 5_000

_LEAVES = """
SELECT seq, l.entry, hash, body, mac, c.entry IS NOT NULL,
       kind, organisation, subject_type, subject, matter, at,
       ARRAY(SELECT disclosure FROM journal_private AS p WHERE p.entry = l.entry)
FROM journal_leaf AS l LEFT JOIN journal_entry AS e ON e.id = l.entry LEFT JOIN journal_copy AS c ON c.entry = l.entry
ORDER BY seq"""
_WITHOUT_NUMBER = """
SELECT id FROM journal_entry AS e, journal_state
WHERE (n <= floor_n OR pg_visible_in_snapshot(xid, seen))
AND NOT EXISTS (SELECT FROM journal_leaf WHERE entry = e.id)
AND NOT EXISTS (SELECT FROM journal_quarantine WHERE entry = e.id) LIMIT %s"""
_STRAY_PRIVATE = """
SELECT entry FROM journal_private AS p WHERE NOT EXISTS (SELECT FROM journal_entry WHERE id = p.entry) LIMIT %s"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was written: a stable code, and where."""

    code: str
    detail: str

    def __str__(self) -> str:
        return f"{WORDS[self.code]} ({self.detail})"


WORDS = {
    "altered": "A fact is not what was hashed.",
    "deleted": "The bytes of a numbered fact are gone.",
    "gap": "A number is missing.",
    "misplaced": "A fact says that it is another one.",
    "inserted": "A fact stands in the book without a number.",
    "forged": "A fact was not written by the platform: its authentication code does not hold.",
    "quarantined": "A fact that the platform did not write was refused by the sequencer.",
    "node": "A stored node of the tree is not what the leaves give.",
    "state": "The sequencer's state does not fit the leaves.",
    "checkpoint-malformed": "A checkpoint cannot be read.",
    "checkpoint-root": "A checkpoint of the database does not fit the facts.",
    "checkpoint-signature": "The platform's key did not sign a checkpoint.",
    "checkpoint-longer": "A checkpoint counts more facts than there are.",
    "token": "A time-stamp does not belong to what it stands beside.",
    "witness-missing": "The witness keeps nothing, though checkpoints were issued.",
    "witness-shorter": "The witness lacks the last checkpoints of the database.",
    "witness-signature": "The platform's key did not sign a checkpoint that the witness keeps.",
    "witness-longer": "The witness has seen more facts than there are: the book was cut.",
    "witness-root": "The witness has seen another history: the book was rewritten.",
    "copy": "The search copy of a fact differs from its bytes: rebuild the copies.",
    "disclosure": "A personal value is not the one that the fact commits to.",
}


@dataclass(slots=True)
class VerificationReport:
    """What ``verify`` found. ``size`` facts were read; ``checkpoints`` and ``kept`` notes compared."""

    size: int = 0
    root: bytes = EMPTY
    checkpoints: int = 0
    kept: int = 0
    pending: int = 0
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.findings

    def find(self, code: str, detail: object) -> None:
        """Adds a finding; after a hundred the picture is clear and no more are kept."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(code, str(detail)))


@dataclass(frozen=True, slots=True)
class _Head:
    """A root that the walk must reach at ``size``; ``source`` is "checkpoint" or "witness"."""

    source: str
    size: int
    root: bytes


def verify(kept: Path | None = None) -> VerificationReport:
    """Verifies the whole book against ``kept``, a file of notes (default: this installation's witness).

    Reads one snapshot while writers and sequencer go on. What was written since the last checkpoint is compared with
    the database only: see docs/operations/journal.md.
    """
    report, begin = VerificationReport(), time.monotonic()
    file = kept or witness.path()
    outside = list(_kept(report, file))  # before the snapshot, which then holds all that the witness has seen
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        heads = sorted([*_checkpoints(report), *outside], key=lambda head: head.size)
        edge = _walk(report, heads)
        _state(report, edge)
        _strays(report)
        _witness_keeps_up(report, file)
    report.seconds = time.monotonic() - begin
    return report


def _walk(report: VerificationReport, heads: list[_Head]) -> Frontier:
    """The leaves in order; the tree of their bytes is compared with every head as the walk passes it."""
    edge, nodes = Frontier(), _Nodes()
    waiting = iter(heads)
    head = next(waiting, None)
    for seq, entry, kept_hash, body, mac, has_copy, *copied, private in _rows(_LEAVES):
        if seq != edge.size:
            report.find("gap", f"{edge.size} expected, {seq} found")
            break
        found = bytes(kept_hash)
        if body is None:
            report.find("deleted", f"number {seq}, {entry}")
        else:
            found = leaf_hash(bytes(body))
            if found != kept_hash:
                report.find("altered", f"number {seq}, {entry}")
            _entry(report, seq, entry, bytes(body), bytes(mac), tuple(copied) if has_copy else None, private)
        for level, index, node in edge.add(found):
            if nodes.take(level, index) != node:
                report.find("node", f"level {level}, index {index}")
        while head is not None and head.size <= edge.size:
            if head.root != edge.root():
                report.find(f"{head.source}-root", f"{head.size} facts")
            head = next(waiting, None)
    while head is not None:
        report.find(f"{head.source}-longer", f"{head.size} facts, {edge.size} found")
        head = next(waiting, None)
    for level, index in nodes.rest():
        report.find("node", f"level {level}, index {index}")
    report.size, report.root = edge.size, edge.root()
    return edge


def _entry(
    report: VerificationReport,
    seq: int,
    entry: UUID,
    body: bytes,
    mac: bytes,
    copied: tuple[Any, ...] | None,
    private: list[str],
) -> None:
    where = f"number {seq}, {entry}"
    if not trust.fact_mac_holds(body, mac):
        report.find("forged", where)
        return
    said = json.loads(body)
    if said["id"] != str(entry):
        report.find("misplaced", where)
    if copied != copy_of(said):
        report.find("copy", where)
    for disclosure in private:
        if disclosures.digest(disclosure) not in said["private"].values():
            report.find("disclosure", where)


def _checkpoints(report: VerificationReport) -> Iterator[_Head]:
    """The database's own checkpoints: their notes say what their columns say, and we signed them."""
    for size, root, note in _rows("SELECT size, root, note FROM journal_checkpoint ORDER BY size"):
        report.checkpoints += 1
        issued = _note(report, bytes(note), "checkpoint", f"{size} facts")
        if issued is not None and (issued.size, issued.root) != (size, bytes(root)):
            report.find("checkpoint-root", f"{size} facts")
        yield _Head("checkpoint", size, bytes(root))
    for size, note, token in _rows(
        "SELECT size, note, token FROM journal_token JOIN journal_checkpoint ON size = checkpoint"
    ):
        if _imprint(bytes(token)) != hashlib.sha256(bytes(note)).digest():
            report.find("token", f"{size} facts")


def _kept(report: VerificationReport, file: Path) -> Iterator[_Head]:
    for kept in witness.kept(file) if file.exists() else ():
        report.kept += 1
        issued = _note(report, kept, "witness", f"note {report.kept}")
        if issued is not None:
            yield _Head("witness", issued.size, issued.root)


def _witness_keeps_up(report: VerificationReport, file: Path) -> None:
    """A checkpoint is kept outside before the database knows of it, so the witness never lags."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(size) FROM journal_checkpoint")
        (size,) = cursor.fetchone()
    if size is None:
        return
    last = witness.last(file)
    if last is None:
        report.find("witness-missing", file)
        return
    try:
        kept = notes.read(last).size
    except ValueError:
        return  # found already
    if kept < size:
        report.find("witness-shorter", f"{kept} facts kept, {size} in the database")


def _note(report: VerificationReport, note: bytes, source: str, where: str) -> notes.Note | None:
    try:
        issued = notes.read(note)
    except ValueError:
        report.find("checkpoint-malformed", where)
        return None
    if not notes.is_ours(issued):
        report.find(f"{source}-signature", where)
        return None
    return issued


def _state(report: VerificationReport, edge: Frontier) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT size FROM journal_state")
        row = cursor.fetchone()
        if row is None or row[0] != edge.size:
            report.find("state", f"{row[0] if row else 'none'} counted, {edge.size} found")
        cursor.execute(
            "SELECT count(*) FROM journal_entry AS e WHERE NOT EXISTS (SELECT FROM journal_leaf WHERE entry = e.id)"
            " AND NOT EXISTS (SELECT FROM journal_quarantine WHERE entry = e.id)"
        )
        (report.pending,) = cursor.fetchone()


def _strays(report: VerificationReport) -> None:
    with connection.cursor() as cursor:
        for code, query in (
            ("inserted", _WITHOUT_NUMBER),
            ("quarantined", "SELECT entry FROM journal_quarantine LIMIT %s"),
            ("disclosure", _STRAY_PRIVATE),
        ):
            cursor.execute(query, [MOST_FINDINGS])
            for (entry,) in cursor.fetchall():
                report.find(code, entry)


class _Nodes:
    """Stored nodes, in the order in which a growing tree completes them, one level beside the other."""

    def __init__(self) -> None:
        self._rows = {}
        for level, index, node in _rows("SELECT level, idx, hash FROM journal_node ORDER BY level, idx"):
            self._rows[level, index] = bytes(node)

    def take(self, level: int, index: int) -> bytes | None:
        return self._rows.pop((level, index), None)

    def rest(self) -> Iterable[tuple[int, int]]:
        """The stored nodes that no leaves gave."""
        return self._rows


def _imprint(token: bytes) -> bytes | None:
    """The imprint that an RFC 3161 token stamps; None when it cannot be read."""
    try:
        stamped = cms.ContentInfo.load(token)["content"]["encap_content_info"]["content"].parse(tsp.TSTInfo)
        return bytes(stamped["message_imprint"]["hashed_message"].native)
    except (ValueError, TypeError, KeyError):
        return None


def _rows(query: str) -> Iterator[tuple[Any, ...]]:
    """Rows through a server-side cursor: memory does not grow with the book."""
    connection.ensure_connection()
    with connection.chunked_cursor() as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(CHUNK):
            yield from rows
