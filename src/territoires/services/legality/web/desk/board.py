"""The operator's board of the switch: member by member, what still blocks it."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from territoires.foundations.registry.api import page

from ...permissions import Legality
from ...queries import board as queries
from ..requests import actor_of

SIZE = 50
LABELS = {
    queries.AGREEMENT: gettext_lazy("agreement with the prefect"),
    queries.CHANNEL: gettext_lazy("channel"),
    queries.PEOPLE: gettext_lazy("somebody who may transmit"),
    queries.CERTIFICATE: gettext_lazy("certificate of one of them"),
    queries.CLASSIFICATION: gettext_lazy("classification of its prefecture"),
    queries.HISTORY: gettext_lazy("acts of before"),
}


@require_safe
@page(Legality.CONFIGURE)
def board(request: HttpRequest, organisation: str) -> HttpResponse:
    """The members that lack the most first."""
    members = queries.members(actor_of(request).now())
    shown = Paginator(members, SIZE).get_page(request.GET.get("page"))
    context = {
        "shown": shown,
        "rows": [(one, [LABELS[step] for step in one.missing]) for one in shown],
        "ready": sum(not one.missing for one in members),
        "total": len(members),
    }
    return render(request, "legality/board.html", context)
