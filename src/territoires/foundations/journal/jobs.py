"""What the worker does for the book: has its checkpoints cosigned by witnesses outside."""

from __future__ import annotations

from procrastinate.contrib.django import app

from .witnesses import cosign_due


@app.periodic(cron="* * * * *")
@app.task(name="journal.cosign", queueing_lock="journal.cosign", pass_context=False)
def cosign(timestamp: int) -> None:
    """Every minute: each witness whose time came, and those that failed before."""
    cosign_due()
