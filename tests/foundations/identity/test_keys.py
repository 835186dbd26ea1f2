"""Keys of machines: told once, never above their owner, dead when revoked, expired or left."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from territoires.foundations.identity import api as identity
from territoires.foundations.identity.keys import actor_of_key
from territoires.foundations.identity.models import ApiKey, RoleAssignment
from territoires.kernel.actor import Assurance
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Denied, Invalid, StepUpRequired

pytestmark = pytest.mark.django_db

INVITE = str(identity.Identity.INVITE)


@pytest.fixture
def issued(administrator, town):
    return identity.issue_api_key(
        actor=administrator, organisation=town, label="Logiciel", permissions=[INVITE], days=30
    )


def test_a_key_acts_for_its_organisation_with_its_permissions_alone(issued, town):
    _key, text = issued
    actor = actor_of_key(text, system_clock())
    assert actor is not None
    assert actor.organisation == town.pk
    assert set(actor.grants) == {INVITE}
    assert actor.machine and actor.person and actor.assurance.level == 0


def test_the_key_is_not_kept(issued):
    key, text = issued
    secret = text.partition(".")[2]
    assert secret not in str(ApiKey.objects.filter(pk=key.pk).values().get())


def test_a_wrong_expired_or_revoked_key_is_nobody(issued, administrator):
    key, text = issued
    now = system_clock()
    assert actor_of_key(text[:-1] + ("a" if text[-1] != "a" else "b"), now) is None
    assert actor_of_key("", now) is None
    assert actor_of_key(text, now + timedelta(days=31)) is None
    identity.revoke_api_key(actor=administrator, key=key)
    assert actor_of_key(text, now) is None


def test_a_key_loses_what_its_owner_loses(issued, anne):
    RoleAssignment.objects.filter(membership__person=anne).update(until_on="2026-01-06")
    actor = actor_of_key(issued[1], system_clock())
    assert actor is not None and not actor.grants


def test_a_key_cannot_do_more_than_its_owner(administrator, town):
    with pytest.raises(Denied, match="key-above-own"):
        identity.issue_api_key(
            actor=administrator, organisation=town, label="x", permissions=["identity:account:suspend"]
        )


@pytest.mark.parametrize("given", [{"label": " "}, {"permissions": []}, {"days": 0}, {"days": 4000}])
def test_an_incomplete_key_is_refused(administrator, town, given):
    asked = {"label": "Logiciel", "permissions": [INVITE], "days": 30, **given}
    with pytest.raises(Invalid, match="incomplete-key"):
        identity.issue_api_key(actor=administrator, organisation=town, **asked)


def test_issuing_asks_for_presence(administrator, town):
    absent = replace(administrator, assurance=Assurance())
    with pytest.raises(StepUpRequired):
        identity.issue_api_key(actor=absent, organisation=town, label="x", permissions=[INVITE])
