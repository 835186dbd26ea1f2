"""The anonymity of a contest, lifted after the opinion of its jury."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from ...actions import contest
from ...permissions import Procurement
from ...queries.contests import projects_of
from ...queries.rounds import is_anonymous
from ..after_opening.consultation import consultation_place
from ..gesture import GesturePage, Place
from .forms import LiftForm


def _lift_form(request: HttpRequest, place: Place, *data: Any) -> LiftForm:
    found = place.consultation
    projects = projects_of(found) if is_anonymous(found) else []
    names = [(str(one.pk), one.shown_name) for one in projects]
    return LiftForm(*data, projects=names, prize=found.prize)


lift = GesturePage(
    permission=Procurement.AWARD,
    verb=contest.lift_anonymity,
    title=gettext_lazy("Lift the anonymity"),
    meaning=gettext_lazy(
        "The jury has given its opinion on every project in a meeting whose minutes are kept. From now on names are put to the"
        " projects, for good; each author is told its number and its prize."
    ),
    button=gettext_lazy("Put names to the projects"),
    done=gettext_lazy("The anonymity is lifted; each author was told."),
    load=consultation_place("award", Procurement.AWARD),
    make=_lift_form,
    read=lambda request, form: {"prizes": form.prizes(), "reason": form.cleaned_data["reason"]},
    icon="check",
    legal=True,
).view()
