"""The operator's file: what a trial tells is what is done, and one bad line leaves the others alone."""

from __future__ import annotations

from typing import Any

import pytest

from territoires.contracts.governance import Demonstration
from territoires.foundations.actions.api import ROLES
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Denied
from territoires.services.governance.actions.importing import ImportReport, carry_out, try_import
from territoires.services.governance.domain.members_file import MembersFile, read_members_file
from territoires.services.governance.models import identity_rows, organisations

from .domain.specimens import siren
from .test_members import VILLAGE, shown

__all__ = ["shown"]
pytestmark = pytest.mark.django_db
HEADER = "SIREN,Organisme,Nature,Catégorie juridique,Prénoms,Nom,Courriel,Rôle,Services,Jusqu'au\n"
UNKNOWN = siren(4777)
TABLES = ("Organisation", "Person", "Account", "Membership", "RoleAssignment")


@pytest.fixture
def operator(shown: Demonstration) -> Actor:
    return shown.actors["operator.operator"]


def read(*lines: str, actor: Actor) -> MembersFile:
    kinds = {"hospital": "hospital", "enterprise": "enterprise"}
    content = (HEADER + "".join(f"{line}\n" for line in lines)).encode()
    return read_members_file(
        content, roles={code: code for code in ROLES}, kinds=kinds, today=legal_day(actor.now())
    )


def counts() -> dict[str, int]:
    return {table: identity_rows(table).count() for table in TABLES}


def fates(report: ImportReport) -> dict[int, tuple[str, ...]]:
    return {step.number: step.fate for step in report.steps}


def codes(report: ImportReport) -> list[tuple[str, str]]:
    return [(fault.field, fault.code) for fault in report.faults]


FILE = (
    f"{VILLAGE},,,,Ana,Essai,ana@village.example,observer,,",
    f"{VILLAGE},,,,Ana,Essai,ana@village.example,secretary,legality,",
    f"{UNKNOWN},Clinique Essai,hospital,7364,Léa,Modèle,lea@clinique.example,secretary,,",
    f"{UNKNOWN},,,,Max,Modèle,max@clinique.example,executive,,",
    f"{siren(4778)},,,,Eva,Essai,eva@nulle-part.example,agent,,",
    f"{VILLAGE},,,,Ivo,Essai,ivo@village.example,operator,,",
    f"{VILLAGE},,,,Ivo,Essai,ivo@village.example,agent,telepathy,",
    "123,,,,,,,,,",
)


def test_a_trial_tells_what_is_done_then_and_changes_nothing(operator: Actor) -> None:
    file, before = read(*FILE, actor=operator), counts()
    tried = try_import(actor=operator, read=file)
    assert counts() == before
    done = carry_out(actor=operator, read=file)
    assert (tried.steps, tried.faults) == (done.steps, done.faults)
    assert (tried.is_done, done.is_done) == (False, True)
    assert fates(done) == {
        2: ("enrolled", "given"),
        3: ("given",),
        4: ("created", "enrolled", "given"),
        5: ("enrolled", "given"),
    }
    assert codes(done) == [
        ("6", "unknown-organisation"),
        ("7", "role-above-own"),
        ("8", "unknown-service"),
        ("9", "siren"),
    ]
    assert not identity_rows("Account").filter(email="ivo@village.example").exists()
    again = carry_out(actor=operator, read=file)
    assert set(fates(again).values()) == {()}


def test_a_new_member_has_its_college_and_its_day(operator: Actor) -> None:
    carry_out(actor=operator, read=read(FILE[2], actor=operator))
    row = organisations().get(reference=UNKNOWN)
    assert (row.name, row.kind, row.college) == ("Clinique Essai", "hospital", "health")
    assert row.member_since == legal_day(operator.now())


def test_a_body_of_the_territory_becomes_a_member_under_its_own_name(operator: Actor) -> None:
    organisations().filter(reference=VILLAGE).update(member_since=None)
    report = carry_out(actor=operator, read=read(f"{VILLAGE},Autre nom,hospital,,,,,,,", actor=operator))
    row = organisations().get(reference=VILLAGE)
    assert fates(report) == {2: ("admitted",)}
    assert (row.name, row.kind) == ("Saint-Éloi", "commune")
    assert row.member_since == legal_day(operator.now())


@pytest.mark.parametrize(
    ("change", "line", "code"),
    [
        ({"closed_on": "2026-01-01", "member_since": None}, f"{VILLAGE},,,,,,,,,", "closed-organisation"),
        ({}, f"{UNKNOWN},Essai SARL,enterprise,5499,,,,,,", "unknown-organisation"),
        ({}, f"{UNKNOWN},,hospital,7364,,,,,,", "unknown-organisation"),
    ],
)
def test_who_is_not_admitted(operator: Actor, change: dict[str, Any], line: str, code: str) -> None:
    if change:
        organisations().filter(reference=VILLAGE).update(**change)
    before = counts()
    assert codes(carry_out(actor=operator, read=read(line, actor=operator))) == [("2", code)]
    assert counts() == before


def test_only_the_operator_imports(shown: Demonstration) -> None:
    actor = shown.actors["village.administrator"]
    before = counts()
    for verb in (try_import, carry_out):
        with pytest.raises(Denied):
            verb(actor=actor, read=read(*FILE, actor=actor))
    assert counts() == before
