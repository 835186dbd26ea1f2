"""Jobs of the worker that failed for good: why, and one more attempt.

Procrastinate keeps that a job failed and not why: the worker writes the reason of each failed attempt beside the job.
A success takes it away, as it does the job.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from procrastinate import JobContext
from procrastinate.contrib.django import app

from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Conflict, Missing

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class FailedJob:
    """``number`` is Procrastinate's; ``reason`` is empty for a job that no longer has a task, ``failed_at`` then None."""

    number: int
    task: str
    arguments: dict[str, Any]
    attempts: int
    reason: str
    failed_at: datetime | None


async def keep_reason(call_next: Callable[[], Awaitable[Any]], context: JobContext, worker: Any) -> Any:
    """The worker's middleware: notes why an attempt failed, then lets it fail."""
    database = context.app.connector
    try:
        answer = await call_next()
    except Exception as failure:
        await database.execute_query_async(
            "INSERT INTO registry_failedjob (job, reason, at) VALUES (%(job)s, %(reason)s, %(at)s)"
            " ON CONFLICT (job) DO UPDATE SET reason = excluded.reason, at = excluded.at",
            job=context.job.id,
            reason=f"{type(failure).__name__}: {failure}".replace("\0", "")[:LONGEST_REASON],
            at=system_clock(),
        )
        raise
    if context.job.attempts:
        await database.execute_query_async(
            "DELETE FROM registry_failedjob WHERE job = %(job)s", job=context.job.id
        )
    return answer


def failed_jobs() -> list[FailedJob]:
    """What waits for an operator, the latest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT j.id, j.task_name, j.args::text, j.attempts, coalesce(f.reason, ''), f.at"
            " FROM procrastinate_jobs j LEFT JOIN registry_failedjob f ON f.job = j.id"
            " WHERE j.status = 'failed' ORDER BY j.id DESC"
        )
        return [
            FailedJob(number, task, json.loads(given), *rest)
            for number, task, given, *rest in cursor.fetchall()
        ]


def count_failed_jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'")
        return int(cursor.fetchone()[0])


@transaction.atomic
def replay_job(number: int) -> str:
    """Puts a failed job back in the queue for one more attempt, as it was; answers the name of its task.

    Raises Missing when it is not failed any more, Conflict when the queue already holds the only one of its kind.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT task_name, queueing_lock FROM procrastinate_jobs WHERE id = %s AND status = 'failed' FOR UPDATE",
            [number],
        )
        found = cursor.fetchone()
        if found is None:
            raise Missing(
                "job-gone",
                "This job no longer waits: it was started again meanwhile.",
                "Reload the list.",
            )
        task, lock = found
        cursor.execute(
            "SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo')",
            [lock],
        )
        if cursor.fetchone()[0]:
            raise Conflict(
                "job-waits-already",
                "The next job of this kind waits in the queue already, and does the work of this one.",
                "See in a moment whether it succeeded.",
            )
        app.job_manager.retry_job_by_id(number, retry_at=system_clock())
    return str(task)
