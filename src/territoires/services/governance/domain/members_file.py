"""The file by which an operator brings in members, persons and roles: CSV, one line a member, or a person and role.

Columns, in any order, French or English names: SIREN (or SIRET), organisation, kind, legal category, member since;
given names, name, e-mail, job title, role, services, until. A line without person brings in the member alone.
Spreadsheets are forgiven their byte order mark and their semicolons, not a doubtful value.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from territoires.kernel.errors import Fault, Invalid
from territoires.kernel.siret import compact, is_siren, is_siret
from territoires.kernel.text import clean, fold

MOST_LINES = 5_000
MOST_BYTES = 1024 * 1024
COLUMNS = {
    "reference": ("siren", "siret", "siren ou siret", "siren or siret"),
    "organisation": ("organisation", "organisme", "denomination"),
    "kind": ("kind", "nature"),
    "legal_category": ("legal category", "categorie juridique"),
    "member_since": ("member since", "membre depuis"),
    "given_names": ("given names", "prenoms", "prenom"),
    "usual_name": ("name", "usual name", "nom", "nom d usage"),
    "email": ("e mail", "email", "courriel", "adresse electronique"),
    "job_title": ("job title", "fonction"),
    "role": ("role",),
    "services": ("services",),
    "until": ("until", "jusqu au"),
}
REQUIRED = ("reference",)
OF_A_PERSON = ("given_names", "usual_name", "email", "role")
# What a spreadsheet would run when the name is exported to it one day.
FORMULA = ("=", "+", "-", "@")
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}")
_FRENCH_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


@dataclass(frozen=True, slots=True)
class Holder:
    """A person and the role that a line gives, limited to some services (none: all)."""

    given_names: str
    usual_name: str
    email: str
    job_title: str
    role: str
    services: tuple[str, ...]
    until: date | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line that can be carried out. ``number`` is that of the file, header included; ``reference`` a SIREN or
    SIRET. Without ``holder`` it brings in the member alone."""

    number: int
    reference: str
    organisation: str
    kind: str
    legal_category: str
    member_since: date | None
    holder: Holder | None


@dataclass(frozen=True, slots=True)
class MembersFile:
    """What was read: lines to carry out, and the faults of the others (their ``field`` is the line's number)."""

    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]


def msgid(text: str) -> str:
    """Marks a sentence for the translators; the edges translate it when they answer."""
    return text


def read_members_file(
    content: bytes, *, roles: Mapping[str, str], kinds: Mapping[str, str], today: date
) -> MembersFile:
    """Reads the file; ``roles`` and ``kinds`` give the code of each word, folded, that may stand in their column.

    Raises Invalid when it is not such a file at all.
    """
    rows = _rows(_text(content))
    places = _places(next(rows, (0, []))[1])
    lines: list[Line] = []
    faults: list[Fault] = []
    seen: set[tuple[str, ...]] = set()
    for number, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if len(lines) + len(faults) >= MOST_LINES:
            raise _refused(
                "too-many-lines",
                msgid("The file has more than %(most)s lines; nothing was read."),
                most=MOST_LINES,
            )
        cells = dict.fromkeys(COLUMNS, "") | {name: _cell(row, place) for name, place in places.items()}
        line, found = _line(number, cells, roles, kinds, today)
        if line is not None and (key := _key(line)) in seen:
            line, found = None, [_fault(number, "twice", msgid("The same line stands twice in the file."))]
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


def _key(line: Line) -> tuple[str, ...]:
    return (line.reference, *((line.holder.email, line.holder.role) if line.holder else ()))


def _line(
    number: int, cells: dict[str, str], roles: Mapping[str, str], kinds: Mapping[str, str], today: date
) -> tuple[Line | None, list[Fault]]:
    faults: list[Fault] = []

    def blame(code: str, message: str, **params: object) -> None:
        faults.append(_fault(number, code, message, **params))

    reference, kind = compact(cells["reference"]), kinds.get(fold(cells["kind"]), "")
    since, has_bad_start = _day(cells["member_since"])
    if not (is_siren(reference) or is_siret(reference)):
        blame(
            "siren",
            msgid("%(value)s is neither a SIREN nor a SIRET: its digits do not agree."),
            value=reference,
        )
    if cells["kind"] and not kind:
        blame("kind", msgid("%(value)s is not a kind of organisation."), value=cells["kind"])
    if has_bad_start:
        blame("member-since", msgid("%(value)s is not a date."), value=cells["member_since"])
    elif since and since > today:
        blame("member-since", msgid("A member is brought in when it is one, not before."))
    if formula := next((cell for cell in cells.values() if cell.startswith(FORMULA)), ""):
        blame(
            "formula",
            msgid("%(value)s begins like a formula; write it without its first sign."),
            value=formula,
        )
    holder = _holder(cells, roles, today, blame) if any(cells[name] for name in OF_A_PERSON) else None
    if faults:
        return None, faults
    return (
        Line(
            number=number,
            reference=reference,
            organisation=cells["organisation"],
            kind=kind,
            legal_category=compact(cells["legal_category"]),
            member_since=since,
            holder=holder,
        ),
        [],
    )


def _holder(
    cells: dict[str, str], roles: Mapping[str, str], today: date, blame: Callable[..., None]
) -> Holder:
    email, role = cells["email"].lower(), roles.get(fold(cells["role"]), "")
    until, has_bad_day = _day(cells["until"])
    if not (cells["given_names"] and cells["usual_name"]):
        blame("name", msgid("The given names and the name are both needed."))
    if not _EMAIL.fullmatch(email) or len(email) > 254:
        blame("email", msgid("%(value)s is not an e-mail address."), value=email)
    if not role:
        known = ", ".join(dict.fromkeys(roles.values()))
        blame("role", msgid("%(value)s is not a role: %(known)s."), value=cells["role"], known=known)
    if has_bad_day:
        blame("until", msgid("%(value)s is not a date."), value=cells["until"])
    elif until and until < today:
        blame("until", msgid("The role would end before today."))
    return Holder(
        given_names=cells["given_names"],
        usual_name=cells["usual_name"],
        email=email,
        job_title=cells["job_title"],
        role=role,
        services=tuple(re.split(r"[\s,;|]+", cells["services"])) if cells["services"] else (),
        until=until,
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
