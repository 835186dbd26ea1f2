"""A dynamic purchasing system or a framework agreement: who is in, what is called under it, how it begins and ends."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from territoires.foundations.actions import api as rights
from territoires.foundations.registry.api import page
from territoires.kernel.errors import Conflict, Invalid

from ...actions import admitting, calling
from ...domain import admission as states
from ...domain import life
from ...domain.law import DYNAMIC
from ...permissions import Procurement
from ...queries import systems as queries
from ...queries.sheets import lots_of
from ..after_opening import words
from ..after_opening.consultation import consultation_place, context_of, found_for
from ..forms import ReasonForm
from ..gesture import GesturePage
from ..requests import actor_of, keyed
from ..words import shown
from .forms import CallForm, ChangeTermForm, TermForm


@require_safe
@page(Procurement.READ)
def system(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Who is in or asks to be, what was called, and how much of a maximum is left."""
    found, actor = found_for(request, consultation), actor_of(request)
    committed = queries.committed_under(found)
    context = {
        **context_of(request, found),
        "is_dynamic": found.procedure == DYNAMIC,
        "is_in_force": found.state == life.IN_FORCE,
        "admissions": [
            {"admission": one, "state": words.state_of(states.ADMISSION, one.state)}
            for one in queries.admissions_of(found)
        ],
        "children": [{"consultation": one, "shown": shown(one)} for one in queries.children_of(found)],
        "committed": committed,
        "left": None if found.framework_maximum is None else found.framework_maximum - committed,
        "carries": queries.carries_contracts(found),
        "may_start": rights.may(actor, Procurement.START),
    }
    return render(request, "procurement/award/system.html", context)


set_up = GesturePage(
    permission=Procurement.AWARD,
    verb=admitting.set_up_system,
    title=gettext_lazy("Set the system up"),
    meaning=gettext_lazy(
        "All candidates that you admitted are in, the others are told why not. From now on any enterprise may ask to be"
        " admitted, until the last day; each purchase puts all those of its category in competition."
    ),
    button=gettext_lazy("Set the system up"),
    done=gettext_lazy("The system is in force; each candidate was told."),
    load=consultation_place("system", Procurement.AWARD),
    form=TermForm,
    fields=("in_force_until",),
    icon="check",
    legal=True,
).view()

change_term = GesturePage(
    permission=Procurement.AWARD,
    verb=admitting.change_term,
    title=gettext_lazy("Change the duration"),
    meaning=gettext_lazy(
        "The system ends on another day. A change of its duration is also told by a notice to the Official Journal of the"
        " European Union."
    ),
    button=gettext_lazy("Change the duration"),
    done=gettext_lazy("The duration is changed."),
    load=consultation_place("system", Procurement.AWARD),
    form=ChangeTermForm,
    fields=("in_force_until", "reason"),
    icon="calendar",
    legal=True,
).view()

end = GesturePage(
    permission=Procurement.AWARD,
    verb=admitting.end_system,
    title=gettext_lazy("End the system"),
    meaning=gettext_lazy(
        "It takes no more requests, and no contract is called under it any more. What was called goes on to its end."
        " Above the European thresholds a notice tells it to the Official Journal: it is prepared for you."
    ),
    button=gettext_lazy("End the system"),
    done=gettext_lazy("The system has ended."),
    load=consultation_place("system", Procurement.AWARD),
    form=ReasonForm,
    fields=("reason",),
    icon="check",
    legal=True,
).view()


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.START)
def call(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Begins a contract under it: a draft that already names whom it invites."""
    found = found_for(request, consultation)
    form = CallForm(*((request.POST,) if request.method == "POST" else ()), **_choices(found))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = calling.call_under(
                actor=keyed(request, form.key),
                parent=found,
                title=given["title"],
                lot=int(given["lot"]) if given.get("lot") else None,
                holder=UUID(given["holder"]) if given.get("holder") else None,
                ground=given.get("ground", ""),
            )
            return redirect("procurement_desk:need", organisation=organisation, consultation=made.pk)
        except (Invalid, Conflict) as refusal:
            form.write_refusal(refusal)
    context = {
        **context_of(request, found),
        "form": form,
        "is_dynamic": found.procedure == DYNAMIC,
        "carries": queries.carries_contracts(found),
    }
    return render(request, "procurement/award/call.html", context, status=422 if form.errors else 200)


def _choices(found: Any) -> dict[str, Any]:
    """The lots of the parent, and of an agreement its holders: all of them, or one."""
    holders = [] if found.procedure == DYNAMIC else queries.called_under(found, None)
    each = [(str(one.enterprise.pk), _("%(name)s alone") % {"name": one.enterprise.name}) for one in holders]
    return {
        "lots": [(str(lot.number), str(lot)) for lot in lots_of(found)],
        "holders": [("", _("all the holders, in competition again")), *each] if each else [],
    }
