"""What keeps failing and why: written by the loops, read by ``/health`` in another process.

A loop tries again after each failure, on purpose: the database comes back, a disk is freed. What fails again and again
must be seen, with its reason.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import Error as DatabaseError
from django.db import connection

from territoires.kernel.clock import system_clock

RECENT = timedelta(minutes=1)  # a loop that fails tries every two seconds: one that is silent is cured
LONGEST_REASON = 500
WITNESS = "witness "  # these are asked each minute, not each two seconds: told by ``witnesses``

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """A part ("sequencer", "followers", or the name of a follower) that failed ``times`` times without a pause."""

    part: str
    reason: str
    times: int
    since: datetime
    at: datetime


def note(part: str, failure: Exception) -> None:
    """Keeps a failure for ``/health``. When even this cannot be written, the database's own health tells it."""
    now = system_clock()
    reason = f"{type(failure).__name__}: {failure}".replace("\0", "")[:LONGEST_REASON]
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO journal_failure AS f (part, reason, times, since, at) VALUES (%s, %s, 1, %s, %s)"
                " ON CONFLICT (part) DO UPDATE SET reason = excluded.reason, at = excluded.at,"
                " times = CASE WHEN f.at < %s THEN 1 ELSE f.times + 1 END,"
                " since = CASE WHEN f.at < %s THEN excluded.since ELSE f.since END",
                [part, reason, now, now, now - RECENT, now - RECENT],
            )
    except DatabaseError:
        log.warning("journal: the failure of %s could not be kept", part)
        connection.close()


def repeated() -> list[Failure]:
    """What failed at least twice and has not been silent since."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT part, reason, times, since, at FROM journal_failure WHERE times > 1 AND at >= %s"
            " AND NOT starts_with(part, %s) ORDER BY part",
            [system_clock() - RECENT, WITNESS],
        )
        return [Failure(*row) for row in cursor.fetchall()]


def forget(part: str) -> None:
    """A part that is asked seldom has worked again."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM journal_failure WHERE part = %s", [part])


def reason_of(part: str) -> str:
    """Why a part failed last; empty when it works."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reason FROM journal_failure WHERE part = %s", [part])
        row = cursor.fetchone()
    return row[0] if row else ""
