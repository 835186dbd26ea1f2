"""The report of analysis (RAO): what was received, examined, noted and ranked, to print and as a table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from territoires.foundations.printing import api as printing
from territoires.kernel.clock import PARIS, legal_day

from ..domain.bid_life import BID
from ..domain.examination import CANDIDACY
from ..models import Consultation, Lot
from .evaluation import (
    Grid,
    Line,
    candidacies_of,
    evaluators_of,
    grids_of,
    method_kinds,
    requests_of,
    scopes,
)
from .letters import euros
from .rounds import rounds_of


def report_of(consultation: Consultation, *, at: datetime, language: str = "fr") -> bytes:
    """The PDF, in French or English, of the evaluation as it stands at that instant."""
    with translation.override(language):
        data = _data(consultation, at, language)
    return printing.render(
        "procurement/analysis_report", data, language=language, issuer=consultation.organisation.name, at=at
    )


def table_of(consultation: Consultation, day: date) -> Iterator[list[str]]:
    """The notes as rows of a table, with its head: one row a bid and criterion."""
    yield [
        _("Lot"),
        _("Enterprise"),
        _("SIRET"),
        _("State"),
        _("Price without VAT"),
        _("Criterion"),
        _("Weight"),
        _("Notes of the evaluators"),
        _("Agreed note"),
        _("Points"),
        _("Reason"),
        _("Total"),
        _("Rank"),
    ]
    for lot in scopes(consultation):
        for grid in grids_of(consultation, lot, day):
            for line in grid.lines:
                yield _row(grid, line, lot)


def _row(grid: Grid, line: Line, lot: Lot | None) -> list[str]:
    bid, final = grid.bid, line.final
    bidder = bid.candidacy.bidder
    return [
        str(lot or ""),
        bidder.name,
        bidder.siret or bidder.siren,
        _(BID.states[bid.state].label),
        _plain(bid.price),
        line.criterion.name,
        _plain(line.criterion.weight),
        " ; ".join(f"{one.evaluator.display_name}: {_plain(one.value)}" for one in line.scores),
        _plain(final.value) if final else "",
        _plain(final.points) if final else "",
        final.justification if final else "",
        _plain(bid.total),
        str(bid.rank or ""),
    ]


def _data(consultation: Consultation, at: datetime, language: str) -> dict[str, Any]:
    day = legal_day(at)
    candidates = candidacies_of(consultation)
    methods = method_kinds(day)
    return {
        "title": _("Report of the analysis of bids"),
        "facts": [
            {"label": _("Consultation"), "value": f"{consultation.reference} {consultation.title}"},
            {"label": _("Date of the report"), "value": f"{at.astimezone(PARIS):%d/%m/%Y %H:%M}"},
            {"label": _("Candidates"), "value": str(len(candidates))},
            {"label": _("Rounds of negotiation"), "value": str(_rounds(consultation))},
            {
                "label": _("Evaluators"),
                "value": ", ".join(one.display_name for one in evaluators_of(consultation)) or "–",
            },
        ],
        "candidates_title": _("Candidatures"),
        "candidates": [
            {
                "name": one.bidder.name,
                "state": _(CANDIDACY.states[one.state].label),
                "detail": one.reason,
            }
            for one in candidates
        ],
        "requests_title": _("What was asked of the candidates"),
        "requests": [
            {
                "name": one.candidacy.bidder.name,
                "kind": str(one.get_kind_display()),
                "detail": _asked(one),
            }
            for one in requests_of(consultation)
        ],
        "words": {
            "criterion": _("Criterion"),
            "weight": _("Weight"),
            "note": _("Note"),
            "points": _("Points"),
            "total": _("Total"),
            "rank": _("Rank"),
            "price": _("Price without VAT"),
        },
        "lots": [
            _lot(lot, grids_of(consultation, lot, day), methods, language) for lot in scopes(consultation)
        ],
    }


def _lot(lot: Lot | None, grids: list[Grid], methods: Any, language: str) -> dict[str, Any]:
    order = sorted(grids, key=lambda grid: (grid.bid.rank is None, grid.bid.rank or 0))
    lines = grids[0].lines if grids else ()
    return {
        "title": _("Lot %(lot)s") % {"lot": lot} if lot else _("The bids"),
        "methods": [
            {
                "criterion": line.criterion.name,
                "weight": f"{_plain(line.criterion.weight)} %",
                "method": methods[line.method.code].label.in_language(language)
                + (f" (0–{line.method.scale})" if line.method.scale else ""),
            }
            for line in lines
        ],
        "bids": [_bid(grid) for grid in order],
    }


def _bid(grid: Grid) -> dict[str, Any]:
    bid = grid.bid
    return {
        "name": bid.candidacy.bidder.name,
        "state": _(BID.states[bid.state].label),
        "reason": bid.reason,
        "price": f"{euros(bid.price)} €" if bid.price is not None else "–",
        "total": _plain(bid.total) or "–",
        "rank": str(bid.rank or "–"),
        "lines": [
            {
                "criterion": line.criterion.name,
                "note": "" if line.method.is_formula else _plain(line.final.value) if line.final else "–",
                "points": _plain(line.final.points) if line.final else "–",
                "reason": line.final.justification if line.final else "",
            }
            for line in grid.lines
        ],
    }


def _asked(one: Any) -> str:
    until = f"{one.until_at.astimezone(PARIS):%d/%m/%Y %H:%M}"
    if one.answered_at is None:
        return _("until %(until)s, no answer") % {"until": until}
    answered = f"{one.answered_at.astimezone(PARIS):%d/%m/%Y %H:%M}"
    return _("until %(until)s, answered on %(answered)s") % {"until": until, "answered": answered}


def _rounds(consultation: Consultation) -> int:
    return sum(one.invited_at is not None for one in rounds_of(consultation))


def _plain(value: Any) -> str:
    """A number as people write it: without zeros at its end."""
    if value is None:
        return ""
    return f"{value:f}".rstrip("0").rstrip(".").replace(".", ",") if "." in f"{value:f}" else f"{value:f}"
