"""What the contract leaves open and what candidates are asked: options, conditions, pieces."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from territoires.contracts import procurement as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day

from ..domain import options as rules
from ..domain.wording import AskedPieceWords, OptionWords, SelectionWords, sound_options, sound_selection
from ..models import (
    AskedFrom,
    AskedPiece,
    Consultation,
    ContractOption,
    SelectionCriterion,
    SelectionKind,
)
from ..permissions import Procurement
from ..queries.law import law_on
from ..queries.sheets import lots_of, options_of
from .moving import about, move


@action(Procurement.PREPARE, on="consultation")
def write_options(
    *,
    actor: Actor,
    consultation: Consultation,
    options: Sequence[OptionWords],
    adds_to_values: bool = True,
    version: int | None = None,
) -> Outcome[Consultation]:
    """Writes the options anew, in their order.

    They count in the need: with ``adds_to_values`` the estimated value and those of the lots grow by what the options
    grew; without, they are said to contain them already. Raises Invalid.
    """
    move(consultation, "prepare", actor, version)
    sound = sound_options(options, kinds=rules.KINDS)
    before = _values(options_of(consultation))
    ContractOption.objects.filter(consultation=consultation).delete()
    numbers = {lot.number for lot in lots_of(consultation)}
    written = [
        ContractOption(
            consultation=consultation,
            position=position,
            lot_number=one.lot_number if one.lot_number in numbers else None,
            kind=one.kind,
            name=one.name,
            value=one.value,
            times=one.times,
            months=one.months,
        )
        for position, one in enumerate(sound, start=1)
    ]
    for row in written:
        row.save(force_insert=True)
    added = _grown(consultation, before, _values(written)) if adds_to_values else Decimal(0)
    consultation.save()
    fact = facts.OptionsWritten(
        **about(consultation), kinds=tuple(one.kind for one in sound), added=str(added)
    )
    return Outcome(consultation, fact)


@action(Procurement.PREPARE, on="consultation")
def write_selection(
    *,
    actor: Actor,
    consultation: Consultation,
    criteria: Sequence[SelectionWords],
    pieces: Sequence[AskedPieceWords],
    version: int | None = None,
) -> Outcome[Consultation]:
    """Writes anew what candidates must be able to do, and the pieces asked. Raises Invalid."""
    move(consultation, "prepare", actor, version)
    asked, wanted = sound_selection(criteria, pieces, kinds=SelectionKind.values)
    SelectionCriterion.objects.filter(consultation=consultation).delete()
    AskedPiece.objects.filter(consultation=consultation).delete()
    for position, one in enumerate(asked, start=1):
        SelectionCriterion(
            consultation=consultation, position=position, kind=one.kind, text=one.text, level=one.level
        ).save(force_insert=True)
    known = law_on(legal_day(actor.now())).pieces
    for position, piece in enumerate(wanted, start=1):
        code = piece.code if piece.code in known else ""
        AskedPiece(
            consultation=consultation,
            position=position,
            asked_from=piece.asked_from if piece.asked_from in AskedFrom.values else AskedFrom.CANDIDATE,
            code=code,
            name=piece.name or (known[code].label.fr if code else piece.code[:300]),
        ).save(force_insert=True)
    consultation.save()
    fact = facts.SelectionWritten(
        **about(consultation),
        kinds=tuple(one.kind for one in asked),
        pieces=tuple(piece.code if piece.code in known else "" for piece in wanted),
    )
    return Outcome(consultation, fact)


def _values(given: Sequence[ContractOption]) -> dict[int | None, Decimal]:
    """What the options add up to, by lot; None: those of the whole."""
    found: dict[int | None, Decimal] = {}
    for one in given:
        whole = (one.value or Decimal(0)) * one.times
        found[one.lot_number] = found.get(one.lot_number, Decimal(0)) + whole
    return found


def _grown(
    consultation: Consultation, before: dict[int | None, Decimal], after: dict[int | None, Decimal]
) -> Decimal:
    """Has each value grow by what its options grew; an unknown value stays unknown. Returns what the whole grew."""
    for lot in lots_of(consultation):
        difference = after.get(lot.number, Decimal(0)) - before.get(lot.number, Decimal(0))
        if difference and lot.estimated_value is not None and lot.estimated_value + difference > 0:
            lot.estimated_value += difference
            lot.save()
    difference = sum(after.values(), Decimal(0)) - sum(before.values(), Decimal(0))
    if consultation.estimated_value is None or consultation.estimated_value + difference <= 0:
        return Decimal(0)
    consultation.estimated_value += difference
    return difference
