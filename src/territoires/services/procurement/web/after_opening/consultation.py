"""What the pages after the opening share: the consultation of their address, what each of them shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from territoires.foundations.actions import api as rights
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Missing

from ...actions import negotiating
from ...domain import life
from ...domain.law import DYNAMIC
from ...models import Consultation
from ...permissions import Procurement
from ...queries import consultations
from ...queries.next_step import step_of
from ...queries.rounds import has_two_stages
from ...queries.systems import carries_contracts
from ..gesture import Place
from ..requests import actor_of
from ..words import shown
from . import words

BEFORE = (
    life.DRAFT,
    life.VALIDATED,
    life.SCHEDULED,
    life.PUBLISHED,
    life.SUSPENDED,
    life.CLOSED,
    life.OPENING,
)


def found_for(request: HttpRequest, key: UUID, permission: Procurement = Procurement.READ) -> Consultation:
    return consultations.consultation_of(actor_of(request), key, permission)


def place_of(name: str, consultation: Consultation, **more: Any) -> str:
    place = {"organisation": consultation.organisation.reference, "consultation": consultation.pk}
    return reverse(f"procurement_desk:{name}", kwargs=place | more)


def consultation_place(name: str, permission: Procurement, otherwise: str = "") -> Callable[..., Place]:
    """Loads the consultation of an address; ``name`` is the page that follows, or ``otherwise`` after a refusal."""

    def load(request: HttpRequest, organisation: str, consultation: UUID) -> Place:
        found = found_for(request, consultation, permission)
        return Place(
            arguments={"consultation": found},
            consultation=found,
            after=place_of(name, found),
            otherwise=place_of(otherwise, found) if otherwise else "",
        )

    return load


def context_of(request: HttpRequest, consultation: Consultation) -> dict[str, Any]:
    """What every page of this part shows: the state, the next step, what the actor may do."""
    actor = actor_of(request)
    may = {
        name: rights.may(actor, permission, consultation)
        for name, permission in (
            ("may_analyse", Procurement.ANALYSE),
            ("may_score", Procurement.SCORE),
            ("may_negotiate", Procurement.NEGOTIATE),
            ("may_convene", Procurement.CONVENE),
            ("may_award", Procurement.AWARD),
        )
    }
    today = legal_day(actor.now())
    is_system = consultation.procedure == DYNAMIC
    return {
        "consultation": consultation,
        "shown": shown(consultation),
        "next": words.step_shown(actor, consultation, step_of(consultation, today)),
        "is_under_analysis": consultation.state == life.ANALYSIS,
        "has_rounds": negotiating.may_negotiate(consultation)
        or (has_two_stages(consultation) and not is_system),
        "has_system": is_system or carries_contracts(consultation),
        **may,
    }


def lot_in(text: str) -> UUID | None:
    """The lot of a form; what is no id is none that exists."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Missing("no-lot", "There is no such lot.", "Go back to the consultation.") from None


def require_reader(request: HttpRequest, consultation: Consultation) -> None:
    """Bids are on no page before they were opened, whoever asks, and then only for those who open, examine or note them.

    Raises Missing, Denied.
    """
    if consultation.state in BEFORE:
        raise Missing(
            "not-opened",
            "The bids are not opened yet: nobody has read them.",
            "Open them first, from the page of the consultation.",
        )
    actor = actor_of(request)
    if not rights.may(actor, Procurement.OPENED_READ, consultation):
        rights.require(actor, Procurement.SCORE, consultation)
