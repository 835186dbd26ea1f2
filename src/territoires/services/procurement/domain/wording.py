"""What a buyer writes: cleaned, and refused where it cannot be kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from territoires.kernel.errors import Fault, Invalid
from territoires.kernel.siret import compact, is_siret
from territoires.kernel.text import clean

MOST_LOTS = 200
MOST_CRITERIA = 60
SHORTEST_REASON = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class LotWords:
    """One lot as written, in the order of its number."""

    title: str
    cpv: str = ""
    estimated_value: Decimal | None = None
    is_small: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionWords:
    """One criterion as written, in its order; ``weight`` in percent, ``lot_number`` None for all lots."""

    kind: str
    name: str = ""
    weight: Decimal
    lot_number: int | None = None


def one_line(text: str) -> str:
    return " ".join(clean(text).split())


def stated(reason: str, *, limit: int) -> str:
    """A reason as one clean text. Raises Invalid when it says too little or too much."""
    found = clean(reason)
    if SHORTEST_REASON <= len(found) <= limit:
        return found
    fault = Fault(
        "reason", "reason-length", "The reason is missing, too short or too long.", "Write one sentence."
    )
    raise Invalid(
        "reason-missing", "Nothing was done: a reason is due.", "Say why, in one sentence.", faults=[fault]
    )


def sirets_in(text: str) -> list[str]:
    """The SIRETs of a text, one a line, once each. Raises Invalid, naming the line that holds none."""
    found = [compact(line) for line in text.splitlines() if line.strip()]
    faults = [
        Fault(
            "participants",
            "siret-wrong",
            "“%(value)s” is no SIRET: its fourteen digits do not agree.",
            "Copy it from the list of establishments.",
            {"value": value[:40]},
        )
        for value in found
        if not is_siret(value)
    ]
    if faults:
        raise Invalid(
            "sirets-wrong", "The list of buyers was not saved.", "Correct the lines named.", faults=faults
        )
    return list(dict.fromkeys(found))


def sound_lots(lots: Sequence[LotWords], *, longest: int) -> list[LotWords]:
    """Lots that may be kept, even incomplete. Raises Invalid."""
    if len(lots) > MOST_LOTS:
        raise _too_many(MOST_LOTS)
    faults = list(_lot_faults(lots, longest))
    if faults:
        raise Invalid("lots-refused", "The lots were not saved.", "Correct them.", faults=faults)
    return [
        LotWords(
            title=one_line(lot.title),
            cpv=lot.cpv,
            estimated_value=lot.estimated_value,
            is_small=lot.is_small,
        )
        for lot in lots
    ]


def _lot_faults(lots: Iterable[LotWords], longest: int) -> Iterator[Fault]:
    for number, lot in enumerate(lots, start=1):
        if not 0 < len(one_line(lot.title)) <= longest:
            yield Fault(
                f"lots.{number}.title",
                "lot-title",
                "Lot %(number)s has no title, or one that is too long.",
                "Say in one line what is bought in it.",
                {"number": number},
            )
        if lot.cpv and not is_cpv(lot.cpv):
            yield Fault(
                f"lots.{number}.cpv",
                "cpv-form",
                "A CPV code has eight digits.",
                "Search for it by words.",
            )
        if lot.estimated_value is not None and lot.estimated_value <= 0:
            yield Fault(
                f"lots.{number}.estimated_value",
                "value-not-positive",
                "A value is more than zero.",
                "Estimate it without VAT.",
            )


def sound_criteria(criteria: Sequence[CriterionWords], *, known: Iterable[str]) -> list[CriterionWords]:
    """Criteria that may be kept, whatever their sum. Raises Invalid."""
    if len(criteria) > MOST_CRITERIA:
        raise _too_many(MOST_CRITERIA)
    faults = [
        Fault(
            f"criteria.{place}.weight",
            "weight-range",
            "A weight is more than 0 and at most 100.",
            "Write it in percent.",
        )
        for place, one in enumerate(criteria, start=1)
        if not 0 < one.weight <= 100
    ]
    codes = set(known)
    faults += [
        Fault(
            f"criteria.{place}.kind",
            "criterion-unknown",
            "This kind of criterion is unknown.",
            "Choose one in the list.",
        )
        for place, one in enumerate(criteria, start=1)
        if one.kind not in codes
    ]
    if faults:
        raise Invalid("criteria-refused", "The criteria were not saved.", "Correct them.", faults=faults)
    return [
        CriterionWords(
            kind=one.kind, name=one_line(one.name)[:200], weight=one.weight, lot_number=one.lot_number
        )
        for one in criteria
    ]


def is_cpv(code: str) -> bool:
    """Eight digits; the check digit that some write after them is not kept."""
    return len(code) == 8 and code.isascii() and code.isdigit()


def _too_many(most: int) -> Invalid:
    return Invalid(
        "too-many-lines", "There are more than %(most)s lines.", "Put some together.", params={"most": most}
    )
