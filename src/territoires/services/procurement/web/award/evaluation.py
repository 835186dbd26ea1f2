"""Agents' pages of the evaluation: the way from the opening, candidates, bids, notes, rounds, report."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from territoires.foundations.actions import api as rights
from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page, sentence
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid, Missing

from ...actions import examining, negotiating, reporting, scoring
from ...actions.scoring import STILL_CHOSEN
from ...domain import life
from ...domain.examination import ADMITTED, CANDIDACY, Noted
from ...models import Consultation
from ...permissions import Procurement
from ...queries import award as award_queries
from ...queries import consultations
from ...queries import evaluation as queries
from ...queries.committees import meetings_of
from ...queries.law import law_on
from ...queries.next_step import step_of
from ...queries.report import table_of
from ...queries.rounds import current_round, prepared_round, rounds_of
from ...queries.sheets import criteria_of
from ..requests import actor_of, keyed
from ..words import shown
from . import words
from .forms import (
    AskBidsForm,
    AskForm,
    CandidacyForm,
    InviteForm,
    MethodForm,
    NoteForm,
    PiecesForm,
    PriceForm,
    ProofsForm,
    RoundForm,
    VerdictForm,
)
from .gesture import GesturePage, Place

BEFORE = (
    life.DRAFT,
    life.VALIDATED,
    life.SCHEDULED,
    life.PUBLISHED,
    life.SUSPENDED,
    life.CLOSED,
    life.OPENING,
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def found_for(request: HttpRequest, key: UUID, permission: Procurement = Procurement.READ) -> Consultation:
    return consultations.consultation_of(actor_of(request), key, permission)


def place_of(name: str, consultation: Consultation, **more: Any) -> str:
    place = {"organisation": consultation.organisation.reference, "consultation": consultation.pk}
    return reverse(f"procurement_desk:{name}", kwargs=place | more)


def context_of(request: HttpRequest, consultation: Consultation) -> dict[str, Any]:
    """What every page of this part shows: the state, the next step, what the actor may do."""
    actor = actor_of(request)
    may = {
        name: rights.may(actor, permission, consultation)
        for name, permission in (
            ("may_analyse", Procurement.ANALYSE),
            ("may_score", Procurement.SCORE),
            ("may_negotiate", Procurement.NEGOTIATE),
            ("may_convene", Procurement.CONVENE),
            ("may_award", Procurement.AWARD),
        )
    }
    today = legal_day(actor.now())
    return {
        "consultation": consultation,
        "shown": shown(consultation),
        "next": words.step_shown(consultation, step_of(consultation, today)),
        "is_under_analysis": consultation.state == life.ANALYSIS,
        "negotiates": negotiating.may_negotiate(consultation),
        **may,
    }


# -- the way ------------------------------------------------------------------------------------------------------------


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


@require_POST
@page(Procurement.ANALYSE)
def begin(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Puts the opened bids of the round on the table."""
    found = found_for(request, consultation, Procurement.ANALYSE)
    return said(
        request,
        lambda: examining.begin_examination(actor=actor_of(request), consultation=found),
        _("The bids are on the table."),
        place_of("candidates", found),
        place_of("award", found),
    )


def said(request: HttpRequest, verb: Any, done: str, after: str, otherwise: str = "") -> HttpResponse:
    """Calls a verb that needs no form; what it refuses is told on the page one comes from."""
    try:
        verb()
    except (Invalid, Conflict) as refusal:
        messages.error(
            request,
            f"{sentence(refusal.message, refusal.params)} {sentence(refusal.remedy, refusal.params)}",
        )
        return redirect(otherwise or after)
    messages.success(request, done)
    return redirect(after)


# -- candidates ---------------------------------------------------------------------------------------------------------


