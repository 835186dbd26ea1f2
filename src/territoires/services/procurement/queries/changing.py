"""What the law says of a change of a contract, before it is concluded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from ..domain import changes
from ..domain.changes import Change, Ledger
from ..domain.findings import Finding
from ..domain.law import CONCESSION, Rule
from ..models import Contract
from .award import changes_of
from .law import law_on

ARTICLES: Mapping[str, str] = {
    changes.CLAUSE: "CCP R2194-1",
    changes.ADDITIONAL: "CCP R2194-2, R2194-3",
    changes.UNFORESEEN: "CCP R2194-5",
    changes.HOLDER: "CCP R2194-6",
    changes.NOT_SUBSTANTIAL: "CCP R2194-7",
    changes.LOW: "CCP R2194-8, R2194-9",
}


def ledger_of(contract: Contract) -> Ledger:
    """The contract as the rules of its changes see it."""
    consultation = contract.consultation
    return Ledger(
        initial=contract.amount,
        category=consultation.main_procurement_category,
        regime=consultation.regime,
        is_concession=consultation.procedure == CONCESSION,
        is_social=consultation.is_social_service,
        before=tuple(Change(one.ground, one.amount) for one in changes_of(contract)),
    )


def findings_of_change(contract: Contract, change: Change, on: date) -> list[Finding]:
    return list(changes.check(change, ledger_of(contract), law_on(on)))


def needs_opinion(contract: Contract, change: Change, on: date) -> bool:
    """Whether the CAO gives its opinion first: it awarded the contract, and the price rises by more than 5 %."""
    if contract.award.by_committee_id is None:
        return False
    return changes.needs_committee(change, ledger_of(contract), law_on(on))


def direct_payment(on: date) -> Rule:
    """From which amount, VAT included, a subcontractor is paid by the body."""
    return law_on(on).rules["direct-payment"]


def pays_directly(amount_with_vat: Decimal, on: date) -> bool:
    return amount_with_vat >= direct_payment(on).value
