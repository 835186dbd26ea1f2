"""The operator's file: what a trial tells is what is done, and one bad line leaves the others alone."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import pytest

from territoires.contracts.governance import Demonstration
from territoires.foundations.actions.api import ROLES
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Denied
from territoires.services.governance.actions import importing
from territoires.services.governance.actions.importing import ImportReport, carry_out, try_import
from territoires.services.governance.domain.members_file import MembersFile, read_members_file
from territoires.services.governance.management.authority import platform_actor
from territoires.services.governance.models import identity_rows, organisations
from territoires.services.governance.permissions import Governance
from tests.victims import Victim, killed

from .domain.specimens import siren
from .test_members import VILLAGE, shown

__all__ = ["shown"]
HEADER = "SIREN,Organisme,Nature,Catégorie juridique,Prénoms,Nom,Courriel,Rôle,Services,Jusqu'au\n"
SERVER = platform_actor("test", Governance.IMPORT_MEMBERS, "identity:person:enrol")  # type: ignore[arg-type]
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


def test_another_address_of_a_person_is_the_same_person(operator: Actor) -> None:
    carry_out(actor=operator, read=read(FILE[0], actor=operator))
    account = identity_rows("Account").get(email="ana@village.example")
    account.emailaddress_set.create(email="Ana@Ailleurs.example", verified=True)
    before = counts()
    report = carry_out(
        actor=operator, read=read(FILE[0].replace("ana@village", "ana@ailleurs"), actor=operator)
    )
    assert fates(report) == {2: ()}
    assert counts() == before


def test_somebody_who_writes_the_same_down_meanwhile_is_told_and_nothing_is_done_twice(
    operator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = importing._Plan.write

    def late(plan: Any) -> Any:
        identity_rows("Account").create(email="ana@village.example")
        return planned(plan)

    monkeypatch.setattr(importing._Plan, "write", late)
    with pytest.raises(Conflict) as refusal:
        carry_out(actor=operator, read=read(FILE[0], actor=operator))
    assert refusal.value.code == "written-meanwhile"
    assert not identity_rows("Account").filter(email="ana@village.example").exists()


def many(count: int) -> list[str]:
    """Lines for a member that is new every fifty, with people who are all new."""
    lines = []
    for number in range(count):
        clinic, person = siren(5000 + number // 50), f"Ana,Essai{number},ana{number}@clinique.example"
        lines.append(f"{clinic},Clinique {number // 50},hospital,7364,{person},secretary,,")
    return lines


@pytest.mark.slow
def test_thousands_of_lines_stay_far_from_the_patience_of_a_proxy(operator: Actor) -> None:
    """Processor time, since other trials may run beside; 2,000 lines cost two fifths of 5,000."""
    file = read(*many(2_000), actor=operator)
    started = time.process_time()
    tried = try_import(actor=operator, read=file)
    assert time.process_time() - started < 4
    started = time.process_time()
    done = carry_out(actor=operator, read=file)
    assert time.process_time() - started < 8
    assert (len(done.steps), done.faults) == (2_000, ())
    assert tried.steps == done.steps
    assert set(fates(carry_out(actor=operator, read=file)).values()) == {()}


def killed_before_the_end(lines: list[str]) -> None:
    """What a web process does that dies when all is written and nothing is certain yet."""
    importing._Plan.report = lambda *given, **more: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment, method-assign, return-value]
    carry_out(actor=SERVER, read=read(*lines, actor=SERVER))


def test_who_is_killed_in_the_middle_does_nothing_and_starts_again(
    live_database: str, victim: Victim
) -> None:
    lines, before = many(120), counts()
    assert killed(victim(killed_before_the_end, lines))
    assert counts() == before
    assert len(carry_out(actor=SERVER, read=read(*lines, actor=SERVER)).steps) == 120
    after = counts()
    assert (after["Membership"], after["Organisation"]) == (
        before["Membership"] + 120,
        before["Organisation"] + 3,
    )
    assert set(fates(carry_out(actor=SERVER, read=read(*lines, actor=SERVER))).values()) == {()}
    assert counts() == after
