"""Bids are noted on the frozen criteria: several people, each with reasons, then one note of the body, then the ranking."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from territoires.contracts import procurement_award as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Denied, Fault, Invalid, Missing

from ..domain import life
from ..domain import scoring as rules
from ..domain.scoring import Method
from ..domain.wording import stated
from ..models import (
    LONGEST_TEXT,
    Bid,
    Consultation,
    Criterion,
    FinalScore,
    Score,
    ScoringMethod,
    SubCriterion,
)
from ..permissions import Procurement
from ..queries.evaluation import (
    bid_of,
    compared,
    criteria_for,
    grids_of,
    methods_of,
    noted_apart,
    scope_of,
)
from ..queries.sheets import criteria_of
from .examining import require_analysis
from .frozen import SCORING, tells_attempts
from .moving import about
from .next_step import wait_for_next_step

# From the first opening on, the way of noting is as frozen as the weights.
STILL_CHOSEN = (life.DRAFT, life.VALIDATED, life.SCHEDULED, life.PUBLISHED, life.SUSPENDED, life.CLOSED)


@tells_attempts(SCORING)
@action(Procurement.PREPARE, on="consultation")
def choose_scoring(
    *, actor: Actor, consultation: Consultation, criterion: UUID, method: str, scale: int | None = None
) -> Outcome[ScoringMethod]:
    """Says how a criterion will be noted. Raises Conflict once the opening began, Invalid for a wrong method or scale."""
    if consultation.state not in STILL_CHOSEN:
        raise Conflict(
            "criteria-frozen",
            "The bids are opened: criteria, weights and the scoring method change no more; nothing was changed.",
            "Note the bids as was announced, or declare the procedure without follow-up and begin again.",
        )
    found = next((one for one in criteria_of(consultation) if one.pk == criterion), None)
    if found is None:
        raise Missing("no-criterion", "There is no such criterion here.", "Reload the page.")
    if method not in rules.METHODS or (method == rules.GRID) != (scale is not None):
        raise Invalid("method-unknown", "This scoring method is unknown.", "Choose one in the list.")
    if method in rules.FORMULAS and found.parts.exists():
        fault = Fault(
            "method",
            "parts-by-hand",
            "This criterion is scored part by part: no formula gives those scores.",
            "Choose the grid, or announce the criterion without parts.",
        )
        raise Invalid("method-refused", "Nothing was changed.", "Correct the scoring method.", faults=[fault])
    if scale is not None and not 1 <= scale <= rules.LONGEST_SCALE:
        fault = Fault(
            "scale", "scale-range", "A grid goes up to 100 at most.", "Give a number from 1 to 100."
        )
        raise Invalid("scale-refused", "Nothing was changed.", "Correct the scale.", faults=[fault])
    row, _created = ScoringMethod.objects.update_or_create(
        criterion=found, defaults={"method": method, "scale": scale}
    )
    fact = facts.ScoringChosen(**about(consultation), criterion=found.pk, method=method, scale=scale)
    return Outcome(row, fact)


@action(Procurement.SCORE, on="consultation")
def score_bid(
    *,
    actor: Actor,
    consultation: Consultation,
    bid: UUID,
    criterion: UUID,
    part: UUID | None = None,
    value: Decimal,
    justification: str,
) -> Outcome[Score]:
    """Gives a note with its reason, as one of the evaluators of the team; the former one stays beside it.

    ``part`` is the part of the criterion that is noted, where it has some. Raises Invalid for a note off the grid or
    without reason, Missing for a part of another criterion, Conflict for a criterion that a formula notes.
    """
    require_analysis(consultation)
    if actor.person is None:
        raise Denied("no-person", "A score is given by a person.", "Sign in.")
    found, on, of, method = _noted(actor, consultation, bid, criterion, part)
    reason = _sound_note(value, method, justification)
    known = Score.objects.filter(bid=found, criterion=on, part=of, evaluator=actor.person)
    score = Score(
        bid=found,
        criterion=on,
        part=of,
        evaluator_id=actor.person,
        version=known.count() + 1,
        value=value,
        justification=reason,
        given_at=actor.now(),
    )
    score.save(force_insert=True)
    fact = facts.BidScored(
        subject=found.subject,
        matter=consultation.pk,
        criterion=on.pk,
        part=part,
        evaluator=actor.person,
        version=score.version,
        value=value,
        justification=reason,
    )
    return Outcome(score, fact)


@action(Procurement.ANALYSE, on="consultation")
def agree_score(
    *,
    actor: Actor,
    consultation: Consultation,
    bid: UUID,
    criterion: UUID,
    part: UUID | None = None,
    value: Decimal,
    justification: str,
) -> Outcome[FinalScore]:
    """Writes the note of the body, on which the evaluators agreed. Raises Conflict before anybody has given one."""
    require_analysis(consultation)
    found, on, of, method = _noted(actor, consultation, bid, criterion, part)
    if not Score.objects.filter(bid=found, criterion=on, part=of).exists():
        raise Conflict(
            "nobody-noted",
            "No evaluator has scored this bid on this criterion yet.",
            "Let one of them give a score first: the score of the body rests on theirs.",
        )
    reason = _sound_note(value, method, justification)
    points = rules.grid(value, method.scale or rules.DEFAULT_SCALE, of.weight if of else on.weight)
    final = _final(actor, found, on, value, points, reason, part=of, by_formula=False)
    Bid.objects.filter(consultation=consultation, lot=found.lot_id).update(rank=None, total=None)
    fact = facts.FinalScoreGiven(
        subject=found.subject,
        matter=consultation.pk,
        criterion=on.pk,
        part=part,
        version=final.version,
        value=value,
        points=points,
        justification=reason,
    )
    return Outcome(final, fact)


@action(Procurement.ANALYSE, on="consultation")
def rank_bids(*, actor: Actor, consultation: Consultation, lot: UUID | None) -> Outcome[int]:
    """Puts the admissible bids of a lot in order, and answers how many. Raises Conflict while one is not examined or not wholly noted."""
    require_analysis(consultation)
    scope = scope_of(consultation, lot)
    day = legal_day(actor.now())
    grids = grids_of(consultation, scope, day)
    _require_examined([grid.bid for grid in grids])
    chosen = {bid.pk for bid in compared(grid.bid for grid in grids)}
    grids = [grid for grid in grids if grid.bid.pk in chosen]
    if not grids:
        raise Conflict(
            "no-bid-to-rank",
            "No bid of this lot can be compared.",
            "Declare the lot unsuccessful, if none is admissible.",
        )
    if not all(grid.is_whole for grid in grids):
        raise Conflict(
            "notes-missing",
            "A bid lacks the agreed score on one of its criteria.",
            "Look at the grid: each empty place says what is missing.",
        )
    bids = {grid.bid.pk: grid.bid for grid in grids}
    prices = {key: bid.price for key, bid in bids.items() if bid.price is not None}
    points: dict[UUID, list[Decimal]] = {key: [] for key in bids}
    for place, line in enumerate(grids[0].lines):
        if line.method.is_formula:
            for key, value in rules.points_of_prices(prices, line.method, line.weight).items():
                _final(actor, bids[key], line.criterion, prices[key], value, "", by_formula=True)
                points[key].append(value)
        else:
            for grid in grids:
                points[grid.bid.pk].append(_agreed(grid.lines[place].final))
    placed = rules.ranking(points)
    Bid.objects.filter(consultation=consultation, lot=scope).update(rank=None, total=None)
    for one in placed:
        bid = bids[one.key]
        bid.total, bid.rank = one.total, one.rank
        bid.save()
    wait_for_next_step(consultation, actor)
    fact = facts.BidsRanked(
        **about(consultation),
        lot=lot,
        bids=tuple(one.key for one in placed),
        totals=tuple(one.total for one in placed),
        ranks=tuple(one.rank for one in placed),
    )
    return Outcome(len(placed), fact)


def _noted(
    actor: Actor, consultation: Consultation, bid: UUID, criterion: UUID, part: UUID | None
) -> tuple[Bid, Criterion, SubCriterion | None, Method]:
    """The bid, and what is noted of it: a criterion whole, or one of its parts where it has some."""
    found = bid_of(consultation, bid)
    if found.state not in ("opened", "explaining", "admissible"):
        raise Conflict(
            "bid-eliminated", "This bid was eliminated: it is not scored.", "Examine it again first."
        )
    criteria = criteria_for(consultation, found.lot)
    key = (criterion, part)
    noted = next((pair for pair in noted_apart(criteria) if _key(*pair) == key), None)
    if noted is None:
        raise Missing(
            "no-criterion",
            "This lot is not judged on this criterion, or it is scored part by part.",
            "Reload the page.",
        )
    on, of = noted
    method = methods_of(criteria, legal_day(actor.now()))[on.pk]
    if method.is_formula:
        raise Conflict(
            "noted-by-formula",
            "A price is scored by its formula, not by hand.",
            "Write the price of the bid: its points follow.",
        )
    return found, on, of, method


def _key(criterion: Criterion, part: SubCriterion | None) -> tuple[UUID, UUID | None]:
    return criterion.pk, part.pk if part else None


def _sound_note(value: Decimal, method: Method, justification: str) -> str:
    scale = method.scale or rules.DEFAULT_SCALE
    if not 0 <= value <= scale:
        fault = Fault(
            "value",
            "note-range",
            "A score lies between 0 and %(scale)d.",
            "Correct it.",
            {"scale": scale},
        )
        raise Invalid("note-refused", "The score was not kept.", "Correct it.", faults=[fault])
    try:
        return stated(justification, limit=LONGEST_TEXT)
    except Invalid as refusal:
        fault = Fault(
            "justification", "justification-missing", "A score has its reason.", "Write it, in one sentence."
        )
        raise Invalid("note-refused", "The score was not kept.", "Say why.", faults=[fault]) from refusal


def _final(
    actor: Actor,
    bid: Bid,
    criterion: Criterion,
    value: Decimal,
    points: Decimal,
    reason: str,
    *,
    part: SubCriterion | None = None,
    by_formula: bool,
) -> FinalScore:
    known = FinalScore.objects.filter(bid=bid, criterion=criterion, part=part).order_by("-version").first()
    if by_formula and known is not None and (known.value, known.points) == (value, points):
        return known
    final = FinalScore(
        bid=bid,
        criterion=criterion,
        part=part,
        version=known.version + 1 if known else 1,
        value=value,
        points=points,
        justification=reason,
        by_formula=by_formula,
        person_id=actor.person,
        given_at=actor.now(),
    )
    final.save(force_insert=True)
    return final


def _agreed(final: FinalScore | None) -> Decimal:
    return final.points if final is not None else Decimal(0)


def _require_examined(bids: Sequence[Bid]) -> None:
    waiting = [
        bid for bid in bids if bid.state in ("opened", "explaining") or bid.candidacy.state == "received"
    ]
    if waiting:
        raise Conflict(
            "bids-not-examined",
            "%(count)d bids or their candidates are still to be examined.",
            "Say of each whether it is admissible, then rank them.",
            params={"count": len(waiting)},
        )
