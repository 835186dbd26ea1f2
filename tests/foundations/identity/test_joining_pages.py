"""The doors: what the sign-in page shows, where it leads, and what exists in demonstration mode alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.conf import settings as configured
from django.test import Client

from territoires.foundations.identity.models import Account

from .conftest import PASSWORD

pytestmark = pytest.mark.django_db

TRY = "/demonstration/connexion/"


@pytest.fixture
def invented(person, town):
    """A secretary who also administers, and a citizen."""
    for who in (person("Claire", town, "administrator", "secretary"), person("Camille")):
        who.account.is_demonstration = True
        who.account.save()


@pytest.fixture
def production(settings):
    settings.ENVIRONMENT = replace(configured.ENVIRONMENT, mode="production")


def test_the_sign_in_page_leads_to_those_who_have_no_account(client):
    assert 'href="/accounts/signup/"' in client.get("/accounts/login/").content.decode()
    assert 'href="/inscription/entreprise/"' in client.get("/accounts/signup/").content.decode()


def test_invented_people_are_offered_role_by_role(client, invented):
    page = client.get("/accounts/login/?next=/communes/")
    shown = [(role.label, role.first.email) for role in page.context["roles"]]
    assert [email for _label, email in shown] == ["claire@mairie.example", "camille@mairie.example"]
    answer = client.post(TRY, {"account": "claire@mairie.example", "next": "/communes/"})
    assert answer["Location"] == "/communes/"
    assert len(client.get("/accounts/sessions/").context["sessions"]) == 1
    assert "_auth_user_id" in client.session


def test_the_others_of_a_role_are_counted(client, person, town):
    for name in ("Claire", "Lucie", "Julie"):
        account = person(name, town, "secretary").account
        account.is_demonstration = True
        account.save()
    client.cookies["django_language"] = "en"
    assert "2 others: Secretary" in client.get("/accounts/login/").content.decode()


def test_real_people_are_never_offered(client, person, town, invented):
    person("Zara", town, "secretary")
    assert "zara@mairie.example" not in client.get("/accounts/login/").content.decode()
    assert client.post(TRY, {"account": "zara@mairie.example"}).status_code == 404


def test_a_production_offers_and_takes_nobody(client, invented, production):
    assert "claire@mairie.example" not in client.get("/accounts/login/").content.decode()
    assert client.post(TRY, {"account": "claire@mairie.example"}).status_code == 404
    assert "_auth_user_id" not in client.session


def test_a_get_signs_nobody_in(client, invented):
    assert client.get(TRY, {"account": "claire@mairie.example"}).status_code == 405


def test_the_click_needs_its_token(invented):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(TRY, {"account": "claire@mairie.example"}).status_code == 403


def test_the_account_pages_lead_to_sessions_and_printed_codes(client, person):
    person("Clara")
    client.post("/accounts/login/", {"login": "clara@mairie.example", "password": PASSWORD})
    page = client.get("/accounts/2fa/").content.decode()
    assert 'href="/codes-imprimes/"' in page
    assert 'href="/accounts/sessions/"' in page


def test_who_acts_for_nobody_is_told_what_to_do(client, person):
    person("Clara")
    client.force_login(Account.objects.get(), backend=configured.AUTHENTICATION_BACKENDS[0])
    page = client.get("/bureaux/").content.decode()
    assert "SIRET" in page
