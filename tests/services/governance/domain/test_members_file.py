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
    return read_members_file(
        content,
        roles={"administrator": "administrator", "secretary": "secretary", "secretaire": "secretary"},
        kinds={"commune": "commune", "autre organisme public": "other"},
        today=TODAY,
    )


def test_a_french_spreadsheet_is_read() -> None:
    (line,) = read("\ufeff" + HEADER + GOOD).lines
    assert (line.reference, line.holder.email, line.holder.role, line.holder.until) == (
        "212100010",
        "claire@mairie.example",
        "secretary",
        date(2027, 12, 31),
    )
    assert (line.number, line.holder.given_names, line.holder.usual_name) == (2, "Claire", "Exemple")


def test_windows_1252_keeps_its_accents() -> None:
    (line,) = read((HEADER + GOOD.replace("Claire;", "Zoé;")).encode("cp1252")).lines
    assert line.holder.given_names == "Zoé"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("212100010", "212100011", "siren"),
        ("Claire@Mairie.example", "claire", "email"),
        ("secretary", "king", "role"),
        ("31/12/2027", "31/02/2027", "until"),
        ("31/12/2027", "2020-01-01", "until"),
        (";Exemple;", ";;", "name"),
        ("Agencourt;Claire", "=HYPERLINK(A1);Claire", "formula"),
        (";Exemple;", ";@Exemple;", "formula"),
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


MEMBERS = "SIREN ou SIRET;Organisme;Nature;Membre depuis\n"


def test_a_line_without_person_is_a_member_alone() -> None:
    (line,) = read(MEMBERS + "212100010;Agencourt;Commune;05/01/2026\n").lines
    assert line.holder is None
    assert (line.reference, line.kind, line.member_since) == ("212100010", "commune", date(2026, 1, 5))


def test_a_siret_is_taken_with_its_key_and_the_exception_of_la_poste() -> None:
    found = read(MEMBERS + "21210001000012;A;commune;\n35600000049837;La Poste;Autre organisme public;\n")
    assert [line.reference for line in found.lines] == ["35600000049837"]
    assert [(fault.field, fault.code) for fault in found.faults] == [("2", "siren")]


@pytest.mark.parametrize(
    ("cells", "code"),
    [("212100010;A;royaume;", "kind"), ("212100010;A;commune;2027-01-01", "member-since")],
)
def test_a_wrong_member_is_told(cells: str, code: str) -> None:
    assert [fault.code for fault in read(f"{MEMBERS}{cells}\n").faults] == [code]


def test_services_and_french_roles_are_read() -> None:
    header = HEADER.replace("Rôle;", "Rôle;Services;")
    (line,) = read(header + GOOD.replace("secretary;", "Secrétaire;legality, archives;")).lines
    assert (line.holder.role, line.holder.services) == ("secretary", ("legality", "archives"))
