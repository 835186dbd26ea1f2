"""The rounds to which candidates are invited: the tenders of a procedure in two stages, then negotiation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from territoires.foundations.registry.api import page
from territoires.kernel.clock import PARIS

from ...actions import negotiating
from ...domain.examination import ADMITTED, RECEIVED
from ...permissions import Procurement
from ...queries import evaluation as queries
from ...queries.quorum import quorum_obstacles
from ...queries.rounds import awaits_tenders, current_round, prepared_round, rounds_of
from ...queries.wording import filled
from ..after_opening.consultation import consultation_place, context_of, found_for
from ..gesture import GesturePage, Place
from .forms import InviteForm, RoundForm, SelectForm


@require_safe
@page(Procurement.READ)
def rounds(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The rounds: those held, the one in preparation and what it waits for."""
    found = found_for(request, consultation)
    prepared, selects = prepared_round(found), awaits_tenders(found)
    candidacies = queries.candidacies_of(found) if selects else []
    obstacles = quorum_obstacles(found, prepared.round) if prepared else []
    context = {
        **context_of(request, found),
        "rounds": rounds_of(found),
        "prepared": prepared,
        "current": current_round(found),
        "awaits_tenders": selects,
        "to_examine": sum(one.state == RECEIVED for one in candidacies),
        "obstacles": [(filled(one.message, one.params), filled(one.remedy, one.params)) for one in obstacles],
        "may_prepare_round": negotiating.may_open_round(found),
    }
    return render(request, "procurement/award/rounds.html", context)


def _round_form(request: HttpRequest, place: Place, *data: Any) -> RoundForm:
    found = place.consultation
    prepared, selects = prepared_round(found), awaits_tenders(found)
    until = prepared.deadline_at if prepared else found.tenders_until if selects else None
    initial: dict[str, Any] = {"is_final": prepared.is_final} if prepared else {}
    if prepared:
        initial["information"] = prepared.information
    if until is not None:
        local = until.astimezone(PARIS)
        initial |= {"until_on": local.date(), "until_hour": f"{local:%H:%M}"}
    return RoundForm(*data, initial=initial, negotiates=negotiating.may_negotiate(found))


prepare_round = GesturePage(
    permission=Procurement.NEGOTIATE,
    verb=negotiating.prepare_round,
    title=gettext_lazy("Prepare a round"),
    meaning=gettext_lazy(
        "All invited candidates read the same information and have the same deadline. The round has keys of its own: its"
        " officers accept it before the invitations leave."
    ),
    button=gettext_lazy("Save the round"),
    done=gettext_lazy("The round is ready; nobody is invited yet."),
    load=consultation_place("rounds", Procurement.NEGOTIATE),
    make=_round_form,
    read=lambda request, form: {
        "information": form.cleaned_data["information"],
        "deadline_at": form.cleaned_data["instant"],
        "is_final": form.cleaned_data.get("is_final", False),
    },
).view()


def _invite_form(request: HttpRequest, place: Place, *data: Any) -> InviteForm:
    admitted = [one for one in queries.candidacies_of(place.consultation) if one.state == ADMITTED]
    choices = [(str(one.bidder_id), one.bidder.name) for one in admitted]
    form = SelectForm if awaits_tenders(place.consultation) else InviteForm
    return form(*data, choices=choices, initial={"bidders": [key for key, _name in choices]})


open_round = GesturePage(
    permission=Procurement.NEGOTIATE,
    verb=negotiating.open_round,
    title=gettext_lazy("Invite the candidates"),
    meaning=gettext_lazy(
        "The invitations leave together. From now on the enterprises invited may submit a sealed bid, until the deadline of"
        " the round. Candidates who take no further part are told at the same time, each with its reason."
    ),
    button=gettext_lazy("Send the invitations"),
    done=gettext_lazy("The invitations were sent: the round is open."),
    icon="send",
    legal=True,
    load=consultation_place("rounds", Procurement.NEGOTIATE),
    make=_invite_form,
    read=lambda request, form: form.invited(),
).view()
