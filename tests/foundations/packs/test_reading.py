"""Reading, dating and overriding packs; what does not hold is refused in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from territoires.foundations.packs.catalogue import Catalogue
from territoires.foundations.packs.reading import read_pack
from territoires.kernel.errors import Invalid, Unavailable

HEADER = """
name = "delays"
subject = "specimen"
valid_from = {valid_from}
checked_on = 2026-01-01
{extra}
[title]
fr = "Délais"
en = "Delays"
[[source]]
text = "Loi d'essai"
url = "https://example.org/loi"
"""
ENTRIES = '[[entries]]\ncode = "reply"\ndays = {days}\n'

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def _write(
        *,
        valid_from: str = "2020-01-01",
        extra: str = "",
        days: int = 10,
        folder: str = "shipped",
        body: str | None = None,
    ) -> Path:
        path = tmp_path / folder / f"delays.{valid_from}.toml"
        path.parent.mkdir(exist_ok=True)
        text = HEADER.format(valid_from=valid_from, extra=extra)
        path.write_text(text + (ENTRIES.format(days=days) if body is None else body), encoding="utf-8")
        return path

    return _write


def test_the_version_of_the_day_is_given(write: Write) -> None:
    write(valid_from="2020-01-01", days=10)
    folder = write(valid_from="2024-07-01", days=15).parent
    catalogue = Catalogue(folder)
    assert catalogue.pack("delays", on=date(2024, 6, 30)).by_code("reply")["days"] == 10
    assert catalogue.pack("delays", on=date(2024, 7, 1)).by_code("reply")["days"] == 15


def test_a_closed_version_applies_on_its_last_day_and_not_after(write: Write) -> None:
    catalogue = Catalogue(write(extra="valid_until = 2023-12-31").parent)
    assert catalogue.pack("delays", on=date(2023, 12, 31)).version == "2020-01-01"
    with pytest.raises(Unavailable):
        catalogue.pack("delays", on=date(2024, 1, 1))


def test_the_operator_replaces_by_name_and_day_and_adds_others(write: Write) -> None:
    shipped = write(days=10).parent
    write(days=12, folder="operator")
    operator = write(valid_from="2025-01-01", days=20, folder="operator").parent
    catalogue = Catalogue(shipped, operator)
    assert catalogue.pack("delays", on=date(2021, 1, 1)).by_code("reply")["days"] == 12
    assert catalogue.pack("delays", on=date(2025, 1, 1)).by_code("reply")["days"] == 20
    assert [(p.valid_from.year, p.is_operators) for p in catalogue.all()] == [(2020, True), (2025, True)]


def test_an_absent_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refusal:
        Catalogue(tmp_path / "nowhere")
    assert refusal.value.code == "packs-folder-missing"


def test_a_table_beside_the_header_is_typed_by_its_columns(write: Write) -> None:
    path = write(extra="", body='[columns]\nnatures = "texts"\ndays = "integer"\nopen = "boolean"\n')
    path.with_suffix(".csv").write_text("code,natures,days,open\n01,1 2,15,true\n", encoding="utf-8")
    assert dict(read_pack(path).entries[0]) == {"code": "01", "natures": ("1", "2"), "days": 15, "open": True}


@pytest.mark.parametrize("row", ["01,1,many,true", "01,1,15,perhaps", "01,1,15", "01,1,15,true,more"])
def test_a_row_that_does_not_fit_is_named_by_its_line(write: Write, row: str) -> None:
    path = write(body='[columns]\nnatures = "texts"\ndays = "integer"\nopen = "boolean"\n')
    path.with_suffix(".csv").write_text(f"code,natures,days,open\n{row}\n", encoding="utf-8")
    with pytest.raises(Invalid) as refusal:
        read_pack(path)
    assert refusal.value.faults[0].params == {"line": 2}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("", "entries"),
        ("[[entries]]\ncode = 7\n", "entries"),
        ('[[entries]]\ncode = "a"\n[[entries]]\ncode = "a"\n', "entries"),
        ('[[entries]]\nlabel = "no code"\n', "entries"),
    ],
)
def test_entries_need_a_code_of_their_own(write: Write, body: str, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_pack(write(body=body))
    assert refusal.value.faults[0].field == field


@pytest.mark.parametrize(
    ("extra", "field"),
    [
        ("valid_until = 2019-12-31", "valid_until"),
        ('valid_until = "2030"', "valid_until"),
        ("colour = 3", "colour"),
        ("not toml at all", ""),
    ],
)
def test_a_header_that_does_not_hold_is_refused_by_field(write: Write, extra: str, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_pack(write(extra=extra))
    assert [fault.field for fault in refusal.value.faults] == [field]


def test_the_file_name_must_agree_with_the_header(write: Write) -> None:
    path = write()
    other = path.rename(path.with_name("delays.2021-01-01.toml"))
    with pytest.raises(Invalid) as refusal:
        read_pack(other)
    assert refusal.value.faults[0].field == "name"


def test_bytes_that_are_not_text_are_refused(write: Write) -> None:
    path = write()
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Invalid):
        read_pack(path)
