"""The register as open data: schema "Délibérations" of the Socle commun des données locales, version 2.1."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

COLUMNS = (
    "COLL_NOM",
    "COLL_SIRET",
    "DELIB_ID",
    "DELIB_DATE",
    "DELIB_MATIERE_CODE",
    "DELIB_MATIERE_NOM",
    "DELIB_OBJET",
    "BUDGET_ANNEE",
    "BUDGET_NOM",
    "PREF_ID",
    "PREF_DATE",
    "VOTE_EFFECTIF",
    "VOTE_REEL",
    "VOTE_POUR",
    "VOTE_CONTRE",
    "VOTE_ABSTENTION",
    "DELIB_URL",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One published act; the prefecture's and the vote's columns stay empty until they are known.

    ``identifier`` is the State's (IDActe), ``received_on`` the day of its reception there. ``in_office`` counts the members of the assembly, ``votes`` those who voted for, against, and abstained.
    """

    body_name: str
    siret: str
    number: str
    decided_on: date
    matter_code: str
    matter_label: str
    object: str
    url: str
    identifier: str = ""
    received_on: date | None = None
    in_office: int | None = None
    votes: tuple[int | None, int | None, int | None] = (None, None, None)

    def values(self) -> Mapping[str, str]:
        return {
            "COLL_NOM": self.body_name,
            "COLL_SIRET": self.siret,
            "DELIB_ID": self.number,
            "DELIB_DATE": self.decided_on.isoformat(),
            "DELIB_MATIERE_CODE": self.matter_code,
            "DELIB_MATIERE_NOM": self.matter_label,
            "DELIB_OBJET": self.object,
            "DELIB_URL": self.url,
            "PREF_ID": self.identifier,
            "PREF_DATE": self.received_on.isoformat() if self.received_on else "",
            "VOTE_EFFECTIF": _number(self.in_office),
            "VOTE_REEL": _number(
                sum(v or 0 for v in self.votes) if any(v is not None for v in self.votes) else None
            ),
            "VOTE_POUR": _number(self.votes[0]),
            "VOTE_CONTRE": _number(self.votes[1]),
            "VOTE_ABSTENTION": _number(self.votes[2]),
        }


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def csv_chunks(lines: Iterable[Line]) -> Iterator[str]:
    """The table as comma-separated text, heading first, one line at a time (UTF-8 is the caller's affair)."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    yield _emptied(buffer)
    for line in lines:
        writer.writerow({name: defused(value) for name, value in line.values().items()})
        yield _emptied(buffer)


def defused(value: str) -> str:
    """A cell that a spreadsheet cannot take for a formula (OWASP, CSV injection)."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _emptied(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
