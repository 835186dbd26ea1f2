"""A consultation: where it stands, its documents, its check, its team."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from territoires.foundations.actions import api as rights
from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid

from ...actions import filing, staffing
from ...domain import drafting
from ...models import Consultation, Member, TeamRole
from ...permissions import Procurement
from ...queries import consultations as queries
from ...queries.buyers import buyers_of
from ...queries.cpv import label_of
from ...queries.files import LARGEST, piece_of
from ...queries.next_step import step_of
from ...queries.sheets import (
    asked_pieces_of,
    criteria_of,
    lots_of,
    options_of,
    overrides_of,
    pieces_of,
    selection_of,
)
from ...queries.team import candidates_of, team_of
from ..after_opening.words import step_shown
from ..forms import DocumentForm, TeamForm
from ..requests import actor_of, keyed, sent
from ..words import reservation_label, told
from .pages import check_of, context_of, findings_of, to_consultation
from .publication import panel
from .writing import document_label


@require_safe
@page(Procurement.READ)
def consultation(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Where the consultation stands, and what it says."""
    actor = actor_of(request)
    found = queries.consultation_of(actor, consultation)
    check = check_of(request, found)
    language = get_language() or "fr"
    procedure, cpv = check.law.procedures.get(found.procedure), label_of(found.cpv, check.law.on)
    context = {
        **context_of(request, found, check),
        "lots": lots_of(found),
        "criteria": criteria_of(found),
        "options": options_of(found),
        "shows_option_values": True,
        "selection": selection_of(found),
        "asked_pieces": asked_pieces_of(found),
        "buyers": buyers_of(found),
        "reservation": reservation_label(found.reserved_for, check.law),
        "pieces": pieces_of(found),
        "team": team_of(found),
        "publication": panel(actor, found),
        "overrides": overrides_of(found),
        "award_step": step_shown(actor, found, step_of(found, legal_day(actor.now()))),
        "procedure": procedure.label.in_language(language) if procedure else "",
        "cpv_label": cpv.in_language(language) if cpv else "",
    }
    return render(request, "procurement/consultation.html", context)


@require_safe
@page(Procurement.READ)
def check(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Everything that the rules say of the consultation."""
    found = queries.consultation_of(actor_of(request), consultation)
    checked = check_of(request, found)
    lines = [told(one) for one in checked.standings]
    context = {
        **context_of(request, found, checked),
        "stopping": [one for one in lines if one.severity != "warning"],
        "warnings": [one for one in lines if one.severity == "warning" and one.override is None],
        "answered": [one for one in lines if one.override is not None],
    }
    return render(request, "procurement/check.html", context)


@documents.receives_uploads(LARGEST)  # type: ignore[arg-type]  # the page guard answers HttpResponseBase
@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.PREPARE)
def files(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The documents for the enterprises: those that are there, and one more."""
    actor = actor_of(request)
    found = queries.consultation_of(actor, consultation, Procurement.PREPARE)
    if request.method != "POST":
        if found.state != "draft":
            return to_consultation(organisation, found)
        return _files_page(request, found, DocumentForm(consultation=found))
    form = DocumentForm(request.POST, request.FILES, consultation=found)
    if form.is_valid() and _is_added(request, found, form):
        messages.success(request, _("The document is added."))
        return redirect("procurement_desk:documents", organisation=organisation, consultation=consultation)
    form.renew(found)
    return _files_page(request, found, form, status=422)


def _is_added(request: HttpRequest, found: Consultation, form: DocumentForm) -> bool:
    actor = actor_of(request)
    try:
        document = documents.receive_upload(
            form.cleaned_data["document"],
            organisation=actor.acting_organisation(),
            actor=keyed(request, f"{form.key}:document"),
        ).pk
        filing.add_document(
            actor=keyed(request, form.key),
            consultation=found,
            document=document,
            kind=form.cleaned_data["kind"],
        )
    except (Invalid, Conflict) as refusal:
        form.write_refusal(refusal)
    return not form.errors


def _files_page(
    request: HttpRequest, found: Consultation, form: DocumentForm, *, status: int = 200
) -> HttpResponse:
    check = check_of(request, found)
    context = {
        **context_of(request, found, check),
        "step": "documents",
        "form": form,
        "pieces": (pieces := pieces_of(found)),
        "writable": [
            (code, document_label(code), any(one.made_as.startswith(f"{code}.") for one in pieces))
            for code in drafting.CODES
        ],
        "is_stale": bool(check.sheet.stale_documents),
        "may_choose_templates": rights.may(actor_of(request), Procurement.TEMPLATES),
        "findings": findings_of(check, "documents"),
    }
    return render(request, "procurement/documents.html", context, status=status)


@require_POST
@page(Procurement.PREPARE)
def remove_file(request: HttpRequest, organisation: str, consultation: UUID, sha256: str) -> HttpResponse:
    """Takes a document off."""
    found = queries.consultation_of(actor_of(request), consultation, Procurement.PREPARE)
    filing.remove_document(actor=actor_of(request), consultation=found, sha256=sha256)
    return redirect("procurement_desk:documents", organisation=organisation, consultation=consultation)


@require_safe
@page(Procurement.READ)
def file(request: HttpRequest, organisation: str, consultation: UUID, sha256: str) -> HttpResponseBase:
    """A document of the consultation."""
    found = queries.consultation_of(actor_of(request), consultation)
    return documents.download_response(piece_of(found, sha256).document, request)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.STAFF)
def team(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Who works on it, and as what."""
    actor = actor_of(request)
    found = queries.consultation_of(actor, consultation, Procurement.STAFF)
    people = candidates_of(found.organisation_id, actor.now())
    form = TeamForm(sent(request), consultation=found, people=people)
    if request.method == "POST" and form.is_valid():
        try:
            staffing.join_team(
                actor=keyed(request, form.key),
                consultation=found,
                person=UUID(form.cleaned_data["person"]),
                role=form.cleaned_data["role"],
            )
            messages.success(request, _("The team is changed."))
            return redirect("procurement_desk:team", organisation=organisation, consultation=consultation)
        except Invalid as refusal:
            form.write_refusal(refusal)
    context = {**context_of(request, found), "form": form, "team": _by_role(found)}
    return render(request, "procurement/team.html", context, status=422 if form.errors else 200)


@require_POST
@page(Procurement.STAFF)
def leave(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Takes a person off the team."""
    found = queries.consultation_of(actor_of(request), consultation, Procurement.STAFF)
    form = TeamForm(
        request.POST,
        consultation=found,
        people={one.person_id: str(one.person_id) for one in team_of(found)},
    )
    if form.is_valid():
        staffing.leave_team(
            actor=keyed(request, form.key),
            consultation=found,
            person=UUID(form.cleaned_data["person"]),
            role=form.cleaned_data["role"],
        )
    return redirect("procurement_desk:team", organisation=organisation, consultation=consultation)


def _by_role(found: Consultation) -> list[Member]:
    order = list(TeamRole.values)
    return sorted(team_of(found), key=lambda one: (order.index(one.role), one.person.display_name))
