"""A contract in force: its beginning, what invoices bear, its end."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from territoires.contracts import procurement_contracts as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid

from ...domain.findings import msgid
from ...domain.wording import one_line, stated
from ...models import LONGEST_REASON, Contract
from ...permissions import Procurement
from .moving import follow, step, told_of, touch
from .typed import own_siret

END_KINDS = ("done", "terminated", "expired")


@action(Procurement.CARRY_OUT, on="contract", along=("consultation", "organisation"))
def begin_execution(
    *, actor: Actor, contract: Contract, started_on: date, version: int | None = None
) -> Outcome[Contract]:
    """Says since when it is carried out. Raises Conflict before the notification, Invalid for a day before it."""
    if contract.notified_on is None:
        raise Conflict(
            "not-in-force",
            "The contract is not in force: its holder has not received it, and nothing may begin.",
            "Notify it first; above the threshold, the prefecture must have received it before.",
        )
    step(contract, "execute", actor, version)
    if not contract.notified_on <= started_on <= legal_day(actor.now()):
        raise _day_refused("started_on", msgid("It begins between its notification and today."))
    contract.started_on = started_on
    contract.save()
    follow(contract, actor)
    return Outcome(contract, facts.ContractBegun(**told_of(contract), started_on=started_on))


@action(Procurement.CARRY_OUT, on="contract", along=("organisation",))
def set_invoicing(
    *,
    actor: Actor,
    contract: Contract,
    siret: str,
    service_code: str = "",
    commitment_number: str = "",
) -> Outcome[Contract]:
    """Says what the holder writes on its invoices (Chorus Pro): SIRET of the payer, service, commitment. Raises Invalid."""
    contract.invoicing_siret = own_siret(siret, contract.organisation.siret)
    contract.service_code = one_line(service_code)[:100]
    contract.commitment_number = one_line(commitment_number)[:50]
    touch(contract)
    fact = facts.InvoicingSet(
        **told_of(contract),
        siret=contract.invoicing_siret,
        service_code=contract.service_code,
        commitment_number=contract.commitment_number,
    )
    return Outcome(contract, fact)


@action(Procurement.CARRY_OUT, on="contract", along=("consultation", "organisation"))
def end_contract(
    *,
    actor: Actor,
    contract: Contract,
    ended_on: date,
    end_kind: str,
    final_amount: Decimal | None = None,
    reason: str = "",
    version: int | None = None,
) -> Outcome[Contract]:
    """Ends a contract in force: done, expired, or terminated with a reason. Raises Invalid, Conflict."""
    if end_kind not in END_KINDS:
        raise Invalid("end-unknown", "This end is unknown.", "Choose one in the list.")
    step(contract, "end", actor, version)
    if contract.notified_on is None or not contract.notified_on <= ended_on <= legal_day(actor.now()):
        raise _day_refused("ended_on", msgid("It ends between its notification and today."))
    if contract.started_on is not None and ended_on < contract.started_on:
        raise _day_refused("ended_on", msgid("It ends after its execution began."))
    if final_amount is not None and final_amount < 0:
        fault = Fault(
            "final_amount", "amount-negative", "This amount is less than zero.", "Correct the amount."
        )
        raise Invalid("amount-refused", "Nothing was recorded.", "Correct the amount.", faults=[fault])
    contract.ended_on, contract.end_kind, contract.final_amount = ended_on, end_kind, final_amount
    contract.end_reason = (
        stated(reason, limit=LONGEST_REASON) if end_kind == "terminated" else reason.strip()[:2000]
    )
    contract.save()
    worklist.close_items(contract.subject)
    follow(contract, actor)
    fact = facts.ContractEnded(
        **told_of(contract),
        contract=contract.pk,
        ended_on=ended_on,
        end_kind=end_kind,
        final_amount=final_amount,
        reason=contract.end_reason,
    )
    return Outcome(contract, fact)


def _day_refused(field: str, message: str) -> Invalid:
    fault = Fault(field, "day-refused", message, "Correct the day.")
    return Invalid("day-refused", "Nothing was recorded.", "Correct the day.", faults=[fault])
