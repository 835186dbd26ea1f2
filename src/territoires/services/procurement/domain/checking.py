"""Every rule at once, in the order of the steps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from . import buyers, criteria, lots, options, procedures, selection, terms, timetable
from .findings import Finding, Severity, msgid
from .law import Law
from .sheet import Sheet

STEPS = (
    "need",
    "procedure",
    "lots",
    "options",
    "criteria",
    "selection",
    "terms",
    "calendar",
    "documents",
)


def check(sheet: Sheet, law: Law, *, today: date) -> list[Finding]:
    """What the consultation lacks, what a text forbids, what deserves a reason; in the order of the steps."""
    found = [
        *_need(sheet),
        *buyers.check(sheet, law),
        *procedures.check(sheet, law),
        *lots.check(sheet, law),
        *options.check(sheet, law),
        *criteria.check(sheet, law),
        *selection.check(sheet, law),
        *terms.check(sheet, law),
        *timetable.check(sheet, law, today=today),
    ]
    return sorted(found, key=lambda finding: STEPS.index(finding.step))


def _need(sheet: Sheet) -> Iterator[Finding]:
    for field, message, remedy in (
        (
            "category",
            msgid("The kind of purchase is not chosen."),
            msgid("Choose works, supplies or services."),
        ),
        (
            "estimated_value",
            msgid("The value is not estimated."),
            msgid("Give an honest estimate without VAT, all lots and renewals."),
        ),
        (
            "family",
            msgid("The need is not named."),
            msgid("Name the operation, or the family of purchases: thresholds add them up."),
        ),
    ):
        if getattr(sheet, field) in ("", None):
            yield Finding(
                code=f"{field.replace('_', '-')}-missing",
                step="need",
                field=field,
                severity=Severity.MISSING,
                message=message,
                remedy=remedy,
            )
