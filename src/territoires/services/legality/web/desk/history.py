"""The acts of before the platform: the table and its files brought, what reading them told, the order to take over."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page, sentence, sentences
from territoires.kernel.errors import Conflict

from ...actions import history as taking
from ...domain.history import CHECKED, HISTORY, MODEL, ORDERED, RECEIVED
from ...models import HistoryImport
from ...permissions import Legality
from ...queries import history as queries
from ..forms import Gesture
from ..requests import actor_of, keyed

LARGEST = 2 * 1024 * 1024 * 1024
BYTE_ORDER_MARK = "\ufeff"  # without it spreadsheets read the accents wrong


class HistoryForm(Gesture):
    """A table, alone or in an archive."""

    table = forms.FileField(
        label=gettext_lazy("Table of the acts"),
        help_text=gettext_lazy("CSV alone, or ZIP with the files that it names; 2 GiB at most."),
    )
    device = forms.CharField(
        label=gettext_lazy("By what they were transmitted"),
        max_length=taking.DEVICE_LENGTH,
        required=False,
        help_text=gettext_lazy("The name of your former device, as you call it."),
    )


@dataclass(frozen=True, slots=True)
class ImportShown:
    """An import with its words."""

    history: HistoryImport

    @property
    def label(self) -> str:
        if self.history.state == CHECKED:
            return _("Read through")  # "Read" alone is a gesture in other languages
        return _(HISTORY.states[self.history.state].label)

    @property
    def meaning(self) -> str:
        return _(HISTORY.states[self.history.state].meaning)

    @property
    def tone(self) -> str:
        return "bad" if self.history.fault_count else HISTORY.states[self.history.state].tone

    @property
    def is_moving(self) -> bool:
        """True while a job works on it: the page looks again by itself."""
        return self.history.state in (RECEIVED, ORDERED)

    @property
    def is_ready(self) -> bool:
        return (
            HISTORY.allows(self.history.state, "order")
            and not self.history.fault_count
            and self.history.new_count > 0
        )

    @property
    def faults(self) -> list[dict[str, Any]]:
        return [
            {
                "line": one["line"],
                "column": one["column"],
                "message": sentence(one["message"], one["params"]),
                "remedy": sentence(one["remedy"], one["params"]),
            }
            for one in self.history.faults
        ]


@documents.receives_uploads(LARGEST)  # type: ignore[arg-type]  # the page guard answers HttpResponseBase
@require_http_methods(["GET", "HEAD", "POST"])
@page(Legality.BRING)
def imports(request: HttpRequest, organisation: str) -> HttpResponse:
    """The imports of the body, and the form that brings another."""
    form = HistoryForm(request.POST, request.FILES) if request.method == "POST" else HistoryForm()
    if request.method == "POST" and form.is_valid():
        actor = keyed(request, form.key)
        document = documents.receive_upload(
            form.cleaned_data["table"], organisation=actor.acting_organisation(), actor=actor
        )
        brought = taking.bring_history(actor=actor, document=document.pk, device=form.cleaned_data["device"])
        return redirect("legality_desk:history-import", organisation=organisation, history=brought.pk)
    found = [ImportShown(one) for one in queries.imports_of(actor_of(request))]
    context = {"form": form, "imports": found}
    return render(request, "legality/history.html", context, status=422 if form.errors else 200)


@require_safe
@page(Legality.ORDER)
def one_import(request: HttpRequest, organisation: str, history: UUID) -> HttpResponse:
    """What reading an import told, line by line, and the gesture that takes the acts over."""
    found = queries.import_of(actor_of(request), history)
    return render(request, "legality/history_import.html", {"one": ImportShown(found), "form": Gesture()})


@require_POST
@page(Legality.ORDER)
def order(request: HttpRequest, organisation: str, history: UUID) -> HttpResponse:
    """Orders the acts of an import that was read without fault."""
    found = queries.import_of(actor_of(request), history)
    actor = keyed(request, request.POST.get("_key", ""))
    try:
        taking.order_history(actor=actor, history=found)
    except Conflict as refusal:
        messages.warning(request, sentences(refusal))
    return redirect("legality_desk:history-import", organisation=organisation, history=history)


@require_safe
@page(Legality.BRING)
def model(request: HttpRequest, organisation: str) -> HttpResponse:
    """The table to fill, with two examples."""
    buffer = io.StringIO()
    buffer.write(BYTE_ORDER_MARK)
    csv.writer(buffer, delimiter=";").writerows(MODEL)
    response = HttpResponse(buffer.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="modele-reprise-actes.csv"'
    return response
