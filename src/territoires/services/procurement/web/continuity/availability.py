"""The availability log, open to everybody: a bidder checks a day, takes its table, and the proof of its root."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from territoires.foundations.journal import api as journal
from territoires.kernel.clock import first_instant, legal_day
from territoires.kernel.errors import Missing
from territoires.kernel.fact import instant_text

from ...domain.availability import Part
from ...queries import availability as queries
from ...queries import incidents
from ..fields import Day
from ..requests import actor_of

PARTS = {
    Part.WEB: gettext_lazy("web server"),
    Part.DATABASE: gettext_lazy("database"),
    Part.STORAGE: gettext_lazy("store of files"),
    Part.JOURNAL: gettext_lazy("journal"),
}
OUTCOMES = {
    "up": (gettext_lazy("in service"), "ok"),
    "slow": (gettext_lazy("slow"), "wait"),
    "down": (gettext_lazy("out of service"), "bad"),
    "silent": (gettext_lazy("no measure"), "bad"),
}


class DayForm(forms.Form):
    """The day that a bidder asks about."""

    use_required_attribute = False

    jour = Day(
        label=gettext_lazy("Which day?"),
        help_text=gettext_lazy("Day, month and year. For instance: 12/11/2026."),
        error_messages={"required": gettext_lazy("Write the day that you want to check.")},
    )


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """The finished days with their roots, the interruptions told, and the day that one asks about."""
    form = DayForm(request.GET if "jour" in request.GET else None)
    if form.is_bound and form.is_valid():
        return redirect("procurement:availability-day", day=form.cleaned_data["jour"].isoformat())
    context = {
        "form": form,
        "today": legal_day(actor_of(request).now()),
        "days": queries.probed_days(),
        "incidents": [incident_shown(one) for one in incidents.told_to_all()],
    }
    return render(
        request, "procurement/continuity/availability.html", context, status=422 if form.errors else 200
    )


@require_safe
def day(request: HttpRequest, day: str) -> HttpResponse:
    """One day, hour by hour, with every minute that was not well."""
    found = queries.day_log(_read(day), actor_of(request).now())
    context = {
        "log": found,
        "instant": first_instant(found.day),
        "stretches": [
            {"one": one, "label": OUTCOMES[one.outcome][0], "tone": OUTCOMES[one.outcome][1]}
            for one in found.stretches
        ],
        "hours": [{"one": one, "tone": _tone(one)} for one in found.hours],
        "measured": len({one.minute for one in found.measures}),
        "incidents": [incident_shown(one) for one in incidents.told_on(found.day)],
    }
    return render(request, "procurement/continuity/availability_day.html", context)


@require_safe
def table(request: HttpRequest, day: str) -> HttpResponse:
    """The table of the day: its SHA-256 is the root that the journal holds."""
    found = queries.day_log(_read(day), actor_of(request).now())
    response = HttpResponse(found.table, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = _named(found.day, "csv")
    return response


@require_safe
def as_json(request: HttpRequest, day: str) -> HttpResponse:
    """The same, with the root and where its proof is."""
    found = queries.day_log(_read(day), actor_of(request).now())
    root = found.sealed
    said: dict[str, Any] = {
        "day": found.day.isoformat(),
        "sha256": root.root if root else None,
        "sealed_at": instant_text(root.sealed_at) if root else None,
        "proof": request.build_absolute_uri(
            reverse("procurement:availability-proof", kwargs={"day": found.day.isoformat()})
        )
        if root
        else None,
        "not_well": [
            {
                "since": instant_text(one.since),
                "until": instant_text(one.until),
                "minutes": one.minutes,
                "outcome": one.outcome,
            }
            for one in found.stretches
        ],
        "measures": [
            {
                "minute": instant_text(one.minute),
                "part": one.part,
                "outcome": one.outcome,
                "latency_ms": one.latency_ms,
                "fault": one.fault,
            }
            for one in found.measures
        ],
    }
    response = HttpResponse(json.dumps(said, ensure_ascii=False), content_type="application/json")
    response["Content-Disposition"] = _named(found.day, "json")
    return response


@require_safe
def proof(request: HttpRequest, day: str) -> HttpResponseBase:
    """The evidence of the root: the table, the fact, its place in the journal; it is checked without the platform."""
    found = queries.day_log(_read(day), actor_of(request).now())
    if found.sealed is None:
        raise Missing(
            "day-not-sealed",
            "This day is not sealed yet: its proof is made after midnight.",
            "Come back tomorrow.",
        )
    name = f"disponibilite-{found.day.isoformat()}.csv"
    bundle: Iterator[bytes] = journal.build_bundle(
        [queries.proof_of(found.sealed)], {"content": (name, [found.table])}, private=False
    )
    response = StreamingHttpResponse(bundle, content_type="application/zip")
    response["Content-Disposition"] = _named(found.day, "zip", "preuve-disponibilite")
    return response


def incident_shown(incident: Any) -> dict[str, Any]:
    return {
        "incident": incident,
        "parts": ", ".join(str(PARTS[Part(part)]) for part in incident.parts),
        "minutes": round((incident.until_at - incident.from_at).total_seconds() / 60)
        if incident.until_at
        else None,
    }


def _tone(hour: queries.Hour) -> str:
    if hour.down or hour.silent:
        return "bad"
    return "wait" if hour.slow else "ok"


def _read(text: str) -> date:
    try:
        found = date.fromisoformat(text)
        if not 2000 <= found.year < 3000:
            raise ValueError("no year of the log")
        return found
    except ValueError:
        raise Missing("day-not-probed", _("There is no such day."), _("Choose a day of the list.")) from None


def _named(day: date, suffix: str, stem: str = "disponibilite") -> str:
    return content_disposition_header(True, f"{stem}-{day.isoformat()}.{suffix}") or "attachment"
