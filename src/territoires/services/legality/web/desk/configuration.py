"""The operator's pages: who may send to the State and by which channel, and recording it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from territoires.foundations.documents import api as documents
from territoires.foundations.identity import api as identity
from territoires.foundations.registry.api import page, sentence
from territoires.kernel.clock import first_instant
from territoires.kernel.errors import Conflict, Invalid, Missing

from ...actions import configuring
from ...domain.files import AGREEMENT
from ...models import known
from ...permissions import Legality
from ...queries.configuration import agreement_at, ways_of_members
from ...queries.files import SoundFile
from ..configuration import AgreementFileForm, AgreementForm, OfABody, WayForm
from ..requests import actor_of, keyed
from ..uploads import documents_of, taken
from .gestures import write_refusal
from .pages import LARGEST

Recording = Callable[[HttpRequest, Any, Any], object]


@require_safe
@page(Legality.CONFIGURE)
def agreements(request: HttpRequest, organisation: str) -> HttpResponse:
    """Member by member: the agreement with the prefect and the channel."""
    members = ways_of_members(actor_of(request).now())
    return render(request, "legality/agreements.html", {"members": members})


@documents.receives_uploads(LARGEST)  # type: ignore[arg-type]  # the page guard answers HttpResponseBase
@require_http_methods(["GET", "HEAD", "POST"])
@page(Legality.CONFIGURE)
def new_agreement(request: HttpRequest, organisation: str) -> HttpResponse:
    """Records the agreement of a body, with its document when it is given."""

    def record(request: HttpRequest, body: Any, read: Any) -> None:
        file = _sent_file(request, read["_key"])
        names = configuring.Agreement.__dataclass_fields__
        agreement = configuring.Agreement(**{name: read[name] for name in names})
        recorded = configuring.record_convention(
            actor=keyed(request, read["_key"]), organisation=body, agreement=agreement
        )
        if file is not None:
            filing = keyed(request, f"{read['_key']}:file")
            configuring.file_convention(actor=filing, convention=recorded, file=file)

    return _recorded(request, AgreementForm, record, "legality/new_agreement.html")


@documents.receives_uploads(LARGEST)  # type: ignore[arg-type]  # the page guard answers HttpResponseBase
@require_http_methods(["GET", "HEAD", "POST"])
@page(Legality.CONFIGURE)
def agreement(request: HttpRequest, organisation: str, convention: UUID) -> HttpResponse:
    """An agreement as it is recorded, its document to read, and the form that keeps another one."""
    found = agreement_at(convention)
    form = AgreementFileForm(request.POST, request.FILES) if request.method == "POST" else AgreementFileForm()
    if request.method == "POST" and form.is_valid():
        try:
            file = known(_sent_file(request, form.key))
            configuring.file_convention(actor=keyed(request, form.key), convention=found, file=file)
        except (Invalid, Conflict) as refusal:
            write_refusal(form, refusal)
        else:
            messages.success(request, _("The document of the agreement is kept."))
            return redirect("legality_desk:agreement", organisation=organisation, convention=convention)
    context = {"form": form, "convention": found}
    return render(request, "legality/agreement.html", context, status=422 if form.errors else 200)


@require_safe
@page(Legality.CONFIGURE)
def agreement_file(request: HttpRequest, organisation: str, convention: UUID) -> HttpResponseBase:
    """The document of an agreement."""
    document = agreement_at(convention).document
    if document is None:
        raise Missing("no-file", "The document of this agreement is not kept here.", "Add it on its page.")
    return documents.download_response(document, request, inline=True)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Legality.CONFIGURE)
def new_way(request: HttpRequest, organisation: str) -> HttpResponse:
    """Records the channel of a body, from a day on."""

    def record(request: HttpRequest, body: Any, read: Any) -> None:
        way = configuring.Way(
            channel=read["channel"],
            from_at=first_instant(read["from_on"]),
            transmitter=read["transmitter"],
            return_address=read["return_address"],
            first_serial=read["first_serial"],
        )
        configuring.record_route(actor=keyed(request, read["_key"]), organisation=body, way=way)

    return _recorded(request, WayForm, record, "legality/new_way.html")


def _sent_file(request: HttpRequest, key: str) -> SoundFile | None:
    """The document sent with the form, found sound. Raises Invalid, before anything is recorded, when it is not."""
    sent = documents_of(request, AGREEMENT.field, key)
    return taken(request, sent[0], AGREEMENT) if sent else None


def _recorded(
    request: HttpRequest, form_class: type[OfABody], record: Recording, template: str
) -> HttpResponse:
    if request.method != "POST":
        form = form_class(initial={"body": request.GET.get("body", "")})
        return render(request, template, {"form": form})
    form = form_class(request.POST, request.FILES)
    if form.is_valid():
        try:
            body = identity.organisation_by_reference(form.cleaned_data["body"])
            record(request, body, form.cleaned_data)
        except Missing as unknown:
            form.add_error("body", sentence(unknown.message, unknown.params))
        except (Invalid, Conflict) as refusal:
            write_refusal(form, refusal)
        else:
            messages.success(request, _("It is recorded for %(body)s.") % {"body": body.name})
            return redirect(
                "legality_desk:agreements",
                organisation=request.acting.organisation.reference,  # type: ignore[attr-defined]
            )
    return render(request, template, {"form": form}, status=422)
