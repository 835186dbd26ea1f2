"""The desk of a contract's holder: what it signs and what it receives wait there until it is done."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_noop as _

from territoires.foundations.identity import api as identity
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor

from ...models import Contract
from ...permissions import Procurement
from ...queries.holding import notified_leader

SIGN = "contract-holder-signs"
RECEIVE = "contract-holder-receives"
RECEIVE_CHANGE = "contract-holder-receives-change"
_VERBS = {
    SIGN: (_("Sign the contract"), _("The buyer waits for your signature")),
    RECEIVE: (_("Receive the contract"), _("It takes effect when you receive it")),
    RECEIVE_CHANGE: (_("Receive the change of the contract"), _("It takes effect when you receive it")),
}


def let_holder(actor: Actor, contract: Contract, kind: str) -> None:
    """The holder finds the contract on its desk, to sign or to receive."""
    verb, label = _VERBS[kind]
    place = {"organisation": contract.holder.reference, "contract": contract.pk}
    worklist.open_item(
        organisation=contract.holder_id,
        subject=contract.subject,
        matter=contract.consultation_id,
        kind=kind,
        title=f"{contract.number} {contract.title}",
        verb=verb,
        address=reverse("procurement_desk:their-contract", kwargs=place),
        permission=Procurement.HOLD_CONTRACT,
        state_label=label,
        at=actor.now(),
    )


def holder_did(contract: Contract, kind: str) -> None:
    worklist.close_items(contract.subject, kind)


def pass_on(contract: Contract) -> None:
    """The contract is from now on that of its new leader, who also receives what the former one has not."""
    contract.holder = identity.enterprise_of(*notified_leader(contract))
    contract.save(update_fields=["holder"])
    holder_did(contract, RECEIVE_CHANGE)
