"""How much of the same thing the body needs: what is compared to the thresholds.

Works count by operation, whatever its length; supplies and services by homogeneous category over twelve months. Lots,
renewals and options count in the value. A need is not divided to stay below a threshold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from territoires.kernel.text import fold

from .law import WORKS

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Purchase:
    """Another consultation: its family (operation or category) and its value without VAT.

    ``buyer`` names the other body of the group that made it; empty for one's own.
    """

    title: str
    category: str
    family: str
    value: Decimal
    started_on: date
    buyer: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """``others`` are consultations of the same need here; ``committed`` is what was bought elsewhere.

    ``unvalued`` counts those of the group's other bodies whose value is not public.
    """

    others: tuple[Purchase, ...] = ()
    committed: Decimal = ZERO
    unvalued: int = 0

    def total(self, own: Decimal) -> Decimal:
        return own + self.committed + sum((other.value for other in self.others), ZERO)


def need_of(
    category: str,
    family: str,
    purchases: Iterable[Purchase],
    *,
    committed: Decimal = ZERO,
    on: date,
    months: int = 12,
) -> Need:
    """The need of a family of one category, as it stands on a day."""
    since = _months_before(on, months)
    return Need(tuple(other for other in purchases if _is_same(other, category, family, since)), committed)


def families(purchases: Sequence[Purchase]) -> list[str]:
    """The families used before, once each, to propose them: two spellings would be two needs."""
    seen: dict[str, str] = {}
    for purchase in purchases:
        if purchase.family:
            seen.setdefault(fold(purchase.family), purchase.family)
    return sorted(seen.values(), key=fold)


def _is_same(other: Purchase, category: str, family: str, since: date) -> bool:
    if not family or fold(other.family) != fold(family) or (other.category == WORKS) != (category == WORKS):
        return False
    return category == WORKS or other.started_on > since


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = 28 if month == 1 else 30
    return date(year, month + 1, min(day.day, last))
