"""Options: what the body may ask later without a new competition. They count in the value of the need, used or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import partial

from .findings import Finding, Severity, by_law, finding, msgid
from .law import Law
from .sheet import OptionSheet, Sheet

STEP = "options"
_finding = partial(finding, STEP)
RENEWAL, PHASE, EXTRA = "renewal", "phase", "extra"
KINDS = (RENEWAL, PHASE, EXTRA)


def total(given: Iterable[OptionSheet], lot: int | None = None) -> Decimal:
    """Their values together, each as often as it may be used; of one lot when ``lot`` is given."""
    return sum((one.whole for one in given if lot is None or one.lot == lot), Decimal(0))


def check(sheet: Sheet, law: Law) -> Iterator[Finding]:
    if not sheet.is_competitive:
        return
    yield from _options(sheet, law)
    yield from _variants(sheet, law)
    yield from _reserved(sheet, law)


def _options(sheet: Sheet, law: Law) -> Iterator[Finding]:
    for one in sheet.options:
        if one.value is None:
            yield _finding(
                "option-unvalued",
                "options",
                Severity.MISSING,
                msgid("The option “%(name)s” has no value."),
                msgid("Estimate it, 0 if it costs nothing: options count in the need."),
                about=one.name[:40],
                params={"name": one.name},
            )
    yield from _sums(sheet)
    yield from _duration(sheet, law)


def _sums(sheet: Sheet) -> Iterator[Finding]:
    together = total(sheet.options)
    if sheet.estimated_value is not None and together >= sheet.estimated_value > 0 and together:
        yield _finding(
            "options-exceed",
            "estimated_value",
            Severity.MISSING,
            msgid(
                "The options add up to %(options)s, the estimated value is %(value)s: it must contain them."
            ),
            msgid("Add them to the estimated value."),
            params={"options": together, "value": sheet.estimated_value},
        )
    for lot in sheet.lots:
        of_lot = total(sheet.options, lot.number)
        if lot.value is not None and of_lot and of_lot >= lot.value:
            yield _finding(
                "lot-options-exceed",
                "options",
                Severity.MISSING,
                msgid("The options of lot %(number)s (%(options)s) exceed its value (%(value)s)."),
                msgid("Add them to the value of the lot."),
                about=str(lot.number),
                params={"number": lot.number, "options": of_lot, "value": lot.value},
            )
    yield from _unknown_lots(sheet)


def _unknown_lots(sheet: Sheet) -> Iterator[Finding]:
    numbers = {lot.number for lot in sheet.lots}
    for one in sheet.options:
        if one.lot is not None and one.lot not in numbers:
            yield _finding(
                "option-lot-unknown",
                "options",
                Severity.MISSING,
                msgid("The option “%(name)s” is of a lot that there is no more."),
                msgid("Choose its lot again."),
                about=one.name[:40],
                params={"name": one.name},
            )


def _duration(sheet: Sheet, law: Law) -> Iterator[Finding]:
    """The whole duration contains the renewals: competition took place on all of it."""
    for lot in sorted({one.lot for one in sheet.options}, key=lambda number: number or 0):
        renewals = [one for one in sheet.options if one.kind == RENEWAL and one.lot == lot]
        months = sum((one.months or 0) * one.times for one in renewals)
        if sheet.duration_months is not None and months >= sheet.duration_months and months:
            rule = law.rules["renewals"]
            yield _finding(
                "renewals-longer",
                "options",
                Severity.MISSING,
                msgid(
                    "The renewals last %(months)s months, the whole duration is %(whole)s months: it contains them."
                ),
                msgid("Correct one or the other."),
                about="" if lot is None else str(lot),
                params={"months": months, "whole": sheet.duration_months},
                article=rule.article,
            )
        for one in renewals:
            if one.months is None:
                yield _finding(
                    "renewal-length",
                    "options",
                    Severity.MISSING,
                    msgid("How long the renewal “%(name)s” lasts is not said."),
                    msgid("Give its months."),
                    about=one.name[:40],
                    params={"name": one.name},
                )


def _variants(sheet: Sheet, law: Law) -> Iterator[Finding]:
    rule = law.rules["variant-conditions"]
    if sheet.allows_variants and not sheet.variant_conditions:
        yield _finding(
            "variants-unconditional",
            "variant_conditions",
            by_law(rule),
            msgid("Variants are allowed, but what they must respect is not said."),
            msgid("Say the least that a variant must respect, and how it is presented."),
            article=rule.article,
        )


def _reserved(sheet: Sheet, law: Law) -> Iterator[Finding]:
    given = [(sheet.reserved_for, "")] if sheet.reserved_for else []
    given += [(lot.reserved_for, str(lot.number)) for lot in sheet.lots if lot.reserved_for]
    for code, about in given:
        reserved = law.reservations.get(code)
        if reserved is None:
            continue
        if reserved.is_only_social and not sheet.is_social_service:
            yield _finding(
                "reserved-services",
                "reserved_for",
                Severity.WARNING,
                msgid("This reservation is for health, social and cultural services only."),
                msgid("Say in the need that it is such a service, or reserve it otherwise."),
                about=about,
                article=reserved.article,
            )
        if reserved.most_months and (sheet.duration_months or 0) > reserved.most_months:
            yield _finding(
                "reserved-too-long",
                "duration_months",
                Severity.WARNING,
                msgid("A contract so reserved lasts at most %(months)s months."),
                msgid("Shorten it."),
                about=about,
                params={"months": reserved.most_months},
                article=reserved.article,
            )
