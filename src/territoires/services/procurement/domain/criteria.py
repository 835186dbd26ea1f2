"""Award criteria: which ones the law asks, and weights that add up to one hundred.

From the publication on they are frozen: the table of ``life`` lets nothing but a draft be prepared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from .findings import Finding, Severity, by_law, msgid
from .law import CriterionKind, Law
from .sheet import CriterionSheet, Sheet

STEP = "criteria"
WHOLE = Decimal(100)


def check(sheet: Sheet, law: Law) -> Iterator[Finding]:
    """Without competition the law asks no kind of criterion; what bids are compared on is said all the same."""
    if not sheet.procedure:
        return
    if not sheet.criteria:
        yield Finding(
            code="criteria-missing",
            step=STEP,
            field="criteria",
            severity=Severity.MISSING,
            message=msgid("There is no award criterion."),
            remedy=msgid("Add at least two: the price or the cost, and one that looks at the environment.")
            if sheet.is_competitive
            else msgid("The price alone is enough here, for the whole hundred."),
        )
        return
    for lot, criteria in scopes(sheet.criteria):
        yield from _weights(criteria, lot)
        yield from _parts(criteria, lot, law)
        if sheet.is_competitive and not sheet.is_concession:
            yield from _kinds(criteria, lot, law, on=sheet.publish_on or law.on)


def scopes(criteria: Sequence[CriterionSheet]) -> Iterator[tuple[int | None, list[CriterionSheet]]]:
    """The criteria of all lots together, then those of each lot that has its own."""
    for lot in sorted({c.lot for c in criteria}, key=lambda number: number or 0):
        yield lot, [c for c in criteria if c.lot == lot]


def _weights(criteria: Sequence[CriterionSheet], lot: int | None) -> Iterator[Finding]:
    total = sum((c.weight for c in criteria), Decimal(0))
    if total != WHOLE:
        yield _finding(
            "weights-sum",
            lot,
            Severity.MISSING,
            msgid("The weights add up to %(total)s %%, not 100 %%."),
            msgid("Correct them: each bid is scored out of one hundred."),
            {"total": f"{total.normalize():f}"},
        )


def _parts(criteria: Sequence[CriterionSheet], lot: int | None, law: Law) -> Iterator[Finding]:
    """What is noted apart is announced with its weight: the parts make the whole of their criterion."""
    rule = law.rules["parts-announced"]
    for one in criteria:
        total = sum((part.weight for part in one.parts), Decimal(0))
        if one.parts and total != one.weight:
            yield Finding(
                code="parts-sum",
                step=STEP,
                field="criteria",
                severity=Severity.MISSING,
                message=msgid(
                    "The parts of “%(criterion)s” add up to %(total)s %%, it weighs %(weight)s %%."
                ),
                remedy=msgid("Correct them: each part is announced with its share of the whole score."),
                article=rule.article,
                about=f"{lot or ''}.{one.label}"[:60],
                params={
                    "criterion": one.label,
                    "total": f"{total.normalize():f}",
                    "weight": f"{one.weight.normalize():f}",
                },
            )


def _kinds(criteria: Sequence[CriterionSheet], lot: int | None, law: Law, *, on: date) -> Iterator[Finding]:
    kinds = [law.criteria[c.kind] for c in criteria if c.kind in law.criteria]
    priced, green = law.rules["price-or-cost"], law.rules["environmental-criterion"]
    if not any(kind.is_price or kind.is_cost for kind in kinds):
        yield _finding(
            "no-price",
            lot,
            by_law(priced),
            msgid("Neither price nor cost is among the criteria."),
            msgid("Add one of the two."),
            article=priced.article,
        )
    if not green.holds(on) or any(kind.is_environmental for kind in kinds):
        return
    message = (
        msgid("Price alone can no longer decide.")
        if _is_price_alone(kinds)
        else msgid("No criterion looks at the environment.")
    )
    yield _finding(
        "no-environment",
        lot,
        by_law(green),
        message,
        msgid("Add a criterion of environmental performance, or replace the price by the life-cycle cost."),
        article=green.article,
    )


def _is_price_alone(kinds: Sequence[CriterionKind]) -> bool:
    return len(kinds) == 1 and kinds[0].is_price


def _finding(
    code: str,
    lot: int | None,
    severity: Severity,
    message: str,
    remedy: str,
    params: dict[str, object] | None = None,
    article: str = "",
) -> Finding:
    return Finding(
        code=code,
        step=STEP,
        field="criteria",
        severity=severity,
        message=message,
        remedy=remedy,
        article=article,
        about="" if lot is None else str(lot),
        params=params or {},
    )
