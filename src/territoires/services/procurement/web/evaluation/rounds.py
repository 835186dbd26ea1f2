"""The rounds to which candidates are invited: the tenders of a procedure in two stages, then negotiation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from territoires.foundations.actions import api as rights
from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page
from territoires.kernel.clock import PARIS
from territoires.kernel.errors import Missing

from ...actions import dialogue, negotiating
from ...domain.examination import ADMITTED, RECEIVED
from ...domain.law import DIALOGUE
from ...models import Candidacy, Consultation
from ...permissions import Procurement
from ...queries import evaluation as queries
from ...queries.quorum import quorum_obstacles
from ...queries.rounds import FIRST, awaits_tenders, current_round, in_dialogue, prepared_round, rounds_of
from ...queries.wording import filled
from ..after_opening.consultation import consultation_place, context_of, found_for
from ..gesture import GesturePage, Place, taken
from ..requests import actor_of
from .forms import ConclusionForm, InviteForm, MeetingForm, RoundForm, SelectForm

OWN_PART = ("officer-not-ready", "officer-without-trial")


@require_safe
@page(Procurement.READ)
def rounds(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The rounds: those held, the one in preparation and what it waits for."""
    found = found_for(request, consultation)
    may_read = rights.may(actor_of(request), Procurement.NEGOTIATE, found)
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
        "accepts_here": any(
            one.code in OWN_PART and one.about == str(actor_of(request).person) for one in obstacles
        ),
        "may_prepare_round": negotiating.may_open_round(found),
        "is_dialogue": found.procedure == DIALOGUE,
        "in_dialogue": in_dialogue(found),
        "may_end_dialogue": in_dialogue(found) and current_round(found) > FIRST and prepared is None,
        "meetings": queries.dialogue_meetings_of(found) if may_read else [],
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
    return RoundForm(
        *data, initial=initial, negotiates=negotiating.may_negotiate(found) and found.procedure != DIALOGUE
    )


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
    initial = {"bidders": [key for key, _name in choices]}
    if not awaits_tenders(place.consultation):
        return InviteForm(*data, choices=choices, initial=initial)
    return SelectForm(*data, choices=choices, initial=initial, lots=_lots_of(place.consultation, admitted))


def _lots_of(consultation: Consultation, admitted: Iterable[Candidacy]) -> dict[str, list[tuple[str, str]]]:
    """The lots that each candidate answered, of those that answered several."""
    following = current_round(consultation) + 1
    answered = {
        str(one.bidder_id): queries.lots_answered(consultation, one.bidder_id, following) for one in admitted
    }
    return {
        key: [(str(lot.number), f"{lot.number}. {lot.title}") for lot in lots]
        for key, lots in answered.items()
        if len(lots) > 1
    }


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


def _meeting_form(request: HttpRequest, place: Place, *data: Any) -> MeetingForm:
    admitted = [one for one in queries.candidacies_of(place.consultation) if one.state == ADMITTED]
    return MeetingForm(*data, choices=[(str(one.pk), one.bidder.name) for one in admitted])


note_meeting = GesturePage(
    permission=Procurement.NEGOTIATE,
    verb=dialogue.note_meeting,
    title=gettext_lazy("Note a session of the dialogue"),
    meaning=gettext_lazy(
        "Each candidate is heard apart and equally. What it proposes is told to no other one without its agreement; the trace"
        " of the session stays in the file."
    ),
    button=gettext_lazy("Keep the session"),
    done=gettext_lazy("The session is kept in the file."),
    load=consultation_place("rounds", Procurement.NEGOTIATE),
    make=_meeting_form,
    read=lambda request, form: {
        "candidacy": UUID(form.cleaned_data["candidacy"]),
        "held_on": form.cleaned_data["held_on"],
        "present": form.cleaned_data["present"],
        "summary": form.cleaned_data["summary"],
        "document": taken(request, form),
    },
).view()

end_dialogue = GesturePage(
    permission=Procurement.NEGOTIATE,
    verb=dialogue.end_dialogue,
    title=gettext_lazy("Declare the end of the dialogue"),
    meaning=gettext_lazy(
        "You know which solution or solutions meet your needs. The candidates that remain are told; the next round asks for"
        " their final bids, after which nothing is discussed any more."
    ),
    button=gettext_lazy("Declare the end"),
    done=gettext_lazy("The dialogue is over; the candidates were told."),
    load=consultation_place("rounds", Procurement.NEGOTIATE),
    form=ConclusionForm,
    fields=("conclusion",),
    icon="check",
    legal=True,
).view()


@require_safe
@page(Procurement.NEGOTIATE)
def meeting_file(
    request: HttpRequest, organisation: str, consultation: UUID, sha256: str
) -> HttpResponseBase:
    """The minutes of a session."""
    found = found_for(request, consultation, Procurement.NEGOTIATE)
    for one in queries.dialogue_meetings_of(found):
        if one.document is not None and one.sha256 == sha256:
            return documents.download_response(one.document, request)
    raise Missing("no-document", "This file is not part of the dialogue.", "Go back to the rounds.")
