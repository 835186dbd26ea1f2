"""The notification: after the State's receipt where it is due, before any execution."""

from __future__ import annotations

from datetime import date

from territoires.contracts import procurement_contracts as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict

from ...models import Contract
from ...permissions import Procurement
from ..telling import tell_enterprise
from .holding import RECEIVE, holder_did, let_holder
from .moving import follow, require_delivery_day, step, told_of


@action(Procurement.CARRY_OUT, on="contract", along=("consultation", "organisation"))
def send_to_holder(*, actor: Actor, contract: Contract, version: int | None = None) -> Outcome[Contract]:
    """Sends the signed contract to its holder: it takes effect when the holder receives it.

    Raises Conflict before the State has acknowledged a contract that it must receive.
    """
    if contract.must_be_received and contract.received_on is None:
        raise Conflict(
            "state-first",
            "This contract is above the threshold: it is notified only once the prefecture has received it, and it"
            " has not (CGCT L2131-1).",
            "Transmit it first; the acknowledgement opens this step.",
        )
    step(contract, "notify", actor, version)
    contract.sent_to_holder_at = actor.now()
    contract.save()
    let_holder(actor, contract, RECEIVE)
    tell_enterprise(
        actor,
        contract.consultation,
        contract.holder,
        about=contract.pk,
        template="contract_notified",
        page="contract",
        number=contract.number,
    )
    follow(contract, actor)
    fact = facts.ContractSentToHolder(
        **told_of(contract), holder=contract.holder_id, change=0, content=contract.sha256
    )
    return Outcome(contract, fact)


@action(Procurement.HOLD_CONTRACT, on="contract", along=("consultation", "organisation"))
def acknowledge_contract(*, actor: Actor, contract: Contract) -> Outcome[Contract]:
    """The holder receives the contract on its page: this very instant is the notification. Raises Conflict twice."""
    return _notified(actor, contract, legal_day(actor.now()), "platform")


@action(Procurement.CARRY_OUT, on="contract", along=("consultation", "organisation"))
def record_delivery(*, actor: Actor, contract: Contract, received_on: date) -> Outcome[Contract]:
    """Records the day on which the holder received it otherwise: handed over, registered letter. Raises Invalid."""
    require_delivery_day(actor, contract.sent_to_holder_at, received_on)
    return _notified(actor, contract, received_on, "delivery")


def _notified(actor: Actor, contract: Contract, on: date, means: str) -> Outcome[Contract]:
    step(contract, "receive", actor)
    contract.notified_at, contract.notified_on = actor.now(), on
    contract.notified_by_id = actor.person if means == "platform" else None
    contract.notification_proof = means
    contract.save()
    holder_did(contract, RECEIVE)
    follow(contract, actor)
    fact = facts.ContractNotified(
        **told_of(contract),
        contract=contract.pk,
        holder=contract.holder_id,
        amount=contract.amount,
        signed_on=contract.signed_on or on,
        notified_on=on,
        means=means,
        change=0,
        act=contract.act,
        content=contract.sha256,
    )
    return Outcome(contract, fact)
