"""The steps that are a table: lots and criteria. Without a script, saving adds empty lines."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from territoires.foundations.registry.api import page, sentence
from territoires.kernel.errors import Conflict, Invalid, TerritoiresError

from ...actions import preparing
from ...models import Consultation
from ...permissions import Procurement
from ...queries import consultations as queries
from ...queries.sheets import Checked, criteria_of, lots_of
from ..forms import Gesture
from ..requests import actor_of, keyed, sent
from ..step_forms import LotsForm, criterion_rows, lot_rows
from .pages import after_step, check_of, context_of, findings_of, to_consultation


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.PREPARE)
def lots(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The lots, or why there are none."""
    found = queries.consultation_of(actor_of(request), consultation, Procurement.PREPARE)
    check, data = check_of(request, found), sent(request)
    if data is None and found.state != "draft":
        return to_consultation(organisation, found)
    form = LotsForm(data, consultation=found, initial=LotsForm.initial_of(found))
    rows = lot_rows(data, lots_of(found))
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        try:
            preparing.revise_consultation(
                actor=keyed(request, form.key),
                consultation=found,
                values=form.values(),
                version=form.cleaned_data.get("version"),
            )
            preparing.write_lots(
                actor=keyed(request, f"{form.key}:lots"),
                consultation=found,
                lots=[row.words() for row in rows if row.is_kept()],
            )
            return _saved(request, organisation, found, "lots")
        except (Invalid, Conflict) as refusal:
            _write_refusal(form, rows, refusal)
    return _page(request, found, check, "lots", form, rows)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.PREPARE)
def criteria(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The award criteria and their weights."""
    found = queries.consultation_of(actor_of(request), consultation, Procurement.PREPARE)
    check, data = check_of(request, found), sent(request)
    if data is None and found.state != "draft":
        return to_consultation(organisation, found)
    form = Gesture(data, consultation=found)
    present = criteria_of(found)
    rows = criterion_rows(data, present, law=check.law, lots=lots_of(found))
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        try:
            preparing.write_criteria(
                actor=keyed(request, form.key),
                consultation=found,
                criteria=[row.words() for row in rows if row.is_kept()],
                version=form.cleaned_data.get("version"),
            )
            return _saved(request, organisation, found, "criteria")
        except (Invalid, Conflict) as refusal:
            _write_refusal(form, rows, refusal)
    total = sum((one.weight for one in present if one.lot_number is None), start=0)
    return _page(request, found, check, "criteria", form, rows, total=total, is_first=not present)


def _saved(request: HttpRequest, organisation: str, found: Consultation, step: str) -> HttpResponse:
    messages.success(request, _("Saved."))
    if "more" in request.POST:
        return redirect(f"procurement_desk:{step}", organisation=organisation, consultation=found.pk)
    return after_step(request, organisation, found, step)


def _write_refusal(form: Gesture, rows: Any, refusal: TerritoiresError) -> None:
    """A fault of a line is written in it (``lots.2.title``); the others above the form."""
    kept = [row for row in rows if row.is_kept()]
    for fault in refusal.faults:
        _table, _dot, rest = fault.field.partition(".")
        place, _dot, name = rest.partition(".")
        said = f"{sentence(fault.message, fault.params)} {sentence(fault.remedy, fault.params)}"
        if place.isdigit() and int(place) <= len(kept):
            kept[int(place) - 1].add_error(name, said)
        else:
            form.add_error(None, said)
    if not refusal.faults:
        form.write_refusal(refusal)


def _page(
    request: HttpRequest,
    found: Consultation,
    check: Checked,
    step: str,
    form: Gesture,
    rows: Any,
    **more: Any,
) -> HttpResponse:
    is_refused = request.method == "POST"
    if is_refused:
        form.renew(queries.consultation_of(actor_of(request), found.pk, Procurement.PREPARE))
    context = {
        **context_of(request, found, check),
        "step": step,
        "form": form,
        "rows": rows,
        "faulty_rows": [row for row in rows if row.errors] if is_refused else [],
        "findings": findings_of(check, step),
        **more,
    }
    return render(request, f"procurement/{step}.html", context, status=422 if is_refused else 200)
