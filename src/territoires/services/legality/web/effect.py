"""Since when an act is executory, and what it lacks, in the reader's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from territoires.foundations.actions import api as rights
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day

from ..domain.effect import PAPER, Effect
from ..domain.life import COMPLETE, LIFE
from ..models import Act, Posting
from ..permissions import Legality
from ..queries import effect as queries


@dataclass(frozen=True, slots=True)
class EffectShown:
    """``since`` is the day from which the act is executory, None with what is ``missing``; ``dates`` are what made it so."""

    since: date | None
    dates: tuple[tuple[str, date], ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DutyShown:
    """Whether the act goes to the State, why, and what was declared of it."""

    is_transmitted: bool
    rule: str
    exception: str
    article: str
    declared: str


def effect_context(actor: Actor, act: Act) -> dict[str, Any]:
    """What the page of an act says of its effect, for a template."""
    posting = queries.posting_of(act)
    publicity = queries.publicity_of(act.organisation, legal_day(actor.now()))
    is_over = LIFE.states[act.state].final
    return {
        "effect": _effect_of_own(act, posting) if act.state in COMPLETE and not is_over else None,
        "duty": _duty_shown(act) if act.nature and not is_over and act.taken_over_at is None else None,
        "may_declare": not is_over and act.taken_over_at is None and rights.may(actor, Legality.DECLARE, act),
        "publicity": publicity,
        "posting": posting,
    }


def effect_of_public(act: Act) -> EffectShown | None:
    """The same for anybody: only once the act is executory, what it lacks is its body's affair."""
    shown = _effect_shown(act, queries.posting_of(act))
    return shown if shown.since else None


def _effect_of_own(act: Act, posting: Posting | None) -> EffectShown | None:
    """What an act of before the platform lacks is not known here: of that one only what it has is shown."""
    shown = _effect_shown(act, posting)
    return shown if act.taken_over_at is None or shown.since else None


def _effect_shown(act: Act, posting: Posting | None) -> EffectShown:
    found = queries.effect_of(act)
    return EffectShown(found.executory_since, tuple(_dates(act, found, posting)), tuple(_missing(found)))


def _dates(act: Act, found: Effect, posting: Posting | None) -> list[tuple[str, date]]:
    on_paper = posting is not None and found.public_on == posting.posted_on
    if on_paper and posting is not None and posting.mode == PAPER:
        public = _("held on paper since")
    else:
        public = _("posted on") if on_paper else _("published on line on")
    lines = [
        (public, found.public_on),
        (_("notified on"), found.notified_on),
        (_("received at the prefecture on"), found.received_on if found.is_transmitted else None),
    ]
    return [(label, day) for label, day in lines if day is not None]


def _missing(found: Effect) -> list[str]:
    missing = []
    if found.took_effect_on is None:
        missing.append(_("It is neither published nor notified, as its body and its nature ask."))
    if found.is_transmitted and found.received_on is None:
        missing.append(_("The prefecture has not acknowledged it."))
    return missing


def _duty_shown(act: Act) -> DutyShown:
    rule = queries.rule_of(act)
    language = get_language() or "fr"
    return DutyShown(
        queries.must_be_transmitted(act),
        rule.label.in_language(language),
        rule.exception.in_language(language) if rule.exception else "",
        rule.article,
        act.transmission_reason,
    )
