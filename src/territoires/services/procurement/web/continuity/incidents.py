"""The ledger of interruptions: the operator tells them, each buyer decides for its consultations."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from territoires.foundations.registry.api import page, sentence
from territoires.kernel.clock import PARIS
from territoires.kernel.errors import Conflict, Invalid, TerritoiresError

from ...actions import incidents as acting
from ...domain.availability import Part
from ...models import LONGEST_REASON, Incident
from ...permissions import Procurement
from ...queries import incidents as queries
from ...queries.wording import refused
from ..fields import Day, Hour, LaterDay, Text, in_paris
from ..forms import Gesture, ReasonForm
from ..requests import actor_of, keyed, sent
from .availability import PARTS, incident_shown


class LaterHour(Hour):
    """An hour that may be left out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)


class IncidentForm(Gesture):
    """When, what, and which parts."""

    from_on = Day(label=gettext_lazy("It began on"))
    from_hour = Hour(
        label=gettext_lazy("It began at"), help_text=gettext_lazy("Hour of Paris, for instance 14:05.")
    )
    until_on = LaterDay(
        label=gettext_lazy("It ended on"),
        required=False,
        help_text=gettext_lazy("Leave both empty while it lasts."),
    )
    until_hour = LaterHour(label=gettext_lazy("It ended at"))
    what = Text(
        label=gettext_lazy("What enterprises met"),
        max_length=LONGEST_REASON,
        rows=3,
        help_text=gettext_lazy("In their words: everybody reads it, beside the availability log."),
        error_messages={"required": gettext_lazy("Say in one sentence what enterprises met.")},
    )
    parts = forms.MultipleChoiceField(
        label=gettext_lazy("Parts concerned"),
        choices=[(part.value, PARTS[part]) for part in Part],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name in ("from", "until"):
            try:
                values[f"{name}_at"] = in_paris(values.get(f"{name}_on"), values.get(f"{name}_hour"))
            except ValueError:
                self.add_error(f"{name}_hour", _("This hour does not exist: that night the clocks moved."))
        if values.get("until_hour") and not values.get("until_on"):
            self.add_error("until_on", _("Write the day of the end, or leave its hour empty."))
        return values

    def words(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("from_at", "until_at", "what", "parts")}

    def write_refusal(self, refusal: TerritoiresError) -> None:
        """The verb speaks of instants, the form of days and hours."""
        places = {"from_at": "from_on", "until_at": "until_on", "reason": "what"}
        for fault in refusal.faults:
            said = f"{sentence(fault.message, fault.params)} {sentence(fault.remedy, fault.params)}"
            self.add_error(places.get(fault.field, fault.field), said)
        if not refusal.faults:
            super().write_refusal(refusal)


class ExtendForm(Gesture):
    """Another deadline than the proposed one."""

    until_on = Day(label=gettext_lazy("New deadline"))
    until_hour = Hour(label=gettext_lazy("Hour of the new deadline"))
    reason = Text(
        label=gettext_lazy("Reason"),
        max_length=LONGEST_REASON,
        rows=3,
        required=False,
        help_text=gettext_lazy("Everybody reads it. Left empty, it is the operator's account."),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        try:
            values["until"] = in_paris(values.get("until_on"), values.get("until_hour"))
        except ValueError:
            self.add_error("until_hour", _("This hour does not exist: that night the clocks moved."))
        return values

    def write_refusal(self, refusal: TerritoiresError) -> None:
        places = {"until": "until_on", "tenders_until": "until_on", "applications_until": "until_on"}
        for fault in refusal.faults:
            said = f"{sentence(fault.message, fault.params)} {sentence(fault.remedy, fault.params)}"
            place = places.get(fault.field, fault.field)
            self.add_error(place if place in self.fields else None, said)
        if not refusal.faults:
            super().write_refusal(refusal)


@require_safe
@page(Procurement.READ_INCIDENTS)
def ledger(request: HttpRequest, organisation: str) -> HttpResponse:
    """For the operator all interruptions, for a body those that touch its consultations."""
    actor = actor_of(request)
    context = {
        "incidents": [
            {**incident_shown(one), "ours": ours, "pending": pending}
            for one, ours, pending in queries.incidents_of(actor)
        ],
        "may_declare": actor.holds(Procurement.DECLARE_INCIDENT),
    }
    return render(request, "procurement/continuity/ledger.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.DECLARE_INCIDENT)
def declare(request: HttpRequest, organisation: str) -> HttpResponse:
    """Tells an interruption."""
    form = IncidentForm(sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            told = acting.declare_incident(actor=keyed(request, form.key), **form.words())
            messages.success(request, _("The interruption is told; the buyers concerned are informed."))
            return redirect("procurement_desk:incident", organisation=organisation, incident=told.pk)
        except Invalid as refusal:
            form.write_refusal(refusal)
    return _form_page(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.DECLARE_INCIDENT)
def revise(request: HttpRequest, organisation: str, incident: UUID) -> HttpResponse:
    """Corrects it, or tells its end."""
    found = queries.incident_of(actor_of(request), incident)
    form = IncidentForm(sent(request), initial=_initial(found))
    if request.method == "POST" and form.is_valid():
        try:
            acting.revise_incident(
                actor=keyed(request, form.key),
                incident=found,
                version=form.cleaned_data.get("version"),
                **form.words(),
            )
            messages.success(request, _("Saved."))
            return redirect("procurement_desk:incident", organisation=organisation, incident=incident)
        except (Invalid, Conflict) as refusal:
            form.write_refusal(refusal)
    return _form_page(request, form, found)


@require_safe
@page(Procurement.READ_INCIDENTS)
def incident(request: HttpRequest, organisation: str, incident: UUID) -> HttpResponse:
    """An interruption, the consultations that it touches, and what was decided for each."""
    actor = actor_of(request)
    found = queries.incident_of(actor, incident)
    lines = queries.touched_of(actor, found)
    may_decide = actor.holds(Procurement.DECIDE_INCIDENT)
    context = {
        "shown": incident_shown(found),
        "incident": found,
        "lines": lines,
        "may_decide": may_decide,
        "may_declare": actor.holds(Procurement.DECLARE_INCIDENT),
        "extendable": sum(one.can_extend for one in lines) if may_decide else 0,
        "form": Gesture(),
        "key": str(uuid.uuid4()),
    }
    return render(request, "procurement/continuity/incident.html", context)


@require_POST
@page(Procurement.DECIDE_INCIDENT)
def extend_all(request: HttpRequest, organisation: str, incident: UUID) -> HttpResponse:
    """Puts off every deadline that waits, each to its proposed one."""
    found = queries.incident_of(actor_of(request), incident)
    done = acting.extend_all(actor=keyed(request, request.POST.get("_key", "")), incident=found)
    extended = sum(one.refusal is None for one in done)
    if extended:
        said = ngettext(
            "%(count)s deadline was put off; those who took the documents are told.",
            "%(count)s deadlines were put off; those who took the documents are told.",
            extended,
        )
        messages.success(request, said % {"count": extended})
    for one in done:
        if one.refusal is not None:
            reason = sentence(one.refusal.message, one.refusal.params)
            messages.warning(request, f"{one.touched.consultation.reference}: {reason}")
    return redirect("procurement_desk:incident", organisation=organisation, incident=incident)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.DECIDE_INCIDENT)
def extend(request: HttpRequest, organisation: str, incident: UUID, touched: UUID) -> HttpResponse:
    """One click puts one deadline off to the proposed one; the page serves to choose another."""
    actor = actor_of(request)
    line = queries.touched_line(actor, queries.incident_of(actor, incident), touched)
    proposed = queries.proposed_for(line, actor.now()).astimezone(PARIS)
    initial = {"until_on": proposed.date(), "until_hour": proposed.time()}
    data = sent(request)
    if data is not None and "until_on" not in data:
        return _extended_as_proposed(request, organisation, line)
    form = ExtendForm(data, initial=initial)
    if data is not None and form.is_valid():
        try:
            acting.extend_touched(
                actor=keyed(request, form.key),
                touched=line,
                until=form.cleaned_data["until"],
                reason=form.cleaned_data["reason"],
            )
            return _extended(request, organisation, incident)
        except (Invalid, Conflict) as refusal:
            form.write_refusal(refusal)
    context = {"line": queries.line_of(line, actor.now()), "incident": line.incident, "form": form}
    return render(request, "procurement/continuity/extend.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.DECIDE_INCIDENT)
def leave(request: HttpRequest, organisation: str, incident: UUID, touched: UUID) -> HttpResponse:
    """Keeps the deadline, for a reason."""
    actor = actor_of(request)
    line = queries.touched_line(actor, queries.incident_of(actor, incident), touched)
    form = ReasonForm(sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            acting.leave_touched(
                actor=keyed(request, form.key), touched=line, reason=form.cleaned_data["reason"]
            )
            messages.success(request, _("The deadline stays; your reason is kept."))
            return redirect("procurement_desk:incident", organisation=organisation, incident=incident)
        except (Invalid, Conflict) as refusal:
            form.write_refusal(refusal)
    context = {"line": queries.line_of(line, actor.now()), "incident": line.incident, "form": form}
    return render(request, "procurement/continuity/leave.html", context, status=422 if form.errors else 200)


def _extended_as_proposed(request: HttpRequest, organisation: str, line: Any) -> HttpResponse:
    try:
        acting.extend_touched(actor=keyed(request, request.POST.get("_key", "")), touched=line)
    except (Invalid, Conflict) as refusal:
        said = refused(refusal)
        messages.warning(request, said)
        return redirect("procurement_desk:incident", organisation=organisation, incident=line.incident_id)
    return _extended(request, organisation, line.incident_id)


def _extended(request: HttpRequest, organisation: str, incident: UUID) -> HttpResponse:
    messages.success(request, _("The deadline is put off; those who took the documents are told."))
    return redirect("procurement_desk:incident", organisation=organisation, incident=incident)


def _form_page(request: HttpRequest, form: IncidentForm, found: Incident | None) -> HttpResponse:
    context = {"form": form, "incident": found}
    return render(request, "procurement/continuity/declare.html", context, status=422 if form.errors else 200)


def _initial(incident: Incident) -> dict[str, Any]:
    since = incident.from_at.astimezone(PARIS)
    until = incident.until_at.astimezone(PARIS) if incident.until_at else None
    return {
        "from_on": since.date(),
        "from_hour": since.time(),
        "until_on": until.date() if until else None,
        "until_hour": until.time() if until else None,
        "what": incident.what,
        "parts": incident.parts,
        "version": incident.version,
    }
