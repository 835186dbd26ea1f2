"""The report of analysis (RAO): what was received, examined, noted and ranked, to print and as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from territoires.foundations.printing import api as printing
from territoires.kernel.clock import legal_day
from territoires.ui.dates import long_date

from ..domain.bid_life import BID
from ..domain.examination import CANDIDACY
from ..models import Bid, Consultation, Lot, SafetyCopy
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
from .law import law_on
from .letters import euros
from .rounds import rounds_of
from .safety_copies import opened_copies

Copies = Mapping[UUID, SafetyCopy]


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
        _("Scores of the evaluators"),
        _("Agreed score"),
        _("Points"),
        _("Reason"),
        _("Total"),
        _("Rank"),
    ]
    copies = opened_copies(consultation)
    for lot in scopes(consultation):
        for grid in grids_of(consultation, lot, day):
            for line in grid.lines:
                yield _row(grid, line, lot, copies)


def _row(grid: Grid, line: Line, lot: Lot | None, copies: Copies) -> list[str]:
    bid, final = grid.bid, line.final
    bidder = bid.candidacy.bidder
    return [
        str(lot or ""),
        bid.shown_name,
        "" if bid.deposit.is_anonymous else bidder.siret or bidder.siren,
        _state(bid, copies),
        _plain(bid.price),
        line.name,
        _plain(line.weight),
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
    methods, copies = method_kinds(day), opened_copies(consultation)
    return {
        "title": _("Report of the analysis of bids"),
        "facts": [
            {"label": _("Consultation"), "value": f"{consultation.reference} {consultation.title}"},
            {"label": _("Date of the report"), "value": _instant(at)},
            {"label": _("Procedure"), "value": _procedure(consultation, day, language)},
            {"label": _("Deadline for bids"), "value": _instant(consultation.tenders_until)},
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
            "enterprise": _("Enterprise"),
            "state": _("State"),
            "asked": _("Asked"),
            "answer": _("Answer"),
            "reason": _("Reason"),
            "criterion": _("Criterion"),
            "weight": _("Weight"),
            "method": _("Scoring method"),
            "notes": _("Scores of the evaluators"),
            "note": _("Agreed score"),
            "points": _("Points"),
            "total": _("Total"),
            "rank": _("Rank"),
            "price": _("Price without VAT"),
        },
        "lots": [
            _lot(lot, grids_of(consultation, lot, day), methods, copies, language)
            for lot in scopes(consultation)
        ],
    }


def _lot(lot: Lot | None, grids: list[Grid], methods: Any, copies: Copies, language: str) -> dict[str, Any]:
    order = sorted(grids, key=lambda grid: (grid.bid.rank is None, grid.bid.rank or 0))
    lines = grids[0].lines if grids else ()
    return {
        "title": _("Lot %(lot)s") % {"lot": lot} if lot else _("The bids"),
        "methods": [
            {
                "criterion": line.name,
                "weight": f"{_plain(line.weight)} %",
                "method": methods[line.method.code].label.in_language(language)
                + (f" (0–{line.method.scale})" if line.method.scale else ""),
            }
            for line in lines
        ],
        "bids": [_bid(grid, copies) for grid in order],
        "conclusion": _conclusion(order),
    }


def _conclusion(order: list[Grid]) -> str:
    """What the report proposes; the decision itself is the buyer's, or the committee's."""
    first = [grid.bid.shown_name for grid in order if grid.bid.rank == 1]
    if len(first) > 1:
        return _("These bids come first with the same total: %(names)s.") % {"names": ", ".join(first)}
    if first:
        return _("It is proposed to award to %(name)s, whose bid comes first.") % {"name": first[0]}
    if order and not any(grid.bid.rank for grid in order):
        return _("The bids are not ranked yet.")
    return _("No bid can be compared.")


def _bid(grid: Grid, copies: Copies) -> dict[str, Any]:
    bid = grid.bid
    return {
        "name": bid.shown_name,
        "state": _state(bid, copies),
        "reason": bid.reason,
        "price": f"{euros(bid.price)} €" if bid.price is not None else "–",
        "total": _plain(bid.total) or "–",
        "rank": str(bid.rank or "–"),
        "lines": [
            {
                "criterion": line.name,
                "weight": f"{_plain(line.weight)} %",
                "notes": [f"{one.evaluator.display_name} : {_plain(one.value)}" for one in line.scores],
                "note": _note(line),
                "points": _plain(line.final.points) if line.final else "–",
                "reason": line.final.justification if line.final else "",
            }
            for line in grid.lines
        ],
    }


def _state(bid: Bid, copies: Copies) -> str:
    """Its state, and that it came by a safety copy where it did."""
    label, copy = _(BID.states[bid.state].label), copies.get(bid.deposit_id)
    if copy is None:
        return label
    origin = _("by its safety copy, opened on %(opened)s") % {"opened": _instant(copy.settled_at)}
    return f"{label} – {origin}"


def _note(line: Line) -> str:
    if line.method.is_formula:
        return _("by the formula")
    return f"{_plain(line.final.value)} / {line.method.scale}" if line.final else "–"


def _procedure(consultation: Consultation, day: date, language: str) -> str:
    kinds = law_on(day).procedures
    kind = kinds.get(consultation.procedure)
    return kind.label.in_language(language) if kind else "–"


def _instant(at: datetime | None) -> str:
    return long_date(at) if at else "–"


def _asked(one: Any) -> str:
    until = _instant(one.until_at)
    if one.answered_at is None:
        return _("until %(until)s, no answer") % {"until": until}
    return _("until %(until)s, answered on %(answered)s") % {
        "until": until,
        "answered": _instant(one.answered_at),
    }


def _rounds(consultation: Consultation) -> int:
    return sum(one.invited_at is not None for one in rounds_of(consultation))


def _plain(value: Any) -> str:
    """A number as people write it: without zeros at its end."""
    if value is None:
        return ""
    return f"{value:f}".rstrip("0").rstrip(".").replace(".", ",") if "." in f"{value:f}" else f"{value:f}"
