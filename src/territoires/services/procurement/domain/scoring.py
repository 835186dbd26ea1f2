"""Notes and points: the formulas of prices, the grid of quality, the sum, the ranking.

All in decimals; points have three places, rounded half up, so that two people with a pocket calculator agree. A price is
euros without VAT, a weight percent: the points of a criterion go from 0 to its weight.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Generic, TypeVar

LINEAR = "linear"
DIFFERENCE = "difference"
GRID = "grid"
METHODS = (LINEAR, DIFFERENCE, GRID)
FORMULAS = (LINEAR, DIFFERENCE)

DEFAULT_SCALE = 5
LONGEST_SCALE = 100
_PLACES, _CENTS = Decimal("0.001"), Decimal("0.01")
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Method:
    """How one criterion is noted; ``scale`` is the highest note of a grid, None for a formula."""

    code: str
    scale: int | None = None

    @property
    def is_formula(self) -> bool:
        return self.code in FORMULAS


def default_method(*, is_price: bool) -> Method:
    """What holds for a criterion of which the buyer said nothing: proportion for a price, a grid from 0 to 5 else.

    A price in parts is no price any more for a formula: its parts are noted one by one.
    """
    return Method(LINEAR) if is_price else Method(GRID, DEFAULT_SCALE)


def linear(price: Decimal, lowest: Decimal, weight: Decimal) -> Decimal:
    """``weight * lowest / price``: the lowest price has all points, twice as dear has half of them."""
    return _rounded(weight * lowest / price)


def difference(price: Decimal, lowest: Decimal, weight: Decimal) -> Decimal:
    """``weight * (1 - (price - lowest) / lowest)``, never below zero: twice as dear has none."""
    return _rounded(max(Decimal(0), weight * (1 - (price - lowest) / lowest)))


def grid(value: Decimal, scale: int, weight: Decimal) -> Decimal:
    """``weight * value / scale``: the highest note has all points. Raises ValueError for a note off the grid."""
    if not 0 <= value <= scale:
        raise ValueError(f"a note lies between 0 and {scale}")
    return _rounded(weight * value / scale)


def points_of_prices(prices: Mapping[K, Decimal], method: Method, weight: Decimal) -> dict[K, Decimal]:
    """The points of each price, compared with the lowest of them. Raises ValueError for a price that is not positive."""
    if any(price <= 0 for price in prices.values()):
        raise ValueError("a price is more than zero")
    if not prices:
        return {}
    lowest = min(prices.values())
    formula = {LINEAR: linear, DIFFERENCE: difference}[method.code]
    return {key: formula(price, lowest, weight) for key, price in prices.items()}


@dataclass(frozen=True, slots=True)
class Placed(Generic[K]):
    """One bid in the ranking; ``is_tied``: another has the same total."""

    key: K
    total: Decimal
    rank: int
    is_tied: bool


def ranking(points: Mapping[K, Iterable[Decimal]]) -> list[Placed[K]]:
    """The bids by their total, the highest first. Equal totals share their rank, and the next one counts them all."""
    totals = {key: sum(found, Decimal(0)) for key, found in points.items()}
    order = sorted(totals, key=lambda key: -totals[key])
    every = list(totals.values())
    return [
        Placed(
            key,
            totals[key],
            1 + sum(1 for other in every if other > totals[key]),
            every.count(totals[key]) > 1,
        )
        for key in order
    ]


def low_prices(prices: Mapping[K, Decimal], *, percent: Decimal, estimate: Decimal | None = None) -> set[K]:
    """The bids whose price lies ``percent`` or more under the mean of the others, or under the estimate.

    A hint and nothing else: the law asks for explanations before anything is decided (CCP L2152-5, L2152-6).
    """
    share = 1 - percent / 100
    return {
        key
        for key, price in prices.items()
        if any(price <= share * reference for reference in _references(key, prices, estimate))
    }


def consolidated(notes: Sequence[Decimal]) -> Decimal | None:
    """The mean of the notes of several evaluators, to two places: what is proposed to them, on which they agree or not."""
    return (sum(notes, Decimal(0)) / len(notes)).quantize(_CENTS, ROUND_HALF_UP) if notes else None


def spread(notes: Sequence[Decimal]) -> Decimal:
    """How far apart the notes of several evaluators are; zero for one or none."""
    return max(notes) - min(notes) if notes else Decimal(0)


def _references(key: K, prices: Mapping[K, Decimal], estimate: Decimal | None) -> list[Decimal]:
    others = [price for other, price in prices.items() if other != key]
    found = [sum(others, Decimal(0)) / len(others)] if others else []
    return [*found, estimate] if estimate is not None else found


def _rounded(points: Decimal) -> Decimal:
    return points.quantize(_PLACES, ROUND_HALF_UP)
