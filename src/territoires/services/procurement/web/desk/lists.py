"""The consultations of the body, and a new one."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from territoires.foundations.actions import api as rights
from territoires.foundations.registry.api import page

from ...actions import preparing
from ...permissions import Procurement
from ...queries import consultations as queries
from ..forms import FilterForm, NewForm
from ..requests import actor_of, keyed, sent
from ..words import shown

PAGE = 25


@require_safe
@page(Procurement.READ)
def consultations(request: HttpRequest, organisation: str) -> HttpResponse:
    """The consultations of the body, the latest changed first."""
    actor, form = actor_of(request), FilterForm(request.GET)
    words, state = form.read("q"), form.read("state")
    found = Paginator(queries.consultations_of(actor, words=words, state=state), PAGE)
    context = {
        "form": form,
        "filtered": bool(words or state),
        "found": (listed := found.get_page(request.GET.get("page"))),
        "consultations": [shown(one) for one in listed],
        "may_start": rights.may(actor, Procurement.START),
    }
    return render(request, "procurement/consultations.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.START)
def new(request: HttpRequest, organisation: str) -> HttpResponse:
    """A new consultation: what is bought, in one line."""
    form = NewForm(sent(request))
    if request.method == "POST" and form.is_valid():
        started = preparing.start_consultation(
            actor=keyed(request, form.key),
            title=form.cleaned_data["title"],
            category=form.cleaned_data["category"],
        )
        messages.success(request, _("The consultation is started; nothing is public."))
        return redirect("procurement_desk:need", organisation=organisation, consultation=started.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "procurement/new.html", {"form": form}, status=status)
