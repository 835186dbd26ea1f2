"""What was prepared, lot by lot, for those who judge bids, write notices and read the contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..models import Consultation, ContractOption, Criterion, Lot, SubCriterion
from .sheets import criteria_of, lots_of, options_of


@dataclass(frozen=True, slots=True)
class PreparedLot:
    """One lot with what it takes from the whole; ``lot`` None: the consultation is not divided.

    ``cpv``, ``nuts`` and ``reserved_for`` are its own, else those of the whole; ``additional_cpvs`` are its own, and
    those of the whole only where the lot has no main code of its own. ``value`` in euros without VAT, options
    included; it is the buyer's secret. ``criteria`` are its own, else those of all lots, their parts already read.
    ``options`` are its own, then those of the whole.
    """

    lot: Lot | None
    number: int
    title: str
    cpv: str
    additional_cpvs: tuple[str, ...]
    nuts: str
    reserved_for: str
    value: Decimal | None
    criteria: tuple[Criterion, ...]
    options: tuple[ContractOption, ...]

    @property
    def is_renewed(self) -> bool:
        return any(one.kind == "renewal" for one in self.options)


def prepared_lots(consultation: Consultation) -> list[PreparedLot]:
    """Each lot by its number; a consultation that is not divided is one, of number 0."""
    criteria, options = criteria_of(consultation), options_of(consultation)
    lots: list[Lot | None] = [*lots_of(consultation)] or [None]
    return [_prepared(consultation, lot, criteria, options) for lot in lots]


def parts_of(criterion: Criterion) -> list[SubCriterion]:
    """The parts that are noted apart, in their order; none: the criterion is noted whole.

    Their weights are in percent of the whole note and add up to the criterion's.
    """
    return list(criterion.parts.all())


def _prepared(
    consultation: Consultation,
    lot: Lot | None,
    criteria: Sequence[Criterion],
    options: Sequence[ContractOption],
) -> PreparedLot:
    number = lot.number if lot else 0
    own = [one for one in criteria if one.lot_number == number]
    shared = [one for one in criteria if one.lot_number is None]
    codes = (lot.cpv, lot.additional_cpvs) if lot and lot.cpv else None
    cpv, additional = codes or (consultation.cpv, consultation.additional_cpvs)
    if lot and not lot.cpv:
        additional = [*additional, *lot.additional_cpvs]
    return PreparedLot(
        lot=lot,
        number=number,
        title=lot.title if lot else consultation.title,
        cpv=cpv,
        additional_cpvs=tuple(code for code in dict.fromkeys(additional) if code != cpv),
        nuts=(lot.nuts if lot else "") or consultation.nuts,
        reserved_for=(lot.reserved_for if lot else "") or consultation.reserved_for,
        value=lot.estimated_value if lot else consultation.estimated_value,
        criteria=tuple(own or shared),
        options=(
            *(one for one in options if one.lot_number == number),
            *(one for one in options if one.lot_number is None),
        ),
    )
