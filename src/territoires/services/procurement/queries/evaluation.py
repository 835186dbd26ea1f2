"""The evaluation as it stands: candidates, the bids that are compared, their notes, their order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q

from territoires.foundations.packs.api import pack
from territoires.kernel.errors import Missing

from ..domain import scoring
from ..domain.bid_life import ADMISSIBLE
from ..domain.examination import ADMITTED
from ..domain.law import Label
from ..domain.scoring import Method
from ..models import (
    AnalysisReport,
    Bid,
    BidderRequest,
    BidderRequestFile,
    Candidacy,
    CandidacyPiece,
    Consultation,
    Criterion,
    DepositLot,
    DialogueMeeting,
    FinalScore,
    Lot,
    Member,
    OpenedFile,
    Score,
    ScoringMethod,
    SubCriterion,
    TeamRole,
)
from ..models.evaluation import latest
from .bids import judged
from .law import law_on
from .rounds import lots_invited
from .sheets import criteria_of, lots_of

PIECES = "procurement-pieces"
SCORING = "procurement-scoring"
CANDIDACY_STAGE, PROOF_STAGE = "candidacy", "proof"


@dataclass(frozen=True, slots=True)
class PieceKind:
    """A piece that a candidature holds, or a proof asked of the presumed winner."""

    code: str
    label: Label
    article: str


@dataclass(frozen=True, slots=True)
class MethodKind:
    """A way of noting, as the buyer chooses it; ``is_challengeable``: ``caution`` says why it may be contested."""

    code: str
    label: Label
    caution: Label
    for_price: bool
    is_challengeable: bool


@dataclass(frozen=True, slots=True)
class Line:
    """What is noted apart of one bid: a criterion, or one of its parts where it has some.

    With the notes of the evaluators, and the note of the body once there is one; ``weight`` in percent of the whole.
    """

    criterion: Criterion
    part: SubCriterion | None
    method: Method
    scores: Sequence[Score]
    final: FinalScore | None

    @property
    def key(self) -> UUID:
        return self.part.pk if self.part else self.criterion.pk

    @property
    def name(self) -> str:
        return named(self.criterion, self.part)

    @property
    def weight(self) -> Decimal:
        return self.part.weight if self.part else self.criterion.weight

    @property
    def spread(self) -> Decimal:
        return scoring.spread([one.value for one in self.scores])

    @property
    def consolidated(self) -> Decimal | None:
        return scoring.consolidated([one.value for one in self.scores])


@dataclass(frozen=True, slots=True)
class Points:
    """The points of a bid on what is noted apart, out of its weight."""

    name: str
    points: Decimal
    weight: Decimal


@dataclass(frozen=True, slots=True)
class Grid:
    """One bid with its lines; ``low``: its price is so low that explanations may be due."""

    bid: Bid
    lines: Sequence[Line]
    low: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether every criterion that is no formula has the note of the body."""
        return all(line.method.is_formula or line.final is not None for line in self.lines)


def piece_kinds(day: date, stage: str = CANDIDACY_STAGE) -> dict[str, PieceKind]:
    """The pieces of a stage, by their code, in the order of the pack."""
    return {
        entry["code"]: PieceKind(
            entry["code"], Label(entry["label_fr"], entry["label_en"]), entry.get("article", "")
        )
        for entry in pack(PIECES, on=day).entries
        if entry["stage"] == stage
    }


def method_kinds(day: date) -> dict[str, MethodKind]:
    return {
        entry["code"]: MethodKind(
            entry["code"],
            Label(entry["label_fr"], entry["label_en"]),
            Label(entry["caution_fr"], entry["caution_en"]),
            entry["for_price"],
            entry["is_challengeable"],
        )
        for entry in pack(SCORING, on=day).entries
    }


def scopes(consultation: Consultation) -> list[Lot | None]:
    """What is awarded apart: each lot, or the whole."""
    return [*lots_of(consultation)] or [None]


def scope_of(consultation: Consultation, lot: UUID | None) -> Lot | None:
    """The lot by its id, None for the whole. Raises Missing for one that is not of the consultation."""
    for one in scopes(consultation):
        if (one.pk if one else None) == lot:
            return one
    raise Missing("no-lot", "There is no such lot in this consultation.", "Go back to the consultation.")


def criteria_for(consultation: Consultation, lot: Lot | None) -> list[Criterion]:
    """The criteria that a lot is judged on: its own where it has some, else those of all."""
    every = criteria_of(consultation)
    own = [one for one in every if lot is not None and one.lot_number == lot.number]
    return own or [one for one in every if one.lot_number is None]


