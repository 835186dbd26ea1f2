"""What the contract asks and what the documents must say."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from .findings import Finding, Severity, by_law, msgid
from .law import Law, Rule
from .procedures import european_rule
from .sheet import FRAMEWORK, LotSheet, Sheet

STEP, LOTS = "terms", "lots"
DOCUMENTS = "documents"
# Kinds of documents, OCDS documentType in comments: what an enterprise needs to answer.
RULES = "rules"  # biddingDocuments
CONTRACT = "contract"  # contractDraft
TECHNICAL = "technical"  # technicalSpecifications
PRICES = "prices"  # billOfQuantity
OTHER = "other"
KINDS = (RULES, CONTRACT, TECHNICAL, PRICES, OTHER)


def check(sheet: Sheet, law: Law) -> Iterator[Finding]:
    if sheet.is_competitive:
        yield from _clauses(sheet, law)
        yield from _turnover(sheet, law)
        yield from _framework(sheet, law)
        yield from _mentions(sheet, law)
    if sheet.procedure:
        yield from _documents(sheet)
        yield from _stale(sheet)


def _clauses(sheet: Sheet, law: Law) -> Iterator[Finding]:
    on = sheet.publish_on or law.on
    green, social = law.rules["environmental-clause"], law.rules["social-clause"]
    if green.holds(on) and not sheet.environmental_clause and not sheet.is_concession:
        yield Finding(
            code="no-environmental-clause",
            step=STEP,
            field="environmental_clause",
            severity=by_law(green),
            message=msgid("No condition of performance takes the environment into account."),
            remedy=msgid("Write one, for instance on waste, transport or materials."),
            article=green.article,
        )
    whole = sheet.reference_value
    is_formal = bool(whole is not None and sheet.category and whole >= european_rule(sheet, law).value)
    if social.holds(on) and is_formal and not sheet.social_clause:
        yield Finding(
            code="no-social-clause",
            step=STEP,
            field="social_clause",
            severity=Severity.WARNING,
            message=msgid("At this value a social clause is due, unless an exception of the code applies."),
            remedy=msgid("Write one, for instance hours of inclusion, or name the exception."),
            article=social.article,
        )


def _turnover(sheet: Sheet, law: Law) -> Iterator[Finding]:
    """The cap holds for what is asked of the candidates to each lot, or to the whole where it is not divided."""
    if not sheet.lots:
        rule = law.rules["turnover-factor-percent"]
        if _exceeds(sheet.minimum_turnover, sheet.estimated_value, rule):
            yield _too_high(
                rule,
                sheet.estimated_value,
                msgid("The turnover asked exceeds one and a half times the estimated value (%(highest)s)."),
                msgid("Ask less: only a stated reason of the purchase itself allows more."),
            )
        return
    rule = law.rules["turnover-by-lot-percent"]
    for lot in sheet.lots:
        if _exceeds(sheet.turnover_asked(lot), lot.value, rule):
            yield _too_high(
                rule,
                lot.value,
                msgid(
                    "The turnover asked exceeds one and a half times the estimated value of lot %(lot)s (%(highest)s): the cap"
                    " holds for each lot."
                ),
                msgid(
                    "Ask less. More is possible for a group of lots, of whoever would be awarded several to carry out at the same"
                    " time: say so in the documents."
                ),
                lot,
            )


def _exceeds(asked: Decimal | None, value: Decimal | None, rule: Rule) -> bool:
    return asked is not None and value is not None and asked > value * rule.value / 100


def _too_high(
    rule: Rule, value: Decimal | None, message: str, remedy: str, lot: LotSheet | None = None
) -> Finding:
    is_own = lot is not None and lot.minimum_turnover is not None
    return Finding(
        code="turnover-too-high",
        step=LOTS if is_own else STEP,
        field="minimum_turnover",
        severity=Severity.WARNING,
        message=message,
        remedy=remedy,
        article=rule.article,
        about=str(lot.number) if lot else "",
        params={"highest": (value or 0) * rule.value / 100, "lot": lot.number if lot else None},
    )


def _framework(sheet: Sheet, law: Law) -> Iterator[Finding]:
    if sheet.technique != FRAMEWORK:
        return
    maximum, months = law.rules["framework-maximum"], law.longest_framework(sheet.regime)
    if sheet.framework_maximum is None:
        yield Finding(
            code="framework-maximum-missing",
            step=STEP,
            field="framework_maximum",
            severity=by_law(maximum),
            message=msgid("The framework agreement has no maximum."),
            remedy=msgid("Set it, in value or in quantity."),
            article=maximum.article,
        )
    if sheet.duration_months is not None and sheet.duration_months > months.value:
        yield Finding(
            code="framework-too-long",
            step=STEP,
            field="duration_months",
            severity=by_law(months),
            message=msgid("A framework agreement lasts at most %(months)s months, renewals included."),
            remedy=msgid("Shorten it, or state the exception."),
            article=months.article,
            params={"months": int(months.value)},
        )


def _mentions(sheet: Sheet, law: Law) -> Iterator[Finding]:
    for mention in law.mentions:
        is_asked = not mention.procedures or sheet.procedure in mention.procedures
        if is_asked and not getattr(sheet, mention.field):
            yield Finding(
                code="mention-missing",
                step=mention.step,
                field=mention.field,
                severity=Severity.WARNING,
                message=msgid("The documents should say: %(mention)s."),
                remedy=msgid("Complete it."),
                article=mention.article,
                about=mention.code,
                params={"mention": mention.label},
            )


def _documents(sheet: Sheet) -> Iterator[Finding]:
    if not sheet.documents:
        yield _document_finding(
            "documents-missing",
            Severity.MISSING,
            msgid("There is no document for the enterprises."),
            msgid("Add at least what they must do and on which terms."),
        )
    elif not {TECHNICAL, CONTRACT} & set(sheet.documents):
        yield _document_finding(
            "no-terms",
            Severity.WARNING,
            msgid("Neither the technical terms nor the draft contract is among the documents."),
            msgid("Add them, or say why they are not needed."),
        )


def _stale(sheet: Sheet) -> Iterator[Finding]:
    for name in sheet.stale_documents:
        yield Finding(
            code="document-stale",
            step=DOCUMENTS,
            field="document",
            severity=Severity.MISSING,
            message=msgid("“%(name)s” was written before your last changes: it says something else."),
            remedy=msgid("Write the documents again: one click."),
            about=name[:40],
            params={"name": name},
        )


def _document_finding(code: str, severity: Severity, message: str, remedy: str) -> Finding:
    return Finding(
        code=code, step=DOCUMENTS, field="document", severity=severity, message=message, remedy=remedy
    )
