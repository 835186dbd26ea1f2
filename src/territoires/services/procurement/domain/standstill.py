"""The days between the letters to the losers and the signature (CCP R2182-1, R2182-2).

The period begins on the day after the letters left and ends with its last day, at midnight in Paris; a last day that is no
working day moves to the next one (Regulation 1182/71): the longer reading harms nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from .law import DYNAMIC, SUBSEQUENT, Law, Procedure

ELECTRONIC_DAYS = "standstill-days"
OTHER_DAYS = "standstill-days-other"
NOT_DUE = "standstill-not-due"


@dataclass(frozen=True, slots=True)
class Standstill:
    """``days`` is zero where none is due; ``article`` says why, empty for a free choice; ``until`` is its last day."""

    days: int
    article: str
    until: date | None = None

    @property
    def sign_from(self) -> date | None:
        """The first day on which the buyer may sign; None where it may at once."""
        return self.until + timedelta(days=1) if self.until else None

    def allows(self, day: date) -> bool:
        """Whether the buyer may sign on that legal day."""
        return self.until is None or day > self.until


def standstill(
    *,
    procedure: Procedure,
    participants: int,
    all_electronic: bool,
    sent_on: date,
    law: Law,
    is_kept: bool = False,
) -> Standstill:
    """What is due after letters that left on a day. ``participants`` is how many enterprises answered.

    ``is_kept``: the buyer keeps in an adapted procedure, which owes none, the days of a formal one.
    """
    if not procedure.is_formal and not is_kept:
        return Standstill(0, "")
    if procedure.is_formal and (participants < 2 or procedure.code in (SUBSEQUENT, DYNAMIC)):
        return Standstill(0, law.rules[NOT_DUE].article)
    rule = law.rules[ELECTRONIC_DAYS if all_electronic else OTHER_DAYS]
    days = int(rule.value)
    return Standstill(days, rule.article if procedure.is_formal else "", law.calendar.last_day(sent_on, days))
