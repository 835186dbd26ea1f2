"""Where a consultation stands between its publication and its contracts in force."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from territoires.kernel.clock import first_instant

from ..domain import life
from ..domain.examination import ADMITTED
from ..domain.law import CONCESSION, DYNAMIC
from ..domain.next_step import (
    CANDIDATES,
    DECIDE,
    NOTIFY,
    OPEN,
    READY,
    REQUESTS,
    SEALED,
    SIGN,
    TRANSMIT,
    NextStep,
    Standing,
    next_step,
)
from ..models import Bid, Candidacy, Consultation, Question, QuestionState
from .award import (
    awards_of,
    contracts_of,
    decision_letters,
    lots_for_committee,
    standstill_of,
)
from .contests import lots_for_jury
from .evaluation import bids_of, compared, deposited, grids_of, scopes
from .law import law_on
from .publication import first_deadline
from .quorum import quorum_obstacles
from .rounds import awaits_tenders, current_round, deadline_of, in_dialogue, is_anonymous, prepared_round
from .systems import to_examine


def standing_of(consultation: Consultation, today: date) -> Standing:
    if consultation.state == life.PUBLISHED:
        waiting = Question.objects.filter(consultation=consultation, state=QuestionState.OPEN)
        return Standing(consultation.state, questions=waiting.count())
    if consultation.state == life.ANALYSIS:
        return _analysis(consultation, today)
    if consultation.state in SEALED:
        return Standing(
            consultation.state,
            deposits=_deposits(consultation),
            earlier_bids=_earlier(consultation) if consultation.state == life.ROUND_CLOSED else 0,
        )
    if consultation.state == life.IN_FORCE:
        return Standing(
            consultation.state,
            requests=len(to_examine(consultation)),
            in_force_until=consultation.in_force_until,
        )
    contracts = contracts_of(consultation)
    found = standstill_of(consultation, law_on(today)) if consultation.procedure else None
    return Standing(
        consultation.state,
        letters_sent=bool(decision_letters(consultation)),
        contracts=[one.state for one in contracts],
        must_be_received=any(one.must_be_received and one.received_on is None for one in contracts),
        sign_from=found.sign_from if found else None,
    )


def step_of(consultation: Consultation, today: date) -> NextStep | None:
    """The one thing to do next, None before the publication and once all is over."""
    return next_step(standing_of(consultation, today), today)


def due_of(consultation: Consultation, step: NextStep) -> datetime | None:
    """The legal deadline of a step, at its end; None where the law sets none."""
    if step.code == READY:
        return first_deadline(consultation)
    if step.code == REQUESTS:
        last = to_examine(consultation)[0].examine_until
        return first_instant(last + timedelta(days=1)) if last else None
    if step.code == TRANSMIT:
        days = [one.transmit_until for one in contracts_of(consultation) if one.transmit_until]
        return first_instant(min(days) + timedelta(days=1)) if days else None
    if step.code in (OPEN, CANDIDATES, DECIDE, SIGN, NOTIFY) and consultation.validity_days:
        last = deadline_of(consultation, current_round(consultation))
        return last + timedelta(days=consultation.validity_days) if last else None
    return None


def _deposits(consultation: Consultation) -> int:
    """How many deposits of the round are judged."""
    return len({one.deposit_id for one in deposited(consultation, current_round(consultation))})


def _earlier(consultation: Consultation) -> int:
    """What stands when a round brings nothing: the bids of those before, or in a dialogue who takes part in it."""
    if in_dialogue(consultation):
        return Candidacy.objects.filter(consultation=consultation, state=ADMITTED).count()
    return len(bids_of(consultation))


def _analysis(consultation: Consultation, today: date) -> Standing:
    bids = bids_of(consultation)
    grids = [grid for lot in scopes(consultation) for grid in grids_of(consultation, lot, today)]
    chosen = {bid.pk for bid in compared(bids)}
    decided = {one.lot_id for one in awards_of(consultation)}
    lots = [lot.pk if lot else None for lot in scopes(consultation)]
    open_lots = [lot for lot in lots if lot not in decided]
    to_rank = [
        lot
        for lot in open_lots
        if any(bid.lot_id == lot and bid.pk in chosen for bid in bids)
        and not any(bid.lot_id == lot and bid.rank for bid in bids)
    ]
    waiting = set(open_lots) & set(lots_for_committee(consultation, today))
    prepared = prepared_round(consultation)
    return Standing(
        consultation.state,
        to_table=_to_table(consultation),
        awaits_tenders=awaits_tenders(consultation),
        in_dialogue=in_dialogue(consultation),
        is_anonymous=(hides := is_anonymous(consultation)),
        lots_for_jury=len(lots_for_jury(consultation)) if hides else 0,
        is_system=consultation.procedure == DYNAMIC,
        candidates_to_examine=Candidacy.objects.filter(consultation=consultation, state="received").count(),
        bids_to_examine=sum(bid.state in ("opened", "explaining") for bid in bids),
        notes_missing=sum(
            1
            for grid in grids
            if grid.bid.pk in chosen
            for line in grid.lines
            if not line.method.is_formula and line.final is None
        ),
        lots_to_rank=len(to_rank),
        lots_for_committee=len(waiting),
        is_concession=consultation.procedure == CONCESSION,
        lots_to_decide=len(open_lots),
        round_prepared=prepared is not None,
        keys_missing=len(quorum_obstacles(consultation, prepared.round)) if prepared else 0,
    )


def _to_table(consultation: Consultation) -> int:
    """What was deposited in the round for the examination and is not on the table yet."""
    lots = deposited(consultation, current_round(consultation))
    if awaits_tenders(consultation):
        known = set(Candidacy.objects.filter(consultation=consultation).values_list("bidder", flat=True))
        return sum(one.deposit.bidder_id not in known for one in lots)
    tabled = set(Bid.objects.filter(consultation=consultation).values_list("deposit", "lot"))
    return sum((one.deposit_id, one.lot_id) not in tabled for one in lots)
