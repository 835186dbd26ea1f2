"""Which services are switched on for which bodies; switching one, for one body or for many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from territoires.foundations.actions import api as rights
from territoires.foundations.identity import api as identity
from territoires.foundations.registry.api import page
from territoires.kernel.ids import new_id

from ..permissions import Governance
from ..queries import members as member_queries
from ..queries import services as queries
from .forms import ServicesFilterForm, SwitchForm
from .people import actor_of
from .tabs import tabs


@require_safe
@page(Governance.READ_MEMBER)
def services(request: HttpRequest, organisation: str) -> HttpResponse:
    """Each body with what is switched on for it, filters in the address, fifty at a time."""
    actor, form = actor_of(request), ServicesFilterForm(request.GET)
    found = queries.bodies(actor, form.asked(), after=request.GET.get("after", ""))
    context = {
        "form": form,
        "found": found,
        "rows": [
            (row, [switch for switch in queries.switches_of(row) if switch.since]) for row in found.rows
        ],
        "may_switch_many": actor.holds(Governance.SWITCH_SERVICES),
        "tabs": tabs(request),
    }
    return render(request, "governance/services.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Governance.READ_MEMBER)
def body(request: HttpRequest, organisation: str, reference: str) -> HttpResponse:
    """The services of one body, each with its switch."""
    actor, row = actor_of(request), member_queries.member(actor_of(request), reference)
    if request.method == "POST":
        on, service = request.POST.get("switch") == "on", request.POST.get("service", "")
        identity.switch_service(actor=actor, organisations=[row], service=service, on=on)
        messages.success(
            request,
            _("The service is switched on: its pages are open from now on.")
            if on
            else _("The service is switched off: its pages are closed; what was done there is kept."),
        )
        return redirect("governance_desk:body-services", organisation=organisation, reference=reference)
    context = {
        "member": row,
        "switches": queries.switches_of(row),
        "may_switch": rights.may(actor, identity.Identity.ACTIVATE_SERVICE, row),
        "gesture": new_id(),
        "tabs": tabs(request),
    }
    return render(request, "governance/body_services.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Governance.SWITCH_SERVICES)
def switch(request: HttpRequest, organisation: str) -> HttpResponse:
    """Switches a service for all bodies of a kind: first says which, then does it."""
    form = SwitchForm(
        request.POST if request.method == "POST" else None,
        services=identity.switchable_services(),
    )
    if not form.is_valid():
        return _shown(request, form, status=422 if form.errors else 200)
    asked = form.cleaned_data
    concerned = queries.concerned(actor_of(request), **asked)
    if "confirmed" not in request.POST:
        return _shown(request, form, preview={"bodies": concerned, "is_on": asked["on"]})
    count = identity.switch_service(
        actor=actor_of(request), organisations=concerned, service=asked["service"], on=asked["on"]
    )
    messages.success(request, _done(count, asked))
    return redirect("governance_desk:services", organisation=organisation)


def _shown(
    request: HttpRequest, form: SwitchForm, *, preview: Mapping[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    context = {"form": form, "preview": preview, "gesture": new_id(), "tabs": tabs(request)}
    return render(request, "governance/switch_services.html", context, status=status)


def _done(count: int, asked: Mapping[str, Any]) -> str:
    if asked["on"]:
        said = ngettext("Switched on for %(count)s body.", "Switched on for %(count)s bodies.", count)
    else:
        said = ngettext("Switched off for %(count)s body.", "Switched off for %(count)s bodies.", count)
    return said % {"count": count}
