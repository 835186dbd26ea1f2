"""How the book is doing, for ``/health`` and the operator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from territoires.kernel.clock import system_clock

SEALED_WITHIN = timedelta(seconds=60)  # later is an alarm


@dataclass(frozen=True, slots=True)
class Health:
    """``waiting_since`` is the instant of the oldest fact without seal; ``lag`` counts facts, by follower."""

    size: int
    sealed: int
    sealed_at: datetime | None
    waiting_since: datetime | None
    quarantined: int
    dead_letters: int
    lag: dict[str, int]

    @property
    def is_late(self) -> bool:
        """Whether a fact has waited for its seal for more than a minute."""
        return self.waiting_since is not None and system_clock() - self.waiting_since > SEALED_WITHIN

    @property
    def is_well(self) -> bool:
        return not (self.is_late or self.quarantined)


def health() -> Health:
    """The state of numbering, sealing and following."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT size, coalesce((SELECT max(size) FROM journal_checkpoint), 0),"
            " (SELECT max(at) FROM journal_checkpoint), (SELECT count(*) FROM journal_quarantine),"
            " (SELECT count(*) FROM journal_deadletter) FROM journal_state"
        )
        size, sealed, sealed_at, quarantined, letters = cursor.fetchone()
        cursor.execute("SELECT subscriber, greatest(0, %s - position) FROM journal_cursor", [size])
        lag = dict(cursor.fetchall())
        cursor.execute(_OLDEST, {"sealed": sealed})
        (waiting_since,) = cursor.fetchone()
    return Health(size, sealed, sealed_at, waiting_since, quarantined, letters, lag)


# A UUIDv7 carries its instant: the smallest id of what waits is the oldest.
_OLDEST = """
SELECT to_timestamp(('x' || lpad(left(replace(min(id::text), '-', ''), 12), 16, '0'))::bit(64)::bigint / 1000.0)
FROM (
    SELECT entry AS id FROM journal_leaf WHERE seq >= %(sealed)s
    UNION ALL
    SELECT id FROM journal_entry, journal_state WHERE xid >= pg_snapshot_xmax(seen) AND n > floor_n
) AS waiting"""
