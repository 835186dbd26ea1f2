"""Addresses of the former platform: they lead to our pages and nowhere else; consultations that end elsewhere."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ...domain.addresses import LONGEST
from ...models import FormerAddress, Listing
from ...queries import switching as queries
from ..requests import actor_of


class AddressForm(forms.Form):
    """The address as it is printed."""

    use_required_attribute = False

    adresse = forms.CharField(
        label=gettext_lazy("Which address does the notice print?"),
        help_text=gettext_lazy("Copy it whole. For instance: https://ancienne.example/consultation/4217"),
        max_length=LONGEST,
        error_messages={"required": gettext_lazy("Copy the address of the notice.")},
    )


@require_safe
def find(request: HttpRequest) -> HttpResponseBase:
    """One asks where an address of the former platform leads now; the former host's server sends its visitors here."""
    form = AddressForm(request.GET if "adresse" in request.GET else None)
    is_unknown = False
    if form.is_bound and form.is_valid():
        found = queries.former_address(form.cleaned_data["adresse"])
        if found is not None:
            return HttpResponsePermanentRedirect(_page_of(found))
        is_unknown = True
    status = 422 if form.errors else 404 if is_unknown else 200
    context = {"form": form, "is_unknown": is_unknown}
    return render(request, "procurement/continuity/former_address.html", context, status=status)


@require_safe
def forward(request: HttpRequest, address: str) -> HttpResponseBase:
    """The same, for a proxy that puts the former address behind ours: host, path and query."""
    query = request.META.get("QUERY_STRING", "")
    written = address + (f"?{query}" if query else "")
    found = queries.former_address(written)
    if found is not None:
        return HttpResponsePermanentRedirect(_page_of(found))
    form = AddressForm({"adresse": written})
    context = {"form": form, "is_unknown": True}
    return render(request, "procurement/continuity/former_address.html", context, status=404)


@require_safe
def elsewhere(request: HttpRequest, listing: UUID) -> HttpResponse:
    """A consultation that was published on another platform and ends there."""
    found: Listing = queries.elsewhere(listing)
    is_over = found.deadline_at is not None and found.deadline_at <= actor_of(request).now()
    return render(request, "procurement/continuity/elsewhere.html", {"listing": found, "is_over": is_over})


def _page_of(former: FormerAddress) -> str:
    """The page of ours that answers: built from a key, never from what was written."""
    if former.consultation_id is not None:
        return reverse("procurement:consultation", kwargs={"consultation": former.consultation_id})
    if former.listing_id is not None:
        return reverse("procurement:elsewhere", kwargs={"listing": former.listing_id})
    place: dict[str, Any] = {"organisation": former.organisation.reference}
    return reverse("procurement:of-body", kwargs=place)
