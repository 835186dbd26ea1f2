"""A contract in force: its beginning, its changes, its subcontractors, what invoices bear, its end."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_noop as _

from territoires.contracts import procurement_award as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor
from territoires.kernel.clock import first_instant, legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid
from territoires.kernel.fact import Fact
from territoires.kernel.ids import new_id

from ..domain import changes, contract_life
from ..domain.changes import Change
from ..domain.contract_life import BINDING, CONTRACT
from ..domain.signing import BUYER, BY_HAND
from ..domain.wording import one_line, stated
from ..models import (
    LONGEST_REASON,
    LONGEST_TEXT,
    Contract,
    ContractChange,
    Subcontract,
    SubcontractState,
)
from ..permissions import Procurement
from ..queries.award import changes_of, present_amount, signatures_of, subcontracts_of
from ..queries.changing import findings_of_change, needs_opinion, pays_directly
from ..queries.files import received
from ..queries.law import law_on
from .contracting import follow, own_siret, step, told_of
from .telling import tell_enterprise

CHANGE_TYPE = "10_AV"
SUBCONTRACTOR = "subcontractor-to-decide"
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
        raise _day_refused("started_on", "It begins between its notification and today.")
    contract.started_on = started_on
    contract.save()
    follow(contract, actor)
    return Outcome(contract, facts.ContractBegun(**told_of(contract), started_on=started_on))


@action(Procurement.CARRY_OUT, on="contract", along=("consultation", "organisation", "award", "holder"))
def conclude_change(
    *,
    actor: Actor,
    contract: Contract,
    ground: str,
    object: str,
    reason: str,
    amount: Decimal,
    months: int = 0,
    signed_on: date,
    document: UUID | None = None,
    new_holder_siret: str = "",
    new_holder_name: str = "",
    committee_agreed: bool = False,
    version: int | None = None,
) -> Outcome[ContractChange]:
    """Records a change (avenant) that both sides signed. Raises Invalid with every limit of the law that it exceeds.

    A contract that went to the State sends its changes there too; the holder is told in any case.
    """
    _require_in_force(contract)
    if ground not in changes.GROUNDS:
        raise Invalid("ground-unknown", "This ground is unknown.", "Choose one in the list.")
    siret = own_siret(new_holder_siret, "")
    change = Change(ground, amount, bool(siret))
    today = legal_day(actor.now())
    faults = [one.as_fault() for one in findings_of_change(contract, change, today) if one.stops]
    if needs_opinion(contract, change, today) and not committee_agreed:
        faults.append(
            Fault(
                "committee_agreed",
                "committee-opinion",
                "The price rises by more than 5 %: the tender committee gives its opinion first (CGCT L1414-4).",
                "Have it convened, then tick the box.",
            )
        )
    if contract.notified_on is None or not contract.notified_on <= signed_on <= today:
        faults.append(
            Fault(
                "signed_on",
                "change-date",
                "A change is signed between the notification and today.",
                "Give the day of the last signature.",
            )
        )
    if faults:
        raise Invalid("change-refused", "The change was not recorded.", "Correct it.", faults=faults)
    made = ContractChange(
        contract=contract,
        number=len(changes_of(contract)) + 1,
        ground=ground,
        object=one_line(object)[:300],
        reason=stated(reason, limit=LONGEST_REASON),
        amount=amount,
        new_amount=present_amount(contract) + amount,
        months=months,
        new_holder_siret=siret,
        new_holder_name=one_line(new_holder_name)[:200],
        signed_on=signed_on,
        must_be_received=contract.must_be_received,
        recorded_at=actor.now(),
    )
    if document is not None:
        made.document = documents.attach(received(actor, document), holder=contract.subject)
        made.sha256 = made.document.sha256
    if made.must_be_received:
        made.act = new_id()
    made.save(force_insert=True)
    _touch(contract)
    told: list[Fact] = [_changed(contract, made)]
    if made.must_be_received:
        told.append(_signed(contract, made))
    else:
        told.append(_send_change(actor, contract, made))
    return Outcome(made, *told)


@action(Procurement.CARRY_OUT, on="contract", along=("consultation", "organisation", "holder"))
def send_change(*, actor: Actor, contract: Contract, number: int) -> Outcome[ContractChange]:
    """Sends a change to the holder. Raises Conflict before the State has received one that it must."""
    found = _change(contract, number)
    if found.must_be_received and found.received_on is None:
        raise Conflict(
            "state-first",
            "The prefecture has not received this change yet: it is notified afterwards.",
            "Transmit it first.",
        )
    if found.sent_to_holder_at is not None:
        raise Conflict("change-sent", "This change was sent already.", "Nothing to do.")
    return Outcome(found, _send_change(actor, contract, found))


@action(Procurement.HOLD_CONTRACT, on="contract", along=("consultation",))
def acknowledge_change(*, actor: Actor, contract: Contract, number: int) -> Outcome[ContractChange]:
    """The holder receives a change on its page: it takes effect. Raises Conflict twice."""
    found = _change(contract, number)
    if found.sent_to_holder_at is None or found.notified_on is not None:
        raise Conflict("change-received", "This change waits for no receipt.", "Nothing to do.")
    found.notified_at, found.notified_on = actor.now(), legal_day(actor.now())
    found.notified_by_id = actor.person
    found.save()
    fact = facts.ContractNotified(
        **told_of(contract),
        contract=contract.pk,
        holder=contract.holder_id,
        amount=found.new_amount,
        signed_on=found.signed_on,
        notified_on=found.notified_on,
        means="platform",
        change=found.number,
        content=found.sha256 or contract.sha256,
    )
    return Outcome(found, fact)


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
    document: UUID | None = None,
) -> Outcome[Subcontract]:
    """Records a subcontractor that the holder presents (DC4); it is decided within the time of the law. Raises Invalid.

    ``amount_with_vat`` decides of the direct payment; None where the holder owes the VAT itself. Refused beyond what the contract is worth, since a contract is not subcontracted whole.
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


