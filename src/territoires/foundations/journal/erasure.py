"""Erasing a personal value: its disclosure goes, the proof stays, and the erasure itself is a fact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.db import connection, transaction

from territoires.kernel.actor import Actor
from territoires.kernel.errors import Missing
from territoires.kernel.fact import Fact, Subject

from .entries import append


@dataclass(frozen=True, kw_only=True)
class PersonalValueErased(Fact):
    """A personal value of an entry (the subject) was erased; ``ground`` is a code or an article, never free text."""

    KIND: ClassVar[str] = "journal.value.erased"
    name: str
    ground: str


@transaction.atomic
def erase_personal(entry: UUID, name: str, ground: str, actor: Actor) -> UUID:
    """Deletes the salt and the value together; returns the entry of the erasure.

    Backups keep the value until they rotate. Raises Missing when there is nothing to erase.
    """
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM journal_private WHERE entry = %s AND name = %s", [entry, name])
        if not cursor.rowcount:
            raise Missing(
                "nothing-to-erase", "This value is not there, or was erased already.", "Reload the page."
            )
    return append(
        PersonalValueErased(subject=Subject("journal.entry", entry), name=name, ground=ground), actor=actor
    )
