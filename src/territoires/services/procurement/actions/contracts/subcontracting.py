"""The subcontractors of a contract: presented, accepted with their terms of payment, or refused."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_noop as _

from territoires.contracts import procurement_contracts as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor
from territoires.kernel.clock import first_instant, legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid

from ...domain import contract_life
from ...domain.contract_life import CONTRACT
from ...domain.wording import one_line, stated
from ...models import LONGEST_REASON, LONGEST_TEXT, Contract, PriceVariation, Subcontract, SubcontractState
from ...permissions import Procurement
from ...queries.award import present_amount, subcontracts_of
from ...queries.changing import pays_directly
from ...queries.files import received
from ...queries.holding import present_holders
from ...queries.law import law_on
from ..telling import tell_enterprise
from .moving import told_of
from .typed import own_siret

SUBCONTRACTOR = "subcontractor-to-decide"


@action(Procurement.CARRY_OUT, on="contract", along=("consultation", "organisation"))
def declare_subcontractor(
    *,
    actor: Actor,
    contract: Contract,
    siret: str,
    name: str,
    services: str,
    amount: Decimal,
    amount_with_vat: Decimal | None = None,
    rank: int = 1,
    duration_months: int | None = None,
    price_variation: str = "",
    document: UUID | None = None,
) -> Outcome[Subcontract]:
    """Records a subcontractor that the holder presents (DC4); it is decided within the time of the law. Raises Invalid.

    ``amount_with_vat`` decides of the direct payment; None where the holder owes the VAT itself. ``duration_months`` and
    ``price_variation`` are asked by the essential data, which wait for them. Refused beyond what the contract is worth, since a contract is not subcontracted whole.
    """
    if contract.state in (contract_life.ENDED, contract_life.GIVEN_UP):
        raise Conflict("contract-over", "The contract is over.", "Nothing is subcontracted any more.")
    number = own_siret(siret, "")
    faults = []
    if not number or not one_line(name):
        faults.append(
            Fault("siret", "subcontractor-named", "Who subcontracts is not named.", "Give its SIRET.")
        )
    before = sum(
        (one.amount for one in subcontracts_of(contract) if one.state != SubcontractState.REFUSED), Decimal(0)
    )
    if amount <= 0 or before + amount >= present_amount(contract):
        faults.append(
            Fault(
                "amount",
                "subcontract-amount",
                "The amount is not more than zero, or all of the contract would be subcontracted.",
                "Correct it: the holder keeps a part.",
            )
        )
    if number in present_holders(contract):
        faults.append(
            Fault(
                "siret",
                "subcontractor-holder",
                "This enterprise holds the contract: a subcontractor is another one.",
                "Give the SIRET of the subcontractor.",
            )
        )
    if amount_with_vat is not None and amount_with_vat < amount:
        faults.append(
            Fault(
                "amount_with_vat",
                "subcontract-vat",
                "The amount with VAT is lower than the one without.",
                "Correct it: from it depends whether you pay the subcontractor directly.",
            )
        )
    if price_variation and price_variation not in PriceVariation.values:
        faults.append(
            Fault(
                "price_variation",
                "variation-unknown",
                "This variation of the price is unknown.",
                "Choose one in the list.",
            )
        )
    if faults:
        raise Invalid("subcontract-refused", "Nothing was recorded.", "Correct it.", faults=faults)
    today = legal_day(actor.now())
    made = Subcontract(
        contract=contract,
        number=len(subcontracts_of(contract)) + 1,
        siret=number,
        name=one_line(name)[:200],
        services=services.strip()[:LONGEST_TEXT],
        amount=amount,
        is_paid_directly=rank == 1 and pays_directly(amount_with_vat or amount, today),
        rank=rank,
        duration_months=duration_months,
        price_variation=price_variation,
        asked_on=today,
        recorded_at=actor.now(),
    )
    if document is not None:
        made.document = documents.attach(received(actor, document), holder=contract.subject)
        made.sha256 = made.document.sha256
    made.save(force_insert=True)
    until = today + timedelta(days=int(law_on(today).rules["subcontract-silence-days"].value))
    worklist.open_item(
        organisation=contract.organisation_id,
        subject=made.subject,
        matter=contract.consultation_id,
        kind=SUBCONTRACTOR,
        title=f"{contract.number} {made.name}",
        verb=_("Accept or refuse the subcontractor"),
        address=reverse(
            "procurement_desk:contract",
            kwargs={"organisation": contract.organisation.reference, "contract": contract.pk},
        ),
        permission=Procurement.CARRY_OUT,
        state_label=CONTRACT.states[contract.state].label,
        due_at=first_instant(until + timedelta(days=1)),
        at=actor.now(),
    )
    fact = facts.SubcontractDeclared(
        **told_of(contract), subcontract=made.number, siret=number, amount=amount, decide_until=until
    )
    return Outcome(made, fact)


@action(Procurement.CARRY_OUT, on="contract", along=("consultation", "organisation"))
def decide_subcontractor(
    *, actor: Actor, contract: Contract, number: int, accepted: bool, reason: str = ""
) -> Outcome[Subcontract]:
    """Accepts a subcontractor and its terms of payment, or refuses it with a reason. Raises Conflict twice."""
    found = Subcontract.objects.filter(contract=contract, number=number).first()
    if found is None or found.state != SubcontractState.ASKED:
        raise Conflict("subcontractor-decided", "This subcontractor is decided already.", "Reload the page.")
    found.state = SubcontractState.ACCEPTED if accepted else SubcontractState.REFUSED
    found.reason = "" if accepted else stated(reason, limit=LONGEST_REASON)
    found.decided_on = legal_day(actor.now())
    found.save()
    worklist.close_items(found.subject)
    tell_enterprise(
        actor,
        contract.consultation,
        contract.holder,
        about=contract.pk,
        template="subcontractor",
        page="contract",
        number=contract.number,
        name=found.name,
        accepted=accepted,
        reason=found.reason,
    )
    fact = facts.SubcontractDecided(
        **told_of(contract),
        contract=contract.pk,
        subcontract=found.number,
        siret=found.siret,
        amount=found.amount,
        state=found.state,
        is_paid_directly=found.is_paid_directly,
        decided_on=found.decided_on,
        reason=found.reason,
    )
    return Outcome(found, fact)
