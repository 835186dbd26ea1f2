"""What publication freezes: an attempt to change it is refused, and the book keeps who tried."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import ParamSpec, TypeVar, cast

from territoires.contracts import procurement_award as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict

from ..domain.life import DRAFT, SCHEDULED, VALIDATED
from ..models import Consultation
from ..permissions import Procurement
from .moving import about

CRITERIA, SCORING = "criteria", "scoring"
P = ParamSpec("P")
R = TypeVar("R")


def tells_attempts(what: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Makes a verb on a consultation leave a fact when it is refused for what is frozen; the refusal itself goes on."""

    def decorate(verb: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(verb)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return verb(*args, **kwargs)
            except Conflict:
                actor = replace(cast(Actor, kwargs["actor"]), idempotency_key=None)
                consultation = cast(Consultation, kwargs["consultation"])
                if _is_frozen(consultation):
                    keep_attempt(actor=actor, consultation=consultation, what=what)
                raise

        return run

    return decorate


@action(Procurement.PREPARE, on="consultation")
def keep_attempt(*, actor: Actor, consultation: Consultation, what: str) -> Outcome[None]:
    """Keeps that a change of ``what`` was refused."""
    return Outcome(None, facts.FrozenChangeRefused(**about(consultation), what=what))


def _is_frozen(consultation: Consultation) -> bool:
    """Before the publication another reason refuses a change, and nobody tries to move what enterprises read."""
    rows = Consultation.objects.filter(pk=consultation.pk)
    return not rows.filter(state__in=(DRAFT, VALIDATED, SCHEDULED)).exists()
