"""What one looks for among the published consultations, as plain values and as the query of an address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from territoires.kernel.text import clean, fold

from .law import CATEGORIES

MOST_WORDS = 12
LONGEST_WORDS = 200
SORTS = ("", "deadline")


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """Empty means everything. ``cpv`` holds significant digits (``45``, ``452``), ``place`` a NUTS code of any depth.

    ``with_closed``: those whose deadline has passed, too. Days are legal days, both included; euros without VAT.
    """

    q: str = ""
    cpv: str = ""
    place: str = ""
    category: str = ""
    procedure: str = ""
    buyer: str = ""
    since: date | None = None
    until: date | None = None
    amount_from: Decimal | None = None
    amount_until: Decimal | None = None
    with_closed: bool = False
    sort: str = ""

    @property
    def words(self) -> list[str]:
        """The words to look for, folded, each as the beginning of one."""
        return fold(self.q).split()[:MOST_WORDS]

    @property
    def are_set(self) -> bool:
        return self != Criteria(sort=self.sort)

    def as_query(self) -> dict[str, str]:
        """The fields that are set, as they stand in an address."""
        return dict(_written(self))


def read_criteria(given: Mapping[str, Any]) -> Criteria:
    """The criteria that a query holds; what cannot be read is left out."""

    def text(name: str, longest: int = LONGEST_WORDS) -> str:
        return clean(str(given.get(name) or ""))[:longest]

    category, sort = text("category"), text("sort")
    return Criteria(
        q=" ".join(text("q").split()),
        cpv=_digits(text("cpv")),
        place="".join(c for c in text("place", 5).upper() if c.isascii() and c.isalnum()),
        category=category if category in CATEGORIES else "",
        procedure="".join(c for c in text("procedure", 12) if c.isascii() and c.isalpha()),
        buyer=" ".join(text("buyer").split()),
        since=_day(given.get("since")),
        until=_day(given.get("until")),
        amount_from=_amount(given.get("amount_from")),
        amount_until=_amount(given.get("amount_until")),
        with_closed=str(given.get("with_closed") or "") in ("1", "on", "true", "True"),
        sort=sort if sort in SORTS else "",
    )


def prefixes(code: str) -> list[str]:
    """A CPV code at every depth: ``45261200`` gives ``45``, ``452``, ``4526``, ``45261``, ``452612``."""
    significant = max(2, len(code.rstrip("0")))
    return [code[:length] for length in range(2, significant + 1)] if code else []


def places(nuts: str) -> list[str]:
    """A NUTS code at every depth: ``FRC11`` gives ``FR``, ``FRC``, ``FRC1``, ``FRC11``."""
    return [nuts[:length] for length in range(2, len(nuts) + 1)]


def _written(criteria: Criteria) -> Iterator[tuple[str, str]]:
    for one in fields(criteria):
        value = getattr(criteria, one.name)
        if value is None or value is False or value == "":  # an amount of 0 is one
            continue
        yield one.name, "1" if value is True else value.isoformat() if isinstance(value, date) else str(value)


def _digits(text: str) -> str:
    """The significant digits of what was given as a CPV code: ``45261200-9`` gives ``452612``."""
    found = "".join(c for c in text.partition("-")[0] if c.isascii() and c.isdigit())[:8]
    return found[:2] + found[2:].rstrip("0") if len(found) >= 2 else ""


def _day(value: Any) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value or ""))
    except ValueError:
        return None


def _amount(value: Any) -> Decimal | None:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found < Decimal(10) ** 12 else None
