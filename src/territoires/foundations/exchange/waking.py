"""Asking the worker for a channel's jobs, by name: the jobs call the rooms that ask for them."""

from __future__ import annotations

import contextlib
from functools import partial

from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

DELIVER, ABSORB, COLLECT = "exchange.deliver", "exchange.absorb", "exchange.collect"

_WAITS = "SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo')"


def wake(task: str, channel: str) -> None:
    """After the caller's commit the job runs soon, once for all that waits by then; see ``wake_for``."""
    wake_for(task, f"{task}.{channel}", channel=channel)


def wake_for(task: str, lock: str, **arguments: str) -> None:
    """Asks for a job that does all that waits under ``lock``, unless one asked for has not begun.

    One at a time runs under a lock: a partner who answers slowly takes one place at the worker. Asked after the commit,
    so that a job that has not begun will see what was written, and nobody waits for another's transaction. A process
    killed in between asks for nothing: what a job of this kind does, a periodic one finds each minute.
    """
    transaction.on_commit(partial(wake_unless_waiting, task, lock, arguments), robust=True)


def wake_unless_waiting(task: str, lock: str, arguments: dict[str, str]) -> None:
    """The same, outside any transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITS, [lock])
        (waits,) = cursor.fetchone()
    if not waits:
        with contextlib.suppress(AlreadyEnqueued):
            app.configure_task(task, lock=lock, queueing_lock=lock).defer(**arguments)
