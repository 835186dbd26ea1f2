"""The acting organisation comes from the address alone, in a bounded number of queries."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory

from territoires.foundations.identity import api as identity
from territoires.foundations.identity.actors import session_assurance
from territoires.foundations.identity.middleware import ActorMiddleware
from territoires.foundations.identity.models import Account, Mandate
from territoires.kernel.errors import Denied, Missing

pytestmark = pytest.mark.django_db


def request_of(person=None, path="/", **headers):
    request = RequestFactory().get(path, **headers)
    request.session = SessionStore()
    request.user = person.account if person else AnonymousUser()
    ActorMiddleware(lambda r: None)(request)
    return request


def test_two_tabs_two_communes(person, town, other_town):
    clara = person("Clara", town, "administrator")
    Mandate.objects.create(
        principal=other_town, representative=clara, role="secretary", instrument="x", since_on="2026-01-05"
    )
    one, two = request_of(clara), request_of(clara)
    identity.enter(one, town.reference)
    identity.enter(two, other_town.reference)
    assert (one.actor.organisation, two.actor.organisation) == (town.pk, other_town.pk)
    assert identity.Identity.INVITE in one.actor.grants
    assert identity.Identity.INVITE not in two.actor.grants
    assert one.actor.mandate is None and two.actor.mandate is not None


def test_strangers_and_unknown_numbers_do_not_enter(person, town, other_town):
    clara = person("Clara", town, "administrator")
    with pytest.raises(Denied):
        identity.enter(request_of(clara), other_town.reference)
    with pytest.raises(Denied):
        identity.enter(request_of(), town.reference)
    with pytest.raises(Missing):
        identity.enter(request_of(clara), "999999999")


def test_four_queries_at_most(person, town, django_assert_max_num_queries):
    clara = person("Clara", town, "administrator")
    clara.account = Account.objects.get(pk=clara.account.pk)
    request = request_of(clara)
    with django_assert_max_num_queries(4):
        identity.enter(request, town.reference)


def test_elsewhere_a_person_acts_for_herself_and_a_stranger_is_nobody(person):
    clara = person("Clara")
    assert request_of(clara).actor.person == clara.pk
    assert request_of(clara).actor.organisation is None
    assert request_of().actor.is_anonymous


def test_a_session_opens_no_rest(person, town):
    assert request_of(person("Clara", town, "administrator"), "/api/v1/x/").actor.is_anonymous


def test_keys_of_requests_come_from_the_header_or_the_form(person):
    key = str(uuid.uuid4())
    assert request_of(path="/", HTTP_IDEMPOTENCY_KEY=key).actor.idempotency_key == key
    form = RequestFactory().post("/", f"_key={key}", content_type="application/x-www-form-urlencoded")
    form.session, form.user = SessionStore(), AnonymousUser()
    ActorMiddleware(lambda r: None)(form)
    assert form.actor.idempotency_key == key


@pytest.mark.parametrize(
    ("records", "level", "at"),
    [
        ([], 0, None),
        ([{"method": "password", "at": 10}], 1, 10),
        ([{"method": "mfa", "type": "totp", "at": 10}], 0, None),
        ([{"method": "password", "at": 10}, {"method": "mfa", "type": "totp", "at": 12}], 2, 10),
        (
            [{"method": "password", "at": 10}, {"method": "mfa", "at": 12}, {"method": "password", "at": 90}],
            2,
            12,
        ),
        ([{"method": "mfa", "type": "webauthn", "passwordless": True, "at": 10}], 2, 10),
        ([{"method": "socialaccount", "at": 10}], 0, None),
    ],
)
def test_what_a_session_proves(records, level, at):
    found = session_assurance(records)
    assert found.level == level
    assert (found.proved_at.timestamp() if found.proved_at else None) == at
