"""What a buyer writes: cleaned, and refused where it cannot be kept."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from territoires.kernel.errors import Fault, Invalid
from territoires.kernel.siret import compact, is_siret
from territoires.kernel.text import clean

MOST_LOTS = 200
MOST_CRITERIA = 60
MOST_PARTS = 20
MOST_OPTIONS = 60
MOST_CODES = 20
MOST_INVITED = 50
SHORTEST_REASON = 10
MOST_TIMES = 20
MOST_MONTHS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class LotWords:
    """One lot as written, in the order of its number."""

    title: str
    cpv: str = ""
    estimated_value: Decimal | None = None
    is_small: bool = False
    additional_cpvs: Sequence[str] = ()
    nuts: str = ""
    reserved_for: str = ""
    minimum_turnover: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartWords:
    """A part of a criterion as written; ``weight`` in percent of the whole note."""

    name: str
    weight: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionWords:
    """One criterion as written, in its order; ``weight`` in percent, ``lot_number`` None for all lots."""

    kind: str
    name: str = ""
    weight: Decimal
    lot_number: int | None = None
    parts: Sequence[PartWords] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionWords:
    """One option as written: ``kind`` of ``domain.options``, ``value`` for each of ``times``."""

    kind: str
    name: str
    value: Decimal | None = None
    times: int = 1
    months: int | None = None
    lot_number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionWords:
    """What a candidate must be able to do, as written; ``kind`` of ``domain.selection``."""

    kind: str
    text: str
    level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPieceWords:
    """A piece asked, as written; ``code`` one of the pack, or empty with a ``name``."""

    asked_from: str
    code: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class BuyerWords:
    """Another buyer, as written: its SIRET, and its name where it was given."""

    siret: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class InvitedWords:
    """An enterprise that the buyer invites, by its SIRET, and the address to which its invitation goes."""

    name: str
    siret: str
    email: str


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


def buyers_in(text: str) -> list[BuyerWords]:
    """The buyers of a text, one a line: a SIRET, then a name if one likes; once each.

    Raises Invalid, naming the line that holds no SIRET.
    """
    found = [_buyer(line) for line in text.splitlines() if line.strip()]
    faults = [
        Fault(
            "participants",
            "siret-wrong",
            "“%(value)s” is no SIRET: its fourteen digits do not agree.",
            "Copy it from the list of establishments.",
            {"value": one.siret[:40]},
        )
        for one in found
        if not is_siret(one.siret)
    ]
    if faults:
        raise Invalid(
            "sirets-wrong", "The list of buyers was not saved.", "Correct the lines named.", faults=faults
        )
    return list({one.siret: one for one in reversed(found)}.values())[::-1]


def _buyer(line: str) -> BuyerWords:
    """Fourteen digits, with or without spaces, then the name."""
    found = re.match(r"\s*((?:\d\s*){14})(?!\d)(.*)", line)
    if found is None:
        return BuyerWords(compact(line))
    return BuyerWords(compact(found[1]), one_line(found[2]).strip(" ,;:-–")[:200])


def invited_in(text: str) -> list[InvitedWords]:
    """The enterprises of a text, one a line: a name, a SIRET, an e-mail address.

    Raises Invalid, naming the lines that lack one of the three.
    """
    lines = [one_line(line) for line in text.splitlines() if line.strip()]
    found = [_invited(line) for line in lines]
    faults = [
        Fault(
            "invited",
            "invited-line",
            "“%(line)s” does not say a name, a SIRET and an e-mail address.",
            "Write one enterprise a line: Couverture Exemple 217 104 389 00010 contact@couverture.example",
            {"line": line[:60]},
        )
        for line, one in zip(lines, found, strict=True)
        if one is None
    ]
    if faults:
        raise _invited_refused(faults)
    return sound_invited([one for one in found if one is not None])


def _invited(line: str) -> InvitedWords | None:
    """The e-mail address and the fourteen digits, wherever they stand; the name is what is left."""
    email = re.search(r"[^\s,;:<>(@]+@[^\s@<>,;)]+\.[^\s@<>,;)]+", line)
    rest = line.replace(email[0], " ", 1) if email else line
    siret = re.search(r"(?<!\d)(?:\d[ .]?){13}\d(?![ .]?\d)", rest)
    if email is None or siret is None:
        return None
    name = one_line(re.sub(r"[<>,;:()]", " ", rest.replace(siret[0], " ", 1))).strip(" -–")
    return InvitedWords(name[:200], compact(siret[0]), email[0][:254]) if name else None


def sound_invited(invited: Sequence[InvitedWords]) -> list[InvitedWords]:
    """Enterprises that may be invited: each once, by a SIRET that is one and an address of its own. Raises Invalid."""
    faults = [
        Fault(
            "invited",
            "siret-wrong",
            "“%(value)s” is no SIRET: its fourteen digits do not agree.",
            "Copy it from the list of establishments.",
            {"value": one.siret[:40]},
        )
        for one in invited
        if not is_siret(one.siret)
    ]
    for texts in ([one.siret for one in invited], [one.email.casefold() for one in invited]):
        faults += [
            Fault(
                "invited",
                "invited-twice",
                "“%(value)s” stands there twice.",
                "Name each enterprise once, with an address of its own.",
                {"value": value},
            )
            for value in dict.fromkeys(texts)
            if texts.count(value) > 1
        ]
    if faults or len(invited) > MOST_INVITED:
        raise _invited_refused(faults)
    return list(invited)


def _invited_refused(faults: Sequence[Fault]) -> Invalid:
    return Invalid(
        "invited-refused",
        "The list of enterprises was not saved.",
        "Correct the lines named; fifty at most.",
        faults=faults,
    )


def codes_in(text: str, field: str) -> list[str]:
    """The CPV codes of a text, apart by spaces or commas, once each, without their check digits. Raises Invalid."""
    found = [part.partition("-")[0] for part in text.replace(",", " ").replace(";", " ").split()]
    if any(not is_cpv(code) for code in found) or len(found) > MOST_CODES:
        fault = Fault(
            field,
            "cpv-form",
            "A CPV code has eight digits.",
            "Write each with its eight digits, apart by a space; twenty at most.",
        )
        raise Invalid("codes-refused", "The codes were not saved.", "Correct them.", faults=[fault])
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
            additional_cpvs=tuple(code for code in dict.fromkeys(lot.additional_cpvs) if code != lot.cpv),
            nuts=lot.nuts,
            reserved_for=lot.reserved_for,
            minimum_turnover=lot.minimum_turnover,
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
        if len(lot.additional_cpvs) > MOST_CODES or not all(map(is_cpv, lot.additional_cpvs)):
            yield Fault(
                f"lots.{number}.additional_cpvs",
                "cpv-form",
                "A CPV code has eight digits.",
                "Write each with its eight digits, apart by a space; twenty at most.",
            )
        if lot.estimated_value is not None and lot.estimated_value <= 0:
            yield Fault(
                f"lots.{number}.estimated_value",
                "value-not-positive",
                "A value is more than zero.",
                "Estimate it without VAT.",
            )
        if lot.minimum_turnover is not None and lot.minimum_turnover < 0:
            yield Fault(
                f"lots.{number}.minimum_turnover",
                "turnover-negative",
                "A turnover is not negative.",
                "Leave it empty if you ask for none.",
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
    faults += list(_part_faults(criteria))
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
            kind=one.kind,
            name=one_line(one.name)[:200],
            weight=one.weight,
            lot_number=one.lot_number,
            parts=[PartWords(name=one_line(part.name)[:200], weight=part.weight) for part in one.parts],
        )
        for one in criteria
    ]


def _part_faults(criteria: Sequence[CriterionWords]) -> Iterator[Fault]:
    for place, one in enumerate(criteria, start=1):
        is_sound = all(0 < part.weight <= 100 and one_line(part.name) for part in one.parts)
        if not is_sound or len(one.parts) > MOST_PARTS:
            yield Fault(
                f"criteria.{place}.parts",
                "part-refused",
                "Each part has a name and a weight of more than 0 and at most 100; twenty parts at most.",
                "Write one a line, its weight last.",
            )


def parts_in(text: str) -> list[PartWords]:
    """The parts of a text, one a line, the weight last: ``Méthode 15``. Raises ValueError for a line without a weight."""
    found = []
    for line in filter(str.strip, text.splitlines()):
        name, _space, weight = one_line(line).rstrip(" %").rpartition(" ")
        value = _decimal(weight)
        if value is None or not name.strip(" :–-"):
            raise ValueError(line)
        found.append(PartWords(name=name.strip(" :–-"), weight=value))
    return found


def _decimal(text: str) -> Decimal | None:
    try:
        found = Decimal(text.replace(",", "."))
    except ArithmeticError:
        return None
    return found if found.is_finite() and abs(found) < 1000 and -found.as_tuple().exponent <= 2 else None  # type: ignore[operator]


def sound_options(options: Sequence[OptionWords], *, kinds: Iterable[str]) -> list[OptionWords]:
    """Options that may be kept, even without a value. Raises Invalid."""
    if len(options) > MOST_OPTIONS:
        raise _too_many(MOST_OPTIONS)
    if faults := list(_option_faults(options, set(kinds))):
        raise Invalid("options-refused", "The options were not saved.", "Correct them.", faults=faults)
    return [dataclasses.replace(one, name=one_line(one.name)[:300]) for one in options]


def _option_faults(options: Iterable[OptionWords], kinds: set[str]) -> Iterator[Fault]:
    for place, one in enumerate(options, start=1):
        if one.kind not in kinds:
            yield Fault(
                f"options.{place}.kind", "option-kind", "This kind is unknown.", "Choose one in the list."
            )
        if not one_line(one.name):
            yield Fault(f"options.{place}.name", "option-name", "The option has no name.", "Say what it is.")
        if one.value is not None and one.value < 0:
            yield Fault(
                f"options.{place}.value",
                "option-value",
                "A value is not less than zero.",
                "Estimate it without VAT.",
            )
        if not 1 <= one.times <= MOST_TIMES or not 0 <= (one.months or 0) <= MOST_MONTHS:
            yield Fault(
                f"options.{place}.times",
                "option-times",
                "This number is out of reach.",
                "Write how many times, 1 to 20, and how many months.",
            )


def sound_selection(
    criteria: Sequence[SelectionWords], pieces: Sequence[AskedPieceWords], *, kinds: Iterable[str]
) -> tuple[list[SelectionWords], list[AskedPieceWords]]:
    """What is asked of candidates, as it may be kept. Raises Invalid."""
    if len(criteria) + len(pieces) > MOST_OPTIONS:
        raise _too_many(MOST_OPTIONS)
    known = set(kinds)
    faults = [
        Fault(
            f"selection.{place}.text", "selection-text", "Say what is asked.", "Choose its kind and write it."
        )
        for place, one in enumerate(criteria, start=1)
        if one.kind not in known or not one_line(one.text)
    ]
    faults += [
        Fault(f"pieces.{place}.name", "piece-name", "The piece has no name.", "Choose one, or name it.")
        for place, piece in enumerate(pieces, start=1)
        if not piece.code and not one_line(piece.name)
    ]
    if faults:
        raise Invalid("selection-refused", "Nothing was saved.", "Correct the lines named.", faults=faults)
    return (
        [
            SelectionWords(kind=one.kind, text=one_line(one.text)[:1000], level=one_line(one.level)[:500])
            for one in criteria
        ],
        [
            AskedPieceWords(asked_from=one.asked_from, code=one.code, name=one_line(one.name)[:300])
            for one in pieces
        ],
    )


def is_cpv(code: str) -> bool:
    """Eight digits; the check digit that some write after them is not kept."""
    return len(code) == 8 and code.isascii() and code.isdigit()


def _too_many(most: int) -> Invalid:
    return Invalid(
        "too-many-lines", "There are more than %(most)s lines.", "Put some together.", params={"most": most}
    )
