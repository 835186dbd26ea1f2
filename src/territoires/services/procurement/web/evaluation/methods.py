"""How each criterion is noted: chosen before the opening, frozen from then on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_safe

from territoires.foundations.actions import api as rights
from territoires.foundations.registry.api import page
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Missing

from ...actions import scoring
from ...actions.scoring import STILL_CHOSEN
from ...permissions import Procurement
from ...queries import evaluation as queries
from ...queries.sheets import criteria_of
from ..after_opening.consultation import context_of, found_for, place_of
from ..gesture import GesturePage, Place
from ..requests import actor_of
from .forms import MethodForm


@require_safe
@page(Procurement.READ)
def methods(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """How each criterion is noted, and what may be said against each way."""
    found = found_for(request, consultation)
    day, language = legal_day(actor_of(request).now()), get_language() or "fr"
    kinds = queries.method_kinds(day)
    rows: list[dict[str, Any]] = []
    criteria = criteria_of(found)
    chosen = queries.methods_of(criteria, day)
    for criterion in criteria:
        kind = kinds[chosen[criterion.pk].code]
        rows.append(
            {
                "criterion": criterion,
                "label": kind.label.in_language(language),
                "scale": chosen[criterion.pk].scale,
                "caution": kind.caution.in_language(language),
                "is_challengeable": kind.is_challengeable,
            }
        )
    context = {
        **context_of(request, found),
        "rows": rows,
        "may_choose": found.state in STILL_CHOSEN
        and rights.may(actor_of(request), Procurement.PREPARE, found),
    }
    return render(request, "procurement/award/methods.html", context)


def _method_place(request: HttpRequest, organisation: str, consultation: UUID, criterion: UUID) -> Place:
    found = found_for(request, consultation, Procurement.PREPARE)
    one = next((row for row in criteria_of(found) if row.pk == criterion), None)
    if one is None:
        raise Missing("no-criterion", "There is no such criterion.", "Go back to the consultation.")
    return Place(
        arguments={"consultation": found, "criterion": one.pk},
        consultation=found,
        after=place_of("methods", found),
        context={"about": one.name, "criterion": one},
    )


def _method_form(request: HttpRequest, place: Place, *data: Any) -> MethodForm:
    day, language = legal_day(actor_of(request).now()), get_language() or "fr"
    present = queries.methods_of([place.context["criterion"]], day)[place.context["criterion"].pk]
    choices = [
        (code, f"{kind.label.in_language(language)}. {kind.caution.in_language(language)}")
        for code, kind in queries.method_kinds(day).items()
    ]
    return MethodForm(*data, choices=choices, initial={"method": present.code, "scale": present.scale})


choose_method = GesturePage(
    permission=Procurement.PREPARE,
    verb=scoring.choose_scoring,
    title=gettext_lazy("How this criterion is scored"),
    meaning=gettext_lazy("It is chosen before the bids are opened, and changes no more afterwards."),
    button=gettext_lazy("Save"),
    done=gettext_lazy("The scoring method is saved."),
    load=_method_place,
    make=_method_form,
    read=lambda request, form: {
        "method": form.cleaned_data["method"],
        "scale": (form.cleaned_data["scale"] or 5) if form.cleaned_data["method"] == "grid" else None,
    },
).view()
