"""The buyer's register of deposits, late bids, and what the support sees when somebody calls."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from territoires.foundations.actions import api as rights
from territoires.foundations.registry.api import page
from territoires.kernel.errors import Conflict, Invalid

from ...actions import late
from ...models import Consultation
from ...permissions import Procurement
from ...queries import bids, dossiers
from ...queries.consultations import consultation_of
from ...queries.rounds import current_round, deadline_of
from ..requests import actor_of, keyed, sent
from .forms import LateForm


@never_cache
@require_safe
@page(Procurement.DEPOSITS_READ)
def register(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The register: before the deadline how many, afterwards who, when, and what is late."""
    actor = actor_of(request)
    found = consultation_of(actor, consultation, Procurement.DEPOSITS_READ)
    deadline = deadline_of(found, current_round(found))
    context = {
        "consultation": found,
        "deadline": deadline,
        "is_over": deadline is not None and actor.now() > deadline,
        "deposits": bids.register_of(found),
        "may_admit": rights.may(actor, Procurement.DEPOSIT_ADMIT, found),
    }
    return render(request, "procurement/enterprise/register.html", context)


@never_cache
@require_safe
@page(Procurement.DEPOSITS_READ)
def dossier(request: HttpRequest, organisation: str, consultation: UUID, deposit: UUID) -> HttpResponse:
    """The dossier of a late deposit, made now."""
    actor = actor_of(request)
    found = consultation_of(actor, consultation, Procurement.DEPOSITS_READ)
    one = dossiers.late_deposit(found, deposit)
    made = dossiers.dossier_of(one, actor.now())
    content = dossiers.dossier_zip(made, one.draft_id, language=get_language() or "fr")
    response = HttpResponse(content, content_type="application/zip")
    name = f"{_('late-deposit')}-{found.reference}.zip"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.DEPOSIT_ADMIT)
def admit(request: HttpRequest, organisation: str, consultation: UUID, deposit: UUID) -> HttpResponse:
    """Lets a late deposit be opened, with the reason and the dossier on which it is decided."""
    actor = actor_of(request)
    found = consultation_of(actor, consultation, Procurement.DEPOSIT_ADMIT)
    made = dossiers.late_deposit(found, deposit)
    form, status = LateForm(sent(request)), 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and _is_admitted(request, form, found, deposit):
            messages.success(
                request, _("It may now be opened with the others. Your decision and its dossier are kept.")
            )
            return redirect("procurement_desk:deposits", organisation=organisation, consultation=consultation)
    context = {
        "consultation": found,
        "deposit": made,
        "uploads": dossiers.uploads_of(made.draft_id),
        "form": form,
    }
    return render(request, "procurement/enterprise/admit.html", context, status=status)


def _is_admitted(request: HttpRequest, form: LateForm, found: Consultation, deposit: UUID) -> bool:
    try:
        late.admit_late_deposit(
            actor=keyed(request, form.key),
            consultation=found,
            deposit=deposit,
            ground=form.cleaned_data["ground"],
            reason=form.cleaned_data["reason"],
        )
    except (Invalid, Conflict) as refusal:
        form.write_refusal(refusal)
    return not form.errors


@never_cache
@require_safe
@page(Procurement.DEPOSIT_SUPPORT)
def support(request: HttpRequest, organisation: str) -> HttpResponse:
    """Finds a bid, for who answers the telephone."""
    words = request.GET.get("q", "")
    context = {"words": words, "drafts": dossiers.drafts_for_support(words)}
    return render(request, "procurement/enterprise/support_search.html", context)


@never_cache
@require_safe
@page(Procurement.DEPOSIT_SUPPORT)
def support_bid(request: HttpRequest, organisation: str, draft: UUID) -> HttpResponse:
    """What happened to a bid and when, without contents."""
    found = dossiers.draft_for_support(draft)
    context = {
        "draft": found,
        "consultation": found.consultation,
        "deadline": deadline_of(found.consultation, found.round) if found.consultation else None,
        "deposits": bids.deposits_of(found),
        "seals": bids.refused_seals(found),
        "uploads": dossiers.uploads_of(found.pk),
        "events": dossiers.last_events(found.pk),
    }
    return render(request, "procurement/enterprise/support_bid.html", context)
