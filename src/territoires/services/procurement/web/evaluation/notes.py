"""The notes of a bid: each evaluator's, and the one on which they agree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Missing

from ...actions import scoring
from ...domain.scoring import DEFAULT_SCALE
from ...permissions import Procurement
from ...queries import evaluation as queries
from ..after_opening.consultation import found_for, place_of
from ..gesture import GesturePage, Place
from ..requests import actor_of
from .forms import NoteForm


def _note_place(permission: Procurement) -> Callable[..., Place]:
    """What is noted stands in the address by its id: a criterion, or a part of one."""

    def load(
        request: HttpRequest, organisation: str, consultation: UUID, bid: UUID, criterion: UUID
    ) -> Place:
        found = found_for(request, consultation, permission)
        one = queries.bid_of(found, bid)
        line = queries.line_of(found, one, criterion, legal_day(actor_of(request).now()))
        if line is None:
            raise Missing("no-criterion", "This lot is not judged on this criterion.", "Go back to the bid.")
        return Place(
            arguments={
                "consultation": found,
                "bid": one.pk,
                "criterion": line.criterion.pk,
                "part": line.part.pk if line.part else None,
            },
            consultation=found,
            after=place_of("bid", found, bid=one.pk),
            context={
                "about": f"{one.shown_name} – {line.name}",
                "line": line,
                "hint": _("From 0 to %(scale)d, out of %(weight)s %% of the total.")
                % {
                    "scale": line.method.scale or DEFAULT_SCALE,
                    "weight": f"{line.weight.normalize():f}",
                },
            },
        )

    return load


score = GesturePage(
    permission=Procurement.SCORE,
    verb=scoring.score_bid,
    title=gettext_lazy("Give your score"),
    meaning=gettext_lazy(
        "Your score and its reason stay under your name; correcting it adds a new one beside it."
    ),
    button=gettext_lazy("Give this score"),
    done=gettext_lazy("Your score is kept."),
    load=_note_place(Procurement.SCORE),
    form=NoteForm,
    fields=("value", "justification"),
).view()


def _agreed_form(request: HttpRequest, place: Place, *data: Any) -> NoteForm:
    """The mean is proposed, never more: the evaluators decide."""
    line = place.context["line"]
    return NoteForm(*data, initial={"value": line.final.value if line.final else line.consolidated})


agree = GesturePage(
    permission=Procurement.ANALYSE,
    verb=scoring.agree_score,
    title=gettext_lazy("The score on which the evaluators agree"),
    meaning=gettext_lazy(
        "It counts in the ranking. The mean of their scores is proposed; the scores of each evaluator stay beside it."
    ),
    button=gettext_lazy("Record the agreed score"),
    done=gettext_lazy("The agreed score is kept."),
    load=_note_place(Procurement.ANALYSE),
    make=_agreed_form,
    fields=("value", "justification"),
    template="procurement/award/agree.html",
).view()
