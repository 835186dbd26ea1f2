"""The classification of a prefecture: natures, types of pieces and matters, made of the public lists in ``data/actes``."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "data" / "actes"
# What ISO-8859-1 does not know, as prefectures write it.
LATIN = str.maketrans({"œ": "oe", "Œ": "Oe", "’": "'", "–": "-", "—": "-", "…": "...", "€": "EUR"})


@dataclass(frozen=True, slots=True)
class Nature:
    """A nature of acts; ``types`` are its types of pieces by code, with their labels."""

    code: int
    abbreviation: str
    label: str
    types: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Classification:
    """In force from ``dated_on``. ``matters`` go from dotted code (``7.10``, up to five levels) to label."""

    dated_on: date
    natures: tuple[Nature, ...]
    matters: Mapping[str, str]

    def nature(self, code: int) -> Nature | None:
        """The nature of that code, or None."""
        return next((nature for nature in self.natures if nature.code == code), None)

    def is_leaf(self, code: str) -> bool:
        """Whether an act can be filed under that matter: it is known and has no finer one below it."""
        return code in self.matters and not any(other.startswith(f"{code}.") for other in self.matters)

    def renewed(self, dated_on: date, matters: Mapping[str, str]) -> Classification:
        """A new version with further matters; codes of a nature that end are not the prefecture's to choose."""
        return replace(self, dated_on=dated_on, matters={**self.matters, **matters})


@cache
def national() -> Classification:
    """The national classification, levels 1 and 2: the newest lists of the folder."""
    natures_file, types_file, matters_file = (
        _newest(list_name) for list_name in ("actes-natures", "actes-piece-types", "actes-matters")
    )
    types = _rows(types_file)
    natures = tuple(
        Nature(
            int(entry["code"]),
            entry["abbreviation"],
            _latin(entry["label_fr"]),
            {
                row["code"]: _latin(row["label_fr"])
                for row in types
                if entry["code"] in row["natures"].split()
            },
        )
        for entry in tomllib.loads(natures_file.read_text("utf-8"))["entries"]
    )
    matters = {row["code"]: _latin(row["label_fr"]) for row in _rows(matters_file)}
    dated_on = tomllib.loads(matters_file.read_text("utf-8"))["valid_from"]
    return Classification(dated_on, natures, matters)


def _newest(list_name: str) -> Path:
    return max(DATA.glob(f"{list_name}.*.toml"))


def _rows(description: Path) -> list[dict[str, str]]:
    with description.with_suffix(".csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _latin(label: str) -> str:
    return label.translate(LATIN).encode("latin-1", "replace").decode("latin-1")
