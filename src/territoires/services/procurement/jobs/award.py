"""Rounds of negotiation close at their deadline."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from territoires.kernel.actor import system_actor
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import TerritoiresError

from ..actions import negotiating
from ..queries.rounds import due_rounds

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(name="procurement.close_rounds", queueing_lock="procurement.close_rounds", pass_context=False)
def close_rounds(timestamp: int) -> None:
    """Every minute: the rounds whose deadline has passed receive nothing more."""
    for one in due_rounds(system_clock()):
        actor = system_actor("worker", organisation=one.consultation.organisation_id)
        try:
            negotiating.close_round(actor=actor, consultation=one.consultation)
        except TerritoiresError:
            log.exception("procurement: round %s could not be closed", one.pk)
