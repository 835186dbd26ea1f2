"""The bids: their price, whether they can be compared, what is asked of them, their order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_safe

from territoires.foundations.registry.api import page
from territoires.kernel.clock import legal_day

from ...actions import examining, scoring
from ...models import Bid
from ...permissions import Procurement
from ...queries import evaluation as queries
from ...queries.rounds import is_anonymous
from ...queries.safety_copies import ground_label, in_place_of, opened_copies
from ..after_opening import words
from ..after_opening.consultation import (
    consultation_place,
    context_of,
    found_for,
    lot_in,
    place_of,
    require_reader,
)
from ..gesture import Button, GesturePage, Place
from ..requests import actor_of
from .forms import AskBidsForm, PriceForm, VerdictForm

begin = Button(
    permission=Procurement.ANALYSE,
    verb=examining.begin_examination,
    done=gettext_lazy("The bids are on the table."),
    load=consultation_place("candidates", Procurement.ANALYSE, otherwise="award"),
).view()


@require_safe
@page(Procurement.READ)
def bids(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The bids lot by lot, with their notes and their ranking."""
    found = found_for(request, consultation)
    require_reader(request, found)
    day = legal_day(actor_of(request).now())
    lots = []
    for lot in queries.scopes(found):
        grids = queries.grids_of(found, lot, day)
        order = sorted(grids, key=lambda grid: (grid.bid.rank is None, grid.bid.rank or 0))
        ranks = [grid.bid.rank for grid in grids if grid.bid.rank]
        lots.append(
            {
                "lot": lot,
                "lines": grids[0].lines if grids else (),
                "grids": [{"grid": grid, "state": words.bid_state(grid.bid.state)} for grid in order],
                "is_tied": ranks.count(1) > 1,
                "is_ranked": bool(ranks),
            }
        )
    context = {
        **context_of(request, found),
        "lots": lots,
        "evaluators": queries.evaluators_of(found),
        "copies": opened_copies(found),
        "is_anonymous": is_anonymous(found),
    }
    return render(request, "procurement/award/bids.html", context)


@require_safe
@page(Procurement.READ)
def bid(request: HttpRequest, organisation: str, consultation: UUID, bid: UUID) -> HttpResponse:
    """One bid: its files, its price, its notes and every note that was ever given."""
    found = found_for(request, consultation)
    require_reader(request, found)
    one = queries.bid_of(found, bid)
    day = legal_day(actor_of(request).now())
    grid = next((row for row in queries.grids_of(found, one.lot, day) if row.bid.pk == one.pk), None)
    copy = opened_copies(found).get(one.deposit_id)
    context = {
        **context_of(request, found),
        "bid": one,
        "copy": copy,
        "ground": ground_label(copy.ground, day, get_language() or "fr") if copy else "",
        "grid": grid,
        "state": words.bid_state(one.state),
        "files": queries.opened_files(one),
        "in_place": in_place_of(one),
        "versions": queries.score_versions(one),
        "requests": [
            {"request": row, "title": words.request_kind(row.kind)}
            for row in queries.requests_of(found)
            if row.bid_id == one.pk
        ],
        "price_form": PriceForm(initial={"price": one.price}),
    }
    return render(request, "procurement/award/bid.html", context)


def _bid_place(request: HttpRequest, organisation: str, consultation: UUID, bid: UUID) -> Place:
    found = found_for(request, consultation, Procurement.ANALYSE)
    one = queries.bid_of(found, bid)
    return Place(
        arguments={"consultation": found, "bid": one.pk},
        consultation=found,
        after=place_of("bid", found, bid=one.pk),
        context={
            "about": _whose(one),
            "bid": one,
        },
    )


price_bid = GesturePage(
    permission=Procurement.ANALYSE,
    verb=examining.price_bid,
    title=gettext_lazy("The price of the bid"),
    meaning=gettext_lazy("The price that is compared, as the documents of the consultation define it."),
    button=gettext_lazy("Save the price"),
    done=gettext_lazy("The price is saved."),
    load=_bid_place,
    make=lambda request, place, *data: PriceForm(*data, initial={"price": place.context["bid"].price}),
    fields=("price",),
).view()


judge_bid = GesturePage(
    permission=Procurement.ANALYSE,
    verb=examining.judge_bid,
    title=gettext_lazy("Can this bid be compared?"),
    meaning=gettext_lazy(
        "An irregular bid may be put in order when all are asked the same; an abnormally low one is rejected only after"
        " its author was asked to explain it."
    ),
    button=gettext_lazy("Record"),
    done=gettext_lazy("It is recorded."),
    load=_bid_place,
    form=VerdictForm,
    fields=("state", "reason"),
).view()


def _whose(bid: Bid) -> str:
    return " – ".join(filter(None, (bid.shown_name, str(bid.lot or ""))))


def _ask_bids_form(request: HttpRequest, place: Place, *data: Any) -> AskBidsForm:
    rows = queries.compared_or_open(queries.bids_of(place.consultation))
    choices = [(str(one.pk), _whose(one)) for one in rows]
    chosen = {"bids": [request.GET["bid"]]} if "bid" in request.GET else {}
    kind = {"kind": request.GET["kind"]} if "kind" in request.GET else {}
    return AskBidsForm(*data, choices=choices, initial=chosen | kind)


ask_bids = GesturePage(
    permission=Procurement.ANALYSE,
    verb=examining.ask_about_bids,
    title=gettext_lazy("Ask about bids"),
    meaning=gettext_lazy(
        "Those who are asked read the same words and have the same time. A price that looks abnormally low is always"
        " explained before anything is decided (CCP L2152-6)."
    ),
    button=gettext_lazy("Send the requests"),
    done=gettext_lazy("The requests were sent."),
    icon="send",
    legal=True,
    load=consultation_place("bids", Procurement.ANALYSE),
    make=_ask_bids_form,
    read=lambda request, form: {
        "kind": form.cleaned_data["kind"],
        "bids": [UUID(one) for one in form.cleaned_data["bids"]],
        "until_at": form.cleaned_data["instant"],
        "text": form.cleaned_data["text"],
    },
).view()


def _rank_place(request: HttpRequest, organisation: str, consultation: UUID) -> Place:
    place = consultation_place("bids", Procurement.ANALYSE)(request, organisation, consultation)
    return replace(place, arguments={**place.arguments, "lot": lot_in(request.POST.get("lot", ""))})


rank = Button(
    permission=Procurement.ANALYSE,
    verb=scoring.rank_bids,
    done=gettext_lazy("The bids are ranked."),
    load=_rank_place,
).view()
