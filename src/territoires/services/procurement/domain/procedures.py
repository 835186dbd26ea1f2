"""Which procedures a need opens, which one is proposed, and what the choice entails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from .findings import Finding, Severity, by_law, msgid
from .law import (
    ADAPTED,
    CONCESSION,
    CONTEST,
    DIALOGUE,
    DIRECT,
    INNOVATION,
    NEGOTIATED,
    OPEN,
    SERVICES,
    SPECIFIC,
    SUBSEQUENT,
    UTILITY,
    Law,
    Procedure,
    Rule,
)
from .sheet import Sheet

NEAR_PERCENT = 10  # ours: an estimate that close below a threshold is looked at again
STEP = "procedure"


class Verdict(StrEnum):
    """PROPOSED and OPEN: may be chosen. GROUND: may be chosen with a stated ground. CLOSED: may not."""

    PROPOSED = "proposed"
    OPEN = "open"
    GROUND = "ground"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Option:
    """A procedure and whether this need opens it; ``reason`` is a message id, filled from ``params``.

    ``article`` is that of a text that was read; empty elsewhere: what was not read is never cited as law.
    """

    procedure: Procedure
    verdict: Verdict
    reason: str
    article: str
    params: dict[str, Any]


def formal_rule(sheet: Sheet, law: Law) -> Rule:
    """From which value a contract for such a need asks a formal procedure, social services apart."""
    return law.formal_threshold(sheet.category, sheet.regime)


def european_rule(sheet: Sheet, law: Law) -> Rule:
    """From which value a European notice is due for such a need."""
    return law.european_threshold(
        sheet.category, sheet.regime, is_concession=sheet.is_concession, is_social=sheet.is_social_service
    )


def is_formal_due(sheet: Sheet, law: Law, value: Decimal) -> bool:
    """Whether a need of that value asks a formal procedure: a social service never does."""
    if not sheet.category or sheet.is_social_service:
        return False
    return value >= formal_rule(sheet, law).value


def proposed(sheet: Sheet, law: Law) -> str:
    """The simplest lawful procedure for the need; empty while the value or the category is unknown."""
    value = sheet.reference_value
    if value is None or not sheet.category:
        return ""
    if sheet.is_concession:
        return CONCESSION
    if value < law.no_publicity_threshold(sheet.category).value:
        return DIRECT
    return OPEN if is_formal_due(sheet, law, value) else ADAPTED


def options(sheet: Sheet, law: Law) -> list[Option]:
    """Every procedure of the law with its verdict, the proposed one first."""
    best = proposed(sheet, law)
    found = [_option(procedure, sheet, law, best) for procedure in law.procedures.values()]
    order = list(Verdict)
    return sorted(found, key=lambda option: order.index(option.verdict))


def _option(procedure: Procedure, sheet: Sheet, law: Law, best: str) -> Option:
    verdict, reason, article, params = _judged(procedure, sheet, law)
    if procedure.code == best:
        verdict = Verdict.PROPOSED
    return Option(procedure, verdict, reason, article, params)


def _judged(procedure: Procedure, sheet: Sheet, law: Law) -> tuple[Verdict, str, str, dict[str, Any]]:
    value = sheet.reference_value or Decimal(0)
    formal = formal_rule(sheet, law)
    direct = law.no_publicity_threshold(sheet.category)
    if procedure.code == DIRECT:
        if value < direct.value:
            return (
                Verdict.OPEN,
                msgid("Open to you: the need is below %(threshold)s."),
                direct.article,
                _at(direct),
            )
        return (
            Verdict.GROUND,
            msgid("From %(threshold)s on, only in the cases that the code names."),
            "",
            _at(direct),
        )
    if procedure.code == ADAPTED:
        if value < formal.value:
            return (
                Verdict.OPEN,
                msgid("Open to you: the need is below %(threshold)s."),
                formal.article,
                _at(formal),
            )
        if sheet.is_social_service:
            return (
                Verdict.OPEN,
                msgid("Open to you whatever the value: a social or specific service."),
                "",
                {},
            )
        return Verdict.CLOSED, msgid("Closed: the need reaches %(threshold)s."), formal.article, _at(formal)
    if procedure.code == CONCESSION:
        return (
            Verdict.OPEN,
            msgid("Only if the enterprise is paid by the users and bears the risk."),
            "",
            {},
        )
    if procedure.code == SUBSEQUENT:
        return Verdict.GROUND, msgid("Only with holders of a framework agreement that you signed."), "", {}
    if procedure.code == SPECIFIC:
        return Verdict.GROUND, msgid("Only in a dynamic purchasing system that you set up."), "", {}
    if procedure.needs_ground and _asks_a_ground(procedure, sheet, law, value):
        return Verdict.GROUND, msgid("Only in the cases that the code names."), "", {}
    if procedure.code == CONTEST:
        return Verdict.OPEN, msgid("For projects that a jury ranks."), "", {}
    return Verdict.OPEN, msgid("Always open to you."), "", {}


def _asks_a_ground(procedure: Procedure, sheet: Sheet, law: Law, value: Decimal) -> bool:
    if procedure.code == INNOVATION:
        return True
    is_free = sheet.regime == UTILITY or not is_formal_due(sheet, law, value)
    return procedure.code in (NEGOTIATED, DIALOGUE) and not is_free


def check(sheet: Sheet, law: Law) -> Iterator[Finding]:
    """What the choice of the procedure leaves to mend."""
    yield from _need(sheet, law)
    yield from _social(sheet, law)
    if not sheet.procedure:
        yield Finding(
            code="procedure-missing",
            step=STEP,
            field="procedure",
            severity=Severity.MISSING,
            message=msgid("The procedure is not chosen."),
            remedy=msgid("Choose one: the simplest lawful one is proposed."),
        )
        return
    if sheet.is_private and not sheet.invited:
        yield Finding(
            code="invited-missing",
            step=STEP,
            field="invited",
            severity=Severity.MISSING,
            message=msgid("No enterprise is named, and nothing is published: nobody would answer."),
            remedy=msgid("Name those that you invite, each with its SIRET and an e-mail address."),
        )
    if sheet.framework_left is not None and (sheet.estimated_value or 0) > sheet.framework_left:
        yield Finding(
            code="framework-exhausted",
            step="need",
            field="estimated_value",
            severity=Severity.WARNING,
            message=msgid(
                "The framework agreement has %(left)s left below its maximum: less than this contract."
            ),
            remedy=msgid("Beyond its maximum an agreement has no effect: begin a new procedure."),
            params={"left": sheet.framework_left},
        )
    procedure = law.procedures.get(sheet.procedure)
    if procedure is not None and sheet.reference_value is not None and sheet.category:
        yield from _choice(procedure, sheet, law)


def _need(sheet: Sheet, law: Law) -> Iterator[Finding]:
    own, whole = sheet.estimated_value, sheet.reference_value
    if own is None or whole is None or not sheet.category:
        return
    for rule in _thresholds(sheet, law):
        if own < rule.value <= whole:
            yield Finding(
                code="need-crosses",
                step="need",
                field="estimated_value",
                severity=Severity.WARNING,
                message=msgid(
                    "This purchase alone stays below %(threshold)s, the whole need (%(whole)s) does not."
                ),
                remedy=msgid(
                    "The procedure of the whole need applies; say why if you hold it to be another need."
                ),
                article=rule.article,
                about=rule.code,
                params={"threshold": rule.value, "whole": whole},
            )
        elif rule.value * (100 - NEAR_PERCENT) / 100 <= whole < rule.value:
            yield Finding(
                code="near-threshold",
                step="need",
                field="estimated_value",
                severity=Severity.WARNING,
                message=msgid("The need (%(whole)s) is just below the threshold of %(threshold)s."),
                remedy=msgid("Say how you estimated it: renewals, options and all lots count."),
                about=rule.code,
                params={"threshold": rule.value, "whole": whole},
            )


def _social(sheet: Sheet, law: Law) -> Iterator[Finding]:
    """Where the light regime of social services changes the procedure: from the formal threshold on."""
    value = sheet.reference_value
    if value is None or not sheet.category or not sheet.cpv or sheet.is_concession:
        return
    rule = formal_rule(sheet, law)
    is_listed = sheet.category == SERVICES and law.is_social_service(sheet.cpv)
    if value < rule.value or is_listed == sheet.is_social_service:
        return
    if is_listed:
        yield Finding(
            code="social-service-unsaid",
            step="need",
            field="is_social_service",
            severity=Severity.WARNING,
            message=msgid(
                "The CPV code is among those of social and other specific services: they may go by an adapted "
                "procedure whatever their value."
            ),
            remedy=msgid(
                "Say in the need that it is such a service, or keep the formal procedure and say why."
            ),
        )
    else:
        yield Finding(
            code="social-service-unlisted",
            step="need",
            field="is_social_service",
            severity=Severity.WARNING,
            message=msgid(
                "The need is said to be a social or specific service, but its CPV code is not among those that we "
                "know of them: from %(threshold)s on others ask a formal procedure."
            ),
            remedy=msgid(
                "Check the code against annex 3 of the code of public procurement, and correct it or say why."
            ),
            params={"threshold": rule.value},
        )


def _thresholds(sheet: Sheet, law: Law) -> list[Rule]:
    if sheet.is_concession:
        return [european_rule(sheet, law)]
    return [law.no_publicity_threshold(sheet.category), european_rule(sheet, law)]


def _choice(procedure: Procedure, sheet: Sheet, law: Law) -> Iterator[Finding]:
    option = _option(procedure, sheet, law, proposed(sheet, law))
    if option.verdict is Verdict.CLOSED:
        rule = formal_rule(sheet, law)
        yield Finding(
            code="procedure-closed",
            step=STEP,
            field="procedure",
            severity=by_law(rule),
            message=msgid("An adapted procedure is closed: the need (%(whole)s) reaches %(threshold)s."),
            remedy=msgid("Choose a formal procedure, for instance the open call for tenders."),
            article=rule.article,
            params={"threshold": rule.value, "whole": sheet.reference_value},
        )
    if option.verdict is Verdict.GROUND and not sheet.procedure_ground:
        rule = law.no_publicity_threshold(sheet.category)
        is_direct = procedure.code == DIRECT
        yield Finding(
            code="ground-missing",
            step=STEP,
            field="procedure_ground",
            severity=by_law(rule) if is_direct else Severity.MISSING,
            message=msgid("This procedure is open in stated cases only, and the case is not said."),
            remedy=msgid("Name the case and its article, or choose another procedure."),
            article=rule.article if is_direct else "",
        )


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that the value or the procedure entails; ``text`` is a message id, filled from ``params``."""

    text: str
    article: str
    params: dict[str, Any]


