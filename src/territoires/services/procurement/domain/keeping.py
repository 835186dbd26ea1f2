"""How long the file of a procedure is kept, in the words of the code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

PROCEDURE, CONTRACT, WORKS = "keep-procedure-years", "keep-contract-years", "keep-works-years"
ARTICLES = {PROCEDURE: "CCP R2184-12", CONTRACT: "CCP R2184-13", WORKS: "CCP R2184-13"}


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