@require_safe
@page(Procurement.READ)
def candidates(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The candidates, and what is still missing of each."""
    found = found_for(request, consultation)
    _require_reader(request, found)
    rows = [
        {
            "candidacy": one,
            "state": words.candidacy_state(one.state),
            "missing": sum(piece.state in ("missing", "asked") for piece in one.pieces.all()),
            "noted": bool(one.pieces.all()),
        }
        for one in queries.candidacies_of(found)
    ]
    context = {
        **context_of(request, found),
        "rows": rows,
        "may_ask": any(row["missing"] for row in rows),
        "requests": queries.requests_of(found),
    }
    return render(request, "procurement/award/candidates.html", context)


@require_safe
@page(Procurement.READ)
def candidate(request: HttpRequest, organisation: str, consultation: UUID, candidacy: UUID) -> HttpResponse:
    """One candidate: its files, its pieces, what it was asked, the decision."""
    found = found_for(request, consultation)
    _require_reader(request, found)
    one = queries.candidacy_of(found, candidacy)
    kinds, language = queries.piece_kinds(legal_day(actor_of(request).now())), get_language() or "fr"
    noted = queries.pieces_of(one)
    context = {
        **context_of(request, found),
        "candidacy": one,
        "state": words.candidacy_state(one.state),
        "pieces": [
            {"label": kind.label.in_language(language), "row": noted.get(code)}
            for code, kind in kinds.items()
        ],
        "members": one.deposit.draft.members.all(),
        "files": [
            file
            for bid in queries.bids_of(found)
            if bid.candidacy_id == one.pk
            for file in queries.opened_files(bid)
        ],
        "requests": [
            {"request": row, "title": words.request_kind(row.kind)}
            for row in queries.requests_of(found)
            if row.candidacy_id == one.pk
        ],
        "may_examine_again": CANDIDACY.allows(one.state, "examine_again"),
    }
    return render(request, "procurement/award/candidate.html", context)


def _candidate_place(request: HttpRequest, organisation: str, consultation: UUID, candidacy: UUID) -> Place:
    found = found_for(request, consultation, Procurement.ANALYSE)
    one = queries.candidacy_of(found, candidacy)
    return Place(
        arguments={"consultation": found, "candidacy": one.pk},
        consultation=found,
        after=place_of("candidate", found, candidacy=one.pk),
        context={"about": one.bidder.name, "candidacy": one},
    )


def _pieces_form(request: HttpRequest, place: Place, *data: Any) -> PiecesForm:
    language = get_language() or "fr"
    kinds = queries.piece_kinds(legal_day(actor_of(request).now()))
    noted = queries.pieces_of(place.context["candidacy"])
    initial = {f"piece-{code}": row.state for code, row in noted.items()}
    labels = [(code, kind.label.in_language(language)) for code, kind in kinds.items()]
    return PiecesForm(*data, kinds=labels, initial=initial)


note_pieces = GesturePage(
    permission=Procurement.ANALYSE,
    verb=examining.note_pieces,
    title=gettext_lazy("Note the pieces of the candidature"),
    meaning=gettext_lazy(
        "Say of each piece whether it is there. What is missing may be asked of all who lack something."
    ),
    button=gettext_lazy("Save"),
    done=gettext_lazy("The pieces are noted."),
    load=_candidate_place,
    make=_pieces_form,
    read=lambda request, form: {"pieces": [Noted(kind, state) for kind, state in form.states().items()]},
).view()

decide_candidacy = GesturePage(
    permission=Procurement.ANALYSE,
    verb=examining.decide_candidacy,
    title=gettext_lazy("Admit this candidate, or not"),
    meaning=gettext_lazy(
        "A candidate is admitted when nothing is missing and it has the means of the contract. A refusal has its reason."
    ),
    button=gettext_lazy("Record the decision"),
    done=gettext_lazy("The decision is recorded."),
    load=_candidate_place,
    make=lambda request, place, *data: CandidacyForm(*data),
    read=lambda request, form: {name: form.cleaned_data[name] for name in ("verb", "reason")},
).view()


@require_POST
@page(Procurement.ANALYSE)
def examine_again(
    request: HttpRequest, organisation: str, consultation: UUID, candidacy: UUID
) -> HttpResponse:
    """Takes the decision on a candidate back."""
    found = found_for(request, consultation, Procurement.ANALYSE)
    return said(
        request,
        lambda: examining.decide_candidacy(
            actor=actor_of(request), consultation=found, candidacy=candidacy, verb="examine_again"
        ),
        _("The candidature is to be examined again."),
        place_of("candidate", found, candidacy=candidacy),
    )


def _consultation_place(name: str, permission: Procurement) -> Any:
    def load(request: HttpRequest, organisation: str, consultation: UUID) -> Place:
        found = found_for(request, consultation, permission)
        return Place(arguments={"consultation": found}, consultation=found, after=place_of(name, found))

    return load


ask_missing = GesturePage(
    permission=Procurement.ANALYSE,
    verb=examining.ask_missing_pieces,
    title=gettext_lazy("Ask for what is missing"),
    meaning=gettext_lazy(
        "Every candidate whose candidature lacks a piece is asked for it, with the same words and until the same instant"
        " (CCP R2144-2)."
    ),
    button=gettext_lazy("Send the requests"),
    done=gettext_lazy("The candidates were asked."),
    icon="send",
    legal=True,
    load=_consultation_place("candidates", Procurement.ANALYSE),
    make=lambda request, place, *data: AskForm(*data),
    read=lambda request, form: {"until_at": form.cleaned_data["instant"], "text": form.cleaned_data["text"]},
).view()


def _proofs_form(request: HttpRequest, place: Place, *data: Any) -> ProofsForm:
    language = get_language() or "fr"
    kinds = queries.piece_kinds(legal_day(actor_of(request).now()), queries.PROOF_STAGE)
    return ProofsForm(
        *data, choices=[(code, kind.label.in_language(language)) for code, kind in kinds.items()]
    )


ask_proofs = GesturePage(
    permission=Procurement.ANALYSE,
    verb=examining.ask_proofs,
    title=gettext_lazy("Ask the presumed winner for its proofs"),
    meaning=gettext_lazy(
        "Proofs are asked of the candidate whose bid comes first, and of nobody else. Do not ask for what you can get"
        " directly, or hold already."
    ),
    button=gettext_lazy("Send the request"),
    done=gettext_lazy("The proofs were asked."),
    icon="send",
    legal=True,
    load=_candidate_place,
    make=_proofs_form,
    read=lambda request, form: {
        "until_at": form.cleaned_data["instant"],
        "pieces": form.cleaned_data["pieces"],
        "text": form.cleaned_data["text"],
    },
).view()


# -- bids ---------------------------------------------------------------------------------------------------------------


@require_safe
@page(Procurement.READ)
def bids(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The bids lot by lot, with their notes and their ranking."""
    found = found_for(request, consultation)
    _require_reader(request, found)
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
    context = {**context_of(request, found), "lots": lots, "evaluators": queries.evaluators_of(found)}
    return render(request, "procurement/award/bids.html", context)


@require_safe
@page(Procurement.READ)
def bid(request: HttpRequest, organisation: str, consultation: UUID, bid: UUID) -> HttpResponse:
    """One bid: its files, its price, its notes and every note that was ever given."""
    found = found_for(request, consultation)
    _require_reader(request, found)
    one = queries.bid_of(found, bid)
    day = legal_day(actor_of(request).now())
    grid = next((row for row in queries.grids_of(found, one.lot, day) if row.bid.pk == one.pk), None)
    context = {
        **context_of(request, found),
        "bid": one,
        "grid": grid,
        "state": words.bid_state(one.state),
        "files": queries.opened_files(one),
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
        context={"about": f"{one.candidacy.bidder.name} {one.lot or ''}".strip(), "bid": one},
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
    read=lambda request, form: {"price": form.cleaned_data["price"]},
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
    make=lambda request, place, *data: VerdictForm(*data),
    read=lambda request, form: {name: form.cleaned_data[name] for name in ("state", "reason")},
).view()


def _ask_bids_form(request: HttpRequest, place: Place, *data: Any) -> AskBidsForm:
    rows = queries.compared_or_open(queries.bids_of(place.consultation))
    choices = [(str(one.pk), f"{one.candidacy.bidder.name} {one.lot or ''}".strip()) for one in rows]
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
    load=_consultation_place("bids", Procurement.ANALYSE),
    make=_ask_bids_form,
    read=lambda request, form: {
        "kind": form.cleaned_data["kind"],
        "bids": [UUID(one) for one in form.cleaned_data["bids"]],
        "until_at": form.cleaned_data["instant"],
        "text": form.cleaned_data["text"],
    },
).view()


