"""The upload log joins the journal day by day: whoever changes a line afterwards is found out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from territoires.contracts import procurement_bids as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.clock import first_instant, legal_day
from territoires.kernel.fact import Subject

from ..permissions import Procurement
from ..queries.upload_log import log_between

LOG = Subject("procurement.upload_log", UUID("0198c0de-0000-7000-8000-000000000001"))
LOOKS_BACK = 7


@action(Procurement.BID_KEEP)
def close_day(*, actor: Actor, day: date) -> Outcome[str]:
    """Writes the root of one day's log in the journal; answers it."""
    found = log_between(first_instant(day), first_instant(day + timedelta(days=1)))
    fact = facts.ChunkLogClosed(
        subject=LOG,
        matter=LOG.id,
        day=day.isoformat(),
        first=found.first,
        last=found.last,
        lines=found.lines,
        root=found.root,
    )
    return Outcome(found.root, fact)


def close_days(actor: Actor) -> None:
    """The days that are over and not closed yet: a worker that slept a week closes them all, each once."""
    today = legal_day(actor.now())
    for back in range(LOOKS_BACK, 0, -1):
        day = today - timedelta(days=back)
        close_day(actor=replace(actor, idempotency_key=f"upload-log.{day}"), day=day)
