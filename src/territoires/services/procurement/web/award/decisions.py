"""Agents' pages of the decision: committees and their meetings, awards, letters."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Missing

from ...actions import awarding, letters, meeting
from ...actions.meeting import MemberWords
from ...domain import life
from ...domain.committees import AWARDED, MEETING, OPINION, UNSUCCESSFUL, has_quorum, may_vote
from ...models import AwardOutcome, Consultation
from ...permissions import Procurement
from ...queries import award as queries
from ...queries import committees as committee_queries
from ...queries.evaluation import bids_for, compared, scope_of
from ...queries.letters import drafts_of, expected_standstill
from ..forms import Gesture, ReasonForm
from ..requests import actor_of
from . import words
from .evaluation import context_of, found_for, lot_in, place_of, said
from .forms import (
    AwardForm,
    CommitteeForm,
    ConflictForm,
    ConveneForm,
    DecisionForm,
    EndForm,
    MembersForm,
    PresenceForm,
    ReasonsForm,
    RemarksForm,
)
from .gesture import GesturePage, Place

# -- committees of the body ---------------------------------------------------------------------------------------------


@require_safe
@page(Procurement.KEEP_COMMITTEES)
def committees(request: HttpRequest, organisation: str) -> HttpResponse:
    """The committees of the body."""
    actor = actor_of(request)
    rows = [
        {"committee": one, "members": committee_queries.members_of(one)}
        for one in committee_queries.committees_of(actor.acting_organisation())
    ]
    return render(request, "procurement/award/committees.html", {"rows": rows})


def _committees_place(request: HttpRequest, organisation: str, committee: UUID | None = None) -> Place:
    actor = actor_of(request)
    found = committee_queries.committee_of(actor, committee) if committee else None
    after = reverse("procurement_desk:committees", kwargs={"organisation": organisation})
    return Place(
        arguments={"key": found.pk} if found else {},
        consultation=None,
        after=after,
        context={"about": found.name if found else "", "committee": found},
    )


def _committee_form(request: HttpRequest, place: Place, *data: Any) -> CommitteeForm:
    found = place.context["committee"]
    initial = (
        {name: getattr(found, name) for name in ("name", "kind", "instrument")} if found else {"kind": "cao"}
    )
    return CommitteeForm(*data, initial=initial)


new_committee = GesturePage(
    permission=Procurement.KEEP_COMMITTEES,
    verb=meeting.set_up_committee,
    title=gettext_lazy("A committee"),
    meaning=gettext_lazy(
        "The tender committee (CAO) is elected by the assembly; above the European threshold it chooses the holders"
        " (CGCT L1414-2)."
    ),
    button=gettext_lazy("Save the committee"),
    done=gettext_lazy("The committee is saved."),
    load=_committees_place,
    make=_committee_form,
    read=lambda request, form: {name: form.cleaned_data[name] for name in ("name", "kind", "instrument")},
).view()


def _members_place(request: HttpRequest, organisation: str, committee: UUID) -> Place:
    place = _committees_place(request, organisation, committee)
    return Place(
        arguments={"committee": place.context["committee"].pk},
        consultation=None,
        after=place.after,
        context=place.context,
    )


def _members_form(request: HttpRequest, place: Place, *data: Any) -> MembersForm:
    present = committee_queries.members_of(place.context["committee"])
    return MembersForm(*data, initial={"members": MembersForm.written(present)})


name_members = GesturePage(
    permission=Procurement.KEEP_COMMITTEES,
    verb=meeting.name_members,
    title=gettext_lazy("The members of the committee"),
    meaning=gettext_lazy(
        "Those named here are convened from now on; whoever is no longer named has left. Meetings that were held keep"
        " their members."
    ),
    button=gettext_lazy("Save the members"),
    done=gettext_lazy("The members are saved."),
    load=_members_place,
    make=_members_form,
    read=lambda request, form: {
        "members": [
            MemberWords(name, email, capacity, quality)
            for capacity, name, email, quality in form.cleaned_data["members"]
        ]
    },
).view()


# -- meetings -----------------------------------------------------------------------------------------------------------


def _convene_place(request: HttpRequest, organisation: str, consultation: UUID) -> Place:
    found = found_for(request, consultation, Procurement.CONVENE)
    return Place(arguments={"consultation": found}, consultation=found, after=place_of("award", found))


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
    load=_convene_place,
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
    make=lambda request, place, *data: ConflictForm(
        *data, places=committee_queries.attendances_of(place.context["meeting"])
    ),
    read=lambda request, form: {
        "attendance": UUID(form.cleaned_data["attendance"]),
        "reason": form.cleaned_data["reason"],
    },
).view()


def _decision_place(request: HttpRequest, organisation: str, consultation: UUID, meeting: UUID) -> Place:
    place = _meeting_place(request, organisation, consultation, meeting)
    lot = scope_of(place.consultation, lot_in(request.GET.get("lot", "")))
    return Place(
        arguments={**place.arguments, "lot": lot.pk if lot else None},
        consultation=place.consultation,
        after=place.after,
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
            _("awards to %(name)s (place %(rank)s)") % {"name": one.candidacy.bidder.name, "rank": one.rank},
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
    make=lambda request, place, *data: RemarksForm(*data),
    read=lambda request, form: {"remarks": form.cleaned_data["remarks"]},
).view()


@require_safe
@page(Procurement.READ)
def minutes(request: HttpRequest, organisation: str, consultation: UUID, meeting: UUID) -> HttpResponseBase:
    """The minutes of a meeting."""
    one = committee_queries.meeting_of(found_for(request, consultation), meeting)
    if one.minutes is None:
        raise Missing("no-minutes", "The meeting is not over: it has no minutes yet.", "End it first.")
    return documents.download_response(one.minutes, request)


# -- the decision -------------------------------------------------------------------------------------------------------


@require_safe
@page(Procurement.READ)
def decide(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The lots, each with its decision or what must come before it."""
    found = found_for(request, consultation)
    today = legal_day(actor_of(request).now())
    rows = [
        {
            "lot": one.lot,
            "award": one.award,
            "committee": one.committee,
            "first": queries.ranked_first(found, one.lot.pk if one.lot else None),
        }
        for one in queries.decided(found)
    ]
    is_known = bool(found.procedure)
    context = {
        **context_of(request, found),
        "rows": rows,
        "needs_committee": is_known and queries.needs_committee(found, today),
        "may_withdraw": found.state in (life.ANALYSIS, life.DECIDED) and not queries.decision_letters(found),
        "may_end": found.state in life.UNDER_WAY,
    }
    return render(request, "procurement/award/decide.html", context)


