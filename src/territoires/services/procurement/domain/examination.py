"""A candidature: its pieces one by one, what may be asked again, and how it ends.

CCP R2144-1 to R2144-7: what is missing may be asked of all who lack it, with the same time for all; proofs are asked of
the presumed winner alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from territoires.kernel.machine import Machine, State, Transition

RECEIVED = "received"
ADMITTED = "admitted"
REJECTED = "rejected"
UNSELECTED = "unselected"

CANDIDACY = Machine(
    "candidacy",
    initial=RECEIVED,
    states=[
        State(RECEIVED, "To examine", "Nobody has said yet whether this candidate may take part.", "wait"),
        State(
            ADMITTED, "Admitted", "The candidate has the right and the means to carry out the contract.", "ok"
        ),
        State(
            REJECTED,
            "Not admitted",
            "The candidature was refused for the reason kept here; the bid is not judged.",
            "bad",
        ),
        State(
            UNSELECTED,
            "Not selected",
            "Fit for the contract, but not among the candidates invited to tender, for the reason kept here.",
            "none",
        ),
    ],
    transitions=[
        Transition("note_pieces", (RECEIVED,), RECEIVED),
        Transition("admit", (RECEIVED,), ADMITTED),
        Transition("reject", (RECEIVED, ADMITTED), REJECTED),
        Transition("set_aside", (ADMITTED,), UNSELECTED),
        Transition("examine_again", (ADMITTED, REJECTED), RECEIVED),
    ],
)

# Who takes no further part.
OUT = (REJECTED, UNSELECTED)

PRESENT = "present"
MISSING = "missing"
ASKED = "asked"
MENDED = "mended"
UNNEEDED = "unneeded"
PIECE_STATES = (PRESENT, MISSING, ASKED, MENDED, UNNEEDED)
COMPLETE = frozenset({PRESENT, MENDED, UNNEEDED})


@dataclass(frozen=True, slots=True)
class Noted:
    """What was found of one piece: ``kind`` is a code of the pack of pieces, ``state`` one of ``PIECE_STATES``."""

    kind: str
    state: str
    note: str = ""


def is_complete(pieces: Iterable[Noted]) -> bool:
    """Whether nothing is missing any more; a candidature of which nothing was noted is not complete."""
    found = [piece.state in COMPLETE for piece in pieces]
    return bool(found) and all(found)


def lacking(pieces: Iterable[Noted]) -> list[str]:
    """The kinds that are still missing, in their order."""
    return [piece.kind for piece in pieces if piece.state in (MISSING, ASKED)]
