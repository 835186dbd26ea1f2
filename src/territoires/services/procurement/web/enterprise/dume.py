"""The ESPD (DUME) of a bid: its editor, the buyer's file brought in, the response as XML and as PDF."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid

from ...actions import espd as verbs
from ...domain import espd as rules
from ...models import BidDraft
from ...permissions import Procurement
from ...queries import bids, enterprise
from ...queries import espd as queries
from ..requests import actor_of, keyed, sent
from .espd_form import EspdFileForm, EspdForm
from .island import support


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.BID_PREPARE)
def espd(request: HttpRequest, organisation: str, draft: UUID) -> HttpResponse:
    """Answers the ESPD, with what the platform knows already in its place."""
    actor = actor_of(request)
    found = bids.draft_of(actor, draft, Procurement.BID_PREPARE)
    day = legal_day(actor.now())
    asked = queries.espd_of(found, enterprise.sheet_of(actor), day)
    form, status = EspdForm(sent(request), found=asked, words=queries.words_of(day)), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                verbs.write_espd(
                    actor=keyed(request, form.key),
                    draft=found,
                    answers=form.written(),
                    version=form.cleaned_data.get("version"),
                )
                messages.success(
                    request, _("The answers are saved. Take both files, and add them to the candidature.")
                )
                return redirect("procurement_desk:espd", organisation=organisation, draft=draft)
            except (Invalid, Conflict) as refusal:
                form.write_refusal(refusal)
    context = {
        "form": form,
        "asked": asked,
        "left": rules.unanswered(asked.call, asked.answers),
        "draft": found,
        "consultation": found.consultation,
        **support(),
    }
    return render(request, "procurement/enterprise/espd.html", context, status=status)


@documents.receives_uploads(rules.LARGEST)  # type: ignore[arg-type]  # what a page gives is any response
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.BID_PREPARE)
def bring(request: HttpRequest, organisation: str, draft: UUID) -> HttpResponse:
    """Takes the buyer's own ESPD, or one that the enterprise answered before."""
    actor = actor_of(request)
    found = bids.draft_of(actor, draft, Procurement.BID_PREPARE)
    form, status = EspdFileForm(), 200
    if request.method == "POST":
        form, status = EspdFileForm(request.POST, request.FILES), 422
        if form.is_valid() and _is_taken(request, form, found):
            messages.success(request, _("The file is read: these are its questions."))
            return redirect("procurement_desk:espd", organisation=organisation, draft=draft)
    context = {"form": form, "draft": found, "consultation": found.consultation, **support()}
    return render(request, "procurement/enterprise/espd_file.html", context, status=status)


def _is_taken(request: HttpRequest, form: EspdFileForm, draft: BidDraft) -> bool:
    content = form.cleaned_data["document"].read(rules.LARGEST + 1)
    try:
        verbs.take_espd(actor=keyed(request, form.key), draft=draft, data=content)
    except (Invalid, Conflict) as refusal:
        form.write_refusal(refusal)
    return not form.errors


@never_cache
@require_safe
@page(Procurement.BID_READ)
def espd_file(request: HttpRequest, organisation: str, draft: UUID, espd: str) -> HttpResponse:
    """The request or the response as XML, or the answers as PDF."""
    actor = actor_of(request)
    found = bids.draft_of(actor, draft)
    content, kind = queries.espd_file(found, enterprise.sheet_of(actor), espd, actor.now())
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = content_disposition_header(True, espd) or "attachment"
    return response