def _note_place(permission: Procurement) -> Any:
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


_NOTE: Mapping[str, Any] = {
    "make": lambda request, place, *data: NoteForm(*data),
    "read": lambda request, form: {name: form.cleaned_data[name] for name in ("value", "justification")},
}

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
    **_NOTE,
).view()

agree = GesturePage(
    permission=Procurement.ANALYSE,
    verb=scoring.agree_score,
    title=gettext_lazy("The note on which the evaluators agree"),
    meaning=gettext_lazy("It counts in the ranking. The notes of each evaluator stay beside it."),
    button=gettext_lazy("Record the agreed note"),
    done=gettext_lazy("The agreed note is kept."),
    load=_note_place(Procurement.ANALYSE),
    **_NOTE,
).view()


@require_POST
@page(Procurement.ANALYSE)
def rank(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Ranks the bids of one lot, named by ``lot`` (empty: the whole)."""
    found = found_for(request, consultation, Procurement.ANALYSE)
    return said(
        request,
        lambda: scoring.rank_bids(
            actor=actor_of(request), consultation=found, lot=lot_in(request.POST.get("lot", ""))
        ),
        _("The bids are ranked."),
        place_of("bids", found),
    )


def lot_in(text: str) -> UUID | None:
    """The lot of a form; what is no id is none that exists."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Missing("no-lot", "There is no such lot.", "Go back to the consultation.") from None


# -- the way of noting --------------------------------------------------------------------------------------------------


@require_safe
@page(Procurement.READ)
def methods(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """How each criterion is noted, and what may be said against each way."""
    found = found_for(request, consultation)
    day, language = legal_day(actor_of(request).now()), get_language() or "fr"
    kinds = queries.method_kinds(day)
    rows: list[dict[str, Any]] = []
    criteria = criteria_of(found)
    chosen = queries.methods_of(criteria, day)
    for criterion in criteria:
        kind = kinds[chosen[criterion.pk].code]
        rows.append(
            {
                "criterion": criterion,
                "label": kind.label.in_language(language),
                "scale": chosen[criterion.pk].scale,
                "caution": kind.caution.in_language(language),
                "is_challengeable": kind.is_challengeable,
            }
        )
    context = {
        **context_of(request, found),
        "rows": rows,
        "may_choose": found.state in STILL_CHOSEN
        and rights.may(actor_of(request), Procurement.PREPARE, found),
    }
    return render(request, "procurement/award/methods.html", context)


def _method_place(request: HttpRequest, organisation: str, consultation: UUID, criterion: UUID) -> Place:
    found = found_for(request, consultation, Procurement.PREPARE)
    one = next((row for row in criteria_of(found) if row.pk == criterion), None)
    if one is None:
        raise Missing("no-criterion", "There is no such criterion.", "Go back to the consultation.")
    return Place(
        arguments={"consultation": found, "criterion": one.pk},
        consultation=found,
        after=place_of("methods", found),
        context={"about": one.name, "criterion": one},
    )


def _method_form(request: HttpRequest, place: Place, *data: Any) -> MethodForm:
    day, language = legal_day(actor_of(request).now()), get_language() or "fr"
    present = queries.methods_of([place.context["criterion"]], day)[place.context["criterion"].pk]
    choices = [
        (code, f"{kind.label.in_language(language)}. {kind.caution.in_language(language)}")
        for code, kind in queries.method_kinds(day).items()
    ]
    return MethodForm(*data, choices=choices, initial={"method": present.code, "scale": present.scale})


choose_method = GesturePage(
    permission=Procurement.PREPARE,
    verb=scoring.choose_scoring,
    title=gettext_lazy("How this criterion is noted"),
    meaning=gettext_lazy("It is chosen before the bids are opened, and changes no more afterwards."),
    button=gettext_lazy("Save"),
    done=gettext_lazy("The way of noting is saved."),
    load=_method_place,
    make=_method_form,
    read=lambda request, form: {
        "method": form.cleaned_data["method"],
        "scale": (form.cleaned_data["scale"] or 5) if form.cleaned_data["method"] == "grid" else None,
    },
).view()


# -- rounds -------------------------------------------------------------------------------------------------------------


@require_safe
@page(Procurement.READ)
def rounds(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The rounds of negotiation: those held, the one in preparation."""
    found = found_for(request, consultation)
    context = {
        **context_of(request, found),
        "rounds": rounds_of(found),
        "prepared": prepared_round(found),
        "current": current_round(found),
    }
    return render(request, "procurement/award/rounds.html", context)


prepare_round = GesturePage(
    permission=Procurement.NEGOTIATE,
    verb=negotiating.prepare_round,
    title=gettext_lazy("Prepare a round of negotiation"),
    meaning=gettext_lazy(
        "All invited candidates read the same information and have the same deadline. The round has keys of its own: its"
        " officers accept it before the invitations leave."
    ),
    button=gettext_lazy("Save the round"),
    done=gettext_lazy("The round is ready; nobody is invited yet."),
    load=_consultation_place("rounds", Procurement.NEGOTIATE),
    make=lambda request, place, *data: RoundForm(*data),
    read=lambda request, form: {
        "information": form.cleaned_data["information"],
        "deadline_at": form.cleaned_data["instant"],
        "is_final": form.cleaned_data["is_final"],
    },
).view()


def _invite_form(request: HttpRequest, place: Place, *data: Any) -> InviteForm:
    admitted = [one for one in queries.candidacies_of(place.consultation) if one.state == ADMITTED]
    choices = [(str(one.bidder_id), one.bidder.name) for one in admitted]
    return InviteForm(*data, choices=choices, initial={"bidders": [key for key, _name in choices]})


open_round = GesturePage(
    permission=Procurement.NEGOTIATE,
    verb=negotiating.open_round,
    title=gettext_lazy("Invite to negotiate"),
    meaning=gettext_lazy(
        "The invitations leave together. From now on the enterprises invited may submit a new sealed bid, until the"
        " deadline of the round."
    ),
    button=gettext_lazy("Send the invitations"),
    done=gettext_lazy("The invitations were sent: the round is open."),
    icon="send",
    legal=True,
    load=_consultation_place("rounds", Procurement.NEGOTIATE),
    make=_invite_form,
    read=lambda request, form: {"bidders": [UUID(one) for one in form.cleaned_data["bidders"]]},
).view()


# -- the report ---------------------------------------------------------------------------------------------------------


@require_POST
@page(Procurement.ANALYSE)
def make_report(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Prints the report of analysis, in the language of the page."""
    found = found_for(request, consultation, Procurement.ANALYSE)
    language = "en" if (get_language() or "fr").startswith("en") else "fr"
    return said(
        request,
        lambda: reporting.make_report(
            actor=keyed(request, request.POST.get("_key", "")), consultation=found, language=language
        ),
        _("The report is printed and kept."),
        place_of("award", found),
    )


@require_safe
@page(Procurement.READ)
def report(request: HttpRequest, organisation: str, consultation: UUID, number: int) -> HttpResponseBase:
    """A printed report."""
    found = found_for(request, consultation)
    _require_reader(request, found)
    kept = next((one for one in queries.reports_of(found) if one.number == number), None)
    if kept is None:
        raise Missing("no-report", "There is no such report.", "Go back to the consultation.")
    return documents.download_response(kept.document, request)


@require_safe
@page(Procurement.READ)
def table(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The notes as a table for spreadsheets; no cell can run as a formula."""
    found = found_for(request, consultation)
    _require_reader(request, found)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    for row in table_of(found, legal_day(actor_of(request).now())):
        writer.writerow([inert(cell) for cell in row])
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="analyse-{found.pk}.csv"'
    return answer


def inert(cell: str) -> str:
    """A cell that a spreadsheet shows and never runs."""
    return f"'{cell}" if cell.startswith(_FORMULA) and not _is_number(cell) else cell


def _is_number(cell: str) -> bool:
    try:
        Decimal(cell.replace(",", "."))
    except ArithmeticError:
        return False
    return True


def _require_reader(request: HttpRequest, consultation: Consultation) -> None:
    """Bids are on no page before they were opened, and then only for those who open, examine or note them.

    Raises Missing, Denied.
    """
    actor = actor_of(request)
    if not rights.may(actor, Procurement.OPENED_READ, consultation):
        rights.require(actor, Procurement.SCORE, consultation)
    if consultation.state in BEFORE:
        raise Missing(
            "not-opened",
            "The bids are not opened yet: nobody has read them.",
            "Open them first, from the page of the consultation.",
        )
