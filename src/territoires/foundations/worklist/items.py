"""Opening and closing, always inside the action that makes the thing wait or that does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id
from territoires.kernel.text import clean

from .models import Item

_COLUMNS = {
    "id": "uuid",
    "organisation_id": "uuid",
    "subject_type": "text",
    "subject_id": "uuid",
    "matter": "uuid",
    "kind": "text",
    "title": "text",
    "verb": "text",
    "address": "text",
    "permission": "text",
    "person_id": "uuid",
    "state_label": "text",
    "tone": "text",
    "due_at": "timestamptz",
    "opened_at": "timestamptz",
}
_IDENTITY = ("id", "subject_type", "subject_id", "kind", "person_id")
_AGE = "opened_at"
_CORRECTED = [name for name in _COLUMNS if name not in (*_IDENTITY, _AGE)]
_OPEN = f"""
INSERT INTO worklist_item ({", ".join(_COLUMNS)})
SELECT * FROM unnest({", ".join(f"%({name})s::{kind}[]" for name, kind in _COLUMNS.items())})
ON CONFLICT ON CONSTRAINT item_once DO UPDATE SET """  # noqa: S608 (names of our own)
_CORRECT = ", ".join(f"{name} = excluded.{name}" for name in _CORRECTED)
_RENEW = ", ".join(f"{name} = excluded.{name}" for name in (*_CORRECTED, "id", _AGE))
# One statement sees what was there before it: what is opened again is corrected, never deleted beside.
_CLOSE_OTHERS = """
WITH gone AS (
    DELETE FROM worklist_item AS before
    USING unnest(%(over_type)s::text[], %(over_id)s::uuid[]) AS over (type, id)
    WHERE before.subject_type = over.type AND before.subject_id = over.id
      AND NOT EXISTS (
          SELECT FROM unnest(%(subject_type)s::text[], %(subject_id)s::uuid[], %(kind)s::text[], %(person_id)s::uuid[])
              AS stays (type, id, kind, person)
          WHERE stays.type = over.type AND stays.id = over.id AND stays.kind = before.kind
            AND stays.person IS NOT DISTINCT FROM before.person_id))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDo:
    """Something that waits: for ``person``, or else for whoever holds ``permission`` in the organisation.

    ``due_at`` is the legal deadline; ``at`` the actor's present.
    """

    organisation: UUID
    subject: Subject
    matter: UUID | None
    kind: str
    title: str
    verb: str
    address: str
    permission: str
    due_at: datetime | None = None
    person: UUID | None = None
    state_label: str = ""
    tone: str = "wait"
    at: datetime | None = None

    def _row(self) -> dict[str, Any]:
        return {
            "id": new_id(),
            "organisation_id": self.organisation,
            "subject_type": self.subject.type,
            "subject_id": self.subject.id,
            "matter": self.matter,
            "kind": self.kind,
            "title": clean(self.title)[:500],
            "verb": str(self.verb),
            "address": self.address,
            "permission": str(self.permission),
            "person_id": self.person,
            "state_label": str(self.state_label),
            "tone": self.tone,
            "due_at": self.due_at,
            "opened_at": self.at or datetime.now(UTC),
        }


def open_item(
    *,
    organisation: UUID,
    subject: Subject,
    matter: UUID | None,
    kind: str,
    title: str,
    verb: str,
    address: str,
    permission: str,
    due_at: datetime | None = None,
    person: UUID | None = None,
    state_label: str = "",
    tone: str = "wait",
    at: datetime | None = None,
) -> None:
    """Something waits: see ``ToDo``.

    One item a (subject, kind, person): opening it again corrects it and keeps its age.
    """
    opened = ToDo(
        organisation=organisation,
        subject=subject,
        matter=matter,
        kind=kind,
        title=title,
        verb=verb,
        address=address,
        permission=permission,
        due_at=due_at,
        person=person,
        state_label=state_label,
        tone=tone,
        at=at,
    )
    with connection.cursor() as cursor:
        cursor.execute(_OPEN + _CORRECT, _columns([opened]))


def replace_items(waiting: Mapping[Subject, ToDo | None]) -> None:
    """Each subject waits for this and nothing else, from now on; None: for nothing any more."""
    opened = [one for one in waiting.values() if one is not None]
    if not opened:
        for subject in waiting:
            close_items(subject)
        return
    over: dict[str, list[Any]] = {
        "over_type": [one.type for one in waiting],
        "over_id": [one.id for one in waiting],
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE_OTHERS + _OPEN + _RENEW, over | _columns(opened))


def close_items(subject: Subject, kind: str | None = None, *, person: UUID | None = None) -> int:
    """What waited on the subject is done or pointless (one kind, one person, or all of it); returns how many."""
    items = Item.objects.filter(subject_type=subject.type, subject_id=subject.id)
    if kind is not None:
        items = items.filter(kind=kind)
    if person is not None:
        items = items.filter(person_id=person)
    return items.delete()[0]


def _columns(opened: Sequence[ToDo]) -> dict[str, list[Any]]:
    rows = [one._row() for one in opened]
    return {name: [row[name] for row in rows] for name in _COLUMNS}
