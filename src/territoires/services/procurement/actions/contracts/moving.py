"""How a contract moves: one step, the consultation that follows, what every fact of it says."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from territoires.foundations.actions.api import unchanged
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Fault, Invalid

from ...domain.contract_life import CONTRACT, next_verbs
from ...models import Consultation, Contract
from ...queries.award import contracts_of
from ..moving import move
from ..next_step import wait_for_next_step


def step(contract: Contract, verb: str, actor: Actor, version: int | None = None) -> None:
    """Moves a contract; the caller saves it, then calls ``follow``. Raises Conflict."""
    unchanged(contract, version)
    contract.state = CONTRACT.after(contract.state, verb)
    contract.version += 1


def follow(contract: Contract, actor: Actor) -> None:
    """Brings the consultation to where its least advanced contract stands, and the desk with it."""
    consultation = Consultation.objects.select_related("organisation").get(pk=contract.consultation_id)
    contracts = contracts_of(consultation)
    verbs = next_verbs(
        consultation.state,
        [one.state for one in contracts],
        through_state=any(one.must_be_received for one in contracts),
    )
    for verb in verbs:
        move(consultation, verb, actor, None)
    if verbs:
        consultation.save()
    wait_for_next_step(consultation, actor)


def told_of(contract: Contract) -> dict[str, Any]:
    """The fields that every fact of a contract begins with."""
    return {"subject": contract.subject, "matter": contract.consultation_id, "number": contract.number}


def require_delivery_day(actor: Actor, sent_at: datetime | None, received_on: date) -> None:
    """Raises Invalid for a day that is not between the sending and today."""
    if sent_at is not None and legal_day(sent_at) <= received_on <= legal_day(actor.now()):
        return
    fault = Fault(
        "received_on",
        "delivery-date",
        "The holder received it between its sending and today.",
        "Give the day on the receipt.",
    )
    raise Invalid("delivery-refused", "Nothing was recorded.", "Correct the day.", faults=[fault])


def touch(contract: Contract) -> None:
    """Saves what changed beside the state."""
    contract.version += 1
    contract.save()
