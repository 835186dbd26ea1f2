"""The acts that a body took before it came here, as a table that its former device can export.

Each line is judged by itself and every fault is told; nothing is guessed. What is asked of an act to be signed today
is not asked of one that took effect years ago: its author, its matter or its file may be lost.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from territoires.kernel.errors import Fault, Invalid
from territoires.kernel.machine import Machine, State, Transition
from territoires.kernel.text import fold

from .actes.names import ActIdentifier
from .classification import Nature
from .preflight import EARLIEST
from .wording import one_line

MOST_LINES = 50_000
MATTER = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,2}){0,4}")
NUMBER_LENGTH, OBJECT_LENGTH, NAME_LENGTH, QUALITY_LENGTH = 60, 2000, 100, 150
DATES = ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%Y%m%d")
SEPARATORS = ";,\t"
BETWEEN_FILES = "|"

RECEIVED_THEN, NOT_SENT, CANCELLED_THEN = "received", "not-sent", "cancelled"
STATUSES = {
    "transmis": RECEIVED_THEN,
    "recu": RECEIVED_THEN,
    "non transmis": NOT_SENT,
    "non transmissible": NOT_SENT,
    "annule": CANCELLED_THEN,
}
REQUIRED = ("numero", "nature", "objet", "date_decision")
COLUMNS = (
    *REQUIRED,
    "identifiant",
    "matiere",
    "date_publication",
    "date_transmission",
    "date_reception",
    "etat",
    "fichier",
    "annexes",
    "accuse",
    "prenom",
    "nom",
    "qualite",
)
MODEL = (
    COLUMNS,
    (
        "DEL_2019_012",
        "DE",
        "Tarifs de la cantine",
        "14/03/2019",
        "021-210000009-20190314-DEL_2019_012-DE",
        "7.10",
        "18/03/2019",
        "15/03/2019",
        "15/03/2019",
        "transmis",
        "DEL_2019_012.pdf",
        "DEL_2019_012_grille.pdf",
        "DEL_2019_012_AR.xml",
        "Paul",
        "Exemple",
        "Maire",
    ),
    ("ARR_2019_03", "AR", "Circulation rue du Lavoir", "02/04/2019", *[""] * 5, "non transmis", *[""] * 6),
)

RECEIVED, CHECKED, ORDERED, DONE = "received", "checked", "ordered", "done"
HISTORY = Machine(
    "history",
    initial=RECEIVED,
    states=[
        State(
            RECEIVED,
            "Being read",
            "Every line and every file is being read; nothing is taken over yet.",
            "run",
        ),
        State(CHECKED, "Read", "Nothing is taken over yet.", "wait"),
        State(ORDERED, "Being taken over", "All the acts come together, or none.", "run"),
        State(DONE, "Taken over", "The acts are in the list of the body.", "ok", final=True),
    ],
    transitions=[
        Transition("check", (RECEIVED, ORDERED), CHECKED),
        Transition("order", (CHECKED,), ORDERED),
        Transition("take_over", (ORDERED,), DONE),
    ],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAct:
    """One line: an act as its former device knew it. ``line`` counts from 1, the headings being the first."""

    line: int
    number: str
    nature: str
    object: str
    decided_on: date
    identifier: str = ""
    matter_code: str = ""
    published_on: date | None = None
    sent_on: date | None = None
    received_on: date | None = None
    status: str = NOT_SENT
    main: str = ""
    annexes: tuple[str, ...] = ()
    acknowledgement: str = ""
    given_names: str = ""
    usual_name: str = ""
    quality: str = ""

    @property
    def key(self) -> tuple[str, str, date]:
        """What makes two lines the same act."""
        return self.number, self.nature, self.decided_on

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """Each named file with its column."""
        named = [
            ("fichier", self.main),
            *(("annexes", one) for one in self.annexes),
            ("accuse", self.acknowledgement),
        ]
        return tuple((column, name) for column, name in named if name)


@dataclass(frozen=True, slots=True)
class LineFault:
    """A fault and its line; the fault's field is the column."""

    line: int
    fault: Fault


@dataclass(slots=True)
class Table:
    """What a table holds: the sound lines, and every fault of the others."""

    acts: list[PastAct] = field(default_factory=list)
    faults: list[LineFault] = field(default_factory=list)


