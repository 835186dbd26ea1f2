"""Saved searches: asked for, confirmed by the holder of the address, ended by one click."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from territoires.foundations.identity import api as identity
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid

from ...actions import alerting, visitors
from ...domain.searching import Criteria
from ...queries.listings import saved_search
from ..requests import actor_of, keyed, sent
from ..words import category_label
from .forms import SaveSearchForm, SearchForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def save(request: HttpRequest) -> HttpResponse:
    """Asks for mails on the search in the address."""
    actor = actor_of(request)
    criteria = SearchForm(request.GET, today=legal_day(actor.now())).criteria()
    form, status = SaveSearchForm(sent(request)), 200
    if request.method == "POST":
        visitors.require_seldom(identity.network_address(request), visitors.SAVE_SEARCH)
        status = 422
        if form.is_valid():
            try:
                alerting.save_search(
                    actor=keyed(request, form.key),
                    criteria=criteria,
                    label=label_of(criteria),
                    email=form.cleaned_data["email"],
                    frequency=form.cleaned_data["frequency"],
                )
                return render(
                    request, "procurement/public/alert_sent.html", {"email": form.cleaned_data["email"]}
                )
            except (Invalid, Conflict) as refusal:
                form.write_refusal(refusal)
    context = {"form": form, "label": label_of(criteria), "back": _address(criteria)}
    return render(request, "procurement/public/alert.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, search: UUID, token: str) -> HttpResponse:
    """The holder of the address says yes, by the button: reading the page does nothing."""
    found = saved_search(search)
    alerting.require_token(token, found.confirm_token)
    if request.method == "POST":
        alerting.confirm_search(actor=actor_of(request), search=found, token=token)
        messages.success(request, _("You will be told of new consultations."))
        return redirect(f"{reverse('procurement:search')}?{urlencode(found.criteria)}")
    return render(request, "procurement/public/alert_confirm.html", {"search": found})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, search: UUID, token: str) -> HttpResponse:
    """Ends the mails of a search, by the button."""
    found = saved_search(search)
    alerting.require_token(token, found.stop_token)
    if request.method == "POST":
        alerting.stop_search(actor=actor_of(request), search=found, token=token)
        messages.success(request, _("This search sends no more mails."))
        return redirect("procurement:search")
    return render(request, "procurement/public/alert_stop.html", {"search": found})


def label_of(criteria: Criteria) -> str:
    """The search in a few words, as its mails name it."""
    words = [
        criteria.q,
        category_label(criteria.category),
        criteria.buyer,
        f"CPV {criteria.cpv}" if criteria.cpv else "",
        criteria.place,
    ]
    return ", ".join(filter(None, words)) or _("all consultations")


def _address(criteria: Criteria) -> str:
    return f"{reverse('procurement:search')}?{urlencode(criteria.as_query())}"
