"""The rounds of negotiation: prepared, invited, held."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from territoires.foundations.registry.api import page

from ...actions import negotiating
from ...domain.examination import ADMITTED
from ...permissions import Procurement
from ...queries import evaluation as queries
from ...queries.rounds import current_round, prepared_round, rounds_of
from ..after_opening.consultation import consultation_place, context_of, found_for
from ..gesture import GesturePage, Place
from .forms import InviteForm, RoundForm


@require_safe
@page(Procurement.READ)
def rounds(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The rounds of negotiation: those held, the one in preparation."""
    found = found_for(request, consultation)
    context = {
        **context_of(request, found),
        "rounds": rounds_of(found),
        "prepared": prepared_round(found),
        "current": current_round(found),
    }
    return render(request, "procurement/award/rounds.html", context)


prepare_round = GesturePage(
    permission=Procurement.NEGOTIATE,
    verb=negotiating.prepare_round,
    title=gettext_lazy("Prepare a round of negotiation"),
    meaning=gettext_lazy(
        "All invited candidates read the same information and have the same deadline. The round has keys of its own: its"
        " officers accept it before the invitations leave."
    ),
    button=gettext_lazy("Save the round"),
    done=gettext_lazy("The round is ready; nobody is invited yet."),
    load=consultation_place("rounds", Procurement.NEGOTIATE),
    form=RoundForm,
    read=lambda request, form: {
        "information": form.cleaned_data["information"],
        "deadline_at": form.cleaned_data["instant"],
        "is_final": form.cleaned_data["is_final"],
    },
).view()


def _invite_form(request: HttpRequest, place: Place, *data: Any) -> InviteForm:
    admitted = [one for one in queries.candidacies_of(place.consultation) if one.state == ADMITTED]
    choices = [(str(one.bidder_id), one.bidder.name) for one in admitted]
    return InviteForm(*data, choices=choices, initial={"bidders": [key for key, _name in choices]})


open_round = GesturePage(
    permission=Procurement.NEGOTIATE,
    verb=negotiating.open_round,
    title=gettext_lazy("Invite to negotiate"),
    meaning=gettext_lazy(
        "The invitations leave together. From now on the enterprises invited may submit a new sealed bid, until the"
        " deadline of the round."
    ),
    button=gettext_lazy("Send the invitations"),
    done=gettext_lazy("The invitations were sent: the round is open."),
    icon="send",
    legal=True,
    load=consultation_place("rounds", Procurement.NEGOTIATE),
    make=_invite_form,
    read=lambda request, form: {"bidders": [UUID(one) for one in form.cleaned_data["bidders"]]},
).view()
