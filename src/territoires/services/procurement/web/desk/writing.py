"""The documents that the platform writes from a consultation, and the body's own models of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid, Missing

from ...actions import writing
from ...domain import drafting
from ...permissions import Procurement
from ...queries import consultations as queries
from ...queries import written as files
from ...queries.drafts import NAMES, draft_of, templates_of
from ...queries.wording import refused
from ..forms import Gesture
from ..requests import actor_of, keyed
from .pages import check_of


def document_label(code: str) -> str:
    return {
        drafting.RULES: _("Rules of the consultation"),
        drafting.ENGAGEMENT: _("Act of engagement"),
        drafting.PRICES: _("Price schedule"),
    }[code]


class TemplateForm(Gesture):
    """The body's own model."""

    document = forms.FileField(
        label=gettext_lazy("Your model (.docx)"),
        help_text=gettext_lazy("5 MB at most."),
        error_messages={"required": gettext_lazy("Choose a file.")},
    )


@require_POST
@page(Procurement.PREPARE)
def write(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Writes the chosen documents and adds them, in the place of those written before."""
    found = queries.consultation_of(actor_of(request), consultation, Procurement.PREPARE)
    form = Gesture(request.POST, consultation=found)
    form.is_valid()
    codes = [code for code in drafting.CODES if code in request.POST.getlist("codes")]
    try:
        writing.write_documents(actor=keyed(request, form.key), consultation=found, codes=codes)
        messages.success(request, _("The documents are written and added. Read them before you publish."))
    except (Invalid, Conflict) as refusal:
        messages.error(request, refused(refusal))
    return redirect("procurement_desk:documents", organisation=organisation, consultation=consultation)


@require_safe
@page(Procurement.PREPARE)
def preview(request: HttpRequest, organisation: str, consultation: UUID, template: str) -> HttpResponse:
    """What a document would say now, as PDF; nothing is added."""
    actor = actor_of(request)
    found = queries.consultation_of(actor, consultation, Procurement.PREPARE)
    check = check_of(request, found)
    draft = draft_of(_known(template), found, check.sheet, check.law)
    subtitle = " · ".join(filter(None, (found.reference, found.title)))
    content = files.as_pdf(draft, found.organisation.name, subtitle, actor.now())
    return _file(content, f"{draft.file_name}-apercu.pdf", "application/pdf")


@require_safe
@page(Procurement.TEMPLATES)
def templates(request: HttpRequest, organisation: str) -> HttpResponse:
    """The models of documents: the platform's, or the body's own."""
    return _templates_page(request)


@documents.receives_uploads(files.LARGEST_TEMPLATE)  # type: ignore[arg-type]  # what a page gives is any response
@require_http_methods(["POST"])
@page(Procurement.TEMPLATES)
def choose(request: HttpRequest, organisation: str, template: str) -> HttpResponse:
    """Keeps a model of the body in the place of the platform's."""
    form = TemplateForm(request.POST, request.FILES)
    if not form.is_valid():
        return _templates_page(request, {_known(template): form}, status=422)
    actor = actor_of(request)
    try:
        received = documents.receive_upload(
            form.cleaned_data["document"],
            organisation=actor.acting_organisation(),
            actor=keyed(request, f"{form.key}:document"),
        )
        writing.choose_template(actor=keyed(request, form.key), code=template, document=received.pk)
    except (Invalid, Conflict) as refusal:
        form.write_refusal(refusal)
        return _templates_page(request, {_known(template): form}, status=422)
    messages.success(request, _("Your model is kept: the next documents are written from it."))
    return redirect("procurement_desk:templates", organisation=organisation)


@require_POST
@page(Procurement.TEMPLATES)
def drop(request: HttpRequest, organisation: str, template: str) -> HttpResponse:
    """Goes back to the platform's model."""
    writing.choose_template(actor=actor_of(request), code=template, document=None)
    messages.success(request, _("The platform's model is used again."))
    return redirect("procurement_desk:templates", organisation=organisation)


@require_safe
@page(Procurement.TEMPLATES)
def model(request: HttpRequest, organisation: str, template: str) -> HttpResponse:
    """The platform's model with its names, to begin one's own."""
    content, name = files.blank_model(_known(template), legal_day(actor_of(request).now()))
    return _file(content, name, files.DOCX_TYPE)


@require_safe
@page(Procurement.TEMPLATES)
def own_model(request: HttpRequest, organisation: str, template: str) -> Any:
    """The body's own model, as it was sent."""
    found = templates_of(actor_of(request).acting_organisation()).get(_known(template))
    if found is None:
        raise Missing("no-template", "Your body has no model of its own here.", "Take the platform's.")
    return documents.download_response(found.document, request)


def _templates_page(
    request: HttpRequest, faulty: dict[str, TemplateForm] | None = None, *, status: int = 200
) -> HttpResponse:
    own = templates_of(actor_of(request).acting_organisation())
    lines = [
        {
            "code": code,
            "label": document_label(code),
            "own": own.get(code),
            "form": (faulty or {}).get(code) or TemplateForm(auto_id=f"id_{code}_%s"),
        }
        for code in drafting.CODES
    ]
    context = {"lines": lines, "names": NAMES}
    return render(request, "procurement/templates.html", context, status=status)


def _known(code: str) -> str:
    if code not in drafting.CODES:
        raise Missing("no-template", "There is no such document.", "Go back to the documents.")
    return code


def _file(content: bytes, name: str, media_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "no-store"
    return response
