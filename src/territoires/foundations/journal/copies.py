"""The search copy of the entries: what the bytes say, in columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction


def copy_of(said: Mapping[str, Any]) -> tuple[Any, ...]:
    """What the copy of a parsed entry must be: kind, organisation, subject's type and id, matter, at."""
    organisation, matter = said["organisation"], said["matter"]
    return (
        said["kind"],
        organisation and UUID(organisation),
        said["subject"]["type"],
        UUID(said["subject"]["id"]),
        matter and UUID(matter),
        datetime.fromisoformat(said["at"]),
    )


@transaction.atomic
def rebuild_copies() -> int:
    """Writes every copy again from the bytes; answers how many. Readers see the old ones until the end."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE journal_copy IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DELETE FROM journal_copy")
        cursor.execute(
            "INSERT INTO journal_copy (entry, kind, organisation, subject_type, subject, matter, at)"
            " SELECT id, said->>'kind', (said->>'organisation')::uuid, said#>>'{subject,type}',"
            " (said#>>'{subject,id}')::uuid, (said->>'matter')::uuid, (said->>'at')::timestamptz"
            " FROM journal_entry, LATERAL (SELECT convert_from(body, 'UTF8')::json) AS read (said)"
        )
        return int(cursor.rowcount)
