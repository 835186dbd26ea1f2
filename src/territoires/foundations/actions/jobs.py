"""What the worker clears away of the answers kept for repeated requests."""

from __future__ import annotations

from procrastinate.contrib.django import app

from territoires.kernel.clock import system_clock

from .idempotency import forget


@app.periodic(cron="30 3 * * *")
@app.task(name="actions.forget_answers", queueing_lock="actions.forget_answers", pass_context=False)
def forget_answers(timestamp: int) -> None:
    """Every night: answers that nobody waits for any more."""
    forget(system_clock())
