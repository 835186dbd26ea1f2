"""The switch from another platform: tables brought, what their dry run told line by line, the order to take over."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page, sentence
from territoires.kernel.errors import Conflict, Missing

from ...actions import switching as acting
from ...domain.switch_tables import model_of
from ...domain.switching import IMPORT, OF_ENTERPRISES, ORDERED, RECEIVED, Fate, Kind
from ...domain.tables import defused
from ...models import ImportLine, ImportRun
from ...permissions import Procurement
from ...queries import switching as queries
from ...queries.progress import progress_of
from ...queries.wording import refused
from ..forms import Gesture
from ..requests import actor_of, keyed, sent

LARGEST = 4 * 1024 * 1024 * 1024
LINES = 100
BYTE_ORDER_MARK = "\ufeff"  # without it spreadsheets read the accents wrong
KINDS = {
    Kind.ACCOUNTS: (
        gettext_lazy("Accounts of enterprises"),
        gettext_lazy(
            "Each person receives a link; nothing is open before. Accounts of one SIRET join one enterprise."
        ),
    ),
    Kind.ALERTS: (
        gettext_lazy("Alerts"),
        gettext_lazy("They go on as they were asked for; every mail holds the link that ends them."),
    ),
    Kind.ATTESTATIONS: (
        gettext_lazy("Attestations of enterprises"),
        gettext_lazy(
            "They join the safe of their enterprise, with their last day. Send a ZIP with the files."
        ),
    ),
    Kind.CONTRACTS: (
        gettext_lazy("Contracts under execution"),
        gettext_lazy("Their essential data keep their id: each change is published under the same."),
    ),
    Kind.PACKAGES: (
        gettext_lazy("Files of finished procedures"),
        gettext_lazy("Kept as they are, sealed, until their legal end. Send a ZIP with the files."),
    ),
    Kind.NOTICES: (
        gettext_lazy("Consultations published elsewhere"),
        gettext_lazy("They end there, and are found here with a link."),
    ),
    Kind.REDIRECTS: (
        gettext_lazy("Addresses printed in notices"),
        gettext_lazy("Each leads to the page of this platform that answers for it."),
    ),
}
FATES = {
    Fate.NEW: (gettext_lazy("new"), "ok"),
    Fate.CHANGED: (gettext_lazy("changes"), "run"),
    Fate.MERGED: (gettext_lazy("joins an enterprise"), "run"),
    Fate.KNOWN: (gettext_lazy("here already"), "none"),
    Fate.REFUSED: (gettext_lazy("refused"), "bad"),
}


class ImportForm(Gesture):
    """A table, alone or in an archive, and what it brings."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What the table brings"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    table = forms.FileField(
        label=gettext_lazy("Table"),
        help_text=gettext_lazy("CSV or JSON alone, or a ZIP with the files that it names; 4 GiB at most."),
        error_messages={"required": gettext_lazy("Choose a file.")},
    )
    platform = forms.CharField(
        label=gettext_lazy("Where it comes from"),
        max_length=acting.PLATFORM_LENGTH,
        required=False,
        help_text=gettext_lazy("The name of the former platform, as you call it."),
    )

    def __init__(self, *args: Any, kinds: list[Kind], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = [(kind.value, KINDS[kind][0]) for kind in kinds]  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class RunShown:
    """An import with its words."""

    run: ImportRun

    @property
    def kind(self) -> Any:
        return KINDS[Kind(self.run.kind)][0]

    @property
    def label(self) -> str:
        # "Read" alone is a gesture in other languages.
        return _("Read through") if self.run.state == "checked" else _(IMPORT.states[self.run.state].label)

    @property
    def meaning(self) -> str:
        return _(IMPORT.states[self.run.state].meaning)

    @property
    def tone(self) -> str:
        return IMPORT.states[self.run.state].tone

    @property
    def is_moving(self) -> bool:
        """True while a job works on it: the page looks again by itself."""
        return self.run.state in (RECEIVED, ORDERED)

    @property
    def progress(self) -> tuple[int, int] | None:
        """Lines done, and how many there are, while a job works on it."""
        return progress_of(self.run) if self.is_moving else None

    @property
    def to_take(self) -> int:
        return sum(self.run.counts.get(fate, 0) for fate in (Fate.NEW, Fate.CHANGED, Fate.MERGED))

    @property
    def is_ready(self) -> bool:
        return IMPORT.allows(self.run.state, "order") and self.to_take > 0

    @property
    def counts(self) -> list[dict[str, Any]]:
        return [
            {"fate": fate.value, "label": FATES[fate][0], "count": self.run.counts.get(fate, 0)}
            for fate in Fate
        ]

    @property
    def refused(self) -> int:
        return int(self.run.counts.get(Fate.REFUSED, 0))


def kinds_of(request: HttpRequest) -> list[Kind]:
    """The kinds that the actor may bring."""
    actor = actor_of(request)
    brings_enterprises = actor.is_operator and actor.holds(Procurement.BRING_ENTERPRISES)
    return [kind for kind in Kind if brings_enterprises or kind not in OF_ENTERPRISES]


@documents.receives_uploads(LARGEST)  # type: ignore[arg-type]  # the page guard answers HttpResponseBase
@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.BRING)
def imports(request: HttpRequest, organisation: str) -> HttpResponse:
    """The imports of the body, and the form that brings another."""
    kinds = kinds_of(request)
    data = sent(request)
    form = ImportForm(data, request.FILES if data is not None else None, kinds=kinds)
    if data is not None and form.is_valid():
        actor = keyed(request, form.key)
        document = documents.receive_upload(
            form.cleaned_data["table"], organisation=actor.acting_organisation(), actor=actor_of(request)
        )
        run = acting.bring_import(
            actor=actor,
            kind=form.cleaned_data["kind"],
            document=document.pk,
            platform=form.cleaned_data["platform"],
        )
        return redirect("procurement_desk:import", organisation=organisation, run=run.pk)
    brings_enterprises = Kind.ACCOUNTS in kinds
    context = {
        "form": form,
        "kinds": [{"code": kind.value, "label": KINDS[kind][0], "summary": KINDS[kind][1]} for kind in kinds],
        "imports": [RunShown(one) for one in queries.runs_of(actor_of(request))],
        "accounts": queries.account_counts() if brings_enterprises else None,
    }
    return render(request, "procurement/continuity/imports.html", context, status=422 if form.errors else 200)


