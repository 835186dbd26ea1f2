"""Roles and mandates: who may give what, until when, and never fewer than two administrators."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from territoires.foundations.actions.api import why
from territoires.foundations.documents import api as documents
from territoires.foundations.identity import api as identity
from territoires.foundations.identity import services
from territoires.foundations.identity.actors import actor_for_person
from territoires.foundations.identity.models import Mandate, Organisation, RoleAssignment, ServiceActivation
from territoires.foundations.identity.services import FOUNDATIONS
from territoires.kernel.clock import legal_day, system_clock
from territoires.kernel.errors import Conflict, Denied, Invalid, Missing

from .conftest import SINCE, membership_of, present

pytestmark = pytest.mark.django_db


def today() -> date:
    return legal_day(system_clock())


def test_an_administrator_gives_a_role_which_acts_at_once(administrator, person, town):
    clara = person("Clara", town)
    assert not actor_for_person(clara, town).grants
    identity.assign_role(actor=administrator, membership=membership_of(clara), role="administrator")
    assert identity.Identity.INVITE in actor_for_person(clara, town).grants


def test_giving_again_corrects_the_end_and_adds_no_row(administrator, person, town):
    membership = membership_of(person("Clara", town))
    identity.assign_role(actor=administrator, membership=membership, role="agent")
    until = today() + timedelta(days=9)
    identity.assign_role(actor=administrator, membership=membership, role="agent", until=until)
    assert [r.until_on for r in RoleAssignment.objects.filter(membership=membership)] == [until]


def test_the_same_key_twice_gives_one_assignment(administrator, person, town):
    membership = membership_of(person("Clara", town))
    actor = replace(administrator, idempotency_key=str(uuid.uuid4()))
    first = identity.assign_role(actor=actor, membership=membership, role="agent")
    assert identity.assign_role(actor=actor, membership=membership, role="agent") == first


@pytest.mark.parametrize("role", ["operator", "support"])
def test_a_role_above_ones_own_is_refused(administrator, person, town, role):
    membership = membership_of(person("Clara", town))
    with pytest.raises(Denied, match="role-above-own"):
        identity.assign_role(actor=administrator, membership=membership, role=role)


def test_an_administrator_of_the_operator_does_not_make_operators(person, operator):
    actor = present(person("Omar", operator, "administrator"), operator)
    membership = membership_of(person("Clara", operator))
    with pytest.raises(Denied, match="role-above-own"):
        identity.assign_role(actor=actor, membership=membership, role="operator")


def test_an_unknown_role_and_a_past_end_are_refused(administrator, person, town):
    membership = membership_of(person("Clara", town))
    with pytest.raises(Invalid, match="unknown-role"):
        identity.assign_role(actor=administrator, membership=membership, role="emperor")
    with pytest.raises(Invalid, match="past-day"):
        identity.assign_role(actor=administrator, membership=membership, role="agent", until=date(2020, 1, 1))


def test_another_organisation_is_out_of_reach(administrator, person, other_town):
    membership = membership_of(person("Denis", other_town))
    with pytest.raises(Denied):
        identity.assign_role(actor=administrator, membership=membership, role="agent")


def test_an_agent_gives_no_role(person, town):
    agent = present(person("Elsa", town, "agent"), town)
    with pytest.raises(Denied):
        identity.assign_role(actor=agent, membership=membership_of(person("Clara", town)), role="agent")


def test_two_administrators_remain(administrator, bruno, person, town):
    assignment = RoleAssignment.objects.get(membership=membership_of(bruno))
    with pytest.raises(Conflict, match="too-few-administrators"):
        identity.end_role(actor=administrator, assignment=assignment)
    identity.assign_role(
        actor=administrator, membership=membership_of(person("Clara", town)), role="administrator"
    )
    identity.end_role(actor=administrator, assignment=assignment)
    assert not actor_for_person(bruno, town).grants


def test_a_role_ended_on_its_first_day_is_ended(administrator, person, town):
    clara = person("Clara", town)
    given = identity.assign_role(actor=administrator, membership=membership_of(clara), role="secretary")
    identity.end_role(actor=administrator, assignment=given)
    assert identity.places_of(clara) == []
    identity.assign_role(actor=administrator, membership=membership_of(clara), role="secretary")
    assert [place.organisation for place in identity.places_of(clara)] == [town]


def test_what_is_ended_at_once_keeps_its_days_and_its_past(administrator, person, town):
    clara, until = person("Clara", town), today() + timedelta(days=30)
    given = identity.assign_role(
        actor=administrator, membership=membership_of(clara), role="secretary", until=until
    )
    before = system_clock()
    identity.end_role(actor=administrator, assignment=given)
    kept = RoleAssignment.objects.get(pk=given.pk)
    assert kept.until_on == until
    assert actor_for_person(clara, town, at=before).grants
    assert not actor_for_person(clara, town).grants
    first = kept.ended_at
    identity.end_role(actor=administrator, assignment=given)
    assert RoleAssignment.objects.get(pk=given.pk).ended_at == first


def test_a_role_holds_through_its_last_day_and_not_after(person, town):
    clara = person("Clara", town, "administrator")
    RoleAssignment.objects.filter(membership__person=clara).update(until_on=date(2026, 6, 30))
    noon = system_clock().replace(year=2026, month=6, day=30, hour=12)
    assert actor_for_person(clara, town, at=noon).grants
    assert not actor_for_person(clara, town, at=noon + timedelta(days=1)).grants


def test_a_mandate_acts_is_explained_and_ends(administrator, person, town):
    clara = person("Clara")
    mandate = identity.give_mandate(
        actor=administrator,
        principal=town,
        representative=clara,
        role="administrator",
        instrument="Arrêté 2026-12",
        until=today() + timedelta(days=30),
    )
    actor = actor_for_person(clara, town)
    assert actor.mandate == mandate.pk
    explained = why(actor, identity.Identity.INVITE, town)
    assert explained.allowed
    assert explained.details["through"] == "mandate"
    assert explained.details["until"] == mandate.until_on
    identity.revoke_mandate(actor=administrator, mandate=mandate)
    assert not actor_for_person(clara, town).grants


def test_an_expired_mandate_gives_nothing(person, town):
    clara = person("Clara")
    Mandate.objects.create(
        principal=town,
        representative=clara,
        role="secretary",
        instrument="Arrêté",
        since_on=SINCE,
        until_on=date(2026, 3, 1),
    )
    assert identity.places_of(clara) == []


def test_a_mandate_needs_its_instrument(administrator, person, town):
    with pytest.raises(Invalid, match="no-instrument"):
        identity.give_mandate(
            actor=administrator, principal=town, representative=person("Clara"), role="agent", instrument="  "
        )


def test_the_database_refuses_days_in_disorder(person, town):
    membership = membership_of(person("Clara", town))
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleAssignment.objects.create(
            membership=membership, role="agent", since_on=date(2026, 5, 2), until_on=date(2026, 4, 1)
        )


class TestScope:
    """A role limited to some services, until a day."""

    def test_it_leaves_the_named_services_and_what_is_always_there(self, administrator, person, town):
        clara = person("Clara", town)
        identity.activate_service(actor=administrator, organisation=town, service="legality")
        give = {"actor": administrator, "membership": membership_of(clara), "role": "secretary"}
        identity.assign_role(**give)
        whole = actor_for_person(clara, town)
        identity.assign_role(**give, scope=["legality"])
        limited = actor_for_person(clara, town)
        reached = {"legality", *FOUNDATIONS, "portal", "governance"}
        assert limited.grants.keys() == {
            permission for permission in whole.grants if permission.partition(":")[0] in reached
        }
        assert any(permission.startswith("legality:") for permission in limited.grants)

    def test_another_service_is_out_of_reach(self, administrator, person, town, monkeypatch):
        monkeypatch.setitem(services._labels, "archives", "Archives")
        clara = person("Clara", town)
        identity.assign_role(
            actor=administrator, membership=membership_of(clara), role="secretary", scope=["archives"]
        )
        granted = actor_for_person(clara, town).grants
        assert granted
        assert not [permission for permission in granted if permission.startswith("legality:")]

    def test_why_says_the_scope_and_the_last_day(self, administrator, person, town):
        clara, until = person("Clara", town), today() + timedelta(days=30)
        identity.activate_service(actor=administrator, organisation=town, service="legality")
        identity.assign_role(
            actor=administrator,
            membership=membership_of(clara),
            role="secretary",
            scope=["legality"],
            until=until,
        )
        grants = actor_for_person(clara, town).grants
        grant = next(g for permission, g in grants.items() if permission.startswith("legality:"))
        assert (grant.label, grant.until) == (
            identity.role_label("secretary", ["legality"]),
            until,
        )
        assert grant.label != identity.role_label("secretary")

    def test_an_unknown_service_is_refused(self, administrator, person, town):
        membership = membership_of(person("Clara", town))
        with pytest.raises(Invalid, match="unknown-service"):
            identity.assign_role(
                actor=administrator, membership=membership, role="secretary", scope=["telepathy"]
            )

    def test_an_administrator_keeps_the_whole(self, administrator, person, town):
        membership = membership_of(person("Clara", town))
        with pytest.raises(Invalid, match="administrator-of-all"):
            identity.assign_role(
                actor=administrator, membership=membership, role="administrator", scope=["legality"]
            )


@pytest.mark.parametrize(
    ("kind", "held", "refused"),
    [
        ("commune", "executive", "representative"),
        ("commune", "secretary", "citizen"),
        ("enterprise", "representative", "executive"),
        ("association", "representative", "citizen"),
        ("operator", "agent", "representative"),
    ],
)
def test_each_kind_of_organisation_has_its_roles(kind, held, refused, person):
    place = Organisation.objects.create(reference="213900038", siren="213900038", name="Essai", kind=kind)
    actor = present(person("Omar", place, "administrator"), place)
    membership = membership_of(person("Clara", place))
    identity.assign_role(actor=actor, membership=membership, role=held)
    with pytest.raises(Invalid, match="unknown-role"):
        identity.assign_role(actor=actor, membership=membership, role=refused)


def test_an_unknown_service_is_not_switched_on(administrator, town):
    for service in ("telepathy", "portal"):
        with pytest.raises(Invalid, match="unknown-service"):
            identity.activate_service(actor=administrator, organisation=town, service=service)
    assert not ServiceActivation.objects.exists()


def test_a_member_gets_a_role_and_no_mandate(administrator, bruno, town):
    with pytest.raises(Invalid, match="mandate-within"):
        identity.give_mandate(
            actor=administrator, principal=town, representative=bruno, role="agent", instrument="Arrêté 9"
        )


def test_a_mandate_keeps_only_a_file_of_its_principal(administrator, person, town, other_town):
    files = [
        documents.receive([b"%PDF-1.4"], name="a.pdf", organisation=place.pk, actor=administrator, limit=99)
        for place in (town, other_town)
    ]
    give = {"actor": administrator, "principal": town, "role": "agent", "instrument": "Arrêté 9"}
    kept = identity.give_mandate(**give, representative=person("Clara"), document=files[0].pk)
    assert kept.document == files[0]
    with pytest.raises(Missing, match="no-instrument-file"):
        identity.give_mandate(**give, representative=person("Denis"), document=files[1].pk)
    assert Mandate.objects.count() == 1
