"""A departure ends everything at once."""

from __future__ import annotations

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client

from territoires.foundations.identity import api as identity
from territoires.foundations.identity.keys import actor_of_key
from territoires.foundations.identity.models import Mandate
from territoires.foundations.identity.tokens import token_of
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day, system_clock
from territoires.kernel.errors import Conflict, Gone, Invalid

from .conftest import PASSWORD, SINCE, membership_of, present

pytestmark = pytest.mark.django_db


def signed_in(email: str) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": email, "password": PASSWORD})
    client.get("/inscription/entreprise/")
    return client


def test_departure_ends_sessions_keys_mandates_and_roles(administrator, bruno, person, town):
    clara = person("Clara", town, "administrator")
    _key, text = identity.issue_api_key(
        actor=present(clara, town),
        organisation=town,
        label="Logiciel",
        permissions=["legality:act:read"],
        until=legal_day(system_clock()),
    )
    # From before she joined.
    Mandate.objects.create(
        principal=town, representative=clara, role="agent", instrument="Arrêté 7", since_on=SINCE
    )
    signed_in("clara@mairie.example")
    assert UserSession.objects.filter(user__person=clara).count() == 1
    sessions = Session.objects.count()

    identity.end_membership(actor=administrator, membership=membership_of(clara))

    assert identity.places_of(clara) == []
    assert actor_of_key(text, system_clock()) is None
    assert not UserSession.objects.filter(user__person=clara).exists()
    assert Session.objects.count() == sessions - 1


def test_an_open_page_of_who_left_asks_to_sign_in(administrator, person, town):
    clara = person("Clara", town, "secretary")
    client = signed_in("clara@mairie.example")
    assert "_auth_user_id" in client.session
    identity.end_membership(actor=administrator, membership=membership_of(clara))
    assert client.get("/step-up/").status_code == 302


def test_the_last_but_one_administrator_does_not_leave(administrator, bruno):
    with pytest.raises(Conflict, match="too-few-administrators"):
        identity.end_membership(actor=administrator, membership=membership_of(bruno))


def test_who_left_may_come_back_the_same_day(administrator, person, town):
    clara = person("Clara", town, "agent")
    identity.end_membership(actor=administrator, membership=membership_of(clara))
    invitation = identity.invite_person(
        actor=administrator,
        organisation=town,
        email="clara@mairie.example",
        given_names="Clara",
        usual_name="Exemple",
        roles=["agent"],
    )
    identity.accept_invitation(actor=present(clara, None), token=token_of(invitation))
    assert [place.organisation for place in identity.places_of(clara)] == [town]


def test_a_suspended_account_signs_in_no_more(person, operator, town):
    omar = present(person("Omar", operator, "operator"), operator)
    clara = person("Clara", town, "agent")
    client = signed_in("clara@mairie.example")
    with pytest.raises(Invalid, match="no-reason"):
        identity.suspend_account(actor=omar, account=clara.account, reason=" ")
    identity.suspend_account(actor=omar, account=clara.account, reason="Poste volé.")
    assert client.get("/step-up/").status_code == 302
    assert "_auth_user_id" not in signed_in("clara@mairie.example").session


def test_an_invitation_of_who_left_opens_nothing(administrator, person, town):
    clara = person("Clara", town, "administrator")
    invite = {"organisation": town, "given_names": "Eva", "usual_name": "Essai", "roles": ["agent"]}
    left = identity.invite_person(actor=present(clara, town), email="eva@ailleurs.example", **invite)
    kept = identity.invite_person(actor=administrator, email="eva@mairie.example", **invite)
    identity.end_membership(actor=administrator, membership=membership_of(clara))
    with pytest.raises(Gone):
        identity.accept_invitation(actor=Actor(), token=token_of(left), password=PASSWORD)
    assert identity.accept_invitation(actor=Actor(), token=token_of(kept), password=PASSWORD)


def test_who_waited_for_the_lock_sees_what_ended_meanwhile(administrator, bruno, person, town):
    clara = person("Clara", town, "administrator")
    began_before = administrator.at(system_clock())
    identity.end_membership(actor=administrator, membership=membership_of(clara))
    with pytest.raises(Conflict) as refusal:
        identity.end_membership(actor=began_before, membership=membership_of(bruno))
    assert refusal.value.code == "too-few-administrators"
