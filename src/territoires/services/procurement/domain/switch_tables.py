"""The tables that another platform exports, one kind of line each: read whole, every fault told, nothing guessed.

CSV in UTF-8 or Windows-1252, separated by ``;``, ``,`` or tabs, or a JSON array of objects with the same names. A cell that
a spreadsheet would run as a formula is refused: it would be written out again one day.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from territoires.kernel.clock import PARIS
from territoires.kernel.errors import Fault
from territoires.kernel.siret import compact, is_siret
from territoires.kernel.text import clean, fold

from .addresses import address_key
from .switching import Kind

MOST_LINES = 100_000
LONGEST_CELL = 2000
SEPARATORS = ";,\t"
BETWEEN = "|"
DATES = ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y")
TIMES = ("%H:%M:%S", "%H:%M", "%Hh%M", "%Hh")
EARLIEST = date(1990, 1, 1)
FORMULA = ("=", "+", "@", "\t", "\r")
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}")
_CPV = re.compile(r"(\d{8})(-\d)?")
_NUTS = re.compile(r"FR[A-Z0-9]{0,3}")
_IDENTIFIER = re.compile(r"[A-Za-z0-9/_.-]{1,16}")
CATEGORIES = {"travaux": "works", "fournitures": "goods", "services": "services"}
CATEGORIES |= {code: code for code in ("works", "goods", "services")}


class Wrong(ValueError):
    """A cell that cannot be read, and what to say of it."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.code)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in the table, how a cell is read, whether a line can do without."""

    name: str
    read: Callable[[str], Any]
    is_required: bool = False
    example: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A sound line. ``number`` counts from 1, the headings being the first; ``values`` by column, as they were read."""

    number: int
    values: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line that is not taken over, with all that is wrong in it."""

    number: int
    what: str
    faults: tuple[Fault, ...]


@dataclass(slots=True)
class Table:
    rows: list[Row] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)


def read_table(kind: Kind, content: bytes) -> Table:
    """Reads a table. What forbids reading it at all is the fault of its first line."""
    table = Table()
    columns = {column.name: column for column in COLUMNS[kind]}
    try:
        for number, cells in _lines(content, columns):
            if len(table.rows) + len(table.bad) >= MOST_LINES:
                raise _Unreadable(
                    number,
                    Fault(
                        "",
                        "table-too-long",
                        "The table has more than %(limit)s lines.",
                        "Send it in several.",
                        {"limit": MOST_LINES},
                    ),
                )
            _take(table, number, cells, columns)
    except _Unreadable as refusal:
        table.bad.append(BadRow(refusal.number, "", (refusal.fault,)))
    if not table.rows and not table.bad:
        fault = Fault("", "table-empty", "The table holds no line.", "Take the model, and fill it.")
        table.bad.append(BadRow(2, "", (fault,)))
    return table


def model_of(kind: Kind) -> list[tuple[str, ...]]:
    """The table to fill: its headings and an example."""
    columns = COLUMNS[kind]
    return [tuple(column.name for column in columns), tuple(column.example for column in columns)]


def _take(table: Table, number: int, cells: Mapping[str, str], columns: Mapping[str, Column]) -> None:
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, column in columns.items():
        written = " ".join(clean(cells.get(name, "")).split())
        if written.startswith(FORMULA) or (written.startswith("-") and not written[1:2].isdigit()):
            faults.append(
                Fault(
                    name,
                    "cell-formula",
                    "“%(written)s” begins like a formula.",
                    "Write it without its first sign.",
                    {"written": written[:40]},
                )
            )
        elif len(written) > LONGEST_CELL:
            faults.append(
                Fault(
                    name,
                    "cell-too-long",
                    "This cell has more than %(limit)s characters.",
                    "Shorten it.",
                    {"limit": LONGEST_CELL},
                )
            )
        elif not written:
            values[name] = column.read("")
            if column.is_required:
                faults.append(
                    Fault(
                        name,
                        "cell-missing",
                        "This cell is empty, and the line cannot do without.",
                        "Fill it.",
                    )
                )
        else:
            try:
                values[name] = column.read(written)
            except Wrong as wrong:
                faults.append(replace(wrong.fault, field=name, params={"written": written[:60]}))
    if faults:
        first = next(iter(columns))
        table.bad.append(BadRow(number, clean(cells.get(first, ""))[:200], tuple(faults)))
    else:
        table.rows.append(Row(number, values))


