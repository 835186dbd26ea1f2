"""The file of a procedure: how it comes to be kept, and how long, in the words of the code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from territoires.kernel.machine import Machine, State, Transition

PROCEDURE, CONTRACT, WORKS = "keep-procedure-years", "keep-contract-years", "keep-works-years"
ARTICLES = {PROCEDURE: "CCP R2184-12", CONTRACT: "CCP R2184-13", WORKS: "CCP R2184-13"}

READING, KEPT, REFUSED = "reading", "kept", "refused"
PACKAGE = Machine(
    "package",
    initial=READING,
    entrances=(KEPT,),  # what is made here is known whole
    states=[
        State(READING, "Being verified", "Every file is being compared with its manifest.", "run"),
        State(KEPT, "Kept", "It is whole.", "ok", final=True),
        State(
            REFUSED,
            "Package refused",
            "It is no package, or it was changed; nothing of it was kept.",
            "bad",
            final=True,
        ),
    ],
    transitions=[
        Transition("take_in", (READING,), KEPT),
        Transition("refuse", (READING,), REFUSED),
    ],
)


def keep_until(
    *, signed_on: date | None, ended_on: date | None, is_works: bool, years: Callable[[str], int]
) -> tuple[date, str]:
    """The last legal day on which the file is due, and the article that sets it: the later of the two ends.

    ``years`` gives a value of the pack. Raises ValueError when neither day is known.
    """
    of_the_contract = WORKS if is_works else CONTRACT
    ends = [
        (_after(day, years(code)), ARTICLES[code])
        for day, code in ((signed_on, PROCEDURE), (ended_on, of_the_contract))
        if day is not None
    ]
    if not ends:
        raise ValueError("neither the signature nor the end of the contract is known")
    return max(ends)


def _after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)
