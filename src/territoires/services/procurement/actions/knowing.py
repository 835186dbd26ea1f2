"""What the facts of acts tell: which may empower somebody to sign, and how far a contract is on its way to the State."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from territoires.contracts import procurement_contracts as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor

from ..domain.contract_life import CONTRACT
from ..models import Contract, ContractChange, KnownAct
from ..permissions import Procurement
from .contracts.moving import follow, step, told_of


def know_act(act: UUID, organisation: UUID, changes: Mapping[str, Any]) -> KnownAct:
    """Writes what a fact says of an act; a projection, which replaying the facts makes again."""
    found, _created = KnownAct.objects.update_or_create(
        act=act, defaults=dict(changes), create_defaults={"organisation": organisation, **changes}
    )
    return found


@action(Procurement.FOLLOW_CONTRACT, on="contract", along=("consultation", "organisation"))
def mark_transmitted(*, actor: Actor, contract: Contract, act: UUID) -> Outcome[Contract]:
    """It left for the prefecture; said again, it changes nothing."""
    if CONTRACT.allows(contract.state, "transmit"):
        step(contract, "transmit", actor)
        contract.transmitted_at = actor.now()
        contract.save()
        follow(contract, actor)
    return Outcome(contract, facts.ContractTransmitted(**told_of(contract), act=act))


@action(Procurement.FOLLOW_CONTRACT, on="contract", along=("consultation", "organisation"))
def mark_received(*, actor: Actor, contract: Contract, act: UUID, received_on: date) -> Outcome[Contract]:
    """The prefecture acknowledged it: it may be notified."""
    if CONTRACT.allows(contract.state, "acknowledge"):
        step(contract, "acknowledge", actor)
        contract.received_on = received_on
        contract.save()
        follow(contract, actor)
    fact = facts.ContractReceivedByState(**told_of(contract), act=act, received_on=received_on)
    return Outcome(contract, fact)


@action(Procurement.FOLLOW_CONTRACT, on="contract", along=("consultation", "organisation"))
def mark_returned(*, actor: Actor, contract: Contract, act: UUID) -> Outcome[Contract]:
    """The State refused it, or its transmission was cancelled: it is to be sent again."""
    if CONTRACT.allows(contract.state, "return_from_state"):
        step(contract, "return_from_state", actor)
        contract.transmitted_at = None
        contract.save()
        follow(contract, actor)
    return Outcome(contract, facts.ContractReturned(**told_of(contract), act=act))


@action(Procurement.FOLLOW_CONTRACT, on="contract", along=("consultation", "organisation"))
def mark_change_received(
    *, actor: Actor, contract: Contract, number: int, act: UUID, received_on: date
) -> Outcome[ContractChange]:
    """The prefecture acknowledged a change: it may be sent to the holder."""
    found = ContractChange.objects.get(contract=contract, number=number)
    found.received_on = received_on
    found.save()
    worklist.close_items(found.subject)
    fact = facts.ContractReceivedByState(**told_of(contract), act=act, received_on=received_on)
    return Outcome(found, fact)
