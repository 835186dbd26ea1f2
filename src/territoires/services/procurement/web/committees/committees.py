"""The committees of the body and their members."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from territoires.foundations.registry.api import page

from ...actions import meeting
from ...actions.meeting import MemberWords
from ...permissions import Procurement
from ...queries import committees as committee_queries
from ..gesture import GesturePage, Place
from ..requests import actor_of
from .forms import CommitteeForm, MembersForm


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
    fields=("name", "kind", "instrument"),
).view()


def _members_place(request: HttpRequest, organisation: str, committee: UUID) -> Place:
    place = _committees_place(request, organisation, committee)
    return replace(place, arguments={"committee": place.context["committee"].pk})


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
