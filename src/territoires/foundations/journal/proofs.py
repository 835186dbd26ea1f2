"""What can be said of an entry today: its state of proof, and the timeline of a matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from territoires.kernel.errors import Missing

from . import disclosures
from .entries import read

State = Literal["recorded", "sequenced", "sealed", "anchored"]
STATES: dict[State, Any] = {
    "recorded": _("Recorded: the fact is kept; it is about to receive its number."),
    "sequenced": _("Numbered: the fact has its place in the book; the seal follows within a second."),
    "sealed": _("Sealed: the fact is in a signed and time-stamped checkpoint."),
    "anchored": _("Anchored: an authority outside the platform has time-stamped a checkpoint that holds it."),
}


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One fact of a matter. ``private`` holds the personal values that were not erased; ``seq`` is None at first."""

    id: UUID
    seq: int | None
    kind: str
    at: datetime
    organisation: UUID | None
    actor: Mapping[str, Any]
    subject_id: UUID
    facts: Mapping[str, Any]
    private: Mapping[str, Any]
    files: Mapping[str, str]
    state: State


def timeline(matter: UUID) -> list[TimelineEntry]:
    """All that happened to a matter, in the order of the book, the not yet numbered last.

    The caller has checked the reader's right to the matter, personal values included.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, seq, body, state,"
            " ARRAY(SELECT disclosure FROM journal_private AS p WHERE p.entry = id ORDER BY name)"
            " FROM journal_copy AS c JOIN journal_proof ON id = c.entry"
            " WHERE c.matter = %s ORDER BY seq NULLS LAST, n",
            [matter],
        )
        return [_timeline_entry(*row) for row in cursor.fetchall()]


def latest(*, before: int | None = None, count: int = 50) -> list[TimelineEntry]:
    """The last numbered facts below ``before``, newest first, without personal values: for the operator."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, seq, body, state FROM journal_proof WHERE seq < coalesce(%(before)s, %(end)s)"
            " AND seq >= coalesce(%(before)s, (SELECT size FROM journal_state)) - %(count)s ORDER BY seq DESC",
            {"before": before, "count": count, "end": 2**62},
        )
        return [_timeline_entry(entry, seq, body, state, []) for entry, seq, body, state in cursor.fetchall()]


def proof_state(entry: UUID) -> State:
    """How far the proof of an entry is. Raises Missing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM journal_proof WHERE id = %s", [entry])
        row = cursor.fetchone()
    if row is None:
        raise Missing("entry-missing", "The journal holds no such fact.", "Check the number on the receipt.")
    state: State = row[0]
    return state


def personal_values(entry: UUID) -> dict[str, Any]:
    """The personal values of an entry that were not erased, by name."""
    return dict(disclosures.opened(one) for one in disclosed(entry).values())


def disclosed(entry: UUID) -> dict[str, str]:
    """The disclosures of an entry that were not erased, by name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, disclosure FROM journal_private WHERE entry = %s ORDER BY name", [entry])
        return dict(cursor.fetchall())


def _timeline_entry(
    entry: UUID, seq: int | None, body: bytes, state: State, kept: list[str]
) -> TimelineEntry:
    said = read(-1 if seq is None else seq, bytes(body))
    return TimelineEntry(
        id=entry,
        seq=seq,
        kind=said.kind,
        at=said.at,
        organisation=said.organisation,
        actor=said.actor,
        subject_id=said.subject_id,
        facts=said.facts,
        private=dict(disclosures.opened(one) for one in kept),
        files=said.files,
        state=state,
    )
