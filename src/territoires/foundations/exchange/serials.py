"""Numbers of the day that the outside sees: never one twice, after a restore neither."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from territoires.kernel.clock import first_instant, legal_day
from territoires.kernel.ids import new_id

from .models import SerialJump

JUMP = 1000

_NEXT = """
INSERT INTO exchange_serial (id, channel, organisation_id, day, last)
VALUES (%(id)s, %(channel)s, %(organisation)s, %(day)s,
        %(start)s + coalesce((SELECT by FROM exchange_serialjump WHERE day = %(day)s), 0))
ON CONFLICT ON CONSTRAINT serial_once_a_day
DO UPDATE SET last = greatest(exchange_serial.last + 1, excluded.last)
RETURNING last"""
_JUMP = """
INSERT INTO exchange_serialjump (day, by, at) VALUES (%(day)s, %(by)s, %(at)s)
ON CONFLICT (day) DO UPDATE SET by = exchange_serialjump.by + excluded.by, at = excluded.at"""


def next_serial(*, channel: str, organisation: UUID, day: date, start: int = 1) -> int:
    """The next number of that legal day, at least ``start`` (another device may use those below).

    Its row stays locked until the caller's transaction ends: a number is used in the transaction that posts it, so
    one that is rolled back was never seen outside.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _NEXT,
            {"id": new_id(), "channel": channel, "organisation": organisation, "day": day, "start": start},
        )
        return int(cursor.fetchone()[0])


def jump(now: datetime) -> int:
    """After a restore: moves the numbers of today and later past any that was used since; answers by how much.

    By 1000 for each minute of the day, so that restoring the same backup twice in a day does not land twice on the
    same numbers. It holds also for a body whose first number of the day came after the backup.
    """
    today = legal_day(now)
    minutes = (now - first_instant(today)) // timedelta(minutes=1)
    by = JUMP * (minutes + 1)
    with connection.cursor() as cursor:
        cursor.execute(_JUMP, {"day": today, "by": by, "at": now})
        cursor.execute("UPDATE exchange_serial SET last = last + %s WHERE day >= %s", [by, today])
    return by


def was_restored_since(instant: datetime) -> bool:
    """Whether the platform was restored after an instant."""
    return SerialJump.objects.filter(at__gt=instant).exists()
