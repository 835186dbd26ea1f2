"""Keys of programs: told once, never for administration, dead when taken back, expired or left."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from territoires.foundations.identity import api as identity
from territoires.foundations.identity.keys import actor_of_key
from territoires.foundations.identity.models import ApiKey, Kind, Organisation, RoleAssignment
from territoires.foundations.identity.roles import permissions_for_programs
from territoires.kernel.actor import Actor, Assurance
from territoires.kernel.clock import first_instant, legal_day, system_clock
from territoires.kernel.errors import Denied, Invalid, StepUpRequired

from .conftest import present

pytestmark = pytest.mark.django_db

READ, PUBLISH = "legality:act:read", "legality:act:publish"


def in_days(days: int) -> date:
    return legal_day(system_clock()) + timedelta(days=days)


def issue(actor, organisation, **given):
    asked = {"label": "Logiciel", "permissions": [READ], "until": in_days(30), **given}
    return identity.issue_api_key(actor=actor, organisation=organisation, **asked)


@pytest.fixture
def issued(administrator, town):
    return issue(administrator, town)


def test_an_administrator_gives_a_program_what_the_agents_may_do(issued, administrator, town):
    """As an administrator gives the role of secretary without being one."""
    assert READ not in administrator.grants
    _key, text = issued
    actor = actor_of_key(text, system_clock())
    assert actor is not None
    assert actor.organisation == town.pk
    assert set(actor.grants) == {READ}
    assert actor.machine and actor.person and actor.assurance.level == 0


def test_the_key_is_not_kept(issued):
    key, text = issued
    secret = text.partition(".")[2]
    assert secret not in str(ApiKey.objects.filter(pk=key.pk).values().get())


def test_a_wrong_or_revoked_key_is_nobody(issued, administrator):
    key, text = issued
    now = system_clock()
    assert actor_of_key(text[:-1] + ("a" if text[-1] != "a" else "b"), now) is None
    assert actor_of_key("", now) is None
    identity.revoke_api_key(actor=administrator, key=key)
    assert actor_of_key(text, now) is None


def test_a_key_holds_through_its_last_day_and_not_after(issued):
    key, text = issued
    end = first_instant(in_days(31))
    assert key.until_on == in_days(30)
    assert actor_of_key(text, end - timedelta(seconds=1)) is not None
    assert actor_of_key(text, end) is None


def test_a_key_does_nothing_once_its_owner_administers_no_more(issued, anne):
    RoleAssignment.objects.filter(membership__person=anne).update(until_on="2026-01-06")
    actor = actor_of_key(issued[1], system_clock())
    assert actor is not None and not actor.grants


@pytest.mark.parametrize(
    "permission",
    ["identity:key:issue", "identity:account:suspend", "governance:territory:load", "x"],
)
def test_no_key_does_more_than_its_owner_or_what_a_person_does(administrator, town, permission):
    with pytest.raises(Denied, match="not-for-programs"):
        issue(administrator, town, permissions=[READ, permission])
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("kind", Kind)
def test_what_an_owner_does_not_hold_no_program_administers(kind):
    allowed = permissions_for_programs(Organisation(kind=kind), Actor())
    assert not [permission for permission in allowed if permission.startswith("identity:")]
    assert "governance:people:keep" not in allowed
    assert "governance:territory:load" not in allowed


def test_a_key_of_an_administrator_gives_roles_but_never_makes_an_administrator(administrator, town, person):
    bearer = issue(administrator, town, permissions=["identity:person:invite", "identity:role:assign"])[1]
    program = actor_of_key(bearer, system_clock())
    given = {"email": "elsa@village.example", "given_names": "Elsa", "usual_name": "Essai"}
    invited = identity.invite_person(actor=program, organisation=town, roles=["agent"], **given)
    assert invited.roles == ["agent"]
    with pytest.raises(Denied, match="role-by-a-person"):
        identity.invite_person(actor=program, organisation=town, roles=["administrator"], **given)
    membership = person("Paul", town, "agent").memberships.get()
    with pytest.raises(Denied, match="role-by-a-person"):
        identity.assign_role(actor=program, membership=membership, role="administrator")


def test_a_secretary_issues_no_key_and_a_foreign_administrator_none_here(person, town, other_town):
    for who in (
        present(person("Elsa", town, "secretary"), town),
        present(person("Denis", other_town, "administrator"), other_town),
    ):
        with pytest.raises(Denied, match="no-right"):
            issue(who, town)


def test_a_key_issues_no_key(issued, town):
    program = actor_of_key(issued[1], system_clock())
    with pytest.raises(Denied, match="no-right"):
        issue(program, town)


@pytest.mark.parametrize(
    "given", [{"label": " "}, {"permissions": []}, {"until": in_days(-1)}, {"until": in_days(400)}]
)
def test_an_incomplete_key_is_refused(administrator, town, given):
    with pytest.raises(Invalid, match="incomplete-key"):
        issue(administrator, town, **given)


def test_issuing_asks_for_presence(administrator, town):
    absent = replace(administrator, assurance=Assurance())
    with pytest.raises(StepUpRequired):
        issue(absent, town)
