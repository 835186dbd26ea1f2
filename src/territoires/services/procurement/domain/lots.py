"""Lots: dividing is the principle, not dividing has a reason, small lots have their rule."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from .findings import Finding, Severity, by_law, msgid
from .law import Law, Rule
from .procedures import is_formal_due
from .sheet import LotSheet, Sheet

STEP = "lots"


def check(sheet: Sheet, law: Law) -> Iterator[Finding]:
    if not sheet.is_competitive:
        return
    if not sheet.lots:
        yield from _undivided(sheet, law)
        return
    for lot in sheet.lots:
        yield from _lot(lot)
    yield from _sum(sheet)
    yield from _small_lots(sheet, law)


def _undivided(sheet: Sheet, law: Law) -> Iterator[Finding]:
    if sheet.division_reason or sheet.is_concession:
        return
    rule = law.rules["reason-not-divided"]
    whole = sheet.reference_value
    is_formal = whole is not None and is_formal_due(sheet, law, whole)
    yield Finding(
        code="not-divided",
        step=STEP,
        field="division_reason",
        severity=by_law(rule) if is_formal else Severity.WARNING,
        message=msgid("The purchase is not divided into lots and no reason is given."),
        remedy=msgid("Add lots, or say why one contract is better: one of the reasons that the code admits."),
        article=rule.article if is_formal else "CCP L2113-10",
    )


def _lot(lot: LotSheet) -> Iterator[Finding]:
    lacks = [name for name in ("title", "value", "cpv") if not getattr(lot, name)]
    if lacks:
        yield Finding(
            code="lot-incomplete",
            step=STEP,
            field=lacks[0],
            severity=Severity.MISSING,
            message=msgid("Lot %(number)s lacks its title, its value or its CPV code."),
            remedy=msgid("Complete it: enterprises look for lots by these."),
            about=str(lot.number),
            params={"number": lot.number},
        )


def _sum(sheet: Sheet) -> Iterator[Finding]:
    values = [lot.value for lot in sheet.lots]
    if None in values or sheet.estimated_value is None:
        return
    total = sum((value for value in values if value is not None), Decimal(0))
    # Options of the whole count in the estimated value, beside those of the lots.
    beside = sum((one.whole for one in sheet.options if one.lot is None), Decimal(0))
    if sheet.estimated_value not in (total, total + beside):
        yield Finding(
            code="lots-sum",
            step=STEP,
            field="value",
            severity=Severity.MISSING,
            message=msgid("The lots add up to %(total)s, the estimated value is %(estimated)s."),
            remedy=msgid("Correct one or the other: thresholds look at all lots together."),
            params={"total": total, "estimated": sheet.estimated_value},
        )


def _small_lots(sheet: Sheet, law: Law) -> Iterator[Finding]:
    small = [lot for lot in sheet.lots if lot.is_small and lot.value is not None]
    whole = sum((lot.value for lot in sheet.lots if lot.value is not None), Decimal(0))
    if not small or not whole or not sheet.category:
        return
    is_formal = is_formal_due(sheet, law, whole)
    limit = law.small_lot(sheet.category) if is_formal else law.no_publicity_threshold(sheet.category)
    share = law.rules["small-lots-percent" if is_formal else "direct-lots-percent"]
    for lot in small:
        if lot.value is not None and lot.value >= limit.value:
            yield _too_big(lot, limit)
    together = sum((lot.value for lot in small if lot.value is not None), Decimal(0))
    if together * 100 > whole * share.value:
        yield Finding(
            code="small-lots-share",
            step=STEP,
            field="is_small",
            severity=by_law(share),
            message=msgid("The small lots together (%(together)s) exceed %(percent)s %% of all lots."),
            remedy=msgid("Treat fewer lots as small."),
            article=share.article,
            params={"together": together, "percent": int(share.value)},
        )


def _too_big(lot: LotSheet, limit: Rule) -> Finding:
    return Finding(
        code="small-lot-too-big",
        step=STEP,
        field="is_small",
        severity=by_law(limit),
        message=msgid("Lot %(number)s is no small lot: its value reaches %(limit)s."),
        remedy=msgid("Let it by the procedure of the whole."),
        article=limit.article,
        about=str(lot.number),
        params={"number": lot.number, "limit": limit.value},
    )
