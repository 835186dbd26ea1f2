"""The tree's rows in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from territoires.kernel.errors import Corrupt


def read_hashes(level: int, first: int, count: int) -> Sequence[bytes]:
    """Stored hashes for ``tree``. Raises Corrupt when one is missing."""
    with connection.cursor() as cursor:
        if level == 0:
            cursor.execute(
                "SELECT hash FROM journal_leaf WHERE seq >= %s AND seq < %s ORDER BY seq",
                [first, first + count],
            )
        else:
            cursor.execute(
                "SELECT hash FROM journal_node WHERE level = %s AND idx >= %s AND idx < %s ORDER BY idx",
                [level, first, first + count],
            )
        found = [bytes(row[0]) for row in cursor.fetchall()]
    if len(found) != count:
        raise Corrupt(
            "journal-gap",
            "The journal's tree misses hashes at level %(level)s from %(first)s.",
            "Run territoires journal verify and restore the last backup that it accepts.",
            params={"level": level, "first": first},
        )
    return found