def read_table(content: bytes, *, siren: str, natures: Mapping[str, Nature], today: date) -> Table:
    """Reads a CSV in UTF-8 or Windows-1252, separated by ``;``, ``,`` or tabs. Faults are told, never raised."""
    table = Table()
    rows = _rows(_decoded(content))
    try:
        _number, headings = next(rows)
        columns = [fold(heading).replace(" ", "_") for heading in headings]
        table.faults.extend(_faults_of_headings(columns))
        if table.faults:
            return table
        seen: dict[tuple[str, str, date], int] = {}
        for line, cells in rows:
            if len(table.acts) + len(table.faults) >= MOST_LINES:
                table.faults.append(_too_long(line))
                break
            _take(table, seen, _Line(line, dict(zip(columns, cells, strict=False)), siren, natures, today))
    except StopIteration:
        table.faults.append(_empty(1))
    except csv.Error:
        line = table.acts[-1].line + 1 if table.acts else 1
        table.faults.append(
            LineFault(
                line,
                Fault(
                    "", "line-unreadable", "This line cannot be read as CSV.", "Save the table again as CSV."
                ),
            )
        )
    if not table.acts and not table.faults:
        table.faults.append(_empty(2))
    return table


def _take(table: Table, seen: dict[tuple[str, str, date], int], line: _Line) -> None:
    act = line.read()
    if act is not None and act.key in seen:
        line.fault(
            Fault(
                "numero",
                "line-double",
                "The line says the same act as line %(other)s: same number, nature and date.",
                "Keep one of them.",
                {"other": seen[act.key]},
            )
        )
    table.faults.extend(line.faults)
    if act is not None and not line.faults:
        seen[act.key] = act.line
        table.acts.append(act)


class _Line:
    """One line being read: each cell answers its value, and puts what is wrong in ``faults``."""

    def __init__(
        self, line: int, cells: Mapping[str, str], siren: str, natures: Mapping[str, Nature], today: date
    ) -> None:
        self.line, self.cells, self.siren, self.natures, self.today = line, cells, siren, natures, today
        self.faults: list[LineFault] = []

    def read(self) -> PastAct | None:
        number, title = self.text("numero", NUMBER_LENGTH), self.text("objet", OBJECT_LENGTH)
        nature, decided_on = self.nature(), self.day("date_decision")
        for column in REQUIRED:
            if not one_line(self.cells.get(column, "")):
                self.fault(
                    Fault(
                        column,
                        "cell-missing",
                        "This cell is empty, and an act cannot do without.",
                        "Fill it.",
                    )
                )
        received_on = self.day("date_reception")
        act = PastAct(
            line=self.line,
            number=number,
            nature=nature,
            object=title,
            decided_on=decided_on or self.today,
            identifier=self.text("identifiant", 60),
            matter_code=self.matter(),
            published_on=self.day("date_publication"),
            sent_on=self.day("date_transmission"),
            received_on=received_on,
            status=self.status(received_on),
            main=self.text("fichier", 500),
            annexes=tuple(filter(None, map(one_line, self.cells.get("annexes", "").split(BETWEEN_FILES)))),
            acknowledgement=self.text("accuse", 500),
            given_names=self.text("prenom", NAME_LENGTH),
            usual_name=self.text("nom", NAME_LENGTH),
            quality=self.text("qualite", QUALITY_LENGTH),
        )
        if self.faults:
            return None
        self.judge(act)
        return act

    def judge(self, act: PastAct) -> None:
        """What the cells of a line say against each other."""
        for column, day in (
            ("date_publication", act.published_on),
            ("date_transmission", act.sent_on),
            ("date_reception", act.received_on),
        ):
            if day is not None and day < act.decided_on:
                self.fault(
                    Fault(
                        column,
                        "day-before-decision",
                        "This day is before the decision.",
                        "Correct one of the two.",
                    )
                )
        if act.status == RECEIVED_THEN and act.received_on is None:
            self.fault(
                Fault(
                    "date_reception",
                    "reception-missing",
                    "The act is said to be transmitted, and no day says when the prefecture received it.",
                    "Copy the day from its acknowledgement, or write “non transmis”.",
                )
            )
        if act.identifier:
            self.judge_identifier(act)

    def judge_identifier(self, act: PastAct) -> None:
        try:
            said = ActIdentifier.parse(act.identifier)
        except Invalid as refusal:
            self.fault(Fault("identifiant", refusal.code, refusal.message, refusal.remedy, refusal.params))
            return
        letters = self.natures[act.nature].abbreviation
        for column, theirs, ours in (
            ("numero", said.number, act.number),
            ("nature", said.nature, letters),
            ("date_decision", said.decided_on, act.decided_on),
        ):
            if theirs != ours:
                self.fault(
                    Fault(
                        column,
                        "identifier-differs",
                        "The identifier says %(theirs)s here, and this cell %(ours)s.",
                        "Copy the identifier from the acknowledgement, and the cell from the act.",
                        {"theirs": str(theirs), "ours": str(ours)},
                    )
                )
        if said.siren != self.siren:
            self.fault(
                Fault(
                    "identifiant",
                    "identifier-of-another",
                    "The identifier is of another body: its SIREN is %(theirs)s, yours %(ours)s.",
                    "Take this line out, or write its identifier as it was sent.",
                    {"theirs": said.siren, "ours": self.siren},
                )
            )

    def text(self, column: str, limit: int) -> str:
        value = one_line(self.cells.get(column, ""))
        if len(value) > limit:
            self.fault(
                Fault(
                    column,
                    "cell-too-long",
                    "This cell has %(length)s characters; %(limit)s are taken.",
                    "Shorten it.",
                    {"length": len(value), "limit": limit},
                )
            )
            return ""
        return value

    def day(self, column: str) -> date | None:
        written = one_line(self.cells.get(column, ""))
        if not written:
            return None
        day = _read_day(written)
        if day is None:
            self.fault(
                Fault(
                    column,
                    "day-unreadable",
                    "“%(written)s” is no day.",
                    "Write day, month and year: 12/11/2019.",
                    {"written": written[:40]},
                )
            )
        elif not EARLIEST <= day <= self.today:
            self.fault(
                Fault(
                    column,
                    "day-impossible",
                    "%(written)s is before 1945 or after today.",
                    "Correct the year.",
                    {"written": written[:40]},
                )
            )
        return day

    def nature(self) -> str:
        written = one_line(self.cells.get("nature", "")).upper()
        for nature in self.natures.values():
            if written in (nature.code, nature.abbreviation):
                return nature.code
        if written:
            self.fault(
                Fault(
                    "nature",
                    "nature-unreadable",
                    "“%(written)s” is not one of the six natures.",
                    "Write its number or its letters: %(known)s.",
                    {
                        "written": written[:40],
                        "known": ", ".join(
                            f"{one.code} ({one.abbreviation})" for one in self.natures.values()
                        ),
                    },
                )
            )
        return ""

    def matter(self) -> str:
        written = one_line(self.cells.get("matiere", ""))
        code = written.split(" ")[0].rstrip(".")
        if written and not MATTER.fullmatch(code):
            self.fault(
                Fault(
                    "matiere",
                    "matter-unreadable",
                    "“%(written)s” is no code of the classification.",
                    "Write it with its figures, for instance 7.1, or leave the cell empty.",
                    {"written": written[:40]},
                )
            )
            return ""
        return code

    def status(self, received_on: date | None) -> str:
        written = fold(self.cells.get("etat", "")).replace("_", " ").strip()
        if not written:
            return RECEIVED_THEN if received_on else NOT_SENT
        if written not in STATUSES:
            self.fault(
                Fault(
                    "etat",
                    "status-unreadable",
                    "“%(written)s” is no state that is known here.",
                    "Write “transmis”, “non transmis” or “annulé”.",
                    {"written": written[:40]},
                )
            )
        return STATUSES.get(written, NOT_SENT)

    def fault(self, fault: Fault) -> None:
        self.faults.append(LineFault(self.line, fault))


