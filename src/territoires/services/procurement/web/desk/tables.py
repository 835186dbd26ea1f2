"""The steps that are tables: lots and criteria, options, candidatures. Without a script, saving adds empty lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from territoires.foundations.registry.api import page, sentence
from territoires.kernel.errors import Conflict, Invalid, TerritoiresError

from ...actions import preparing, stipulating
from ...domain.options import total
from ...models import Consultation
from ...permissions import Procurement
from ...queries import consultations as queries
from ...queries.sheets import (
    Checked,
    asked_pieces_of,
    criteria_of,
    lots_of,
    options_of,
    selection_of,
)
from ..asking_forms import OptionsForm, SelectionForm, option_rows, piece_rows, selection_rows
from ..forms import Gesture
from ..requests import actor_of, keyed, typed
from ..step_forms import LotsForm
from ..step_rows import criterion_rows, lot_rows
from ..words import told
from .pages import after_step, check_of, context_of, findings_of, to_consultation


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.PREPARE)
def lots(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The lots, or why there are none."""
    found = queries.consultation_of(actor_of(request), consultation, Procurement.PREPARE)
    check, data = check_of(request, found), typed(request)
    if request.method != "POST" and found.state != "draft":
        return to_consultation(organisation, found)
    form = LotsForm(data, consultation=found, initial=LotsForm.initial_of(found))
    rows = lot_rows(data, lots_of(found), law=check.law)
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
            return saved(request, organisation, found, "lots")
        except (Invalid, Conflict) as refusal:
            write_refusal(form, {"lots": rows}, refusal)
    return table_page(request, found, check, "lots", form, rows)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.PREPARE)
def criteria(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The award criteria and their weights."""
    found = queries.consultation_of(actor_of(request), consultation, Procurement.PREPARE)
    check, data = check_of(request, found), typed(request)
    if request.method != "POST" and found.state != "draft":
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
            for one in check_of(request, found).of_step("criteria"):
                if one.finding.code == "weights-sum":  # who goes on to the next step would not see it
                    said = told(one)
                    messages.warning(request, f"{said.message} {said.remedy}")
            return saved(request, organisation, found, "criteria")
        except (Invalid, Conflict) as refusal:
            write_refusal(form, {"criteria": rows}, refusal)
    saved_so_far = sum((one.weight for one in present if one.lot_number is None), start=0)
    return table_page(request, found, check, "criteria", form, rows, total=saved_so_far, is_first=not present)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.PREPARE)
def options(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Options, variants, and for whom the contract is reserved."""
    found = queries.consultation_of(actor_of(request), consultation, Procurement.PREPARE)
    check, data = check_of(request, found), typed(request)
    if request.method != "POST" and found.state != "draft":
        return to_consultation(organisation, found)
    form = OptionsForm(data, consultation=found, initial=OptionsForm.initial_of(found), law=check.law)
    present = options_of(found)
    rows = option_rows(data, present, lots=lots_of(found))
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        try:
            preparing.revise_consultation(
                actor=keyed(request, form.key),
                consultation=found,
                values=form.values(),
                version=form.cleaned_data.get("version"),
            )
            stipulating.write_options(
                actor=keyed(request, f"{form.key}:options"),
                consultation=found,
                options=[row.words() for row in rows if row.is_kept()],
                adds_to_values=form.cleaned_data["adds_to_values"] != "no",
            )
            return saved(request, organisation, found, "options")
        except (Invalid, Conflict) as refusal:
            write_refusal(form, {"options": rows}, refusal)
    together = total(check.sheet.options)
    value = found.estimated_value
    firm = value - together if value is not None and together else None
    return table_page(request, found, check, "options", form, rows, together=together, firm=firm)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.PREPARE)
def selection(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """What candidates must be able to do, and the pieces asked."""
    found = queries.consultation_of(actor_of(request), consultation, Procurement.PREPARE)
    check, data = check_of(request, found), typed(request)
    if request.method != "POST" and found.state != "draft":
        return to_consultation(organisation, found)
    form = SelectionForm(
        data,
        consultation=found,
        initial=SelectionForm.initial_of(found),
        has_two_stages=check.law.has_two_stages(found),
    )
    rows = selection_rows(data, selection_of(found))
    present = asked_pieces_of(found)
    pieces = piece_rows(data, present, law=check.law)
    if request.method == "POST" and form.is_valid() and rows.is_valid() and pieces.is_valid():
        try:
            preparing.revise_consultation(
                actor=keyed(request, form.key),
                consultation=found,
                values=form.values(),
                version=form.cleaned_data.get("version"),
            )
            stipulating.write_selection(
                actor=keyed(request, f"{form.key}:selection"),
                consultation=found,
                criteria=[row.words() for row in rows if row.is_kept()],
                pieces=[row.words() for row in pieces if row.is_kept()],
            )
            return saved(request, organisation, found, "selection")
        except (Invalid, Conflict) as refusal:
            write_refusal(form, {"selection": rows, "pieces": pieces}, refusal)
    return table_page(request, found, check, "selection", form, rows, piece_rows=pieces, is_first=not present)


def saved(request: HttpRequest, organisation: str, found: Consultation, step: str) -> HttpResponse:
    messages.success(request, _("Saved."))
    if "more" in request.POST:
        return redirect(f"procurement_desk:{step}", organisation=organisation, consultation=found.pk)
    return after_step(request, organisation, found, step)


def write_refusal(form: Gesture, tables: Mapping[str, Any], refusal: TerritoiresError) -> None:
    """A fault of a line is written in it (``lots.2.title``); the others above the form."""
    for fault in refusal.faults:
        table, _dot, rest = fault.field.partition(".")
        place, _dot, name = rest.partition(".")
        said = f"{sentence(fault.message, fault.params)} {sentence(fault.remedy, fault.params)}"
        kept = [row for row in tables.get(table, ()) if row.is_kept()]
        if place.isdigit() and int(place) <= len(kept):
            kept[int(place) - 1].add_error(name, said)
        elif fault.field in form.fields:
            form.add_error(fault.field, said)
        else:
            form.add_error(None, said)
    if not refusal.faults:
        form.write_refusal(refusal)


def table_page(
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
        "faulty_rows": [row for row in (*rows, *more.get("piece_rows", ())) if row.errors]
        if is_refused
        else [],
        "findings": findings_of(check, step),
        **more,
    }
    return render(request, f"procurement/{step}.html", context, status=422 if is_refused else 200)
