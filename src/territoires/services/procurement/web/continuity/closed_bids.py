"""The keys and the bids that nobody opened: what forbids to destroy them, their destruction, its minutes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page, sentence
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Missing, TooLate

from ...actions import destroying
from ...models import LONGEST_REASON, Consultation
from ...permissions import Procurement
from ...queries import destruction as queries
from ...queries.written_minutes import minutes_in, minutes_of
from ..after_opening.consultation import consultation_place, found_for, place_of
from ..fields import Day, Text
from ..forms import Gesture
from ..gesture import GesturePage, Place
from ..requests import actor_of

PERMISSION = Procurement.DESTROY_BIDS


class VisaForm(Gesture):
    """The visa of the archives."""

    visa_by = forms.CharField(
        label=gettext_lazy("Who gave the visa"),
        max_length=destroying.LONGEST_VISA,
        help_text=gettext_lazy("For instance: Archives départementales de l'Yonne."),
        error_messages={"required": gettext_lazy("Write who gave it.")},
        widget=forms.TextInput(attrs={"lang": "fr"}),
    )
    visa_reference = forms.CharField(
        label=gettext_lazy("Its reference"),
        max_length=destroying.LONGEST_VISA,
        help_text=gettext_lazy("The number of the destruction slip or of the letter."),
        error_messages={"required": gettext_lazy("Write its reference.")},
        widget=forms.TextInput(attrs={"lang": "fr"}),
    )
    visa_on = Day(
        label=gettext_lazy("Its day"), error_messages={"required": gettext_lazy("Write the day of the visa.")}
    )


class DisputeForm(Gesture):
    """What began."""

    what = Text(
        label=gettext_lazy("What it is"),
        max_length=LONGEST_REASON,
        rows=3,
        help_text=gettext_lazy("The claim or the inspection, before whom, since when."),
        error_messages={"required": gettext_lazy("Write what it is, in one sentence.")},
    )


class OutcomeForm(Gesture):
    """How it ended."""

    outcome = Text(
        label=gettext_lazy("How it ended"),
        max_length=LONGEST_REASON,
        rows=3,
        error_messages={"required": gettext_lazy("Write how it ended, in one sentence.")},
    )


@require_safe
@page(PERMISSION)
def closed_bids(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """What is still closed, what forbids to destroy it, how far its destruction is."""
    found = found_for(request, consultation, PERMISSION)
    destruction = queries.destruction_of(found)
    context = {
        "consultation": found,
        "destruction": destruction,
        "minutes": minutes_of(destruction) if destruction else [],
        "disputes": queries.disputes_of(found),
        "blocks": queries.unopened(found).count(),
        "keys": queries.holding_keys(found),
        "legal_end": queries.legal_end(found) if found.state in queries.OVER else None,
        "obstacle": None if destruction else _obstacle(request, found),
    }
    return render(request, "procurement/continuity/closed_bids.html", context)


def _obstacle(request: HttpRequest, consultation: Consultation) -> list[str]:
    try:
        queries.require_destroyable(consultation, legal_day(actor_of(request).now()))
    except (Conflict, TooLate) as refusal:
        return [sentence(one, refusal.params) for one in (refusal.message, refusal.remedy)]
    return []


@require_safe
@page(PERMISSION)
def minutes(request: HttpRequest, organisation: str, consultation: UUID, language: str) -> HttpResponseBase:
    """The minutes of the destruction."""
    destruction = queries.destruction_of(found_for(request, consultation, PERMISSION))
    if destruction is None:
        raise Missing("no-minutes", "These minutes are not written yet.", "Wait a few seconds.")
    return documents.download_response(minutes_in(destruction, language).document, request, inline=True)


def _dispute_place(request: HttpRequest, organisation: str, consultation: UUID, dispute: UUID) -> Place:
    found = found_for(request, consultation, PERMISSION)
    one = queries.dispute_of(found, dispute)
    about: dict[str, Any] = {"about": one.what}
    return Place(
        arguments={"consultation": found, "dispute": one.pk},
        after=place_of("closed-bids", found),
        consultation=found,
        context=about,
    )


destroy = GesturePage(
    permission=PERMISSION,
    verb=destroying.order_destruction,
    title=gettext_lazy("Destroy the keys and the closed bids"),
    meaning=gettext_lazy(
        "Public archives are destroyed with the visa of the departmental archives only. The officers' keys, the"
        " time-keeper's and everything that was never opened will be gone for good: no judge can have it opened any more."
        " Hashes, receipts, the log of the uploads and the journal stay, and minutes are written."
    ),
    button=gettext_lazy("Destroy them"),
    done=gettext_lazy("The destruction is ordered; its minutes follow within a minute."),
    icon="trash-2",
    legal=True,
    load=consultation_place("closed-bids", PERMISSION),
    form=VisaForm,
    fields=("visa_by", "visa_reference", "visa_on"),
).view()

note_dispute = GesturePage(
    permission=PERMISSION,
    verb=destroying.note_dispute,
    title=gettext_lazy("Note a dispute or an inspection"),
    meaning=gettext_lazy("Nothing that was never opened is destroyed before you note its end."),
    button=gettext_lazy("Note it"),
    done=gettext_lazy("It is noted: nothing is destroyed until its end."),
    load=consultation_place("closed-bids", PERMISSION),
    form=DisputeForm,
    fields=("what",),
).view()

end_dispute = GesturePage(
    permission=PERMISSION,
    verb=destroying.end_dispute,
    title=gettext_lazy("Note the end of the dispute"),
    meaning=gettext_lazy(
        "Write the decision, or how it was settled; it stays in the file of the consultation."
    ),
    button=gettext_lazy("Note its end"),
    done=gettext_lazy("Its end is noted."),
    load=_dispute_place,
    form=OutcomeForm,
    fields=("outcome",),
).view()
