"""How the book is doing, for ``/health`` and the operator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from territoires.kernel.clock import system_clock

from . import subscriptions
from .failures import Failure, repeated

SEALED_WITHIN = timedelta(seconds=60)  # later is an alarm


@dataclass(frozen=True, slots=True)
class Follower:
    """How a follower is doing: ``waiting_since`` is the instant of the oldest numbered fact that it has not read yet;
    ``dead_letters`` counts the facts that it refused, and those that wait behind them."""

    name: str
    waiting_since: datetime | None
    dead_letters: int

    @property
    def is_late(self) -> bool:
        """Whether a fact has waited for it for longer than the operator's settings allow."""
        since = self.waiting_since
        return since is not None and system_clock() - since > settings.FACTS_FOLLOWED_WITHIN


@dataclass(frozen=True, slots=True)
class Health:
    """``waiting_since`` is the instant of the oldest fact without seal; ``lag`` counts facts, by follower; ``failures``
    is what fails again and again, with its reason."""

    size: int
    sealed: int
    sealed_at: datetime | None
    waiting_since: datetime | None
    quarantined: int
    dead_letters: int
    lag: dict[str, int]
    failures: tuple[Failure, ...] = ()
    followers: tuple[Follower, ...] = ()

    @property
    def late_followers(self) -> list[Follower]:
        return [follower for follower in self.followers if follower.is_late]

    @property
    def is_late(self) -> bool:
        """Whether a fact has waited for its seal for more than a minute."""
        return self.waiting_since is not None and system_clock() - self.waiting_since > SEALED_WITHIN

    @property
    def is_well(self) -> bool:
        return not (self.is_late or self.quarantined or self.failures or self.late_followers)


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
    failing = tuple(repeated())
    return Health(size, sealed, sealed_at, waiting_since, quarantined, letters, lag, failing, followers())


def followers() -> tuple[Follower, ...]:
    """Each declared follower, and each that is declared no more but left refused facts, by name."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOWERS, {"declared": list(subscriptions.subscribers())})
        return tuple(Follower(*row) for row in cursor.fetchall())


# A UUIDv7 carries its instant: the smallest id of what waits is the oldest.
_OLDEST = """
SELECT to_timestamp(('x' || lpad(left(replace(min(id::text), '-', ''), 12), 16, '0'))::bit(64)::bigint / 1000.0)
FROM (
    SELECT entry AS id FROM journal_leaf WHERE seq >= %(sealed)s
    UNION ALL
    SELECT id FROM journal_entry, journal_state WHERE xid >= pg_snapshot_xmax(seen) AND n > floor_n
) AS waiting"""
_FOLLOWERS = """
SELECT name,
    to_timestamp(('x' || lpad(left(replace(entry::text, '-', ''), 12), 16, '0'))::bit(64)::bigint / 1000.0),
    (SELECT count(*) FROM journal_deadletter WHERE subscriber = name)
FROM (SELECT unnest(%(declared)s::text[]) UNION SELECT subscriber FROM journal_deadletter) AS known (name)
LEFT JOIN journal_cursor ON subscriber = name
LEFT JOIN journal_leaf ON name = ANY(%(declared)s::text[]) AND seq = coalesce(position, 0)
ORDER BY name"""
