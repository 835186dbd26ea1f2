"""Essential data of a body: its records and what they lack, files taken over, the file handed to the portal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from territoires.foundations.actions import api as rights
from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid, Missing, Unavailable

from ...actions import open_data as verbs
from ...domain.notices.decp import CONTRACT, OpenFault
from ...models import RecordKind
from ...permissions import Procurement
from ...queries import open_data as queries
from ...queries.notice_rules import decp_on
from ...queries.notice_ways import OPEN_DATA, way_to
from ...queries.wording import filled, refused
from ..notice_forms import ImportForm, RecordForm
from ..requests import actor_of, keyed, sent

LARGEST = 50 * 1024 * 1024
REFUSALS = (Invalid, Conflict)


@require_safe
@page(Procurement.OPEN_DATA_WRITE)
def records(request: HttpRequest, organisation: str) -> HttpResponse:
    """The records of the body: those that are published, and what the others lack."""
    return render(request, "procurement/open_data/records.html", _context(request))


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.OPEN_DATA_WRITE)
def new_record(request: HttpRequest, organisation: str) -> HttpResponse:
    """A contract, or with ``kind`` a concession, that was awarded elsewhere."""
    return _record_page(request, organisation, None)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.OPEN_DATA_WRITE)
def record(request: HttpRequest, organisation: str, record: UUID) -> HttpResponse:
    """One record, to complete."""
    return _record_page(request, organisation, record)


def _record_page(request: HttpRequest, organisation: str, key: UUID | None) -> HttpResponse:
    actor = actor_of(request)
    today = legal_day(actor.now())
    body = body_of(request)
    found = queries.own_record(body.pk, key) if key else None
    kind = found.kind if found else request.GET.get("kind", CONTRACT)
    if kind not in RecordKind.values:
        raise Missing("no-open-record-kind", "There is no such kind of record.", "Go back to the list.")
    if not queries.has_schema(today):
        return render(request, "procurement/open_data/missing.html", {"record": found, "kind": kind})
    official = decp_on(today)
    form = RecordForm(sent(request), official=official, kind=kind, record=found.content if found else {})
    if request.method == "POST" and form.is_valid():
        try:
            verbs.write_record(
                actor=keyed(request, form.key),
                organisation=body,
                kind=kind,
                record=form.written(body.siret or "", today.isoformat()),
                key=key,
            )
            messages.success(request, _("The record is kept."))
            return redirect("procurement_desk:open-data", organisation=organisation)
        except REFUSALS as refusal:
            form.write_refusal(refusal)
    faults = queries.faults_of(found.content, found.kind, official, today) if found else []
    context = {
        "form": form,
        "record": found,
        "kind": kind,
        "faults": shown(faults),
        "lacks_siret": not body.siret,
    }
    return render(request, "procurement/open_data/record.html", context, status=422 if form.errors else 200)


@documents.receives_uploads(LARGEST)  # type: ignore[arg-type]  # what a page gives is any response
@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.OPEN_DATA_WRITE)
def bring(request: HttpRequest, organisation: str) -> HttpResponse:
    """Takes over the file of a former platform."""
    actor = actor_of(request)
    form = ImportForm(*([request.POST, request.FILES] if request.method == "POST" else []))
    if request.method == "POST" and form.is_valid():
        try:
            made = _brought(request, form)
            messages.success(request, _("The file is read: see what was repaired."))
            return redirect("procurement_desk:open-data-import", organisation=organisation, run=made.pk)
        except (*REFUSALS, Unavailable) as refusal:
            form.write_refusal(refusal)
    context = {"form": form, "runs": queries.imports_of(actor.acting_organisation())}
    return render(request, "procurement/open_data/import.html", context, status=422 if form.errors else 200)


def _brought(request: HttpRequest, form: ImportForm) -> Any:
    body = body_of(request)
    document = documents.receive_upload(
        form.cleaned_data["document"],
        organisation=body.pk,
        actor=keyed(request, f"{form.key}:document"),
    )
    return verbs.take_over_file(actor=keyed(request, form.key), organisation=body, document=document)


@require_safe
@page(Procurement.OPEN_DATA_WRITE)
def import_log(request: HttpRequest, organisation: str, run: UUID) -> HttpResponse:
    """What was repaired in a file, and what could not be taken over."""
    actor = actor_of(request)
    found = queries.own_import(actor.acting_organisation(), run)
    lines = [{**one, "words": _repair_words(one["code"])} for one in found.repairs]
    return render(request, "procurement/open_data/log.html", {"run": found, "lines": lines})


@require_POST
@page(Procurement.OPEN_DATA_SEND)
def publish(request: HttpRequest, organisation: str) -> HttpResponse:
    """Hands the file of the body to the national portal."""
    actor = actor_of(request)
    try:
        verbs.publish_file(actor=actor, organisation=body_of(request))
    except (*REFUSALS, Unavailable) as refusal:
        messages.error(request, refused(refusal))
    else:
        messages.success(request, _("The file leaves for the portal."))
    return redirect("procurement_desk:open-data", organisation=organisation)


@require_safe
@page(Procurement.OPEN_DATA_WRITE)
def file(request: HttpRequest, organisation: str) -> HttpResponseBase:
    """The file of the body as it would be published now."""
    actor = actor_of(request)
    content = queries.public_file(actor.acting_organisation(), legal_day(actor.now()))
    response = HttpResponse(content, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="decp-{organisation}.json"'
    return response


def body_of(request: HttpRequest) -> Any:
    """The acting body."""
    return request.acting.organisation  # type: ignore[attr-defined]


def shown(faults: list[OpenFault]) -> list[dict[str, str]]:
    """The faults of a record in words, the same one once."""
    told = {(one.field, one.code): filled(one.message, one.params) for one in faults}
    return [{"field": field, "words": words} for (field, _code), words in told.items()]


def _context(request: HttpRequest) -> dict[str, Any]:
    actor = actor_of(request)
    today = legal_day(actor.now())
    body = body_of(request)
    context: dict[str, Any] = {
        "body": body,
        "files": queries.files_of(body.pk),
        "may_publish": rights.may(actor, Procurement.OPEN_DATA_SEND),
        "way_is_open": way_to(OPEN_DATA) is not None,
        "lines": [],
        "is_missing": not queries.has_schema(today),
    }
    if not context["is_missing"]:
        kept = queries.kept_records(body.pk, today)
        context["lines"] = [{"row": one.row, "faults": shown(one.faults)} for one in kept]
        context["sound"] = sum(one.is_sound for one in kept)
    return context


def _repair_words(code: str) -> str:
    return {
        "field-dropped": _("a field that the format does not know was left out"),
        "id-written-anew": _("the number was written in the form of the format"),
        "buyer-written-anew": _("the buyer was written in the form of the format"),
        "wrapped": _("the buyer was written in the form of the format"),
        "former-schema": _("a word of the former format was replaced by the present one"),
        "holder-written-anew": _("a holder was written in the form of the format"),
        "list-written-anew": _("a list was written in the form of the format"),
        "flag-written-anew": _("a yes or no was written in the form of the format"),
        "number-written-anew": _("a number was written in the form of the format"),
        "value-written-anew": _("a value was written as it stands in the official list"),
        "day-written-anew": _("a day was written year first"),
        "place-written-anew": _("the place was written in the form of the format"),
        "cpv-written-anew": _("the CPV code was written with eight digits"),
        "cut-short": _("a text too long was cut"),
        "dropped": _("a line that says nothing was left out"),
        "gap": _("the value means nothing: it lacks, and you must give it"),
        "told-twice": _("told twice: the latest was kept"),
        "no-record": _("not taken over: this is no record"),
        "no-id": _("not taken over: it has no number"),
        "id-too-long": _("not taken over: its number has more than 16 characters"),
        "no-buyer": _("not taken over: it names no buyer"),
        "other-buyer": _("not taken over: it is another body's"),
        "kept-here": _("not taken over: this platform itself keeps that record"),
    }.get(code, code)
