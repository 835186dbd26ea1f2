"""The kept files: taken out, kept, brought back, destroyed at their legal end."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page, sentence
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid, TooLate

from ...actions import packaging as acting
from ...domain.keeping import KEPT, PACKAGE, READING
from ...domain.life import LIFE
from ...models import Package, PackageOrigin
from ...permissions import Procurement
from ...queries import archiving, consultations
from ...queries import packages as queries
from ..forms import Gesture, ReasonForm
from ..requests import actor_of, keyed, sent

LARGEST = queries.LARGEST_BROUGHT
SHOWN = 500


class PackageForm(Gesture):
    """A package that was taken out."""

    package = forms.FileField(
        label=gettext_lazy("Package"),
        help_text=gettext_lazy("The ZIP as it was taken out of a platform like this one; 8 GiB at most."),
        error_messages={"required": gettext_lazy("Choose a file.")},
    )


@require_safe
@page(Procurement.READ_PACKAGES)
def packages(request: HttpRequest, organisation: str) -> HttpResponse:
    """The kept files of the body, those past their legal end first said."""
    actor = actor_of(request)
    today = legal_day(actor.now())
    found = [(one, queries.is_due(one, today)) for one in queries.packages_of(actor)]
    context = {
        "packages": [
            {
                "package": one,
                "is_due": is_due,
                "is_kept": one.state == KEPT,
                "state": PACKAGE.states[one.state],
            }
            for one, is_due in found
        ],
        "due": sum(is_due for _, is_due in found),
        "may_bring": actor.holds(Procurement.BRING_PACKAGE),
    }
    return render(request, "procurement/continuity/packages.html", context)


@require_safe
@page(Procurement.READ_PACKAGES)
def package(request: HttpRequest, organisation: str, package: UUID) -> HttpResponse:
    """One kept file: what it is, until when it is due, what it holds."""
    actor = actor_of(request)
    found = queries.package_of(actor, package)
    context = {
        "package": found,
        "is_due": queries.is_due(found, legal_day(actor.now())),
        "entries": list(queries.entries_of(found)[:SHOWN]) if not found.destroyed_at else [],
        "count": queries.entries_of(found).count(),
        "state": PACKAGE.states[found.state],
        "is_moving": found.state == READING,
        "is_kept": found.state == KEPT,
        "is_brought": found.origin == PackageOrigin.BROUGHT,
        "fault": fault_shown(found),
        "archives": archiving.archives_of(found.organisation_id).name,
        "can_be_transferred": queries.can_be_transferred(found),
        "may_destroy": actor.holds(Procurement.DESTROY_PACKAGE),
    }
    return render(request, "procurement/continuity/package.html", context)


@require_safe
@page(Procurement.READ_PACKAGES)
def package_file(request: HttpRequest, organisation: str, package: UUID) -> HttpResponseBase:
    """Its very bytes."""
    found = queries.package_of(actor_of(request), package)
    return _attached(queries.bytes_of(found), found.reference or str(found.pk))


@require_safe
@page(Procurement.READ_PACKAGES)
def transfer(request: HttpRequest, organisation: str, package: UUID) -> HttpResponse:
    """Its manifest for an archiving service (SEDA)."""
    found = queries.package_of(actor_of(request), package)
    response = HttpResponse(queries.transfer_of(found), content_type="application/xml")
    response["Content-Disposition"] = 'attachment; filename="manifest.xml"'  # the name that SEDA asks for
    return response


@require_safe
@page(Procurement.READ_PACKAGES)
def entry(request: HttpRequest, organisation: str, package: UUID, entry: UUID) -> HttpResponseBase:
    """One file of a package that was brought back; always as a download."""
    found = queries.entry_of(queries.package_of(actor_of(request), package), entry)
    return documents.download_response(found.document, request)


@documents.receives_uploads(LARGEST)  # type: ignore[arg-type]  # the page guard answers HttpResponseBase
@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.BRING_PACKAGE)
def bring(request: HttpRequest, organisation: str) -> HttpResponse:
    """Brings a package back: a job judges it whole, and only then it is kept to be read."""
    data = sent(request)
    form = PackageForm(data, request.FILES if data is not None else None)
    if data is not None and form.is_valid():
        actor = keyed(request, form.key)
        document = documents.receive_upload(
            form.cleaned_data["package"], organisation=actor.acting_organisation(), actor=actor_of(request)
        )
        try:
            kept = acting.bring_package(actor=actor, document=document)
            return redirect("procurement_desk:package", organisation=organisation, package=kept.pk)
        except (Invalid, Conflict) as refusal:
            form.write_refusal(refusal)
    return render(
        request,
        "procurement/continuity/bring_package.html",
        {"form": form},
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.DESTROY_PACKAGE)
def destroy(request: HttpRequest, organisation: str, package: UUID) -> HttpResponse:
    """Destroys a file whose legal end has passed, with the visa of the archives."""
    found = queries.package_of(actor_of(request), package)
    form = ReasonForm(sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            acting.destroy_package(
                actor=keyed(request, form.key), package=found, reason=form.cleaned_data["reason"]
            )
            messages.success(request, _("The file is destroyed; its digest and your reason stay."))
            return redirect("procurement_desk:package", organisation=organisation, package=package)
        except (Invalid, Conflict, TooLate) as refusal:
            form.write_refusal(refusal)
    context = {
        "form": form,
        "package": found,
        "is_due": queries.is_due(found, legal_day(actor_of(request).now())),
    }
    return render(request, "procurement/continuity/destroy.html", context, status=422 if form.errors else 200)


@require_safe
@page(Procurement.MAKE_PACKAGE)
def whole_file(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """What the whole file of a consultation is, and the gestures that take it out or keep it."""
    found = consultations.consultation_of(actor_of(request), consultation, Procurement.MAKE_PACKAGE)
    state = LIFE.states[found.state]
    context = {
        "consultation": found,
        "state": _(state.label),
        "tone": state.tone,
        "can_take": found.state in queries.TAKEN,
        "can_keep": found.state in queries.KEPT,
        "kept": found.packages.first(),
        "form": Gesture(consultation=found),
    }
    return render(request, "procurement/continuity/whole_file.html", context)


@require_POST
@page(Procurement.MAKE_PACKAGE)
def take(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponseBase:
    """Takes the whole file out, while it is made."""
    actor = actor_of(request)
    found = consultations.consultation_of(actor, consultation, Procurement.MAKE_PACKAGE)
    acting.take_package(actor=actor, consultation=found)
    return _attached(queries.taken_out(found), found.reference or str(found.pk))


@require_POST
@page(Procurement.MAKE_PACKAGE)
def keep(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Has the whole file kept until its legal end; the consultation is then archived."""
    actor = keyed(request, request.POST.get("_key", ""))
    found = consultations.consultation_of(actor, consultation, Procurement.MAKE_PACKAGE)
    try:
        acting.order_package(actor=actor, consultation=found)
        messages.success(request, _("The package is being made; it will be among the kept files."))
    except Conflict as refusal:
        messages.warning(request, sentence(refusal.message, refusal.params))
    return redirect("procurement_desk:whole-file", organisation=organisation, consultation=consultation)


def fault_shown(package: Package) -> dict[str, str]:
    """Why a package that was brought is refused, in the reader's language; empty for another."""
    fault = package.fault
    return {name: sentence(fault[name], fault["params"]) for name in ("message", "remedy") if fault}


def _attached(content: Any, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(content, content_type="application/zip")
    stem = re.sub(r"[^A-Za-z0-9_.-]+", "-", name)[:80]
    response["Content-Disposition"] = content_disposition_header(True, f"dossier-{stem}.zip") or "attachment"
    return response
