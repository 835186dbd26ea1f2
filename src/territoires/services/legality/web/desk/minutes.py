"""The page that publishes the minutes of a sitting."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page
from territoires.kernel.errors import Conflict, Invalid

from ...actions.minutes import publish_minutes
from ...domain.files import MINUTES
from ...permissions import Legality
from ...queries import sittings as queries
from ...queries.minutes import minutes_of
from ..forms import Day, Gesture, day_text
from ..requests import actor_of, keyed
from ..uploads import documents_of, taken
from .gestures import write_refusal
from .pages import LARGEST


class MinutesForm(Gesture):
    """The file, and the sitting that adopted it."""

    minutes = forms.FileField(
        label=gettext_lazy("The minutes"),
        allow_empty_file=True,
        help_text=gettext_lazy("A PDF, not locked, as the sitting adopted them and the mayor signed them."),
        widget=forms.FileInput(attrs={"accept": ".pdf"}),
        error_messages={"required": gettext_lazy("Choose the file of the minutes.")},
    )
    adopted_on = Day(
        label=gettext_lazy("Adopted by the sitting of"),
        help_text=gettext_lazy("Usually the next one. For instance 12/11/2026."),
        error_messages={"required": gettext_lazy("Write the day of the sitting that adopted them.")},
    )


@documents.receives_uploads(LARGEST)  # type: ignore[arg-type]  # the page guard answers HttpResponseBase
@require_http_methods(["GET", "HEAD", "POST"])
@page(Legality.LIST)
def publish(request: HttpRequest, organisation: str, sitting: UUID) -> HttpResponse:
    """Publishes the minutes: the file and the day of their adoption."""
    found = queries.sitting_of(actor_of(request), sitting, Legality.LIST)
    due = minutes_of(found)
    form = MinutesForm(initial=_proposed(found, due.adopted_on))
    if request.method == "POST":
        form = MinutesForm(request.POST, request.FILES)
        if form.is_valid() and _is_published(request, form, found):
            messages.success(request, _("The minutes are on line."))
            return redirect("legality_desk:sitting", organisation=organisation, sitting=sitting)
    context = {"form": form, "sitting": found, "minutes": due}
    return render(request, "legality/minutes_publish.html", context, status=422 if form.errors else 200)


def _is_published(request: HttpRequest, form: MinutesForm, sitting: Any) -> bool:
    try:
        [document] = documents_of(request, MINUTES.field, form.key)[:1]
        publish_minutes(
            actor=keyed(request, form.key),
            sitting=sitting,
            file=taken(request, document, MINUTES),
            adopted_on=form.cleaned_data["adopted_on"],
            version=form.cleaned_data.get("version"),
        )
    except (Invalid, Conflict) as refusal:
        write_refusal(form, refusal)
    return not form.errors


def _proposed(sitting: Any, adopted_on: Any) -> dict[str, Any]:
    return {"version": sitting.version, "adopted_on": day_text(adopted_on) if adopted_on else ""}