def methods_of(criteria: Iterable[Criterion], day: date) -> dict[UUID, Method]:
    """How each criterion is noted: as chosen, else as usual."""
    criteria = list(criteria)
    chosen = {one.criterion_id: one for one in ScoringMethod.objects.filter(criterion__in=criteria)}
    kinds = law_on(day).criteria
    found = {}
    for criterion in criteria:
        row = chosen.get(criterion.pk)
        is_price = criterion.kind in kinds and kinds[criterion.kind].is_price
        found[criterion.pk] = (
            Method(row.method, row.scale)
            if row
            else scoring.default_method(is_price=is_price and not criterion.parts.all())
        )
    return found


def named(criterion: Criterion, part: SubCriterion | None) -> str:
    return f"{criterion.name} – {part.name}" if part else criterion.name


def noted_apart(criteria: Iterable[Criterion]) -> list[tuple[Criterion, SubCriterion | None]]:
    """What is noted of each bid, in order: each criterion, or each of its parts."""
    return [(one, part) for one in criteria for part in _parts(one)]


def _parts(criterion: Criterion) -> list[SubCriterion | None]:
    found: list[SubCriterion | None] = [*criterion.parts.all()]
    return found or [None]


def deposited(consultation: Consultation, round: int) -> list[DepositLot]:
    """What was deposited in a round to be judged, lot by lot: the last in time, a late one that may be opened, and what a
    safety copy stands in for."""
    rows = DepositLot.objects.filter(
        judged("deposit__"),
        deposit__consultation=consultation,
        deposit__round=round,
        superseded_by=None,
    )
    return list(rows.select_related("deposit", "deposit__bidder", "lot").order_by("deposit__number"))


def lots_answered(consultation: Consultation, bidder: UUID, before: int) -> list[Lot]:
    """The lots that a candidate answered last before a round, less those for which it was not selected since.

    Empty where the consultation is not divided.
    """
    kept: set[str] | None = None
    for round in range(before - 1, 0, -1):
        lots = [one.lot for one in deposited(consultation, round) if one.deposit.bidder_id == bidder]
        if lots:
            found = sorted((lot for lot in lots if lot is not None), key=lambda lot: lot.number)
            return [lot for lot in found if kept is None or str(lot.pk) in kept]
        if invited := lots_invited(consultation, round, bidder):
            kept = {one["id"] for one in invited} & (kept or {one["id"] for one in invited})
    return []


def candidacies_of(consultation: Consultation) -> list[Candidacy]:
    """The candidates, in the order of their deposits."""
    rows = Candidacy.objects.filter(consultation=consultation).select_related("bidder", "deposit")
    return list(rows.prefetch_related("pieces", "requests").order_by("deposit__number"))


def candidacy_of(consultation: Consultation, key: UUID) -> Candidacy:
    """Raises Missing."""
    rows = Candidacy.objects.filter(consultation=consultation, pk=key)
    found = rows.select_related("bidder", "deposit", "deposit__draft").first()
    if found is None:
        raise Missing("no-candidate", "There is no such candidate here.", "Go back to the consultation.")
    return found


def dialogue_meetings_of(consultation: Consultation) -> list[DialogueMeeting]:
    """The sessions of a competitive dialogue, in their order."""
    rows = DialogueMeeting.objects.filter(consultation=consultation)
    return list(rows.select_related("candidacy__bidder", "document"))


def pieces_of(candidacy: Candidacy) -> dict[str, CandidacyPiece]:
    return {one.kind: one for one in CandidacyPiece.objects.filter(candidacy=candidacy)}


def bids_of(consultation: Consultation) -> list[Bid]:
    """The bids that are compared: the last one of each candidate for each lot, in the order of the deposits, then of the lots."""
    rows = Bid.objects.filter(consultation=consultation).select_related(
        "candidacy", "candidacy__bidder", "lot", "deposit"
    )
    last = {}
    for bid in rows.order_by("round", "candidacy__deposit__number", "lot__number"):
        last[bid.candidacy_id, bid.lot_id] = bid
    # the order of the candidates would tell whose an anonymous project is
    return sorted(last.values(), key=lambda bid: bid.deposit.alias or 0)


def bids_for(consultation: Consultation, lot: Lot | None) -> list[Bid]:
    return [bid for bid in bids_of(consultation) if bid.lot_id == (lot.pk if lot else None)]


def bid_of(consultation: Consultation, key: UUID) -> Bid:
    """Raises Missing."""
    rows = Bid.objects.filter(consultation=consultation, pk=key)
    found = rows.select_related("candidacy", "candidacy__bidder", "lot", "deposit").first()
    if found is None:
        raise Missing("no-bid", "There is no such bid here.", "Go back to the consultation.")
    return found


def compared(bids: Iterable[Bid]) -> list[Bid]:
    """The bids that may be ranked: admissible, of candidates admitted."""
    return [bid for bid in bids if bid.state == ADMISSIBLE and bid.candidacy.state == ADMITTED]


