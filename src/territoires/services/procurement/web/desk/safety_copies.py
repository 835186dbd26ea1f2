"""Safety copies that arrived, and repairs: what is done when a bid cannot be read."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid, Unavailable

from ...actions import safety_copies as verbs
from ...models import Consultation, RepairAttempt, SafetyCopy, SafetyCopyState
from ...permissions import Procurement
from ...queries import opening as queries
from ...queries.consultations import consultation_of
from ...queries.files import LARGEST
from ...queries.rounds import awaited_round, current_round
from ...queries.safety_copies import ground_choices, ground_label, lots_answered_by
from ...queries.sheets import lots_of
from ...queries.wording import reread
from ...queries.written_minutes import minutes_in
from ..gesture import taken
from ..opening_forms import CopyForm, OpenCopyForm, RepairForm
from ..requests import actor_of, keyed, sent
from .pages import context_of


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.OPENING_CONDUCT)
def copies(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The safety copies of a consultation, and one more."""
    actor = actor_of(request)
    found = consultation_of(actor, consultation, Procurement.OPENING_CONDUCT)
    form = CopyForm(sent(request), consultation=found, deposits=_deposits(found, actor.now()))
    status = 200
    if request.method == "POST":
        if form.is_valid() and _is_received(request, found, form):
            messages.success(request, _("The copy is noted; it stays closed."))
            return _to_copies(organisation, found)
        form.renew(found)
        status = 422
    day, language = legal_day(actor.now()), get_language() or "fr"
    rows = [
        (one, ground_label(one.ground, day, language) if one.ground else "")
        for one in queries.safety_copies_of(found)
    ]
    context = {**context_of(request, found), "form": form, "copies": rows}
    return render(request, "procurement/safety_copies.html", context, status=status)


def _is_received(request: HttpRequest, found: Consultation, form: CopyForm) -> bool:
    deposit = form.cleaned_data["deposit"]
    try:
        verbs.receive_safety_copy(
            actor=keyed(request, form.key),
            consultation=found,
            round=current_round(found),
            bidder_name=form.cleaned_data["bidder_name"],
            medium=form.cleaned_data["medium"],
            arrived_at=form.cleaned_data["arrived_at"],
            deposit=UUID(deposit) if deposit else None,
        )
    except (Invalid, Conflict) as refusal:
        form.write_refusal(refusal)
    return not form.errors


@documents.receives_uploads(LARGEST)  # type: ignore[arg-type]  # what a page gives is any response
@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.OPENING_CONDUCT)
def open_copy(request: HttpRequest, organisation: str, consultation: UUID, copy: UUID) -> HttpResponse:
    """Opens a copy, in a case of the law."""
    actor = actor_of(request)
    found = consultation_of(actor, consultation, Procurement.OPENING_CONDUCT)
    one = queries.safety_copy(found, copy)
    language = get_language() or "fr"
    grounds = ground_choices(legal_day(actor.now()), language)
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = OpenCopyForm(
        data,
        files,
        consultation=found,
        grounds=grounds,
        lots=[
            (str(lot.number), str(lot))
            for lot in (lots_answered_by(one.deposit) if one.deposit else lots_of(found))
        ],
        asks_whose=one.deposit is None,
    )
    if request.method == "POST":
        if form.is_valid() and (opened := _opened(request, found, copy, form)):
            if opened.state == SafetyCopyState.INFECTED:
                messages.error(
                    request, _("A file of the copy is infected: it is set aside, as if it had never come.")
                )
            else:
                messages.success(request, _("The copy is opened: it is now the bid of the enterprise."))
            return _to_copies(organisation, found)
        form.renew(found)
    context = {**context_of(request, found), "form": form, "copy": one}
    return render(request, "procurement/open_safety_copy.html", context, status=422 if form.errors else 200)


def _opened(request: HttpRequest, found: Consultation, copy: UUID, form: OpenCopyForm) -> SafetyCopy | None:
    try:
        received = {name: taken(request, form, name) for name in form.places}
        return verbs.open_safety_copy(
            actor=keyed(request, form.key),
            consultation=found,
            copy=copy,
            ground=form.cleaned_data["ground"],
            reason=form.cleaned_data["reason"],
            siret=form.cleaned_data.get("siret", ""),
            lots=form.lots_given(),
            files=[
                verbs.Brought(document, *form.places[name]) for name, document in received.items() if document
            ],
        )
    except (Invalid, Conflict, Unavailable) as refusal:
        form.write_refusal(refusal)
    return None


@require_safe
@page(Procurement.READ)
def copy_minutes(
    request: HttpRequest, organisation: str, consultation: UUID, copy: UUID, language: str
) -> HttpResponseBase:
    """The minutes of the opening of a copy."""
    one = queries.safety_copy(consultation_of(actor_of(request), consultation), copy)
    return documents.download_response(minutes_in(one, language).document, request, inline=True)


@require_POST
@page(Procurement.OPENING_CONDUCT)
def destroy_copy(request: HttpRequest, organisation: str, consultation: UUID, copy: UUID) -> HttpResponse:
    """A copy that was not opened was destroyed."""
    found = consultation_of(actor_of(request), consultation, Procurement.OPENING_CONDUCT)
    verbs.destroy_safety_copy(actor=actor_of(request), consultation=found, copy=copy)
    messages.success(request, _("Noted: destroyed without having been opened."))
    return _to_copies(organisation, found)


@documents.receives_uploads(LARGEST)  # type: ignore[arg-type]  # what a page gives is any response
@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.OPENING_CONDUCT)
def repair(request: HttpRequest, organisation: str, consultation: UUID, file: UUID) -> HttpResponse:
    """Notes that somebody tried to repair a file."""
    found = consultation_of(actor_of(request), consultation, Procurement.OPENING_CONDUCT)
    one = queries.opened_file(found, file)
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = RepairForm(data, files, consultation=found)
    if request.method == "POST":
        if form.is_valid() and (tried := _repaired(request, found, file, form)):
            if tried.fault:
                messages.error(request, _("The file is infected still: the attempt is noted as a failure."))
            else:
                messages.success(request, _("The attempt is noted."))
            return redirect(
                "procurement_desk:session",
                organisation=organisation,
                consultation=consultation,
                order=one.order_id,
            )
        form.renew(found)
    context = {
        **context_of(request, found),
        "form": form,
        "file": one,
        "fault": reread(one.fault),
        "attempts": one.repairs.all(),
    }
    return render(request, "procurement/repair.html", context, status=422 if form.errors else 200)


def _repaired(
    request: HttpRequest, found: Consultation, file: UUID, form: RepairForm
) -> RepairAttempt | None:
    try:
        return verbs.record_repair(
            actor=keyed(request, form.key),
            consultation=found,
            file=file,
            note=form.cleaned_data["note"],
            document=taken(request, form),
        )
    except (Invalid, Conflict, Unavailable) as refusal:
        form.write_refusal(refusal)
    return None


def _deposits(found: Consultation, at: datetime) -> list[tuple[str, str]]:
    """By number, and with the enterprise once the deadline has passed."""
    awaited = awaited_round(found, at)
    return [
        (str(one.pk), f"{one.number}." if one.round == awaited else f"{one.number}. {one.shown_name}")
        for one in queries.deposits_of(found)
    ]


def _to_copies(organisation: str, found: Consultation) -> HttpResponse:
    return redirect("procurement_desk:safety-copies", organisation=organisation, consultation=found.pk)
