"""A server's process to be killed in a deposit: ``python -m tests.services.procurement.bids.victim POINT DRAFT FILE``.

FILE holds the manifest; POINT is where it dies.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import django

POINTS = {
    "before-intent": ("receive_manifest", "before"),
    "intent": ("receive_manifest", "after"),
    "checked": ("_deposit", "before"),
    "inserted": ("_deposit", "after"),
    "receipt": ("_settle", "before"),
    "deposited": ("seal_deposit", "after"),
}


def main(point: str, draft: str, file: str) -> None:
    django.setup()
    from territoires.foundations.actions.api import permissions_of
    from territoires.kernel.actor import Actor, Grant
    from territoires.services.procurement.actions import bidding
    from territoires.services.procurement.models import BidDraft

    found = BidDraft.objects.select_related("consultation").get(pk=draft)
    member = found.bidder.memberships.get()  # type: ignore[union-attr]
    actor = Actor(
        person=member.person_id,
        organisation=found.bidder_id,
        grants={p: Grant(p, "role", "representative") for p in permissions_of("representative")},
        services=frozenset({"procurement"}),
    )
    name, when = POINTS[point]
    work = getattr(bidding, name)

    def dying(*args: Any, **kwargs: Any) -> Any:
        if when == "after":
            work(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(bidding, name, dying)
    bidding.deposit(actor=actor.at(actor.now()), draft=found, document=Path(file).read_bytes())


if __name__ == "__main__":
    main(*sys.argv[1:])
