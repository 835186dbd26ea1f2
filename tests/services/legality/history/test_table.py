"""The table of a body's past acts: what is read, and every fault in words."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest

from territoires.services.legality.domain.history import MODEL, PastAct, Table, read_table
from territoires.services.legality.queries.readiness import classification

TODAY = date(2026, 11, 24)
SIREN = "210000009"
LINE = {"numero": "2019_12", "nature": "DE", "objet": "Tarifs de la cantine", "date_decision": "14/03/2019"}


def written(*lines: dict[str, str], delimiter: str = ";", encoding: str = "utf-8") -> bytes:
    columns = list(dict.fromkeys(name for line in lines for name in line))
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(lines)
    return buffer.getvalue().encode(encoding)


def read(content: bytes) -> Table:
    return read_table(content, siren=SIREN, natures=classification(TODAY).natures, today=TODAY)


def line(**cells: str) -> Table:
    return read(written({**LINE, **cells}))


def faults(table: Table) -> list[tuple[int, str, str]]:
    return [(one.line, one.fault.field, one.fault.code) for one in table.faults]


def test_the_model_to_download_is_sound() -> None:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";").writerows(MODEL)
    table = read(buffer.getvalue().encode())
    assert table.faults == []
    transmitted, internal = table.acts
    assert transmitted == PastAct(
        line=2,
        number="DEL_2019_012",
        nature="1",
        object="Tarifs de la cantine",
        decided_on=date(2019, 3, 14),
        identifier="021-210000009-20190314-DEL_2019_012-DE",
        matter_code="7.10",
        published_on=date(2019, 3, 18),
        sent_on=date(2019, 3, 15),
        received_on=date(2019, 3, 15),
        status="received",
        main="DEL_2019_012.pdf",
        annexes=("DEL_2019_012_grille.pdf",),
        acknowledgement="DEL_2019_012_AR.xml",
        given_names="Paul",
        usual_name="Exemple",
        quality="Maire",
    )
    assert (internal.nature, internal.status, internal.files) == ("2", "not-sent", ())


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_what_spreadsheets_save_is_read(delimiter: str, encoding: str) -> None:
    table = read(
        written({**LINE, "objet": "Été ; « voirie », travaux"}, delimiter=delimiter, encoding=encoding)
    )
    assert [act.object for act in table.acts] == ["Été ; « voirie », travaux"]


def test_headings_are_read_however_they_are_written() -> None:
    table = read(b"Num\xc3\xa9ro;NATURE;Objet;Date d\xc3\xa9cision\n2019_12;1;Cantine;2019-03-14\n;;;\n")
    assert [act.number for act in table.acts] == ["2019_12"]


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"numero": " "}, "numero", "cell-missing"),
        ({"objet": ""}, "objet", "cell-missing"),
        ({"nature": "ZZ"}, "nature", "nature-unreadable"),
        ({"date_decision": "31/02/2019"}, "date_decision", "day-unreadable"),
        ({"date_decision": "25/11/2026"}, "date_decision", "day-impossible"),
        ({"date_reception": "01/03/2019"}, "date_reception", "day-before-decision"),
        ({"etat": "transmis"}, "date_reception", "reception-missing"),
        ({"etat": "perdu"}, "etat", "status-unreadable"),
        ({"matiere": "finances"}, "matiere", "matter-unreadable"),
        ({"objet": "x" * 2001}, "objet", "cell-too-long"),
        ({"identifiant": "2019_12"}, "identifiant", "act-identifier"),
        ({"identifiant": "021-210000009-20190314-2019_13-DE"}, "numero", "identifier-differs"),
        ({"identifiant": "021-210000009-20190315-2019_12-DE"}, "date_decision", "identifier-differs"),
        ({"identifiant": "021-210000017-20190314-2019_12-DE"}, "identifiant", "identifier-of-another"),
    ],
)
def test_each_fault_names_its_line_and_column(cells: dict[str, str], column: str, code: str) -> None:
    table = line(**cells)
    assert faults(table) == [(2, column, code)]
    assert table.acts == []
    [one] = table.faults
    assert one.fault.message % one.fault.params
    assert one.fault.remedy % one.fault.params


def test_two_lines_of_one_act_are_told_and_a_number_may_serve_another_nature() -> None:
    table = read(written(LINE, LINE, {**LINE, "nature": "AR"}))
    assert faults(table) == [(3, "numero", "line-double")]
    assert [act.line for act in table.acts] == [2, 4]


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (b"", ["table-empty"]),
        (b"numero;nature;objet;date_decision\n", ["table-empty"]),
        (b"numero;nature;objet\n1;DE;x\n", ["column-missing"]),
        (b"numero;nature;objet;date_decision;secret\n", ["column-unknown"]),
        (b"numero;numero;nature;objet;date_decision\n", ["column-double", "column-double"]),
        (
            b'numero;nature;objet;date_decision\n1;DE;"' + b"x" * 200_000 + b'";14/03/2019\n',
            ["line-unreadable"],
        ),
    ],
)
def test_a_table_that_is_none_is_told_whole(content: bytes, codes: list[str]) -> None:
    assert [code for _line, _column, code in faults(read(content))] == codes


def test_any_bytes_are_read_without_failure() -> None:
    for content in (b"\0\xff\xfe;;\n\0", bytes(range(256)) * 4, b'"', b"a\rb\rc"):
        assert isinstance(read(content), Table)


def test_reading_stops_at_the_limit(monkeypatch: Any) -> None:
    monkeypatch.setattr("territoires.services.legality.domain.history.MOST_LINES", 2)
    table = read(written(LINE, {**LINE, "numero": "A"}, {**LINE, "numero": "B"}))
    assert faults(table) == [(4, "", "table-too-long")]
