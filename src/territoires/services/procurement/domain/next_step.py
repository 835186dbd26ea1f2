"""What comes next on the way from the publication to the end of the contract: one step at a time, by what is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from . import contract_life, life

ANSWER = "answer"
READY = "ready"
OPEN = "open"
NO_BID = "no-bid"
EARLIER_BIDS = "earlier-bids"
EXAMINE = "examine"
CANDIDATES = "candidates"
BIDS = "bids"
NOTES = "notes"
RANK = "rank"
COMMITTEE = "committee"
OPINION = "committee-opinion"
JURY = "jury"
LIFT = "lift"
DECIDE = "decide"
SELECT = "select"
DIALOGUE = "dialogue"
SET_UP = "set-up"
REQUESTS = "requests"
SYSTEM = "system"
END_SYSTEM = "end-system"
KEYS = "keys"
INVITE = "invite"
ROUND = "round"
LETTERS = "letters"
STANDSTILL = "standstill"
SIGN = "sign"
TRANSMIT = "transmit"
STATE = "state"
NOTIFY = "notify"
RECEIPT = "receipt"
BEGIN = "begin"
CARRY_OUT = "carry-out"

# The states in which bids are sealed, until the officers open them.
SEALED = (life.CLOSED, life.OPENING, life.ROUND_CLOSED, life.ROUND_OPENING)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far it is: counts of what still waits, from the database.

    ``questions``: those of enterprises without an answer. ``keys_missing``: what the keys of the prepared round lack.
    ``earlier_bids``: bids of the rounds before, which stand when a round brings none.
    ``to_table``: what was opened and not put on the table yet. ``awaits_tenders``: candidates are to be selected first.
    ``in_dialogue``: solutions are discussed with them first. ``is_anonymous``: the jury has its say on ``lots_for_jury``. ``is_system``: they are to be admitted to a dynamic purchasing system, ``requests`` to it wait.
    """

    state: str
    questions: int = 0
    to_table: int = 0
    awaits_tenders: bool = False
    in_dialogue: bool = False
    is_anonymous: bool = False
    lots_for_jury: int = 0
    is_system: bool = False
    requests: int = 0
    in_force_until: date | None = None
    candidates_to_examine: int = 0
    bids_to_examine: int = 0
    notes_missing: int = 0
    lots_to_rank: int = 0
    lots_for_committee: int = 0
    is_concession: bool = False
    lots_to_decide: int = 0
    round_prepared: bool = False
    keys_missing: int = 0
    deposits: int = 0
    earlier_bids: int = 0
    letters_sent: bool = False
    contracts: Sequence[str] = ()
    must_be_received: bool = False
    sign_from: date | None = None


@dataclass(frozen=True, slots=True)
class NextStep:
    """``code`` names the page; ``count`` how many things wait there; ``waits``: nobody here has to do anything yet."""

    code: str
    count: int = 0
    waits: bool = False


def next_step(standing: Standing, today: date) -> NextStep | None:
    """The one thing to do, None where this part of the way has not begun or is over."""
    if standing.state == life.PUBLISHED:
        return NextStep(ANSWER, standing.questions) if standing.questions else NextStep(READY)
    if standing.state in (life.CLOSED, life.ROUND_CLOSED) and not standing.deposits:
        return NextStep(EARLIER_BIDS, standing.earlier_bids) if standing.earlier_bids else NextStep(NO_BID)
    if standing.state in SEALED:
        return NextStep(OPEN, standing.deposits)
    if standing.state == life.ANALYSIS:
        return _analysis(standing)
    if standing.state == life.IN_FORCE:
        return _in_force(standing, today)
    if standing.state == life.NEGOTIATING:
        return NextStep(ROUND, waits=True)
    if standing.state == life.DECIDED and not standing.letters_sent:
        return NextStep(LETTERS)
    if standing.state == life.STANDSTILL and standing.sign_from is not None and today < standing.sign_from:
        return NextStep(STANDSTILL, waits=True)
    return _contracts(standing)


def _analysis(standing: Standing) -> NextStep:
    if standing.to_table:
        return NextStep(EXAMINE)
    if standing.awaits_tenders and standing.candidates_to_examine:
        return NextStep(CANDIDATES, standing.candidates_to_examine)
    if standing.is_system:
        return NextStep(SET_UP)
    if standing.round_prepared:
        return _invitation(standing)
    if standing.in_dialogue:
        return NextStep(DIALOGUE)
    if standing.awaits_tenders:
        return NextStep(SELECT)
    steps = (
        (CANDIDATES, standing.candidates_to_examine),
        (BIDS, standing.bids_to_examine),
        (NOTES, standing.notes_missing),
        (RANK, standing.lots_to_rank),
        (_committee(standing), 0 if standing.is_anonymous else standing.lots_for_committee),
    )
    for code, count in steps:
        if count:
            return NextStep(code, count)
    if standing.is_anonymous:
        return NextStep(JURY, standing.lots_for_jury) if standing.lots_for_jury else NextStep(LIFT)
    return NextStep(DECIDE, standing.lots_to_decide)


def _committee(standing: Standing) -> str:
    return OPINION if standing.is_concession else COMMITTEE


def _invitation(standing: Standing) -> NextStep:
    """Once the round has its keys; in a concession, once its committee gave its opinion on the bids (CGCT L1411-5)."""
    if standing.is_concession and standing.lots_for_committee and not standing.awaits_tenders:
        return NextStep(OPINION, standing.lots_for_committee)
    return NextStep(KEYS, standing.keys_missing) if standing.keys_missing else NextStep(INVITE)


def _in_force(standing: Standing, today: date) -> NextStep:
    if standing.requests:
        return NextStep(REQUESTS, standing.requests)
    if standing.in_force_until is not None and today > standing.in_force_until:
        return NextStep(END_SYSTEM)
    return NextStep(SYSTEM, waits=True)


def _contracts(standing: Standing) -> NextStep | None:
    live = [one for one in standing.contracts if one != contract_life.GIVEN_UP]
    steps = (
        ((contract_life.DRAFTED, contract_life.SIGNING), SIGN, False),
        ((contract_life.SIGNED,), TRANSMIT if standing.must_be_received else NOTIFY, False),
        ((contract_life.SENT,), STATE, True),
        ((contract_life.RECEIVED,), NOTIFY, False),
        ((contract_life.NOTIFYING,), RECEIPT, True),
        ((contract_life.NOTIFIED,), BEGIN, False),
        ((contract_life.EXECUTION,), CARRY_OUT, True),
    )
    for states, code, waits in steps:
        if count := sum(one in states for one in live):
            return NextStep(code, count, waits)
    return None
