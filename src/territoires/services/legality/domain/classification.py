"""Natures, matters and types of pieces: the code lists of @ctes in force on a date, as values.

The lists are dated packs (``actes-natures``, ``actes-matters``, ``actes-piece-types``); this module reads their
entries and answers the questions of the trade.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

BUDGET = "5"
BUDGET_MATTERS = "7.1"
PUBLISH = "publish"
NOTIFY = "notify"
PIECE_TYPE = re.compile("[A-Z0-9_]{5}")


@dataclass(frozen=True, slots=True)
class Label:
    """A label in the two languages of the platform."""

    fr: str
    en: str

    def in_language(self, language: str) -> str:
        return self.en if language.startswith("en") else self.fr


@dataclass(frozen=True, slots=True)
class Nature:
    """One of the six natures. ``default_piece`` is the type code of its main document.

    ``label`` is the State's, in the plural; ``name`` is what one act of this nature is called.
    """

    code: str
    abbreviation: str
    label: Label
    name: Label
    default_piece: str
    is_individual: bool
    is_published_by_default: bool

    @property
    def ways(self) -> tuple[str, ...]:
        """How such an act may take effect, the usual way first (CGCT L.2131-1, CRPA L.221-8).

        An individual act is notified and never put on line; regulatory acts, deliberations and budgets are
        published; for contracts and the rest the author decides.
        """
        if self.is_individual:
            return (NOTIFY,)
        return (PUBLISH,) if self.is_published_by_default else (NOTIFY, PUBLISH)


@dataclass(frozen=True, slots=True)
class Matter:
    """A line of the national classification, such as ``7.1``; ``parent`` is empty at the first level."""

    code: str
    label: Label
    parent: str = ""

    @property
    def level(self) -> int:
        return self.code.count(".") + 1


@dataclass(frozen=True, slots=True)
class PieceType:
    """A type of piece (``CodePJ``, five characters) and the natures that take it."""

    code: str
    label: Label
    natures: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Classification:
    """The three lists as they stood on one date."""

    natures: Mapping[str, Nature] = field(default_factory=dict)
    matters: Mapping[str, Matter] = field(default_factory=dict)
    piece_types: Mapping[str, PieceType] = field(default_factory=dict)

    @cached_property
    def choosable_matters(self) -> tuple[Matter, ...]:
        """Matters of the second level and deeper: the first level alone is refused (two levels are mandatory)."""
        return tuple(sorted((m for m in self.matters.values() if m.level >= 2), key=lambda m: rank(m.code)))

    @cached_property
    def themes(self) -> tuple[Matter, ...]:
        """The first level, in the order of the list."""
        return tuple(sorted((m for m in self.matters.values() if m.level == 1), key=lambda m: rank(m.code)))

    def lines_below(self, code: str) -> list[Matter]:
        """The lines right below a line; none for a leaf, or for a code that the list does not hold."""
        below = (m for m in self.matters.values() if code in self.matters and m.parent == code)
        return sorted(below, key=lambda m: rank(m.code))

    def piece_types_for(self, nature: str) -> list[PieceType]:
        """The types that an act of this nature takes, by code."""
        return sorted((p for p in self.piece_types.values() if nature in p.natures), key=lambda p: p.code)

    def takes(self, piece_type: str, nature: str) -> bool:
        known = self.piece_types.get(piece_type)
        return known is not None and nature in known.natures


def rank(code: str) -> tuple[int, ...]:
    """Sorts ``7.10`` after ``7.9``."""
    return tuple(int(part) for part in code.split("."))


def read_classification(
    *,
    natures: Iterable[Mapping[str, Any]],
    matters: Iterable[Mapping[str, Any]],
    piece_types: Iterable[Mapping[str, Any]],
) -> Classification:
    """Builds the lists from the entries of the three packs."""
    return Classification(
        natures={
            e["code"]: Nature(
                e["code"],
                e["abbreviation"],
                _label(e),
                Label(e["name_fr"], e["name_en"]),
                e["default_piece"],
                e["individual"],
                e["published_by_default"],
            )
            for e in natures
        },
        matters={e["code"]: Matter(e["code"], _label(e), e.get("parent", "")) for e in matters},
        piece_types={
            e["code"]: PieceType(e["code"], _label(e), frozenset(e["natures"])) for e in piece_types
        },
    )


def adopted(national: Classification, answered: Mapping[str, Any]) -> Classification:
    """The national lists with the matters and the types of pieces of a prefecture (7-2) in place of theirs.

    ``answered`` holds ``matters`` and ``piece_types`` as pairs of code and label, the latter by nature. A nature for which
    the prefecture lists no type keeps the national ones.
    """
    own = {nature: dict(pairs) for nature, pairs in answered["piece_types"].items() if pairs}
    labels = {code: label for pairs in own.values() for code, label in pairs.items()}
    for piece in national.piece_types.values():
        labels.setdefault(piece.code, piece.label.fr)
    return Classification(
        national.natures,
        {code: _matter(code, label, national.matters.get(code)) for code, label in answered["matters"]},
        {
            code: PieceType(
                code,
                _known_label(label, national.piece_types.get(code)),
                frozenset(_natures_taking(code, own, national)),
            )
            for code, label in labels.items()
        },
    )


def _natures_taking(code: str, own: Mapping[str, Any], national: Classification) -> set[str]:
    listed = {nature for nature, types in own.items() if code in types}
    return listed | {n for n in national.natures if n not in own and national.takes(code, n)}


def _matter(code: str, label: str, known: Matter | None) -> Matter:
    return Matter(code, _known_label(label, known), code.rpartition(".")[0])


def _known_label(label: str, known: Matter | PieceType | None) -> Label:
    """The prefecture's words in French; in English ours, where it is a line of the national list."""
    return Label(label, known.label.en if known else label)


def _label(entry: Mapping[str, Any]) -> Label:
    return Label(entry["label_fr"], entry["label_en"])
