"""What the portal's worker does by itself."""

from __future__ import annotations

from procrastinate.contrib.django import app

from territoires.kernel.actor import system_actor

from .actions import announce_certificates


@app.periodic(cron="30 5 * * *")
@app.task(name="portal.announce_certificates", queueing_lock="portal.announce_certificates")
def tell_holders(timestamp: int) -> None:
    """Every morning: whose certificate ends within 60, 30 or 7 days."""
    announce_certificates(actor=system_actor("worker"))
