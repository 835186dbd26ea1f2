from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.kernel.errors import Invalid
from territoires.services.governance.domain.members_file import MembersFile, read_members_file

TODAY = date(2026, 11, 24)
HEADER = "SIREN;Organisme;Prénoms;Nom;Courriel;Fonction;Rôle;Jusqu'au\n"
GOOD = "212100010;Agencourt;Claire;Exemple;Claire@Mairie.example;secrétaire;secretary;31/12/2027\n"


def read(text: str | bytes) -> MembersFile:
    content = text.encode() if isinstance(text, str) else text
    return read_members_file(content, roles=("administrator", "secretary"), today=TODAY)


def test_a_french_spreadsheet_is_read() -> None:
    (line,) = read("\ufeff" + HEADER + GOOD).lines
    assert (line.siren, line.email, line.role, line.until) == (
        "212100010",
        "claire@mairie.example",
        "secretary",
        date(2027, 12, 31),
    )
    assert (line.number, line.given_names, line.usual_name) == (2, "Claire", "Exemple")


def test_windows_1252_keeps_its_accents() -> None:
    (line,) = read((HEADER + GOOD.replace("Claire;", "Zoé;")).encode("cp1252")).lines
    assert line.given_names == "Zoé"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("212100010", "212100011", "siren"),
        ("Claire@Mairie.example", "claire", "email"),
        ("secretary", "king", "role"),
        ("31/12/2027", "31/02/2027", "until"),
        ("31/12/2027", "2020-01-01", "until"),
        (";Exemple;", ";;", "name"),
    ],
)
def test_each_fault_is_named_with_its_line(old: str, new: str, code: str) -> None:
    found = read(HEADER + GOOD + GOOD.replace(old, new).replace("Agencourt", "Agey"))
    assert len(found.lines) == 1
    assert [(fault.field, fault.code) for fault in found.faults] == [("3", code)]


def test_the_same_person_and_role_twice_is_a_fault() -> None:
    assert [fault.code for fault in read(HEADER + GOOD + GOOD).faults] == ["twice"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "columns-missing"),
        (b"a,b\n1,2\n", "columns-missing"),
        (HEADER.encode(), "empty-file"),
        (b"PK\x03\x04\x00\x00\xff\xff", "not-a-table"),
        ((HEADER + '212100010;"Agencourt;Claire').encode(), "not-a-table"),
        (b"x" * (1024 * 1024 + 1), "too-big"),
    ],
)
def test_what_is_not_such_a_file_is_refused_whole(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read(content)
    assert refusal.value.code == code


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: (HEADER + text).encode()))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    with contextlib.suppress(Invalid):
        read(content)