def duties(sheet: Sheet, law: Law) -> list[Duty]:
    """What the chosen procedure obliges to, in the order in which it will come."""
    value, procedure = sheet.reference_value, law.procedures.get(sheet.procedure)
    if value is None or procedure is None:
        return []
    rules, found = law.rules, []
    is_public = sheet.is_competitive and not sheet.is_private
    if is_public and value >= rules["documents-on-profile"].value:
        found.append(
            _duty(
                msgid("The documents stand here, free for everybody, from %(threshold)s on."),
                rules["documents-on-profile"],
            )
        )
    european = european_rule(sheet, law)
    if is_public and (procedure.is_formal or (sheet.is_social_service and value >= european.value)):
        found.append(
            Duty(
                msgid("A notice in the Official Journal of the European Union and in the BOAMP."),
                european.article,
                {},
            )
        )
    elif is_public and sheet.is_social_service:
        found.append(
            Duty(
                msgid(
                    "Publicity in proportion to the purchase: here, and what you find useful; "
                    "a European notice from %(threshold)s on."
                ),
                european.article,
                _at(european),
            )
        )
    elif is_public and value >= rules["public-notice"].value:
        found.append(
            _duty(
                msgid("A notice in the BOAMP or in a paper of legal notices, from %(threshold)s on."),
                rules["public-notice"],
            )
        )
    elif is_public:
        found.append(
            Duty(
                msgid("Publicity in proportion to the purchase: here, and what you find useful."),
                rules["public-notice"].article,
                {},
            )
        )
    if is_public and procedure.is_formal:
        found.append(
            Duty(
                msgid("%(days)s days between the letters of rejection and the signature."),
                rules["standstill-days"].article,
                {"days": int(rules["standstill-days"].value)},
            )
        )
    if value >= rules["legality-control"].value:
        found.append(
            _duty(
                msgid("The contract goes to the prefecture before it is notified, from %(threshold)s on."),
                rules["legality-control"],
            )
        )
    if value >= rules["essential-data"].value:
        found.append(
            _duty(
                msgid("Its essential data are published within two months, from %(threshold)s on."),
                rules["essential-data"],
            )
        )
    return found


def _duty(text: str, rule: Rule) -> Duty:
    return Duty(text, rule.article, _at(rule))


def _at(rule: Rule) -> dict[str, Any]:
    return {"threshold": rule.value}
