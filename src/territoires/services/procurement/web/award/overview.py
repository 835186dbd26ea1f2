"""Where a consultation stands after the opening, and the one step that comes next."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from territoires.foundations.registry.api import page
from territoires.kernel.clock import legal_day

from ...permissions import Procurement
from ...queries import award as award_queries
from ...queries import evaluation as queries
from ...queries.committees import meetings_of
from ...queries.law import law_on
from ...queries.rounds import rounds_of
from ..after_opening import words
from ..after_opening.consultation import BEFORE, context_of, found_for
from ..requests import actor_of


@require_safe
@page(Procurement.READ)
def award(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Where it stands after the opening, and the one step that comes next."""
    found = found_for(request, consultation)
    today = legal_day(actor_of(request).now())
    bids = queries.bids_of(found)
    lots = [
        {
            "lot": one.lot,
            "award": one.award,
            "first": next((bid for bid in bids if bid.lot_id == key and bid.rank == 1), None),
            "count": sum(bid.lot_id == key for bid in bids),
        }
        for one in award_queries.decided(found)
        for key in [one.lot.pk if one.lot else None]
    ]
    law = law_on(today)
    context = {
        **context_of(request, found),
        "lots": lots,
        "has_bids": bool(bids),
        "is_before": found.state in BEFORE,
        "contracts": [
            {"contract": one, "state": words.contract_state(one.state)}
            for one in award_queries.contracts_of(found)
        ],
        "standstill": award_queries.standstill_of(found, law) if found.procedure in law.procedures else None,
        "letters_sent": bool(award_queries.decision_letters(found)),
        "meetings": [{"meeting": one, "state": words.meeting_state(one.state)} for one in meetings_of(found)],
        "reports": queries.reports_of(found),
        "rounds": rounds_of(found),
        "reasons": award_queries.reasons_waiting(found),
    }
    return render(request, "procurement/award/award.html", context)