def _lot_place(request: HttpRequest, organisation: str, consultation: UUID) -> Place:
    found = found_for(request, consultation, Procurement.AWARD)
    lot = scope_of(found, lot_in(request.GET.get("lot", "")))
    return Place(
        arguments={"consultation": found, "lot": lot.pk if lot else None},
        consultation=found,
        after=place_of("decide", found),
        context={"about": str(lot) if lot else "", "lot": lot},
    )


def _award_form(request: HttpRequest, place: Place, *data: Any) -> AwardForm:
    lot = place.context["lot"]
    first = queries.ranked_first(place.consultation, lot.pk if lot else None)
    choices = [(str(one.pk), _("awarded to %(name)s") % {"name": one.candidacy.bidder.name}) for one in first]
    choices += [
        (AwardOutcome.UNSUCCESSFUL, _("unsuccessful: no bid can be accepted")),
        (AwardOutcome.ABANDONED, _("without follow-up, for a reason of general interest")),
    ]
    return AwardForm(*data, choices=choices)


def _award(
    *, actor: Any, consultation: Consultation, lot: UUID | None, choice: str, reason: str, proofs: bool
) -> Any:
    if choice in (AwardOutcome.UNSUCCESSFUL, AwardOutcome.ABANDONED):
        return awarding.close_lot(
            actor=actor, consultation=consultation, lot=lot, outcome=choice, reason=reason
        )
    return awarding.award_lot(
        actor=actor,
        consultation=consultation,
        lot=lot,
        bid=UUID(choice),
        reason=reason,
        proofs_are_complete=proofs,
    )


award_lot = GesturePage(
    permission=Procurement.AWARD,
    verb=_award,
    title=gettext_lazy("Decide this lot"),
    meaning=gettext_lazy(
        "The bid that comes first is chosen; above the European threshold the tender committee has chosen it. The reason"
        " is told to those who were not."
    ),
    button=gettext_lazy("Record the decision"),
    done=gettext_lazy("The decision is recorded. Nobody outside was told yet."),
    icon="gavel",
    legal=True,
    load=_lot_place,
    make=_award_form,
    read=lambda request, form: {
        "choice": form.cleaned_data["choice"],
        "reason": form.cleaned_data["reason"],
        "proofs": form.cleaned_data["proofs_are_complete"],
    },
).view()

