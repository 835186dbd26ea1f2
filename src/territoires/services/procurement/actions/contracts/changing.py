"""The changes of a contract in force (avenants): within the limits of the law, to the State where due, then to the holder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from territoires.contracts import procurement_contracts as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid
from territoires.kernel.fact import Fact
from territoires.kernel.ids import new_id
from territoires.kernel.siret import compact

from ...domain import changes
from ...domain.changes import LARGEST_AMOUNT, Change
from ...domain.contract_life import BINDING
from ...domain.signing import BUYER, BY_HAND
from ...domain.wording import one_line, stated
from ...models import LONGEST_REASON, Contract, ContractChange
from ...permissions import Procurement
from ...queries.award import changes_of, present_amount, signatures_of
from ...queries.changing import findings_of_change, needs_opinion
from ...queries.files import received
from ...queries.holding import notified_leader, present_holders
from ...queries.law import law_on
from ..telling import tell_enterprise
from .holding import RECEIVE_CHANGE, holder_did, let_holder, pass_on
from .moving import require_delivery_day, told_of, touch
from .typed import own_siret

CHANGE_TYPE = "10_AV"


@action(Procurement.CARRY_OUT, on="contract", along=("consultation", "organisation", "award"))
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
    replaced_siret: str = "",
    committee_agreed: bool = False,
    version: int | None = None,
) -> Outcome[ContractChange]:
    """Records a change (avenant) that both sides signed. Raises Invalid with every limit of the law that it exceeds.

    A contract that went to the State sends its changes there too; the holder is told in any case. Where several hold it,
    ``replaced_siret`` says whose place a new holder takes; who takes that of the one that leads receives the change.
    """
    _require_in_force(contract)
    if ground not in changes.GROUNDS:
        raise Invalid("ground-unknown", "This ground is unknown.", "Choose one in the list.")
    siret = own_siret(new_holder_siret, "")
    change = Change(ground, amount, bool(siret))
    today = legal_day(actor.now())
    replaced, unfit = _replaced(contract, siret, replaced_siret)
    faults = [one.as_fault() for one in findings_of_change(contract, change, today) if one.stops]
    faults += [*unfit, *_out_of_bounds(contract, amount, months)]
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
        replaced_siret=replaced,
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
    touch(contract)
    told: list[Fact] = [_changed(contract, made)]
    if made.must_be_received:
        told.append(_signed(contract, made))
    else:
        told.append(_send_change(actor, contract, made))
    return Outcome(made, *told)


@action(Procurement.CARRY_OUT, on="contract", along=("consultation", "organisation"))
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
    return _notified(actor, contract, _awaited(contract, number), legal_day(actor.now()), "platform")


@action(Procurement.CARRY_OUT, on="contract", along=("consultation",))
def record_change_delivery(
    *, actor: Actor, contract: Contract, number: int, received_on: date
) -> Outcome[ContractChange]:
    """Records the day on which the holder received a change otherwise: handed over, registered letter. Raises Invalid,
    Conflict twice."""
    found = _awaited(contract, number)
    require_delivery_day(actor, found.sent_to_holder_at, received_on)
    return _notified(actor, contract, found, received_on, "delivery")


def _awaited(contract: Contract, number: int) -> ContractChange:
    found = _change(contract, number)
    if found.sent_to_holder_at is None or found.notified_on is not None:
        raise Conflict("change-received", "This change waits for no receipt.", "Nothing to do.")
    return found


def _notified(
    actor: Actor, contract: Contract, found: ContractChange, on: date, means: str
) -> Outcome[ContractChange]:
    found.notified_at, found.notified_on = actor.now(), on
    found.notified_by_id = actor.person if means == "platform" else None
    found.save()
    if not any(one.sent_to_holder_at and one.notified_on is None for one in changes_of(contract)):
        holder_did(contract, RECEIVE_CHANGE)
    fact = facts.ContractNotified(
        **told_of(contract),
        contract=contract.pk,
        holder=contract.holder_id,
        amount=found.new_amount,
        signed_on=found.signed_on,
        notified_on=on,
        means=means,
        change=found.number,
        act=found.act,
        content=found.sha256 or contract.sha256,
    )
    return Outcome(found, fact)


def _require_in_force(contract: Contract) -> None:
    if contract.state not in BINDING:
        raise Conflict(
            "not-in-force",
            "The contract is not in force: nothing of it can be changed by an amendment.",
            "Notify it first.",
        )


def _out_of_bounds(contract: Contract, amount: Decimal, months: int) -> Iterator[Fault]:
    """What no contract can be worth, or last."""
    if present_amount(contract) + amount >= LARGEST_AMOUNT:
        yield Fault("amount", "amount-large", "No contract is worth that much.", "Correct the amount.")
    first = contract.duration_months or contract.consultation.duration_months
    if first and first + sum(one.months for one in changes_of(contract)) + months < 1:
        yield Fault(
            "months",
            "change-to-no-duration",
            "With this change nothing would be left of the duration.",
            "End the contract instead: that is another decision.",
        )


def _replaced(contract: Contract, new: str, said: str) -> tuple[str, list[Fault]]:
    """Whose place a new holder takes, and what keeps it from taking it."""
    if not new:
        return "", []
    holders = present_holders(contract)
    leaving = compact(said) or (next(iter(holders)) if len(holders) == 1 else "")
    if leaving not in holders:
        return "", [
            Fault(
                "replaced_siret",
                "replaced-unknown",
                "The enterprise that leaves is not named among those that hold this contract.",
                "Choose the holder whose place the new one takes.",
            )
        ]
    if new in holders:
        return "", [
            Fault(
                "new_holder_siret",
                "holder-already",
                "This enterprise holds the contract already.",
                "Name the one that takes the place of a holder.",
            )
        ]
    return leaving, []


def _change(contract: Contract, number: int) -> ContractChange:
    found = ContractChange.objects.filter(contract=contract, number=number).first()
    if found is None:
        raise Conflict("no-change", "There is no such change.", "Reload the page.")
    return found


def _send_change(actor: Actor, contract: Contract, change: ContractChange) -> Fact:
    leader = notified_leader(contract)
    change.sent_to_holder_at = actor.now()
    change.save()
    if notified_leader(contract) != leader:
        pass_on(contract)
    let_holder(actor, contract, RECEIVE_CHANGE)
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
        new_holder_siret=change.new_holder_siret,
        replaced_siret=change.replaced_siret,
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
