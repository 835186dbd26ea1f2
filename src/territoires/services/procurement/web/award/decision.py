"""The decision, lot by lot, or the end without contract."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from territoires.foundations.registry.api import page
from territoires.kernel.clock import legal_day

from ...actions import awarding
from ...domain import life
from ...domain.committees import CAO
from ...models import AwardOutcome, Consultation
from ...permissions import Procurement
from ...queries import award as queries
from ...queries.evaluation import scope_of
from ..after_opening.consultation import consultation_place, context_of, found_for, lot_in, place_of
from ..forms import Gesture, ReasonForm
from ..gesture import GesturePage, Place
from ..requests import actor_of
from .forms import AwardForm, EndForm


@require_safe
@page(Procurement.READ)
def decide(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The lots, each with its decision or what must come before it."""
    found = found_for(request, consultation)
    today = legal_day(actor_of(request).now())
    awaited = queries.awaited_committee(found, today) if found.procedure else None
    waiting = queries.lots_for_committee(found, today) if awaited else []
    rows = [
        {
            "lot": one.lot,
            "award": one.award,
            "committee": one.committee,
            "first": queries.ranked_first(found, lot := one.lot.pk if one.lot else None),
            "waits": lot in waiting,
        }
        for one in queries.decided(found)
    ]
    context = {
        **context_of(request, found),
        "rows": rows,
        "awaited": awaited,
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


def _award_form(request: HttpRequest, place: Place, *data: Any) -> Gesture:
    lot = place.context["lot"]
    first = queries.ranked_first(place.consultation, lot.pk if lot else None)
    choices = [(str(one.pk), _("awarded to %(name)s") % {"name": one.shown_name}) for one in first]
    choices += [
        (AwardOutcome.UNSUCCESSFUL, _("unsuccessful: no bid can be accepted")),
        (AwardOutcome.ABANDONED, _("without follow-up, for a reason of general interest")),
    ]
    form = AwardForm(*data, choices=choices)
    return _asked_of_committee(request, place, form)


def _end_form(request: HttpRequest, place: Place, *data: Any) -> Gesture:
    return _asked_of_committee(request, place, EndForm(*data))


def _asked_of_committee(request: HttpRequest, place: Place, form: Gesture) -> Gesture:
    """Where no tender committee chooses, nobody is asked why it did not."""
    today = legal_day(actor_of(request).now())
    found = place.consultation
    if not found.procedure or queries.awaited_committee(found, today) != CAO:
        del form.fields["without_committee"]
    return form


def _award(
    *,
    actor: Any,
    consultation: Consultation,
    lot: UUID | None,
    choice: str,
    reason: str,
    proofs: bool,
    without_committee: str,
) -> Any:
    if choice in (AwardOutcome.UNSUCCESSFUL, AwardOutcome.ABANDONED):
        return awarding.close_lot(
            actor=actor,
            consultation=consultation,
            lot=lot,
            outcome=choice,
            reason=reason,
            without_committee=without_committee,
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
        "The bid that comes first is chosen; above the European threshold the tender committee has chosen it, and that of a"
        " concession has given its opinion. The reason is told to those who were not."
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
        "without_committee": form.cleaned_data.get("without_committee", ""),
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
    form=ReasonForm,
    fields=("reason",),
).view()


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
    load=consultation_place("award", Procurement.AWARD),
    make=_end_form,
    read=lambda request, form: {
        "outcome": form.cleaned_data["outcome"],
        "reason": form.cleaned_data["reason"],
        "without_committee": form.cleaned_data.get("without_committee", ""),
    },
).view()
