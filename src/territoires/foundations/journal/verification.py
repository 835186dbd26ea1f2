"""Reads the whole book again and says what is not as it was written.

One ordered walk in one snapshot: bytes, numbers, MACs, nodes, root at every checkpoint and at every note kept outside,
signatures, tokens with their chains, the sequencer's state, search copies, disclosures and their erasures.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from territoires.foundations.trust import api as trust
from territoires.kernel.errors import Unavailable

from . import disclosures, notes, witness
from .copies import copy_of
from .erasure import PersonalValueErased
from .keys import KeySpan, key_spans
from .tree import EMPTY, Frontier, leaf_hash
from .witnesses import cosignature_time

MOST_FINDINGS = 100
CHUNK = 5_000
# A row's instant is ours, its token's another's; asking takes seconds, and outside clocks may be off by one minute.
NEAR = timedelta(minutes=2)

_LEAVES = """
SELECT seq, l.entry, hash, body, mac, c.entry IS NOT NULL,
       kind, organisation, subject_type, subject, matter, at,
       ARRAY(SELECT name || ' ' || disclosure FROM journal_private AS p WHERE p.entry = l.entry)
FROM journal_leaf AS l LEFT JOIN journal_entry AS e ON e.id = l.entry LEFT JOIN journal_copy AS c ON c.entry = l.entry
ORDER BY seq"""
_WITHOUT_NUMBER = """
SELECT id FROM journal_entry AS e, journal_state
WHERE (n <= floor_n OR pg_visible_in_snapshot(xid, seen))
AND NOT EXISTS (SELECT FROM journal_leaf WHERE entry = e.id)
AND NOT EXISTS (SELECT FROM journal_quarantine WHERE entry = e.id) LIMIT %s"""
_PENDING = """
SELECT body, mac FROM journal_entry AS e WHERE NOT EXISTS (SELECT FROM journal_leaf WHERE entry = e.id)
AND NOT EXISTS (SELECT FROM journal_quarantine WHERE entry = e.id)"""
_COUNT_PENDING = _PENDING.replace("body, mac", "count(*)")
_TOKENS = """
SELECT size || ' facts', note, authority, token, CASE authority WHEN 'own' THEN c.at ELSE t.at END
FROM journal_token AS t JOIN journal_checkpoint AS c ON size = checkpoint
UNION ALL
SELECT 'fact ' || entry, coalesce(body, ''), authority, token, t.at
FROM journal_token AS t LEFT JOIN journal_entry AS e ON e.id = entry WHERE entry IS NOT NULL"""
_COSIGNED = """
SELECT note, size, name, key, line FROM journal_cosignature JOIN journal_checkpoint ON size = checkpoint"""
_UNSTAMPED = """
SELECT size FROM journal_checkpoint
WHERE NOT EXISTS (SELECT FROM journal_token WHERE checkpoint = size AND authority = 'own') LIMIT %s"""
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
    "key": "A key that was announced cannot be one of this log.",
    "checkpoint-signature": "A key of the platform that was in use did not sign a checkpoint.",
    "checkpoint-longer": "A checkpoint counts more facts than there are.",
    "token": "A time-stamp does not hold, or does not belong to what it stands beside.",
    "token-missing": "A checkpoint has lost its time-stamp.",
    "cosignature": "The cosignature of a witness does not hold.",
    "witness-missing": "The witness keeps nothing, though checkpoints were issued.",
    "witness-shorter": "The witness lacks a checkpoint of the database.",
    "witness-signature": "A key of the platform that was in use did not sign a checkpoint that the witness keeps.",
    "witness-longer": "The witness has seen more facts than there are: the book was cut.",
    "witness-root": "The witness has seen another history: the book was rewritten.",
    "copy": "The search copy of a fact differs from its bytes: rebuild the copies.",
    "disclosure": "A personal value is not the one that the fact commits to.",
    "disclosure-missing": "A personal value is gone, and no fact says that it was erased.",
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

    This installation's own witness must hold every checkpoint; a copy taken elsewhere may be behind. Reads one snapshot
    while writers and sequencer go on. What was written since the last checkpoint is compared with the database only:
    see docs/operations/journal.md.
    """
    report, begin = VerificationReport(), time.monotonic()
    # Counted before the snapshot, which then holds all that the witness had seen; ``_witness_holds`` reads it after.
    outside = kept or witness.path()
    count = sum(1 for _ in witness.kept(outside)) if outside.exists() else 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        spans = key_spans()
        _keys(report, spans)
        own = list(_checkpoints(report, spans))
        seen = list(_seen(report, outside, count, spans))
        _tokens(report)
        _cosignatures(report)
        _walk(report, sorted([*own, *seen], key=lambda head: head.size))
        _state(report)
        _strays(report)
    _witness_holds(report, own, kept)
    report.seconds = time.monotonic() - begin
    return report


def _walk(report: VerificationReport, heads: list[_Head]) -> None:
    """The leaves in order; the tree of their bytes is compared with every head as the walk passes it."""
    edge, nodes, personal = Frontier(), _Nodes(), _Personal()
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
            said = _entry(report, seq, entry, bytes(body), bytes(mac), tuple(copied) if has_copy else None)
            if said is not None and not personal.agrees(said, private):
                report.find("disclosure", f"number {seq}, {entry}")
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
    for entry, name in sorted(personal.gone()):
        report.find("disclosure-missing", f"{entry}, {name}")
    report.size, report.root = edge.size, edge.root()