def grids_of(consultation: Consultation, lot: Lot | None, day: date) -> list[Grid]:
    """The bids of a lot with all that was noted of them."""
    bids = bids_for(consultation, lot)
    criteria = criteria_for(consultation, lot)
    methods = methods_of(criteria, day)
    scores = latest(Score.objects.filter(bid__in=bids).select_related("evaluator"), *_BY)
    finals = {
        (one.bid_id, one.criterion_id, one.part_id): one
        for one in latest(FinalScore.objects.filter(bid__in=bids), "bid_id", "criterion_id", "part_id")
    }
    low = _low(bids, consultation, lot, day)
    return [
        Grid(
            bid,
            [
                Line(
                    criterion,
                    part,
                    methods[criterion.pk],
                    [one for one in scores if (one.bid_id, one.criterion_id, one.part_id) == noted],
                    finals.get(noted),
                )
                for criterion, part in noted_apart(criteria)
                for noted in [(bid.pk, criterion.pk, part.pk if part else None)]
            ],
            bid.pk in low,
        )
        for bid in bids
    ]


def line_of(consultation: Consultation, bid: Bid, key: UUID, day: date) -> Line | None:
    """The line of a bid that a criterion, or a part of one, is noted on; None when it is not judged on it."""
    grids = grids_of(consultation, bid.lot, day)
    lines = (line for grid in grids if grid.bid.pk == bid.pk for line in grid.lines)
    return next((line for line in lines if line.key == key), None)


def points_of(bid: Bid) -> list[Points]:
    """What a ranked bid got on each criterion, or part of one, in their order."""
    rows = FinalScore.objects.filter(bid=bid).select_related("criterion", "part")
    kept = latest(rows, "criterion_id", "part_id")
    kept.sort(key=lambda one: (one.criterion.position, one.part.position if one.part else 0))
    return [
        Points(named(one.criterion, one.part), one.points, (one.part or one.criterion).weight) for one in kept
    ]


def score_versions(bid: Bid) -> list[Score]:
    """Every note that was ever given, the corrected ones too."""
    return list(Score.objects.filter(bid=bid).select_related("evaluator", "criterion", "part"))


def opened_files(bid: Bid) -> list[OpenedFile]:
    """What the opening gave of a bid: its own tender, and the candidature of its deposit."""
    rows = OpenedFile.objects.filter(deposit=bid.deposit_id).filter(Q(lot=bid.lot_id) | Q(lot=None))
    return list(rows.order_by("envelope", "position"))


def files_of_candidate(candidacy: Candidacy) -> list[OpenedFile]:
    """What the opening gave of a candidate: its candidature, and its bids as they stand; nothing of an anonymous project."""
    bids = [one for one in bids_of(candidacy.consultation) if one.candidacy_id == candidacy.pk]
    deposits = {candidacy.deposit_id, *(one.deposit_id for one in bids)}
    rows = OpenedFile.objects.filter(deposit__in=deposits, deposit__is_anonymous=False)
    return list(rows.order_by("deposit__number", "envelope", "position"))


def evaluators_of(consultation: Consultation) -> list[Any]:
    rows = Member.objects.filter(consultation=consultation, role=TeamRole.EVALUATE).select_related("person")
    return [one.person for one in rows]


def requests_of(consultation: Consultation) -> list[BidderRequest]:
    rows = BidderRequest.objects.filter(consultation=consultation)
    return list(
        rows.select_related("candidacy", "candidacy__bidder", "bid").prefetch_related("files__document")
    )


def answer_file(consultation: Consultation, request: UUID, sha256: str) -> Any:
    """A document that a bidder gave in answer to a request. Raises Missing."""
    rows = BidderRequestFile.objects.filter(request=request, request__consultation=consultation)
    found = rows.filter(sha256=sha256).select_related("document").first()
    if found is None:
        raise Missing("no-document", "This file is not part of the answer.", "Go back to the candidate.")
    return found.document


def reports_of(consultation: Consultation) -> list[AnalysisReport]:
    return list(AnalysisReport.objects.filter(consultation=consultation).select_related("document"))


def report_numbered(consultation: Consultation, number: int) -> AnalysisReport:
    """Raises Missing."""
    found = next((one for one in reports_of(consultation) if one.number == number), None)
    if found is None:
        raise Missing("no-report", "There is no such report.", "Go back to the consultation.")
    return found


def _low(bids: Sequence[Bid], consultation: Consultation, lot: Lot | None, day: date) -> set[UUID]:
    prices = {bid.pk: bid.price for bid in compared_or_open(bids) if bid.price is not None}
    estimate = lot.estimated_value if lot is not None else consultation.estimated_value
    percent = law_on(day).rules["low-price-percent"].value
    return scoring.low_prices(prices, percent=percent, estimate=estimate)


def compared_or_open(bids: Iterable[Bid]) -> list[Bid]:
    """The bids that were not eliminated."""
    return [bid for bid in bids if bid.state in ("opened", "explaining", ADMISSIBLE)]


_BY = ("bid_id", "criterion_id", "part_id", "evaluator_id")
