"""Committees: what each is in law, when its quorum is reached, how a meeting goes.

Quorum of a CAO: more than half of the members with a vote; when it is not reached, a second meeting is valid whoever comes
(CGCT L1411-5, to which L1414-2 refers).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from territoires.kernel.machine import Machine, State, Transition

CAO, JURY, CDSP, INTERNAL = "cao", "jury", "cdsp", "internal"
KINDS = (CAO, JURY, CDSP, INTERNAL)
LEGAL_QUORUM = (CAO, CDSP)
"""Whose quorum the law itself sets."""

PRESIDENT, TITULAR, SUBSTITUTE, ADVISER = "president", "titular", "substitute", "adviser"
CAPACITIES = (PRESIDENT, TITULAR, SUBSTITUTE, ADVISER)
SEATS = (PRESIDENT, TITULAR)
"""Who has a seat with a vote; a substitute votes only in the place of one of them."""

AWARDED, UNSUCCESSFUL, OPINION = "awarded", "unsuccessful", "opinion"
OUTCOMES = (AWARDED, UNSUCCESSFUL, OPINION)

CONVENED, OPEN, NO_QUORUM, CLOSED, CANCELLED = "convened", "open", "no_quorum", "closed", "cancelled"

MEETING = Machine(
    "committee-meeting",
    initial=CONVENED,
    states=[
        State(CONVENED, "Convened", "The members were convened; the meeting has not begun.", "wait"),
        State(OPEN, "In session", "Enough members are there: the committee decides.", "run"),
        State(
            NO_QUORUM,
            "Without quorum",
            "Not enough members came: nothing was decided. A second meeting decides whoever comes.",
            "bad",
            final=True,
        ),
        State(CLOSED, "Held", "The meeting is over; its minutes are kept.", "ok", final=True),
        State(CANCELLED, "Cancelled", "It will not be held.", "none", final=True),
    ],
    transitions=[
        Transition("note_presence", (CONVENED, OPEN), OPEN),
        Transition("note_lack", (CONVENED,), NO_QUORUM),
        Transition("decide", (OPEN,), OPEN),
        Transition("close", (OPEN,), CLOSED),
        Transition("cancel", (CONVENED,), CANCELLED),
    ],
)


@dataclass(frozen=True, slots=True)
class Seat:
    """A member at a meeting: ``votes_for`` names whose seat a substitute takes, None for a seat of one's own."""

    key: str
    capacity: str
    is_present: bool
    votes_for: str | None = None
    has_conflict: bool = False


def seats(members: Iterable[Seat]) -> int:
    """How many seats with a vote the committee has."""
    return sum(member.capacity in SEATS for member in members)


def voters(members: Iterable[Seat]) -> list[Seat]:
    """Who is there with a vote: each seat once, by its holder, else by one substitute who takes it."""
    found = list(members)
    taken: dict[str, Seat] = {
        member.key: member for member in found if member.capacity in SEATS and member.is_present
    }
    owned = {member.key for member in found if member.capacity in SEATS}
    for member in found:
        takes = member.votes_for if member.capacity == SUBSTITUTE and member.is_present else None
        if takes in owned and takes not in taken:
            taken[takes] = member
    return list(taken.values())


def has_quorum(kind: str, members: Iterable[Seat], *, is_second: bool) -> bool:
    """Whether the meeting may decide: more than half of the seats are filled, or it is the second one.

    A jury and an internal committee have no second meeting of right: their quorum is the same half each time.
    """
    found = list(members)
    present = len(voters(found))
    if is_second and kind in LEGAL_QUORUM:
        return present > 0
    return 2 * present > seats(found)


def may_vote(members: Iterable[Seat]) -> list[Seat]:
    """The voters who declared no conflict of interest: who did abstains, and leaves the room."""
    return [seat for seat in voters(members) if not seat.has_conflict]


def awaited(*, is_formal: bool, is_concession: bool) -> str | None:
    """The committee without which nothing is awarded, by its kind: a CAO chooses the holder above the formal threshold
    (CGCT L1414-2), the CDSP gives its opinion on the bids of any concession (L1411-5).

    A jury has rules of its own; an internal committee is waited for by nobody.
    """
    if is_concession:
        return CDSP
    return CAO if is_formal else None


def earliest_meeting(convened_on: date, days: int) -> date:
    """The first day on which members convened on a day may meet: ``days`` clear days lie between."""
    return convened_on + timedelta(days=days + 1)