def _entry(
    report: VerificationReport, seq: int, entry: UUID, body: bytes, mac: bytes, copied: tuple[Any, ...] | None
) -> dict[str, Any] | None:
    """What a genuine entry says; None when the platform did not write it."""
    where = f"number {seq}, {entry}"
    if not trust.fact_mac_holds(body, mac):
        report.find("forged", where)
        return None
    said: dict[str, Any] = json.loads(body)
    if said["id"] != str(entry):
        report.find("misplaced", where)
    if copied != copy_of(said):
        report.find("copy", where)
    return said


class _Personal:
    """Personal values beside the entries: each is the one committed to, or its erasure is itself in the book."""

    def __init__(self) -> None:
        self._missing: set[tuple[str, str]] = set()
        self._erased: set[tuple[str, str]] = set()

    def agrees(self, said: dict[str, Any], kept: list[str]) -> bool:
        """Whether every kept "name disclosure" is what the entry commits to; remembers what is not there."""
        found = dict(one.split(" ", 1) for one in kept)
        self._missing |= {(said["id"], name) for name in said["private"].keys() - found.keys()}
        self._note_erasure(said)
        return all(
            said["private"].get(name) == disclosures.digest(disclosure) for name, disclosure in found.items()
        )

    def gone(self) -> set[tuple[str, str]]:
        """The values (entry, name) that are missing without an erasure, one that waits for its number included."""
        if self._missing - self._erased:
            for body, mac in _rows(_PENDING):
                if trust.fact_mac_holds(bytes(body), bytes(mac)):
                    self._note_erasure(json.loads(body))
        return self._missing - self._erased

    def _note_erasure(self, said: dict[str, Any]) -> None:
        if said["kind"] == PersonalValueErased.KIND:
            self._erased.add((said["subject"]["id"], said["facts"]["name"]))


def _keys(report: VerificationReport, spans: Sequence[KeySpan]) -> None:
    """Every key that the book announced is under our root, for this log and nothing else."""
    for span in spans:
        if span.first and (fault := trust.certificate_fault(span.certificate)):
            report.find("key", f"from {span.first} facts: {fault}")


def _checkpoints(report: VerificationReport, spans: Sequence[KeySpan]) -> Iterator[_Head]:
    """The database's own checkpoints: their notes say what their columns say, and we signed them."""
    for size, root, note in _rows("SELECT size, root, note FROM journal_checkpoint ORDER BY size"):
        report.checkpoints += 1
        issued = _note(report, bytes(note), spans, "checkpoint", f"{size} facts")
        if issued is not None and (issued.size, issued.root) != (size, bytes(root)):
            report.find("checkpoint-root", f"{size} facts")
        yield _Head("checkpoint", size, bytes(root))


def _tokens(report: VerificationReport) -> None:
    """Every time-stamp: of what it stands beside, by an authority that we trust, at the time that the row says."""
    checkers: dict[str, trust.TokenChecker] = {}
    for what, stamped, authority, token, at in _rows(_TOKENS):
        try:
            if authority not in checkers:
                checkers[authority] = trust.token_checker(outside=authority == "outside")
            found = checkers[authority].time_of(bytes(token), hashlib.sha256(stamped).digest())
            if abs(found - at) > NEAR:
                raise trust.TokenRefused(
                    f"it is of {found:%Y-%m-%d %H:%M:%S}, and its row says {at:%H:%M:%S}"
                )
        except (trust.TokenRefused, Unavailable) as fault:
            report.find("token", f"{what}, {authority}: {fault}")
    with connection.cursor() as cursor:
        cursor.execute(_UNSTAMPED, [MOST_FINDINGS])
        for (size,) in cursor.fetchall():
            report.find("token-missing", f"{size} facts")


def _cosignatures(report: VerificationReport) -> None:
    for note, size, name, key, line in _rows(_COSIGNED):
        text = bytes(note).partition(b"\n\n")[0] + b"\n"
        if cosignature_time(text, line.removesuffix("\n"), name, bytes(key)) is None:
            report.find("cosignature", f"{size} facts, {name}")


def _seen(report: VerificationReport, file: Path, count: int, spans: Sequence[KeySpan]) -> Iterator[_Head]:
    for kept in islice(witness.kept(file), count) if count else ():
        report.kept += 1
        issued = _note(report, kept, spans, "witness", f"note {report.kept}")
        if issued is not None:
            yield _Head("witness", issued.size, issued.root)


def _witness_holds(report: VerificationReport, own: list[_Head], kept: Path | None) -> None:
    """A checkpoint is kept outside before the database knows of it, so our own witness lacks none."""
    file = kept or witness.path()
    sizes = {size for size in map(_size, witness.kept(file) if file.exists() else ()) if size is not None}
    if own and not sizes:
        report.find("witness-missing", file)
    elif kept is None:
        for head in own:
            if head.size not in sizes:
                report.find("witness-shorter", f"{head.size} facts")


def _size(note: bytes) -> int | None:
    try:
        return notes.read(note).size
    except ValueError:
        return None  # found already


def _note(
    report: VerificationReport, note: bytes, spans: Sequence[KeySpan], source: str, where: str
) -> notes.Note | None:
    try:
        issued = notes.read(note)
    except ValueError:
        report.find("checkpoint-malformed", where)
        return None
    if not notes.is_ours(issued, spans):
        report.find(f"{source}-signature", where)
        return None
    return issued


def _state(report: VerificationReport) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT size FROM journal_state")
        row = cursor.fetchone()
        if row is None or row[0] != report.size:
            report.find("state", f"{row[0] if row else 'none'} counted, {report.size} found")
        cursor.execute(_COUNT_PENDING)
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


def _rows(query: str) -> Iterator[tuple[Any, ...]]:
    """Rows through a server-side cursor: memory does not grow with the book."""
    connection.ensure_connection()
    with connection.chunked_cursor() as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(CHUNK):
            yield from rows
