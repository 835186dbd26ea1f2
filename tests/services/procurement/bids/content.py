"""Bids for the visited site: one under way, one deposited, one late; a safe with a document; a rehearsal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from territoires.foundations.actions.api import permissions_of
from territoires.kernel.actor import Actor, Grant
from territoires.services.procurement.actions import enterprise as keeping
from territoires.services.procurement.actions import rehearsing
from tests.services.procurement.conftest import make_consultation, receive, rows

from .conftest import begin, lots_by_number, publish

SOON = timedelta(days=9)


def fill(secretary: Actor, enterprise: Any) -> dict[str, str]:
    """By ``bid <state>`` and ``deposit <state>``; the consultations by ``consultation <state>``."""
    person = enterprise.memberships.order_by("person__usual_name").first().person
    bidder = Actor(
        person=person.pk,
        organisation=enterprise.pk,
        grants={p: Grant(p, "role", "representative") for p in permissions_of("representative")},
        services=frozenset({"procurement"}),
    )
    deadline = (datetime.now(UTC) + SOON).replace(microsecond=0)
    found: dict[str, str] = {}
    for state in ("under way", "deposited", "late"):
        consultation = make_consultation(secretary, "validated", title=f"Cantine {state} (exemple)")
        publish(consultation, deadline=deadline, prefix=state)
        bid = begin(bidder, consultation)
        found |= {f"bid {state}": str(bid.draft.pk), f"consultation bids {state}": str(consultation.pk)}
        bid.send(bid.block(lots_by_number(consultation)[1]))
        if state == "deposited":
            found["deposit deposited"] = str(bid.deposit().pk)
        if state == "late":
            found["deposit late"] = str(bid.at(deadline + timedelta(seconds=25)).deposit().pk)
    document = receive(bidder, b"%PDF-1.4 attestation", "attestation.pdf")
    keeping.keep_attestation(actor=bidder, document=document.pk, kind="tax", valid_until=deadline.date())
    answered = make_consultation(secretary, "validated", title="Cantine à répondre (exemple)")
    publish(answered, deadline=deadline, prefix="answer")
    room, secret = rehearsing.start_rehearsal(actor=replace(secretary, person=None))
    found |= {"room": str(room), "room secret": secret, "consultation to answer": str(answered.pk)}
    found["attestation"] = str(rows("t_procurement.Attestation").first().pk)
    return found
