"""The upload log joins the journal day by day: whoever changes a line afterwards is found out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from territoires.contracts import procurement_bids as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day

from ..models import UploadDay, UploadDayBid
from ..permissions import Procurement
from ..queries.upload_log import is_closed, log_of

LOOKS_BACK = 7


@action(Procurement.BID_KEEP)
def close_day(*, actor: Actor, day: date) -> Outcome[UploadDay]:
    """Keeps the roots of one day's log, bid by bid, and writes the root over them in the journal."""
    found = log_of(day)
    kept = UploadDay.objects.create(day=day, root=found.root, closed_at=actor.now())
    UploadDayBid.objects.bulk_create(
        UploadDayBid(day=kept, draft=UUID(one.name), place=place, lines=one.lines, root=one.root.hex())
        for place, one in enumerate(found.bids)
    )
    fact = facts.ChunkLogClosed(
        subject=kept.subject,
        matter=kept.pk,
        day=day.isoformat(),
        first=found.first,
        last=found.last,
        lines=found.lines,
        groups=len(found.bids),
        root=found.root,
    )
    return Outcome(kept, fact)


def close_days(actor: Actor) -> None:
    """The days that are over and not closed yet: a worker that slept a week closes them all, each once."""
    today = legal_day(actor.now())
    for back in range(LOOKS_BACK, 0, -1):
        day = today - timedelta(days=back)
        if not is_closed(day):
            close_day(actor=replace(actor, idempotency_key=f"upload-log.{day}"), day=day)