class _Unreadable(Exception):
    """What forbids reading on, and at which line."""

    def __init__(self, number: int, fault: Fault) -> None:
        self.number, self.fault = number, fault
        super().__init__(fault.code)


def _lines(content: bytes, columns: Mapping[str, Column]) -> Iterator[tuple[int, dict[str, str]]]:
    text = _decoded(content)
    if text.lstrip()[:1] in ("[", "{"):
        yield from _json_lines(text, columns)
    else:
        yield from _csv_lines(text, columns)


def _csv_lines(text: str, columns: Mapping[str, Column]) -> Iterator[tuple[int, dict[str, str]]]:
    first = text.split("\n", 1)[0]
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=separator)
    try:
        headings = [fold(cell).replace(" ", "_") for cell in next(reader, [])]
        _judge_headings(headings, columns)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, dict(zip(headings, cells, strict=False))
    except csv.Error:
        raise _Unreadable(
            reader.line_num,
            Fault("", "line-unreadable", "This line cannot be read as CSV.", "Save the table again as CSV."),
        ) from None


def _json_lines(text: str, columns: Mapping[str, Column]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise _Unreadable(
            1, Fault("", "json-unreadable", "This cannot be read as JSON.", "Export the table again.")
        ) from None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _Unreadable(
            1,
            Fault(
                "",
                "json-shape",
                "The file must be an array of objects, one a line.",
                "Export the table again.",
            ),
        )
    for number, one in enumerate(found, start=1):
        cells = {fold(str(name)).replace(" ", "_"): value for name, value in one.items()}
        _judge_headings(list(cells), columns, number, is_json=True)
        yield number, {name: _text(value) for name, value in cells.items()}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return BETWEEN.join(_text(one) for one in value)
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else "�"


def _judge_headings(
    headings: list[str], columns: Mapping[str, Column], number: int = 1, *, is_json: bool = False
) -> None:
    for column in columns.values():
        if column.is_required and column.name not in headings:
            raise _Unreadable(
                number,
                Fault(
                    column.name,
                    "column-missing",
                    "The table has no column “%(column)s”.",
                    "Take the model.",
                    {"column": column.name},
                ),
            )
    for heading in headings:
        if heading and heading not in columns:
            raise _Unreadable(
                number,
                Fault(
                    heading[:40],
                    "column-unknown",
                    "The column “%(column)s” is not known here.",
                    "Take it out, or give it the name that the model has.",
                    {"column": heading[:40]},
                ),
            )
        if heading and not is_json and headings.count(heading) > 1:
            raise _Unreadable(
                number,
                Fault(
                    heading[:40],
                    "column-double",
                    "The column “%(column)s” stands there twice.",
                    "Keep one of them.",
                    {"column": heading[:40]},
                ),
            )


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


# -- cells --------------------------------------------------------------------------------------------------------------


def text(limit: int) -> Callable[[str], str]:
    def read(written: str) -> str:
        if len(written) > limit:
            raise Wrong(Fault("", "cell-too-long", "“%(written)s…” is too long.", "Shorten it."))
        return written

    return read


def siret(written: str) -> str:
    number = compact(written)
    if written and not is_siret(number):
        raise Wrong(
            Fault(
                "",
                "siret",
                "“%(written)s” is no SIRET: its fourteen digits do not agree.",
                "Copy it from the register.",
            )
        )
    return number


def sirets(written: str) -> tuple[str, ...]:
    return (
        tuple(dict.fromkeys(siret(one) for one in re.split(r"[|,\s]+(?=\S)", written) if one.strip()))
        if written
        else ()
    )


def email(written: str) -> str:
    address = written.lower()
    if written and (not _EMAIL.fullmatch(address) or len(address) > 254 or not address.isascii()):
        raise Wrong(Fault("", "email", "“%(written)s” is no e-mail address.", "Correct it."))
    return address


def day(written: str) -> date | None:
    if not written:
        return None
    for form in DATES:
        try:
            found = datetime.strptime(written, form).date()  # noqa: DTZ007 - a legal day has no hour
        except ValueError:
            continue
        if found < EARLIEST or found.year > 2100:
            raise Wrong(Fault("", "day-impossible", "%(written)s cannot be.", "Correct the year."))
        return found
    raise Wrong(
        Fault("", "day-unreadable", "“%(written)s” is no day.", "Write day, month and year: 12/11/2026.")
    )


def instant(written: str) -> datetime | None:
    """A day and an hour of Paris; an instant with its zone is taken as it is."""
    if not written:
        return None
    try:
        found = datetime.fromisoformat(written)
        if found.tzinfo is not None:
            return found
    except ValueError:
        pass
    head, _space, tail = written.replace("T", " ").partition(" ")
    hour = tail.strip().lower()
    for form in TIMES:
        try:
            at = datetime.strptime(hour, form).time()  # noqa: DTZ007 - joined to its day and zone below
        except ValueError:
            continue
        found_day = day(head)
        return datetime.combine(found_day, at, PARIS) if found_day else None
    raise Wrong(
        Fault(
            "",
            "instant-unreadable",
            "“%(written)s” is no day with its hour.",
            "Write for instance 12/11/2026 12:00.",
        )
    )


def amount(written: str) -> Decimal | None:
    if not written:
        return None
    try:
        found = Decimal(re.sub(r"[\s\u00a0\u202f€]", "", written).replace(",", "."))
    except InvalidOperation:
        raise Wrong(Fault("", "amount", "“%(written)s” is no amount.", "Write figures: 1250,50.")) from None
    if not found.is_finite() or not 0 <= found < Decimal(10) ** 12:
        raise Wrong(Fault("", "amount", "“%(written)s” is no amount.", "Write figures: 1250,50."))
    return found.quantize(Decimal("0.01"))


def count(written: str) -> int | None:
    if not written:
        return None
    if not written.isascii() or not written.isdigit() or int(written) > 9999:
        raise Wrong(Fault("", "count", "“%(written)s” is no whole number.", "Write figures."))
    return int(written)


def cpv(written: str) -> str:
    match = _CPV.fullmatch(written)
    if written and match is None:
        raise Wrong(Fault("", "cpv", "“%(written)s” is no CPV code.", "Write its eight digits."))
    return match[1] if match else ""


def cpv_digits(written: str) -> str:
    found = written.partition("-")[0]
    if written and (not found.isascii() or not found.isdigit() or not 2 <= len(found) <= 8):
        raise Wrong(Fault("", "cpv", "“%(written)s” is no CPV code.", "Write two to eight digits."))
    return found


def nuts(written: str) -> str:
    found = written.upper()
    if written and not _NUTS.fullmatch(found):
        raise Wrong(
            Fault(
                "",
                "nuts",
                "“%(written)s” is no NUTS code of France.",
                "Write for instance FRC11, or leave it empty.",
            )
        )
    return found


def category(written: str) -> str:
    if written and fold(written) not in CATEGORIES:
        raise Wrong(
            Fault(
                "",
                "category",
                "“%(written)s” is no kind of purchase.",
                "Write travaux, fournitures or services.",
            )
        )
    return CATEGORIES.get(fold(written), "")


def identifier(written: str) -> str:
    if written and not _IDENTIFIER.fullmatch(written):
        raise Wrong(
            Fault(
                "",
                "identifier",
                "“%(written)s” cannot be the id of essential data.",
                "Copy the id that was published.",
            )
        )
    return written


def web_address(written: str) -> str:
    if written and (not re.match(r"https?://[^\s/]+", written) or not address_key(written)):
        raise Wrong(Fault("", "address", "“%(written)s” is no web address.", "Copy it whole, with https://."))
    return written


def old_address(written: str) -> str:
    if written and not address_key(written):
        raise Wrong(Fault("", "address", "“%(written)s” is no web address.", "Copy it as it was printed."))
    return written


COLUMNS: Mapping[Kind, tuple[Column, ...]] = {
    Kind.ACCOUNTS: (
        Column("siret", siret, True, "73282932000074"),
        Column("entreprise", text(200), True, "Charpentes Modèle"),
        Column("courriel", email, True, "camille.modele@entreprise.example"),
        Column("prenom", text(120), True, "Camille"),
        Column("nom", text(120), True, "Modèle"),
    ),
    Kind.ALERTS: (
        Column("courriel", email, True, "camille.modele@entreprise.example"),
        Column("mots", text(200), False, "toiture"),
        Column("cpv", cpv_digits, False, "45261"),
        Column("lieu", nuts, False, "FRC1"),
        Column("categorie", category, False, "travaux"),
    ),
    Kind.ATTESTATIONS: (
        Column("siret", siret, True, "73282932000074"),
        Column("nature", text(80), True, "social"),
        Column("fichier", text(500), True, "attestations/vigilance.pdf"),
        Column("valable_jusqu_au", day, False, "30/06/2027"),
    ),
    Kind.CONTRACTS: (
        Column("id", identifier, True, "2024M0012"),
        Column("objet", text(1000), True, "Entretien des chaudières"),
        Column("nature", text(60), False, "Marché"),
        Column("procedure", text(80), True, "Procédure adaptée"),
        Column("cpv", cpv, True, "50720000"),
        Column("lieu_code", text(10), True, "21054"),
        Column("lieu_type", text(20), False, "Code commune"),
        Column("duree_mois", count, True, "48"),
        Column("montant", amount, True, "84000"),
        Column("date_notification", day, True, "03/06/2024"),
        Column("date_publication", day, False, "12/06/2024"),
        Column("titulaires", sirets, True, "73282932000074"),
        Column("offres_recues", count, False, "3"),
        Column("forme_prix", text(40), False, "Ferme"),
        Column("siret_acheteur", siret, False, ""),
    ),
    Kind.PACKAGES: (
        Column("reference", text(64), True, "2021-TOIT"),
        Column("objet", text(500), True, "Toiture du gymnase"),
        Column("fichier", text(500), True, "dossiers/2021-TOIT.zip"),
        Column("categorie", category, False, "travaux"),
        Column("signe_le", day, False, "14/09/2021"),
        Column("execution_finie_le", day, False, "30/06/2022"),
    ),
    Kind.NOTICES: (
        Column("reference", text(64), True, "2026-017"),
        Column("objet", text(500), True, "Voirie du lotissement des Essais"),
        Column("plateforme", text(40), True, "Ancienne plateforme"),
        Column("adresse", web_address, True, "https://ancienne.example/consultation/4217"),
        Column("date_limite", instant, True, "14/12/2026 12:00"),
        Column("publie_le", day, False, "16/11/2026"),
        Column("description", text(2000), False, ""),
        Column("categorie", category, False, "travaux"),
        Column("cpv", cpv, False, "45233140"),
        Column("lieu", nuts, False, "FRC11"),
    ),
    Kind.REDIRECTS: (
        Column("adresse", old_address, True, "https://ancienne.example/consultation/4217"),
        Column("reference", text(64), True, "2026-017"),
    ),
}
