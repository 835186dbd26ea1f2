"""Opening and closing, always inside the action that makes the thing wait or that does it."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from territoires.kernel.fact import Subject
from territoires.kernel.text import clean

from .models import Item


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
    """Something waits: for ``person``, or else for whoever holds ``permission`` in the organisation.

    One item a (subject, kind, person): opening it again corrects it and keeps its age. ``due_at`` is the legal
    deadline; ``at`` the actor's present.
    """
    changing = {
        "organisation_id": organisation,
        "matter": matter,
        "title": clean(title)[:500],
        "verb": verb,
        "address": address,
        "permission": str(permission),
        "due_at": due_at,
        "state_label": state_label,
        "tone": tone,
    }
    item = Item(
        subject_type=subject.type,
        subject_id=subject.id,
        kind=kind,
        person_id=person,
        opened_at=at or datetime.now(UTC),
        **changing,
    )
    once = ["subject_type", "subject_id", "kind", "person_id"]
    Item.objects.bulk_create([item], update_conflicts=True, unique_fields=once, update_fields=list(changing))


def close_items(subject: Subject, kind: str | None = None, *, person: UUID | None = None) -> int:
    """What waited on the subject is done or pointless (one kind, one person, or all of it); returns how many."""
    items = Item.objects.filter(subject_type=subject.type, subject_id=subject.id)
    if kind is not None:
        items = items.filter(kind=kind)
    if person is not None:
        items = items.filter(person_id=person)
    return items.delete()[0]
