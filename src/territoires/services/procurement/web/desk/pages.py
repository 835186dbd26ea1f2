"""What the pages of a consultation share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from territoires.foundations.actions import api as rights
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid, TooLate

from ...domain.checking import STEPS
from ...domain.life import LIFE
from ...models import Consultation
from ...permissions import Procurement
from ...queries.sheets import Checked, checked
from ..forms import Gesture
from ..requests import actor_of, keyed
from ..words import shown, steps, told

REFUSALS = (Invalid, Conflict, TooLate)
Result = TypeVar("Result")


def performed(
    request: HttpRequest, form: Gesture, verb: Callable[[Actor], Result]
) -> tuple[Result | None, int]:
    """Calls the verb of a sound form, once a key. What it refuses is written on the form, and None is given.

    The number is the status of the page that answers.
    """
    if not form.is_valid():
        return None, 422
    try:
        return verb(keyed(request, form.key)), 200
    except REFUSALS as refusal:
        form.write_refusal(refusal)
        return None, refusal.status


def check_of(request: HttpRequest, consultation: Consultation) -> Checked:
    return checked(consultation, legal_day(actor_of(request).now()))


def context_of(
    request: HttpRequest, consultation: Consultation, check: Checked | None = None
) -> dict[str, Any]:
    """The consultation, how its steps stand, and what the actor may do with it."""
    actor, check = actor_of(request), check or check_of(request, consultation)
    state = consultation.state
    return {
        "consultation": consultation,
        "shown": shown(consultation),
        "check": check,
        "steps": steps(check),
        "is_draft": LIFE.allows(state, "prepare"),
        "may_prepare": LIFE.allows(state, "prepare") and rights.may(actor, Procurement.PREPARE, consultation),
        "may_discard": LIFE.allows(state, "discard") and rights.may(actor, Procurement.PREPARE, consultation),
        "may_validate": LIFE.allows(state, "validate")
        and rights.may(actor, Procurement.VALIDATE, consultation),
        "may_submit": LIFE.allows(state, "validate")
        and consultation.submitted_at is None
        and rights.may(actor, Procurement.PREPARE, consultation),
        "may_return": consultation.submitted_at is not None
        and rights.may(actor, Procurement.VALIDATE, consultation),
        "may_reopen": LIFE.allows(state, "reopen") and rights.may(actor, Procurement.VALIDATE, consultation),
        "may_staff": rights.may(actor, Procurement.STAFF, consultation),
        "may_start": rights.may(actor, Procurement.START),
        "may_take_whole": consultation.published_at is not None
        and rights.may(actor, Procurement.MAKE_PACKAGE, consultation),
        "may_destroy_bids": consultation.published_at is not None
        and rights.may(actor, Procurement.DESTROY_BIDS, consultation),
    }


def findings_of(check: Checked, step: str) -> list[Any]:
    """What a step still asks, as it is read."""
    return [told(one) for one in check.of_step(step) if one.stops]


def to_consultation(organisation: str, consultation: Consultation) -> HttpResponse:
    return redirect("procurement_desk:consultation", organisation=organisation, consultation=consultation.pk)


def after_step(
    request: HttpRequest, organisation: str, consultation: Consultation, step: str
) -> HttpResponse:
    """The next step when the agent asked for it, else the consultation."""
    following = STEPS.index(step) + 1
    if "next" not in request.POST or following == len(STEPS):
        return to_consultation(organisation, consultation)
    return redirect(
        f"procurement_desk:{STEPS[following]}", organisation=organisation, consultation=consultation.pk
    )
