"""Entries: one fact, one JSON object, kept and hashed as bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from territoires.foundations.trust import api as trust
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Invalid
from territoires.kernel.fact import Fact, instant_text
from territoires.kernel.ids import new_id

from . import disclosures
from .canonical import canonical

FORMAT = 1
LARGEST = 16 * 1024  # an entry bundle of C2SP tlog-tiles gives each entry a length of 16 bits

# One statement, one round trip; entries come last, so that their numbers follow all that the action read.
_INSERT = """
WITH copied AS (
    INSERT INTO journal_copy (entry, kind, organisation, subject_type, subject, matter, at)
    SELECT * FROM unnest(%(id)s::uuid[], %(kind)s::text[], %(organisation)s::uuid[], %(subject_type)s::text[],
        %(subject)s::uuid[], %(matter)s::uuid[], %(at)s::timestamptz[])
)"""
_INSERT_PRIVATE = """, beside AS (
    INSERT INTO journal_private (entry, name, disclosure)
    SELECT * FROM unnest(%(private)s::uuid[], %(name)s::text[], %(disclosure)s::text[])
)"""
_INSERT_ENTRY = """
INSERT INTO journal_entry (id, body, mac)
SELECT * FROM unnest(%(id)s::uuid[], %(body)s::bytea[], %(mac)s::bytea[])"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry as followers receive it. ``facts`` is the plain payload, ``files`` the SHA-256 digests by name."""

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


def append(fact: Fact, *, actor: Actor, outcome: str = "done") -> UUID:
    """Writes a fact as the last statement of the caller's transaction; returns the entry's id. See ``append_all``."""
    return append_all([fact], actor=actor, outcome=outcome)[0]


def append_all(facts: Sequence[Fact], *, actor: Actor, outcome: str = "done") -> list[UUID]:
    """Writes facts, in this order, as the last statement of the caller's transaction; returns the entries' ids.

    Takes no lock that another writer waits for. Raises Invalid when an entry exceeds 16 KiB or holds text that is
    no Unicode, TypeError for a value outside the journal's JSON subset.
    """
    rows = [_row(fact, actor, outcome) for fact in facts]
    disclosed = [(row["id"], *one) for row in rows for one in row.pop("disclosed").items()]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    if disclosed:
        columns["private"], columns["name"], columns["disclosure"] = map(list, zip(*disclosed, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_INSERT + (_INSERT_PRIVATE if disclosed else "") + _INSERT_ENTRY, columns)
    return columns["id"]


def _row(fact: Fact, actor: Actor, outcome: str) -> dict[str, Any]:
    entry, at = new_id(), actor.now()
    private = {name: disclosures.disclose(name, value) for name, value in fact.personal_values().items()}
    body = canonical(
        {
            "v": FORMAT,
            "id": str(entry),
            "kind": fact.KIND,
            "version": fact.VERSION,
            "at": instant_text(at),
            "organisation": _text(actor.organisation),
            "actor": _actor(actor),
            "subject": {"type": fact.subject.type, "id": str(fact.subject.id)},
            "facts": fact.payload(),
            "files": fact.digests(),
            "private": {name: disclosures.digest(one) for name, one in private.items()},
            "outcome": outcome,
            "correlation": str(actor.correlation),
            "causation": _text(actor.causation),
            "matter": _text(fact.matter),
        }
    )
    if len(body) > LARGEST:
        raise Invalid(
            "journal-too-large",
            "What is to be recorded exceeds 16 KiB; nothing was done.",
            "Shorten the texts, or put them in a document.",
        )
    return {
        "id": entry,
        "kind": fact.KIND,
        "organisation": actor.organisation,
        "subject_type": fact.subject.type,
        "subject": fact.subject.id,
        "matter": fact.matter,
        "at": at,
        "body": body,
        "mac": trust.fact_mac(body),
        "disclosed": private,
    }


def read(seq: int, body: bytes) -> Recorded:
    """An entry's bytes as a value."""
    said = json.loads(body)
    return Recorded(
        seq=seq,
        id=UUID(said["id"]),
        kind=said["kind"],
        version=said["version"],
        at=datetime.fromisoformat(said["at"]),
        organisation=_id(said["organisation"]),
        actor=said["actor"],
        subject_type=said["subject"]["type"],
        subject_id=UUID(said["subject"]["id"]),
        matter=_id(said["matter"]),
        facts=said["facts"],
        files=said["files"],
    )


def _actor(actor: Actor) -> dict[str, Any]:
    """Who acted, by opaque ids only, and the level of proof of presence."""
    named = {
        "person": _text(actor.person),
        "machine": actor.machine,
        "mandate": _text(actor.mandate),
        "assurance": actor.assurance.level,
    }
    return {name: value for name, value in named.items() if value is not None}


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _id(value: str | None) -> UUID | None:
    return None if value is None else UUID(value)
