"""What the enterprise keeps for all its bids: its sheet, its partners, its safe; DC1 and DC2 are made of them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid

from ...actions import enterprise as actions
from ...permissions import Procurement
from ...queries import bids, enterprise
from ..requests import actor_of, keyed, sent
from .forms import AttestationForm, ConsortiumForm, SheetForm
from .island import support

LARGEST = 20 * 1024 * 1024


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.SAFE)
def sheet(request: HttpRequest, organisation: str) -> HttpResponse:
    """The sheet of the enterprise."""
    actor = actor_of(request)
    form, status = SheetForm(sent(request), sheet=enterprise.sheet_of(actor)), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.write_sheet(
                    actor=keyed(request, form.key),
                    values=form.written(),
                    version=form.cleaned_data.get("version"),
                )
                messages.success(request, _("The sheet is saved. DC1 and DC2 are made of it for each bid."))
                return redirect("procurement_desk:our-bids", organisation=organisation)
            except (Invalid, Conflict) as refusal:
                form.write_refusal(refusal)
    return render(request, "procurement/enterprise/sheet.html", {"form": form, **support()}, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.BID_PREPARE)
def consortium(request: HttpRequest, organisation: str, draft: UUID) -> HttpResponse:
    """With whom the enterprise answers."""
    found = bids.draft_of(actor_of(request), draft, Procurement.BID_PREPARE)
    form, status = ConsortiumForm(sent(request), draft=found), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.write_consortium(
                    actor=keyed(request, form.key),
                    draft=found,
                    consortium=form.cleaned_data["consortium"],
                    members=form.written(),
                )
                messages.success(request, _("Saved. DC1 names the members."))
                return redirect("procurement_desk:bid", organisation=organisation, draft=draft)
            except (Invalid, Conflict) as refusal:
                form.write_refusal(refusal)
    context = {"form": form, "draft": found, "consultation": found.consultation, **support()}
    return render(request, "procurement/enterprise/consortium.html", context, status=status)


@never_cache
@require_safe
@page(Procurement.BID_READ)
def candidature_form(request: HttpRequest, organisation: str, draft: UUID, paper: str) -> HttpResponse:
    """DC1 or DC2, to read, then to add to the candidature."""
    actor = actor_of(request)
    found = bids.draft_of(actor, draft)
    content = enterprise.candidature_form(found, enterprise.sheet_of(actor), paper, actor.now())
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(True, f"{paper.upper()}.pdf") or "attachment"
    return response


@documents.receives_uploads(LARGEST)  # type: ignore[arg-type]  # what a page gives is any response
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.SAFE)
def safe(request: HttpRequest, organisation: str) -> HttpResponse:
    """The documents of the enterprise, with their ends."""
    actor = actor_of(request)
    today = legal_day(actor.now())
    kinds = enterprise.attestation_kinds(today)
    if request.method != "POST":
        form, status = AttestationForm(kinds=kinds), 200
    else:
        form, status = AttestationForm(request.POST, request.FILES, kinds=kinds), 422
        if form.is_valid() and _is_kept(request, form):
            messages.success(request, _("The document is in the safe."))
            return redirect("procurement_desk:safe", organisation=organisation)
    labels = {one.code: one.label for one in kinds}
    lines = [
        {
            "one": one,
            "label": labels.get(one.kind, one.kind),
            "is_over": one.valid_until is not None and one.valid_until < today,
            "is_soon": one.valid_until is not None
            and today <= one.valid_until <= today + enterprise.TOLD_BEFORE,
        }
        for one in enterprise.safe_of(actor)
    ]
    context = {"form": form, "lines": lines, **support()}
    return render(request, "procurement/enterprise/safe.html", context, status=status)


def _is_kept(request: HttpRequest, form: AttestationForm) -> bool:
    try:
        document = documents.receive_upload(
            form.cleaned_data["document"],
            organisation=actor_of(request).acting_organisation(),
            actor=keyed(request, f"{form.key}:document"),
        )
        actions.keep_attestation(
            actor=keyed(request, form.key),
            document=document.pk,
            kind=form.cleaned_data["kind"],
            valid_until=form.cleaned_data["valid_until"],
        )
    except (Invalid, Conflict) as refusal:
        form.write_refusal(refusal)
    return not form.errors


@never_cache
@require_safe
@page(Procurement.SAFE)
def attestation(request: HttpRequest, organisation: str, attestation: UUID) -> HttpResponseBase:
    """A document of the safe."""
    found = enterprise.attestation_of(actor_of(request), attestation)
    return documents.download_response(found.document, request)


@require_POST
@page(Procurement.SAFE)
def remove_attestation(request: HttpRequest, organisation: str, attestation: UUID) -> HttpResponse:
    """Takes a document out of the safe."""
    actions.remove_attestation(actor=actor_of(request), attestation=attestation)
    messages.success(request, _("The document is no longer in the safe."))
    return redirect("procurement_desk:safe", organisation=organisation)
