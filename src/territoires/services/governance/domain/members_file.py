"""The file by which an operator brings in members, persons and roles: CSV, one line a person and role.

Columns, in any order, French or English names: SIREN, organisation, legal category, given names, name, e-mail, job
title, role, until. Spreadsheets are forgiven their byte order mark and their semicolons, not a doubtful value.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from territoires.kernel.errors import Fault, Invalid
from territoires.kernel.siret import compact, is_siren
from territoires.kernel.text import clean, fold

MOST_LINES = 5_000
MOST_BYTES = 1024 * 1024
COLUMNS = {
    "siren": ("siren",),
    "organisation": ("organisation", "organisme", "denomination"),
    "legal_category": ("legal category", "categorie juridique"),
    "given_names": ("given names", "prenoms", "prenom"),
    "usual_name": ("name", "usual name", "nom", "nom d usage"),
    "email": ("e mail", "email", "courriel", "adresse electronique"),
    "job_title": ("job title", "fonction"),
    "role": ("role",),
    "until": ("until", "jusqu au"),
}
REQUIRED = ("siren", "given_names", "usual_name", "email", "role")
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}")
_FRENCH_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


@dataclass(frozen=True, slots=True)
class Line:
    """One line that can be carried out. ``number`` is that of the file, header included."""

    number: int
    siren: str
    organisation: str
    legal_category: str
    given_names: str
    usual_name: str
    email: str
    job_title: str
    role: str
    until: date | None


@dataclass(frozen=True, slots=True)
class MembersFile:
    """What was read: lines to carry out, and the faults of the others (their ``field`` is the line's number)."""

    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]


def msgid(text: str) -> str:
    """Marks a sentence for the translators; the edges translate it when they answer."""
    return text


def read_members_file(content: bytes, *, roles: Collection[str], today: date) -> MembersFile:
    """Reads the file; ``roles`` are the codes that may be given. Raises Invalid when it is not such a file at all."""
    rows = _rows(_text(content))
    places = _places(next(rows, (0, []))[1])
    lines: list[Line] = []
    faults: list[Fault] = []
    seen: set[tuple[str, str, str]] = set()
    for number, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if len(lines) + len(faults) >= MOST_LINES:
            raise _refused(
                "too-many-lines",
                msgid("The file has more than %(most)s lines; nothing was read."),
                most=MOST_LINES,
            )
        line, found = _line(number, {name: _cell(row, place) for name, place in places.items()}, roles, today)
        if line is not None and (key := (line.siren, line.email, line.role)) in seen:
            line, found = (
                None,
                [_fault(number, "twice", msgid("The same person and role stand twice in the file."))],
            )
        elif line is not None:
            seen.add(key)
        lines += [line] if line else []
        faults += found
    if not lines and not faults:
        raise _refused("empty-file", msgid("The file has no line below its header."))
    return MembersFile(tuple(lines), tuple(faults))


def _text(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise _refused("too-big", msgid("The file is larger than %(most)s bytes."), most=MOST_BYTES)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if b"\x00" in content:
        raise _refused(
            "not-a-table", msgid("This is not a CSV file: a spreadsheet must be saved as CSV first.")
        )
    return content.decode("cp1252", errors="replace")  # what French spreadsheets still write


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    header = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text), delimiter=";" if header.count(";") > header.count(",") else ",", strict=True
    )
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error:
        raise _refused(
            "not-a-table",
            msgid("Line %(line)s cannot be read: a quotation mark is open."),
            line=reader.line_num,
        ) from None


def _places(header: list[str]) -> dict[str, int]:
    folded = [fold(cell) for cell in header]
    places = {
        name: folded.index(spelling)
        for name, spellings in COLUMNS.items()
        for spelling in spellings
        if spelling in folded
    }
    if absent := [name for name in REQUIRED if name not in places]:
        raise _refused(
            "columns-missing", msgid("These columns are missing: %(names)s."), names=", ".join(absent)
        )
    return places


def _cell(row: list[str], place: int) -> str:
    return clean(row[place]) if place < len(row) else ""


def _line(
    number: int, cells: dict[str, str], roles: Collection[str], today: date
) -> tuple[Line | None, list[Fault]]:
    siren, email, role = compact(cells["siren"]), cells["email"].lower(), fold(cells["role"])
    until, has_bad_day = _day(cells.get("until", ""))
    faults: list[Fault] = []
    if not is_siren(siren):
        faults.append(
            _fault(
                number, "siren", msgid("%(value)s is not a SIREN: its nine digits do not agree."), value=siren
            )
        )
    if not (cells["given_names"] and cells["usual_name"]):
        faults.append(_fault(number, "name", msgid("The given names and the name are both needed.")))
    if not _EMAIL.fullmatch(email) or len(email) > 254:
        faults.append(_fault(number, "email", msgid("%(value)s is not an e-mail address."), value=email))
    if role not in roles:
        faults.append(
            _fault(
                number,
                "role",
                msgid("%(value)s is not a role: %(known)s."),
                value=role,
                known=", ".join(roles),
            )
        )
    if has_bad_day:
        faults.append(_fault(number, "until", msgid("%(value)s is not a date."), value=cells["until"]))
    elif until and until < today:
        faults.append(_fault(number, "until", msgid("The role would end before today.")))
    if faults:
        return None, faults
    return (
        Line(
            number=number,
            siren=siren,
            organisation=cells.get("organisation", ""),
            legal_category=compact(cells.get("legal_category", "")),
            given_names=cells["given_names"],
            usual_name=cells["usual_name"],
            email=email,
            job_title=cells.get("job_title", ""),
            role=role,
            until=until,
        ),
        [],
    )


def _day(text: str) -> tuple[date | None, bool]:
    """The day written as 2026-12-31 or 31/12/2026, and whether what is written is no day."""
    if not text:
        return None, False
    if french := _FRENCH_DAY.fullmatch(text):
        text = f"{french[3]}-{int(french[2]):02d}-{int(french[1]):02d}"
    try:
        return date.fromisoformat(text), False
    except ValueError:
        return None, True


def _fault(number: int, code: str, message: str, **params: object) -> Fault:
    return Fault(field=str(number), code=code, message=message, params=params)


def _refused(code: str, message: str, **params: object) -> Invalid:
    return Invalid(
        code, message, msgid("Start from the model file, which has the right columns."), params=params
    )
