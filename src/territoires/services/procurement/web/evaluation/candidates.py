"""The candidates: their pieces, what is asked of them, admitted or not."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_safe

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page
from territoires.kernel.clock import legal_day

from ...actions import examining
from ...domain.examination import CANDIDACY, Noted
from ...permissions import Procurement
from ...queries import evaluation as queries
from ...queries.safety_copies import files_in_place
from ..after_opening import words
from ..after_opening.consultation import consultation_place, context_of, found_for, place_of, require_reader
from ..gesture import Button, GesturePage, Place
from ..requests import actor_of
from .forms import AskForm, CandidacyForm, PiecesForm, ProofsForm


@require_safe
@page(Procurement.READ)
def candidates(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The candidates, and what is still missing of each."""
    found = found_for(request, consultation)
    require_reader(request, found)
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
    require_reader(request, found)
    one = queries.candidacy_of(found, candidacy)
    kinds, language = queries.piece_kinds(legal_day(actor_of(request).now())), get_language() or "fr"
    noted = queries.pieces_of(one)
    files = queries.files_of_candidate(one)
    deposits = {one.deposit_id, *(file.deposit_id for file in files)}
    context = {
        **context_of(request, found),
        "candidacy": one,
        "state": words.candidacy_state(one.state),
        "pieces": [
            {"label": kind.label.in_language(language), "row": noted.get(code)}
            for code, kind in kinds.items()
        ],
        "members": one.deposit.draft.members.all(),
        "files": files,
        "in_place": [row for row in files_in_place(found) if row.deposit.pk in deposits],
        "requests": [
            {"request": row, "title": words.request_kind(row.kind)}
            for row in queries.requests_of(found)
            if row.candidacy_id == one.pk
        ],
        "may_examine_again": CANDIDACY.allows(one.state, "examine_again"),
    }
    return render(request, "procurement/award/candidate.html", context)


@require_safe
@page(Procurement.READ)
def answer_file(
    request: HttpRequest, organisation: str, consultation: UUID, asked: UUID, sha256: str
) -> HttpResponseBase:
    """A file that an enterprise gave in answer to a request."""
    found = found_for(request, consultation)
    require_reader(request, found)
    return documents.download_response(queries.answer_file(found, asked, sha256), request)


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
    form=CandidacyForm,
    fields=("verb", "reason"),
).view()


examine_again = Button(
    permission=Procurement.ANALYSE,
    verb=partial(examining.decide_candidacy, verb="examine_again"),
    done=gettext_lazy("The candidature is to be examined again."),
    load=_candidate_place,
).view()


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
    load=consultation_place("candidates", Procurement.ANALYSE),
    form=AskForm,
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
