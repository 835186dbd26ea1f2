"""Changes of a contract in force (CCP L2194-1, R2194-1 to R2194-9): six grounds, each with its limits.

What a limit forbids is refused with its article; what was not verified in the text is a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from .findings import Finding, Severity, by_law, msgid
from .law import WORKS, Law, Rule

CLAUSE = "clause"
ADDITIONAL = "additional"
UNFORESEEN = "unforeseen"
HOLDER = "holder"
NOT_SUBSTANTIAL = "not_substantial"
LOW = "low"
GROUNDS = (CLAUSE, ADDITIONAL, UNFORESEEN, HOLDER, NOT_SUBSTANTIAL, LOW)
LARGEST_AMOUNT = Decimal(10) ** 12
"""No contract reaches it; the register has no digits for more."""
HALF = (ADDITIONAL, UNFORESEEN)
"""Grounds whose every change is limited to half of the initial amount."""


@dataclass(frozen=True, slots=True)
class Change:
    """``amount`` is by how much the price moves, euros without VAT; negative when it goes down."""

    ground: str
    amount: Decimal
    has_new_holder: bool = False


@dataclass(frozen=True, slots=True)
class Ledger:
    """The contract that changes: its first amount, and the changes before this one."""

    initial: Decimal
    category: str
    regime: str
    is_concession: bool
    is_social: bool = False
    before: tuple[Change, ...] = ()

    @property
    def current(self) -> Decimal:
        return self.initial + sum((change.amount for change in self.before), Decimal(0))


def check(change: Change, ledger: Ledger, law: Law) -> Iterator[Finding]:
    """What the law says of a change; nothing for one that may be concluded."""
    if ledger.current + change.amount <= 0:
        yield _finding(
            "change-to-nothing",
            Severity.REFUSAL,
            msgid("With this change nothing would be left of the price."),
            msgid("End the contract instead: that is another decision."),
        )
    if change.ground in HALF:
        yield from _half(change, ledger, law)
    elif change.ground == LOW:
        yield from _low(change, ledger, law)
    elif change.ground == HOLDER and not change.has_new_holder:
        yield _finding(
            "change-without-holder",
            Severity.MISSING,
            msgid("The new holder is not named."),
            msgid("Give its SIRET and its name."),
        )
    if change.has_new_holder and change.ground != HOLDER:
        yield _finding(
            "holder-on-another-ground",
            Severity.REFUSAL,
            msgid("A contract passes to a new holder on a ground of its own."),
            msgid("Choose that ground, or leave the holder as it is."),
            law.rules["change-new-holder"],
        )
    if change.ground == NOT_SUBSTANTIAL and _is_large(change, ledger, law):
        yield _finding(
            "change-large",
            Severity.WARNING,
            msgid("A change of this size is rarely without substance."),
            msgid("Say why another candidate would not have been admitted, and nobody else chosen."),
            law.rules["change-not-substantial"],
        )


def low_limit(ledger: Ledger, law: Law) -> Rule:
    return law.rules["change-low-works" if ledger.category == WORKS else "change-low-goods-services"]


def low_total(change: Change, ledger: Ledger) -> Decimal:
    """What changes of low amount add up to, this one included (CCP R2194-9: all of them together)."""
    return abs(sum((one.amount for one in ledger.before if one.ground == LOW), change.amount))


def needs_committee(change: Change, ledger: Ledger, law: Law) -> bool:
    """Whether the CAO gives its opinion first: a rise of more than 5 % of a contract that it awarded (CGCT L1414-4)."""
    rise = sum((one.amount for one in ledger.before), Decimal(0)) + change.amount
    return rise * 100 > law.rules["change-committee-percent"].value * ledger.initial


def _half(change: Change, ledger: Ledger, law: Law) -> Iterator[Finding]:
    rule = law.rules["change-half-percent"]
    if change.amount * 100 > rule.value * ledger.initial:
        yield _finding(
            "change-over-half",
            by_law(rule),
            msgid("The change (%(amount)s) exceeds %(percent)s %% of the initial amount (%(initial)s)."),
            msgid("A new procedure is due for what goes beyond."),
            rule,
            {"amount": change.amount, "percent": int(rule.value), "initial": ledger.initial},
        )


def _low(change: Change, ledger: Ledger, law: Law) -> Iterator[Finding]:
    rule, total = low_limit(ledger, law), low_total(change, ledger)
    threshold = law.european_threshold(
        ledger.category, ledger.regime, is_concession=ledger.is_concession, is_social=ledger.is_social
    )
    if total >= threshold.value:
        yield _finding(
            "change-over-threshold",
            by_law(threshold),
            msgid("Changes of low amount reach the European threshold (%(limit)s)."),
            msgid("Find another ground, or begin a new procedure."),
            rule,
            {"limit": threshold.value},
        )
    if total * 100 >= rule.value * ledger.initial:
        yield _finding(
            "change-not-low",
            by_law(rule),
            msgid("Changes of low amount together (%(total)s) reach %(percent)s %% of the initial amount."),
            msgid("Find another ground, or begin a new procedure."),
            rule,
            {"total": total, "percent": int(rule.value)},
        )


def _is_large(change: Change, ledger: Ledger, law: Law) -> bool:
    return abs(change.amount) * 100 >= low_limit(ledger, law).value * ledger.initial


def refusals(findings: Iterable[Finding]) -> list[Finding]:
    """What stops the change; warnings do not."""
    return [one for one in findings if one.stops]


def _finding(
    code: str,
    severity: Severity,
    message: str,
    remedy: str,
    rule: Rule | None = None,
    params: dict[str, object] | None = None,
) -> Finding:
    return Finding(
        code=code,
        step="change",
        field="amount",
        severity=severity,
        message=message,
        remedy=remedy,
        article=rule.article if rule is not None and rule.is_verified else "",
        params=params or {},
    )
