"""Signing in: one answer for unknown addresses, limits, second factors, and the journal."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client

from territoires.foundations.identity.models import Account, Person

from .conftest import PASSWORD, bare

pytestmark = pytest.mark.django_db

CLARA = "clara@mairie.example"


@pytest.fixture(autouse=True)
def no_past_attempts():
    cache.clear()


def sign_in(client: Client, email: str = CLARA, password: str = PASSWORD):
    return client.post("/accounts/login/", {"login": email, "password": password})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def facts(kind: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM journal_entry WHERE convert_from(body, 'UTF8') LIKE %s", [f'%"{kind}"%']
        )
        return cursor.fetchone()[0]


def code_now(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_a_password_opens_a_session_and_leaves_a_fact(person):
    person("Clara")
    client = Client()
    sign_in(client, "CLARA@mairie.example")
    assert is_in(client)
    assert facts("identity.account.signed_in") == 1


def test_unknown_addresses_get_the_same_answer(person):
    person("Clara")
    known = sign_in(Client(), password="pas le bon mot de passe")
    unknown = sign_in(Client(), email="nobody@mairie.example", password="pas le bon mot de passe")
    assert known.status_code == unknown.status_code
    assert bare(known) == bare(unknown)
    assert facts("identity.account.sign_in_failed") == 1


def test_the_reset_answers_the_same_for_unknown_addresses(person):
    person("Clara")
    known = Client().post("/accounts/password/reset/", {"email": CLARA}, follow=True)
    unknown = Client().post("/accounts/password/reset/", {"email": "nobody@mairie.example"}, follow=True)
    assert known.redirect_chain == unknown.redirect_chain != []
    assert bare(known) == bare(unknown)


def test_five_failures_slow_the_account_down(person):
    person("Clara")
    client = Client()
    for _ in range(5):
        sign_in(client, password="pas le bon mot de passe")
    sign_in(client)
    assert not is_in(client)


def test_there_is_no_open_sign_up():
    Client().post("/accounts/signup/", {"email": "x@y.example", "password1": PASSWORD})
    assert not Account.objects.exists()


def test_a_code_is_asked_after_the_password_and_serves_once(person):
    clara, secret = person("Clara"), generate_totp_secret()
    TOTP.activate(clara.account, secret)
    client = Client()
    sign_in(client)
    assert not is_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert not is_in(client)
    code = code_now(secret)
    client.post("/accounts/2fa/authenticate/", {"code": code})
    assert is_in(client)
    second = Client()
    sign_in(second)
    second.post("/accounts/2fa/authenticate/", {"code": code})
    assert not is_in(second)


def test_a_printed_code_replaces_the_telephone_once(person):
    clara = person("Clara")
    TOTP.activate(clara.account, generate_totp_secret())
    codes = RecoveryCodes.activate(clara.account).get_unused_codes()
    assert len(codes) == 10
    for expected in (True, False):
        client = Client()
        sign_in(client)
        client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        assert is_in(client) is expected


def test_a_sheet_of_codes_alone_is_a_second_factor(person):
    person("Clara")
    client = Client()
    sign_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.post("/codes-imprimes/").content.decode()
    codes = re.findall(r'class="code">(\w+)<', page)
    assert len(codes) == 10
    assert facts("identity.credential.changed") == 1
    second = Client()
    sign_in(second)
    assert not is_in(second)
    second.post("/accounts/2fa/authenticate/", {"code": codes[3]})
    assert is_in(second)


def test_the_session_changes_its_name_at_sign_in(person):
    person("Clara")
    client = Client()
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    sign_in(client)
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != session.session_key


@pytest.mark.parametrize(
    "password", ["court", "passwordpassword"[:11], "exemple-2026-bien-long", "territoires au soleil"]
)
def test_weak_passwords_are_refused(password):
    account = Account(email=CLARA, person=Person(given_names="Clara", usual_name="Exemple"))
    with pytest.raises(ValidationError):
        validate_password(password, account)
    validate_password(PASSWORD, account)


class TestStepUp:
    ADDRESS = "/step-up/?level=2&within=300&next=/communes/"

    def test_without_second_factor_it_says_how_to_have_one(self, person):
        person("Clara")
        client = Client()
        sign_in(client)
        assert "/accounts/2fa/" in client.get(self.ADDRESS).content.decode()

    def test_password_and_code_together(self, person):
        secret = generate_totp_secret()
        TOTP.activate(person("Clara").account, secret)
        client = Client()
        sign_in(client)
        client.post("/accounts/2fa/authenticate/", {"code": code_now(secret)})
        cache.clear()  # the code just used may serve again: it is the same half minute
        wrong = client.post(self.ADDRESS, {"password": "faux", "code": code_now(secret)})
        assert wrong.status_code == 200
        done = client.post(self.ADDRESS, {"password": PASSWORD, "code": code_now(secret)})
        assert (done.status_code, done["Location"]) == (302, "/communes/")
        records = client.session["account_authentication_methods"]
        assert [r["method"] for r in records[-2:] if r.get("reauthenticated")] == ["mfa", "password"]

    def test_a_security_key_is_asked_on_its_page(self, person):
        clara = person("Clara")
        client = Client()
        sign_in(client)
        Authenticator.objects.create(
            user=clara.account, type="webauthn", data={"name": "USB", "credential": {}}
        )
        done = client.post(self.ADDRESS, {"password": PASSWORD})
        assert done["Location"].startswith("/accounts/2fa/webauthn/reauthenticate/")

    def test_it_never_leads_elsewhere(self, person):
        person("Clara")
        client = Client()
        sign_in(client)
        done = client.post("/step-up/?level=1&next=https://evil.example/", {"password": PASSWORD})
        assert done["Location"] == "/bureaux/"


class TestDemonstration:
    def test_one_click(self, person):
        clara = person("Clara")
        Account.objects.filter(person=clara).update(is_demonstration=True)
        client = Client()
        assert client.post("/demonstration/connexion/", {"account": CLARA}).status_code == 302
        assert is_in(client)

    def test_real_accounts_are_not_offered(self, person):
        person("Clara")
        assert Client().post("/demonstration/connexion/", {"account": CLARA}).status_code == 404

    def test_it_does_not_exist_in_production(self, person, settings):
        clara = person("Clara")
        Account.objects.filter(person=clara).update(is_demonstration=True)
        settings.ENVIRONMENT = replace(settings.ENVIRONMENT, mode="production")
        assert Client().post("/demonstration/connexion/", {"account": CLARA}).status_code == 404

    def test_it_is_protected_from_other_sites(self, person):
        client = Client(enforce_csrf_checks=True)
        assert client.post("/demonstration/connexion/", {"account": CLARA}).status_code == 403


class TestChangeOfAddress:
    """An open session found on a desk does not move the account elsewhere."""

    def test_it_asks_the_password_again(self, person):
        person("Clara")
        client = Client()
        sign_in(client)
        session = client.session
        for record in session["account_authentication_methods"]:
            record["at"] -= 3600
        session.save()
        answer = client.post("/accounts/email/", {"action_add": "", "email": "mallory@autre.example"})
        assert answer["Location"].startswith("/accounts/reauthenticate/")
        assert Account.objects.get().emailaddress_set.count() == 1

    def test_it_waits_for_the_proof_and_leaves_a_fact(self, person):
        clara = person("Clara")
        client = Client()
        sign_in(client)
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        client.post("/accounts/email/", {"action_add": "", "email": "clara@autre.example"})
        client.post("/accounts/email/", {"action_primary": "", "email": "clara@autre.example"})
        clara.account.refresh_from_db()
        assert clara.account.email == CLARA
        assert facts("identity.credential.changed") == 1
        proof = next(message for message in mail.outbox if message.to == ["clara@autre.example"])
        client.post(re.search(r"/accounts/confirm-email/[^/\s]+/", proof.body)[0])
        client.post("/accounts/email/", {"action_primary": "", "email": "clara@autre.example"})
        clara.account.refresh_from_db()
        assert clara.account.email == "clara@autre.example"
        assert facts("identity.credential.changed") == 2  # added, then the one that signs in
        assert [CLARA] in [message.to for message in mail.outbox]  # the former address is told