@require_safe
@page(Procurement.ORDER_IMPORT)
def one_import(request: HttpRequest, organisation: str, run: UUID) -> HttpResponse:
    """What reading an import told, line by line, and the gesture that takes its sound lines over."""
    found = queries.run_of(actor_of(request), run)
    fate = request.GET.get("fate", "")
    fate = fate if fate in list(Fate) else ""
    lines = Paginator(queries.lines_of(found, fate), LINES).get_page(request.GET.get("page"))
    context = {
        "one": RunShown(found),
        "form": Gesture(),
        "fate": fate,
        "page": lines,
        "lines": [line_shown(line) for line in lines],
    }
    return render(request, "procurement/continuity/import.html", context)


@require_safe
@page(Procurement.ORDER_IMPORT)
def report(request: HttpRequest, organisation: str, run: UUID) -> HttpResponseBase:
    """The whole report as CSV, to correct the table beside it."""
    found = queries.run_of(actor_of(request), run)
    response = StreamingHttpResponse(_report(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = _named(f"rapport-{found.kind}.csv")
    return response


@require_POST
@page(Procurement.ORDER_IMPORT)
def order(request: HttpRequest, organisation: str, run: UUID) -> HttpResponse:
    """Orders the sound lines of an import that was read."""
    found = queries.run_of(actor_of(request), run)
    try:
        acting.order_import(actor=keyed(request, request.POST.get("_key", "")), run=found)
    except Conflict as refusal:
        said = refused(refusal)
        messages.warning(request, said)
    return redirect("procurement_desk:import", organisation=organisation, run=run)


@require_safe
@page(Procurement.BRING)
def model(request: HttpRequest, organisation: str, kind: str) -> HttpResponse:
    """The table to fill, with an example."""
    if kind not in list(Kind):
        raise Missing("no-model", "There is no such table.", "Choose one of the list.")
    buffer = io.StringIO()
    buffer.write(BYTE_ORDER_MARK)
    csv.writer(buffer, delimiter=";").writerows(model_of(Kind(kind)))
    response = HttpResponse(buffer.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = _named(f"modele-{kind}.csv")
    return response


def line_shown(line: ImportLine) -> dict[str, Any]:
    label, tone = FATES[Fate(line.fate)]
    faults = [
        {
            "column": one["column"],
            "code": one["code"],
            "message": sentence(one["message"], one["params"]),
            "remedy": sentence(one["remedy"], one["params"]),
        }
        for one in line.faults
    ]
    return {"number": line.number, "what": line.what, "label": label, "tone": tone, "faults": faults}


def _report(run: ImportRun) -> Iterator[str]:
    buffer = io.StringIO()
    table = csv.writer(buffer, delimiter=";")
    buffer.write(BYTE_ORDER_MARK)
    table.writerow(["ligne", "effet", "objet", "colonne", "code", "message", "remede"])
    for line in queries.lines_of(run).iterator(1000):
        shown = line_shown(line)
        for fault in shown["faults"] or [{"column": "", "code": "", "message": "", "remedy": ""}]:
            cells = (str(shown["label"]), shown["what"], fault["column"], fault["code"])
            said = (fault["message"], fault["remedy"])
            table.writerow([line.number, *(defused(str(cell)) for cell in (*cells, *said))])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _named(name: str) -> str:
    return content_disposition_header(True, name) or "attachment"