withdraw_award = GesturePage(
    permission=Procurement.AWARD,
    verb=awarding.withdraw_decision,
    title=gettext_lazy("Take the decision back"),
    meaning=gettext_lazy(
        "Nobody outside was told yet: the decision may still be taken back. Its trace stays."
    ),
    button=gettext_lazy("Take it back"),
    done=gettext_lazy("The decision is taken back."),
    load=_lot_place,
    make=lambda request, place, *data: ReasonForm(*data),
    read=lambda request, form: {"reason": form.cleaned_data["reason"]},
).view()


def _end_place(request: HttpRequest, organisation: str, consultation: UUID) -> Place:
    found = found_for(request, consultation, Procurement.AWARD)
    return Place(arguments={"consultation": found}, consultation=found, after=place_of("award", found))


end_without = GesturePage(
    permission=Procurement.AWARD,
    verb=awarding.end_without_contract,
    title=gettext_lazy("End the procedure without contract"),
    meaning=gettext_lazy(
        "All who answered are told, with the reason. The procedure cannot be resumed; another one may begin from its copy."
    ),
    button=gettext_lazy("End the procedure"),
    done=gettext_lazy("The procedure is ended, and the candidates are told."),
    legal=True,
    load=_end_place,
    make=lambda request, place, *data: EndForm(*data),
    read=lambda request, form: {name: form.cleaned_data[name] for name in ("outcome", "reason")},
).view()


# -- letters ------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD"])
@page(Procurement.READ)
def letters_page(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The letters that will leave, or those that left with what proves it."""
    found = found_for(request, consultation)
    now = actor_of(request).now()
    proofs = queries.letters_of(found)
    is_decided = found.state == life.DECIDED and not queries.decision_letters(found)
    context = {
        **context_of(request, found),
        "proofs": [{"proof": one, "title": words.letter_title(one.letter)} for one in proofs],
        "drafts": drafts_of(found, now) if is_decided else [],
        "due": expected_standstill(found, now) if is_decided else None,
        "is_formal": is_decided and queries.procedure_of(found, legal_day(now)).is_formal,
        "reasons": queries.reasons_waiting(found),
        "key": Gesture().initial["_key"],
    }
    return render(request, "procurement/award/letters.html", context)


@require_POST
@page(Procurement.AWARD)
def keep_standstill(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Keeps a standstill that nothing asks for, or no more."""
    found = found_for(request, consultation, Procurement.AWARD)
    keeps = request.POST.get("keeps") == "yes"
    return said(
        request,
        lambda: letters.keep_standstill(actor=actor_of(request), consultation=found, keeps=keeps),
        _("A standstill is kept.") if keeps else _("No standstill is kept."),
        place_of("letters", found),
    )


@require_POST
@page(Procurement.AWARD)
def send_letters(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Sends the letters, all at once."""
    found = found_for(request, consultation, Procurement.AWARD)
    return said(
        request,
        lambda: letters.tell_candidates(actor=actor_of(request), consultation=found),
        _("The letters left, all together."),
        place_of("letters", found),
    )


@require_safe
@page(Procurement.READ)
def letter_file(
    request: HttpRequest, organisation: str, consultation: UUID, letter: UUID
) -> HttpResponseBase:
    """A letter as it left."""
    found = found_for(request, consultation)
    return documents.download_response(queries.letter_sent(found, letter), request)


def _reasons_place(request: HttpRequest, organisation: str, consultation: UUID, candidacy: UUID) -> Place:
    found = found_for(request, consultation, Procurement.AWARD)
    return Place(
        arguments={"consultation": found, "candidacy": candidacy},
        consultation=found,
        after=place_of("letters", found),
    )


give_reasons = GesturePage(
    permission=Procurement.AWARD,
    verb=letters.give_reasons,
    title=gettext_lazy("Give the reasons"),
    meaning=gettext_lazy(
        "A candidate that was not chosen asked why: it is told within fifteen days, with the characteristics of the"
        " chosen bid where it was admissible."
    ),
    button=gettext_lazy("Send the answer"),
    done=gettext_lazy("The answer was sent."),
    icon="send",
    legal=True,
    load=_reasons_place,
    make=lambda request, place, *data: ReasonsForm(*data),
    read=lambda request, form: {"text": form.cleaned_data["text"]},
).view()