@action(Procurement.CARRY_OUT, on="contract", along=("consultation", "organisation", "holder"))
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
    _touch(contract)
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
        raise _day_refused("ended_on", "It ends between its notification and today.")
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


def _require_in_force(contract: Contract) -> None:
    if contract.state not in BINDING:
        raise Conflict(
            "not-in-force",
            "The contract is not in force: nothing of it can be changed by an amendment.",
            "Notify it first.",
        )


def _touch(contract: Contract) -> None:
    contract.version += 1
    contract.save()


def _change(contract: Contract, number: int) -> ContractChange:
    found = ContractChange.objects.filter(contract=contract, number=number).first()
    if found is None:
        raise Conflict("no-change", "There is no such change.", "Reload the page.")
    return found


def _send_change(actor: Actor, contract: Contract, change: ContractChange) -> Fact:
    change.sent_to_holder_at = actor.now()
    change.save()
    tell_enterprise(
        actor,
        contract.consultation,
        contract.holder,
        about=contract.pk,
        template="contract_changed",
        page="contract",
        number=contract.number,
        change=change.number,
    )
    return facts.ContractSentToHolder(
        **told_of(contract),
        holder=contract.holder_id,
        change=change.number,
        content=change.sha256 or contract.sha256,
    )


def _changed(contract: Contract, change: ContractChange) -> facts.ContractChanged:
    return facts.ContractChanged(
        **told_of(contract),
        contract=contract.pk,
        change=change.number,
        ground=change.ground,
        amount=change.amount,
        new_amount=change.new_amount,
        months=change.months,
        signed_on=change.signed_on,
        content=change.sha256,
        reason=change.reason,
    )


def _signed(contract: Contract, change: ContractChange) -> facts.ContractSigned:
    days = int(law_on(change.signed_on).rules["transmission-days"].value)
    buyer = next((one for one in signatures_of(contract) if one.side == BUYER), None)
    given_names, _space, usual_name = buyer.name.rpartition(" ") if buyer else ("", "", "")
    return facts.ContractSigned(
        **told_of(contract),
        contract=contract.pk,
        change=change.number,
        consultation=contract.consultation_id,
        holder=contract.holder_id,
        amount=change.new_amount,
        signed_on=change.signed_on,
        manner=BY_HAND,
        authority=contract.authority_id,
        authority_number=contract.authority_number,
        must_be_received=True,
        act=change.act,
        document=change.document_id,
        main_type=CHANGE_TYPE,
        pieces=(),
        until=change.signed_on + timedelta(days=days),
        content=change.sha256 or contract.sha256,
        title=f"{contract.title} – avenant {change.number}",
        given_names=given_names,
        usual_name=usual_name,
        quality=buyer.quality if buyer else "",
    )


def _day_refused(field: str, message: str) -> Invalid:
    fault = Fault(field, "day-refused", message, "Correct the day.")
    return Invalid("day-refused", "Nothing was recorded.", "Correct the day.", faults=[fault])