def _decoded(content: bytes) -> str:
    """Spreadsheets save UTF-8, with or without its mark, or the letters of Windows."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that say something, each with the line where it ends."""
    first = text.split("\n", 1)[0]
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=separator)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def _read_day(written: str) -> date | None:
    for form in DATES:
        try:
            return datetime.strptime(written, form).date()  # noqa: DTZ007 - a legal day has no hour
        except ValueError:
            continue
    return None


def _faults_of_headings(columns: list[str]) -> Iterator[LineFault]:
    for column in REQUIRED:
        if column not in columns:
            yield LineFault(
                1,
                Fault(
                    column,
                    "column-missing",
                    "The table has no column “%(column)s”.",
                    "Take the model.",
                    {"column": column},
                ),
            )
    for column in columns:
        if column and column not in COLUMNS:
            yield LineFault(
                1,
                Fault(
                    column[:40],
                    "column-unknown",
                    "The column “%(column)s” is not known here.",
                    "Take it out, or give it the name that the model has.",
                    {"column": column[:40]},
                ),
            )
        if column and columns.count(column) > 1:
            yield LineFault(
                1, Fault(column[:40], "column-double", "This column stands there twice.", "Keep one of them.")
            )


def _too_long(line: int) -> LineFault:
    return LineFault(
        line,
        Fault(
            "",
            "table-too-long",
            "The table has more than %(limit)s lines.",
            "Send it in several, year by year.",
            {"limit": MOST_LINES},
        ),
    )


def _empty(line: int) -> LineFault:
    return LineFault(
        line, Fault("", "table-empty", "The table holds no act.", "Take the model, and fill it.")
    )
