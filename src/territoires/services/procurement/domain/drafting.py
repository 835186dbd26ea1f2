"""The documents that the platform writes for a consultation: rules, act of engagement, price schedule.

A document is clauses of a dated pack, in their order, filled with what the consultation says. A clause with ``needs`` is
there only when that value says something, one with ``unless`` only when it says nothing; ``block`` names a table.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

RULES, ENGAGEMENT, PRICES = "rules", "engagement", "prices"
CODES = (RULES, ENGAGEMENT, PRICES)
# What the publication adds to rules that the buyer brought: nobody chooses it.
SEAL = "seal"
PDF, DOCX = "pdf", "docx"
# The rules are read; what enterprises fill in is given in both forms.
FORMATS: Mapping[str, tuple[str, ...]] = {
    RULES: (PDF,),
    ENGAGEMENT: (PDF, DOCX),
    PRICES: (PDF, DOCX),
    SEAL: (PDF,),
}
_NAME = re.compile(r"\{(\w+)\}")
PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Table:
    """``columns`` are headings; every row has as many cells."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    paragraphs: Sequence[str] = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """One document, before it takes a form; ``file_name`` has no extension."""

    code: str
    title: str
    file_name: str
    sections: Sequence[Section]

    @property
    def digest(self) -> str:
        """The SHA-256 of all that it says."""
        said = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Clause:
    code: str
    document: str
    title: str
    text: str
    block: str = ""
    needs: str = ""
    unless: str = ""


def drafted(
    code: str,
    title: str,
    file_name: str,
    clauses: Iterable[Clause],
    values: Mapping[str, str],
    tables: Mapping[str, Table],
) -> Draft:
    """The document of that code; a value that is missing leaves a line to fill in by hand."""
    chosen = [one for one in clauses if one.document == code and _applies(one, values)]
    sections = [
        Section(one.title, _paragraphs(one.text, values), tables.get(one.block) if one.block else None)
        for one in chosen
    ]
    return Draft(code, title, file_name, sections)


def filled(text: str, values: Mapping[str, str]) -> str:
    return _NAME.sub(lambda found: values.get(found[1]) or "____________", text)


def unknown_places(texts: Iterable[str], values: Mapping[str, str]) -> list[str]:
    """The names between double braces that stand for nothing here, once each."""
    named = (name for text in texts for name in PLACE.findall(text))
    return list(dict.fromkeys(name for name in named if name not in values))


def _applies(clause: Clause, values: Mapping[str, str]) -> bool:
    if clause.needs and not values.get(clause.needs):
        return False
    return not (clause.unless and values.get(clause.unless))


def _paragraphs(text: str, values: Mapping[str, str]) -> list[str]:
    return [line for line in filled(text, values).split("\n") if line.strip()]
