"""The notes of a bid: each evaluator's, and the one on which they agree."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Missing

from ...actions import scoring
from ...permissions import Procurement
from ...queries import evaluation as queries
from ..after_opening.consultation import found_for, place_of
from ..gesture import GesturePage, Place
from ..requests import actor_of
from .forms import NoteForm


def _note_place(permission: Procurement) -> Callable[..., Place]:
    def load(
        request: HttpRequest, organisation: str, consultation: UUID, bid: UUID, criterion: UUID
    ) -> Place:
        found = found_for(request, consultation, permission)
        one = queries.bid_of(found, bid)
        criteria = queries.criteria_for(found, one.lot)
        on = next((row for row in criteria if row.pk == criterion), None)
        if on is None:
            raise Missing("no-criterion", "This lot is not judged on this criterion.", "Go back to the bid.")
        method = queries.methods_of(criteria, legal_day(actor_of(request).now()))[on.pk]
        return Place(
            arguments={"consultation": found, "bid": one.pk, "criterion": on.pk},
            consultation=found,
            after=place_of("bid", found, bid=one.pk),
            context={
                "about": f"{one.candidacy.bidder.name} – {on.name}",
                "hint": _("From 0 to %(scale)d, out of %(weight)s %% of the total.")
                % {"scale": method.scale or 5, "weight": f"{on.weight.normalize():f}"},
            },
        )

    return load


score = GesturePage(
    permission=Procurement.SCORE,
    verb=scoring.score_bid,
    title=gettext_lazy("Give your note"),
    meaning=gettext_lazy(
        "Your note and its reason stay under your name; correcting it adds a new one beside it."
    ),
    button=gettext_lazy("Give this note"),
    done=gettext_lazy("Your note is kept."),
    load=_note_place(Procurement.SCORE),
    form=NoteForm,
    fields=("value", "justification"),
).view()


agree = GesturePage(
    permission=Procurement.ANALYSE,
    verb=scoring.agree_score,
    title=gettext_lazy("The note on which the evaluators agree"),
    meaning=gettext_lazy("It counts in the ranking. The notes of each evaluator stay beside it."),
    button=gettext_lazy("Record the agreed note"),
    done=gettext_lazy("The agreed note is kept."),
    load=_note_place(Procurement.ANALYSE),
    form=NoteForm,
    fields=("value", "justification"),
).view()
