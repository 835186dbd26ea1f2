"""Mandates: who acts for an organisation from outside, giving one, ending one, and the file that gives it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from territoires.foundations.actions import api as rights
from territoires.foundations.documents import api as documents
from territoires.foundations.identity import api as identity
from territoires.foundations.registry.api import page, sentence
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Invalid
from territoires.kernel.ids import new_id

from ..permissions import Governance
from ..queries import people as queries
from .forms import MandateForm
from .people import actor_of, back, id_in, member_of, role_choices, target_query
from .tabs import tabs

LARGEST_INSTRUMENT = 20 * 1024 * 1024


@documents.receives_uploads(LARGEST_INSTRUMENT)  # type: ignore[arg-type]
@require_http_methods(["GET", "HEAD", "POST"])
@page(Governance.READ_PEOPLE)
def mandates(request: HttpRequest, organisation: str) -> HttpResponse:
    """Who acts here from outside, and for whom our people act elsewhere; giving a mandate."""
    actor, member = actor_of(request), member_of(request)
    form = MandateForm(
        request.POST if request.method == "POST" else None,
        request.FILES or None,
        roles=role_choices(member),
        services=list(identity.switchable_services().items()),
    )
    if form.is_valid() and _given(form, actor, member):
        messages.success(request, _("The mandate is given."))
        return back(request, organisation, "mandates")
    context = {
        "member": member,
        "mandates": queries.mandates_of(actor, member),
        "may_give": rights.may(actor, identity.Identity.GIVE_MANDATE, member),
        "gesture": new_id(),
        "form": form,
        "target_query": target_query(request),
        "tabs": tabs(request),
    }
    return render(request, "governance/mandates.html", context, status=422 if form.errors else 200)


@require_POST
@page(Governance.KEEP_PEOPLE)
def end_mandate(request: HttpRequest, organisation: str) -> HttpResponse:
    """Ends a mandate that the organisation gave, at once."""
    identity.revoke_mandate(actor=actor_of(request), mandate=id_in(request, "mandate"))
    messages.success(request, _("The mandate has ended."))
    return back(request, organisation, "mandates")


@require_safe
@page(Governance.READ_PEOPLE)
def instrument(request: HttpRequest, organisation: str, mandate: UUID) -> HttpResponseBase:
    """The file of the decision that gives a mandate, for both sides of it."""
    found = queries.instrument_of(actor_of(request), member_of(request), mandate)
    return documents.download_response(found, request)


def _given(form: MandateForm, actor: Actor, member: Any) -> bool:
    """Gives the mandate; what is refused is written at its field, and the other fields keep what was typed."""
    rights.require(actor, identity.Identity.GIVE_MANDATE, member)  # before anything is told or kept
    words = form.mandate()
    representative = queries.outsider(words.pop("email"), words.pop("usual_name"))
    if representative is None:
        form.add_error(
            "email", _("Nobody here has both this address and this name: check them with the person.")
        )
        return False
    try:
        document = _kept_file(form, actor, member)
        if form.errors:
            return False
        identity.give_mandate(
            actor=replace(actor, idempotency_key=form.cleaned_data["gesture"] or None),
            principal=member,
            representative=representative,
            document=document,
            **words,
        )
    except Invalid as refusal:
        form.add_error(None, sentence(refusal.message, refusal.params))
        return False
    return True


def _kept_file(form: MandateForm, actor: Actor, member: Any) -> UUID | None:
    """The file of the instrument, a sound PDF. Its faults are written at the field."""
    upload = form.cleaned_data["file"]
    if upload is None:
        return None
    kept = documents.receive_upload(upload, organisation=member.pk, actor=actor)
    for fault in documents.check_pdf(kept):
        form.add_error(
            "file", f"{sentence(fault.message, fault.params)} {sentence(fault.remedy, fault.params)}"
        )
    return kept.pk
