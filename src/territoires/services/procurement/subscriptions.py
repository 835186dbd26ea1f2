"""What the facts of acts say to procurement: authorities in force, and contracts on their way to the State."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from territoires.contracts import legality
from territoires.foundations.journal.api import Recorded, Subscription
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.clock import legal_day

from .actions import knowing
from .models import ContractChange
from .queries.award import change_of_act, contract_of_act

FOLLOWER = "procurement.acts"
SENT = (legality.TransmissionConfirmed.KIND, legality.TransmissionSent.KIND)
RETURNED = (legality.TransmissionRefused.KIND, legality.TransmissionCancelled.KIND)


def follow(fact: Recorded) -> None:
    """Notes what an act became, and moves the contract that it carries."""
    if fact.matter is None or fact.organisation is None:
        return
    if changes := _known(fact):
        knowing.know_act(fact.matter, fact.organisation, changes)
    contract, change = contract_of_act(fact.matter), change_of_act(fact.matter)
    actor = system_actor("follower", organisation=fact.organisation, causation=fact.id)
    if change is not None:
        _follow_change(fact, actor, change)
    elif contract is None:
        return
    elif fact.kind in SENT:
        knowing.mark_transmitted(actor=actor, contract=contract, act=fact.matter)
    elif fact.kind == legality.TransmissionAcknowledged.KIND:
        knowing.mark_received(
            actor=actor, contract=contract, act=fact.matter, received_on=_day(fact.facts["received_on"])
        )
    elif fact.kind in RETURNED:
        knowing.mark_returned(actor=actor, contract=contract, act=fact.matter)


def _follow_change(fact: Recorded, actor: Actor, change: ContractChange) -> None:
    if fact.kind == legality.TransmissionAcknowledged.KIND and fact.matter is not None:
        knowing.mark_change_received(
            actor=actor,
            contract=change.contract,
            number=change.number,
            act=fact.matter,
            received_on=_day(fact.facts["received_on"]),
        )


def _known(fact: Recorded) -> dict[str, Any]:
    said = fact.facts
    match fact.kind:
        case legality.ActSigned.KIND:
            return {
                "number": said["number"],
                "nature": said["nature"],
                "decided_on": _day(said["decided_on"]),
                "withdrawn_on": None,
            }
        case legality.ActPublished.KIND:
            return {
                "number": said["number"],
                "nature": said["nature"],
                "matter_code": said["matter_code"],
                "public_on": legal_day(datetime.fromisoformat(said["published_at"])),
            }
        case legality.ActPosted.KIND:
            return {"public_on": _day(said["posted_on"])}
        case legality.ActNotified.KIND:
            return {"public_on": _day(said["notified_on"])}
        case legality.TransmissionAcknowledged.KIND:
            return {"received_on": _day(said["received_on"])}
        case legality.TransmissionCancelled.KIND:
            return {"received_on": None}
        case legality.ActDutyDeclared.KIND:
            return {"must_be_received": said["is_transmitted"]}
        case legality.ActRenumbered.KIND:
            return {"number": said["number"]}
        case legality.ActWithdrawn.KIND | legality.ActReopened.KIND:
            return {"withdrawn_on": legal_day(fact.at)}
        case legality.ActTakenOver.KIND:
            return {
                "number": said["number"],
                "nature": said["nature"],
                "matter_code": said["matter_code"],
                "decided_on": _day(said["decided_on"]),
                "public_on": _day(said["published_on"]) if said["published_on"] else None,
                "received_on": _day(said["received_on"]) if said["received_on"] else None,
            }
    return {}


def _day(text: str) -> date:
    return date.fromisoformat(text)


ACTS = Subscription(
    FOLLOWER,
    (
        legality.ActSigned.KIND,
        legality.ActPublished.KIND,
        legality.ActPosted.KIND,
        legality.ActNotified.KIND,
        legality.ActDutyDeclared.KIND,
        legality.ActRenumbered.KIND,
        legality.ActReopened.KIND,
        legality.ActWithdrawn.KIND,
        legality.ActTakenOver.KIND,
        legality.TransmissionAcknowledged.KIND,
        *SENT,
        *RETURNED,
    ),
    follow,
)
