"""What the worker sends, and the care of every room's jobs that a killed worker left half done."""

from __future__ import annotations

from smtplib import SMTPException
from uuid import UUID

from django.db import transaction
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from territoires.kernel.actor import system_actor

from . import sending
from .models import Mail

WORKER = "worker"
ATTEMPTS = 8
# 4 s, 16 s, 64 s...: some six hours in all, longer than a mail server's maintenance.
RETRY = RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=4, retry_exceptions={SMTPException, OSError})


@app.task(name="notifications.send", retry=RETRY, pass_context=True)
def send(context: JobContext, mail: str) -> None:
    """Sends one mail; gives it up, and says so, when its last attempt fails."""
    actor = system_actor(WORKER)
    try:
        sending.send_mail(UUID(mail), actor)
    except (SMTPException, OSError):
        if context.job.attempts + 1 < ATTEMPTS:
            raise
        sending.record_failed(actor=actor, mail=Mail.objects.get(pk=mail), reason="server-unreachable")


@app.periodic(cron="0 6 * * *")
@app.task(name="notifications.digest", queueing_lock="notifications.digest")
def digest(timestamp: int) -> None:
    """Every morning: one mail for each person who prefers one a day."""
    with transaction.atomic():
        for mail in sending.gather_digests(system_actor(WORKER).now()):
            send.defer(mail=str(mail.pk))


@app.periodic(cron="* * * * *")
@app.task(name="notifications.requeue", queueing_lock="notifications.requeue", pass_context=True)
async def requeue(context: JobContext, timestamp: int) -> None:
    """Every minute: a killed worker's jobs go back to the queue (Procrastinate leaves them ``doing`` for ever)."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        await manager.retry_job(job)
