"""The meetings of a committee: convened, held, decided, printed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page

from ...actions import meeting
from ...domain.committees import AWARDED, MEETING, OPINION, UNSUCCESSFUL, has_quorum, may_vote
from ...permissions import Procurement
from ...queries import award as queries
from ...queries import committees as committee_queries
from ...queries.evaluation import bids_for, compared, scope_of
from ..after_opening import words
from ..after_opening.consultation import consultation_place, context_of, found_for, lot_in, place_of
from ..gesture import GesturePage, Place
from .forms import ConflictForm, ConveneForm, DecisionForm, PresenceForm, RemarksForm


def _convene_form(request: HttpRequest, place: Place, *data: Any) -> ConveneForm:
    rows = committee_queries.committees_of(place.consultation.organisation_id)
    initial = {"committee": str(rows[0].pk)} if len(rows) == 1 else {}
    return ConveneForm(*data, choices=[(str(one.pk), one.name) for one in rows], initial=initial)


convene = GesturePage(
    permission=Procurement.CONVENE,
    verb=meeting.convene,
    title=gettext_lazy("Convene a committee"),
    meaning=gettext_lazy(
        "All its members are convened by mail, substitutes too. After a meeting without quorum, the next one of a tender"
        " committee decides whoever comes (CGCT L1411-5)."
    ),
    button=gettext_lazy("Send the convening"),
    done=gettext_lazy("The members are convened."),
    icon="send",
    legal=True,
    load=consultation_place("award", Procurement.CONVENE),
    make=_convene_form,
    read=lambda request, form: {
        "committee": UUID(form.cleaned_data["committee"]),
        "meets_at": form.cleaned_data["instant"],
        **{name: form.cleaned_data[name] for name in ("place", "agenda", "shortened_because")},
    },
).view()


@require_safe
@page(Procurement.READ)
def meeting_page(request: HttpRequest, organisation: str, consultation: UUID, meeting: UUID) -> HttpResponse:
    """A meeting: who was convened and came, what was decided, its minutes."""
    found = found_for(request, consultation)
    one = committee_queries.meeting_of(found, meeting)
    seats = committee_queries.seats_of(one)
    said_of = {row.lot_id: row for row in committee_queries.decisions_of(one)}
    context = {
        **context_of(request, found),
        "meeting": one,
        "state": words.meeting_state(one.state),
        "places": committee_queries.attendances_of(one),
        "voters": len(may_vote(seats)),
        "has_quorum": has_quorum(one.committee.kind, seats, is_second=one.after_id is not None),
        "lots": [
            {"lot": row.lot, "decision": said_of.get(row.lot.pk if row.lot else None)}
            for row in queries.decided(found)
        ],
        "is_over": MEETING.states[one.state].final,
    }
    return render(request, "procurement/award/meeting.html", context)


def _meeting_place(request: HttpRequest, organisation: str, consultation: UUID, meeting: UUID) -> Place:
    found = found_for(request, consultation, Procurement.CONVENE)
    one = committee_queries.meeting_of(found, meeting)
    return Place(
        arguments={"consultation": found, "meeting": one.pk},
        consultation=found,
        after=place_of("meeting", found, meeting=one.pk),
        context={"about": one.committee.name, "meeting": one},
    )


def _presence_form(request: HttpRequest, place: Place, *data: Any) -> PresenceForm:
    places = committee_queries.attendances_of(place.context["meeting"])
    initial: dict[str, Any] = {f"present-{one.pk}": one.is_present for one in places}
    initial |= {f"replaces-{one.pk}": str(one.replaces_id or "") for one in places}
    return PresenceForm(*data, places=places, initial=initial)


note_presence = GesturePage(
    permission=Procurement.CONVENE,
    verb=meeting.note_presence,
    title=gettext_lazy("Who came"),
    meaning=gettext_lazy(
        "More than half of the members with a vote make the quorum. Without it nothing is decided, and a second meeting"
        " is convened."
    ),
    button=gettext_lazy("Record who came"),
    done=gettext_lazy("The presence is recorded."),
    load=_meeting_place,
    make=_presence_form,
    read=lambda request, form: {"present": form.present(), "replacing": form.replacing()},
).view()


def _conflict_form(request: HttpRequest, place: Place, *data: Any) -> ConflictForm:
    places = committee_queries.attendances_of(place.context["meeting"])
    return ConflictForm(*data, choices=[(str(one.pk), one.name) for one in places])


declare_conflict = GesturePage(
    permission=Procurement.CONVENE,
    verb=meeting.declare_conflict,
    title=gettext_lazy("A conflict of interest"),
    meaning=gettext_lazy(
        "Whoever has an interest in an enterprise says so, leaves the room and does not vote."
    ),
    button=gettext_lazy("Record the conflict"),
    done=gettext_lazy("The conflict is recorded: this member abstains."),
    load=_meeting_place,
    make=_conflict_form,
    read=lambda request, form: {
        "attendance": UUID(form.cleaned_data["attendance"]),
        "reason": form.cleaned_data["reason"],
    },
).view()


def _decision_place(request: HttpRequest, organisation: str, consultation: UUID, meeting: UUID) -> Place:
    place = _meeting_place(request, organisation, consultation, meeting)
    lot = scope_of(place.consultation, lot_in(request.GET.get("lot", "")))
    return replace(
        place,
        arguments={**place.arguments, "lot": lot.pk if lot else None},
        context={**place.context, "about": str(lot) if lot else "", "lot": lot},
    )


def _decision_form(request: HttpRequest, place: Place, *data: Any) -> DecisionForm:
    ranked = sorted(
        (one for one in compared(bids_for(place.consultation, place.context["lot"])) if one.rank),
        key=lambda one: one.rank or 0,
    )
    choices = [
        (
            str(one.pk),
            _("awards to %(name)s (place %(rank)s)") % {"name": one.shown_name, "rank": one.rank},
        )
        for one in ranked
    ]
    choices += [
        (UNSUCCESSFUL, _("finds the lot unsuccessful")),
        (OPINION, _("gives an opinion, written below")),
    ]
    return DecisionForm(*data, choices=choices)


def _decided(request: HttpRequest, form: Any) -> dict[str, Any]:
    choice = form.cleaned_data["choice"]
    is_bid = choice not in (UNSUCCESSFUL, OPINION)
    return {
        "outcome": AWARDED if is_bid else choice,
        "bid": UUID(choice) if is_bid else None,
        **{name: form.cleaned_data[name] for name in ("votes_for", "votes_against", "abstentions", "reason")},
    }


record_decision = GesturePage(
    permission=Procurement.CONVENE,
    verb=meeting.record_decision,
    title=gettext_lazy("What the committee decides"),
    meaning=gettext_lazy("Who declared a conflict of interest does not vote."),
    button=gettext_lazy("Record the decision"),
    done=gettext_lazy("The decision is recorded."),
    legal=True,
    load=_decision_place,
    make=_decision_form,
    read=_decided,
).view()


close_meeting = GesturePage(
    permission=Procurement.CONVENE,
    verb=meeting.hold_to_its_end,
    title=gettext_lazy("End the meeting"),
    meaning=gettext_lazy("The minutes are printed from what was recorded, and change no more."),
    button=gettext_lazy("Print the minutes and end the meeting"),
    done=gettext_lazy("The meeting is over; its minutes are kept."),
    legal=True,
    load=_meeting_place,
    form=RemarksForm,
    fields=("remarks",),
).view()


@require_safe
@page(Procurement.READ)
def minutes(request: HttpRequest, organisation: str, consultation: UUID, meeting: UUID) -> HttpResponseBase:
    """The minutes of a meeting."""
    one = committee_queries.meeting_of(found_for(request, consultation), meeting)
    return documents.download_response(committee_queries.minutes_kept(one), request)
