"""The job of a worker that was killed stays taken: each minute, such jobs are given to another."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="requeue_stalled_jobs")
async def requeue_stalled_jobs(timestamp: int) -> None:
    """Puts back the jobs whose worker has not beaten for half a minute; jobs may be done twice and must bear it."""
    for job in await app.job_manager.get_stalled_jobs():
        await app.job_manager.retry_job(job)
