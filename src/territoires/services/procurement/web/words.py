"""Consultations, findings and duties in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from territoires.foundations.packs.api import pack
from territoires.kernel.clock import system_clock

from ..domain.checking import STEPS
from ..domain.findings import Severity
from ..domain.law import Law
from ..domain.life import LIFE
from ..models import Consultation
from ..queries.publication import state_at
from ..queries.sheets import Checked, Standing
from ..queries.wording import filled

# Steps that a purchase without competition can do without.
COMPETITION = ("lots", "options", "selection", "terms")


@dataclass(frozen=True, slots=True)
class Shown:
    """A consultation with its codes as words; ``tone`` is the status colour."""

    consultation: Consultation
    state: str
    meaning: str
    tone: str
    category: str


@dataclass(frozen=True, slots=True)
class Told:
    """A finding as it is read; ``override`` is the reason given, if any."""

    key: str
    step: str
    step_label: str
    field: str
    severity: str
    label: str
    tone: str
    message: str
    remedy: str
    article: str
    override: Any


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the preparation and how it stands: ``state`` done, now or next as in a timeline."""

    code: str
    label: str
    detail: str
    state: str
    status: str
    tone: str


def shown(consultation: Consultation) -> Shown:
    state = LIFE.states[state_at(consultation, system_clock())]
    return Shown(
        consultation,
        _(state.label),
        _(state.meaning),
        state.tone,
        category_label(consultation.main_procurement_category),
    )


def category_label(code: str) -> str:
    return {"works": _("Works"), "goods": _("Supplies"), "services": _("Services")}.get(code, "")


def told(standing: Standing) -> Told:
    finding = standing.finding
    label, tone = {
        Severity.MISSING: (_("To complete"), "wait"),
        Severity.REFUSAL: (_("Forbidden"), "bad"),
        Severity.WARNING: (_("Warning"), "run"),
    }[finding.severity]
    if standing.override is not None:
        label, tone = _("Answered"), "ok"
    return Told(
        key=finding.key,
        step=finding.step,
        step_label=step_label(finding.step),
        field=finding.field,
        severity=finding.severity,
        label=label,
        tone=tone,
        message=filled(finding.message, finding.params),
        remedy=filled(finding.remedy, finding.params),
        article=article_of(finding.article),
        override=standing.override,
    )


def steps(check: Checked) -> list[Step]:
    """The steps in their order, with what each still asks."""
    return [_step(code, check) for code in STEPS]


def step_label(code: str) -> str:
    return {
        "need": _("The need"),
        "procedure": _("The procedure"),
        "lots": _("The lots"),
        "options": _("Options and variants"),
        "criteria": _("The criteria"),
        "selection": _("The candidatures"),
        "terms": _("The terms"),
        "calendar": _("The calendar"),
        "documents": _("The documents"),
    }[code]


def places_on(day: date) -> list[tuple[str, str]]:
    """The departments of a day as choices: by NUTS code, in the order of their numbers."""
    language = (get_language() or "fr")[:2]
    entries = pack("nuts-departments", on=day).entries
    return [(one["code"], f"{one['department']} {one[f'label_{language}']}") for one in entries]


def reservation_label(code: str, law: Law) -> str:
    """For whom it is reserved, and the article that was read; empty for everybody."""
    found = law.reservations.get(code)
    if found is None:
        return ""
    label = found.label.in_language(get_language() or "fr")
    return f"{label} ({article_of(found.article)})" if found.article else label


def article_of(article: str) -> str:
    """An article as it is cited: what stands in the pack, with a no-break space."""
    return article.replace(" ", "\u00a0", 1)


def _step(code: str, check: Checked) -> Step:
    if code in COMPETITION and check.sheet.procedure and not check.sheet.is_competitive:
        return Step(code, step_label(code), _detail(code), "done", _("not needed"), "none")
    standings = check.of_step(code)
    to_do = [one for one in standings if one.stops]
    if any(one.finding.severity is Severity.REFUSAL for one in to_do):
        return Step(code, step_label(code), _detail(code), "now", _("forbidden as it is"), "bad")
    if any(one.finding.severity is Severity.MISSING for one in to_do):
        return Step(code, step_label(code), _detail(code), "next", _("to complete"), "wait")
    if to_do:
        return Step(code, step_label(code), _detail(code), "now", _("a warning to answer"), "run")
    return Step(code, step_label(code), _detail(code), "done", _("complete"), "ok")


def _detail(code: str) -> str:
    return {
        "need": _("what, how much, where"),
        "procedure": _("the one that the law opens for this need"),
        "lots": _("or why there is only one"),
        "options": _("renewals, phases, variants, reservation"),
        "criteria": _("how bids will be compared"),
        "selection": _("what candidates must be able to do, and the pieces asked"),
        "terms": _("duration, environment, inclusion, contact"),
        "calendar": _("publication, questions, deadline"),
        "documents": _("what enterprises will read"),
    }[code]
