"""Certificates in the account: presented through the front alone, looked at, enrolled, ended, got in the demonstration."""

from __future__ import annotations

import base64
import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from territoires.foundations.identity.models import Organisation, Person, PersonCertificate
from territoires.foundations.trust import api as trust
from territoires.kernel.clock import system_clock

from .test_certificates import issued

pytestmark = pytest.mark.django_db

LIST, PRESENT, DEMONSTRATION = "/certificats/", "/certificats/presenter/", "/certificats/demonstration/"


@pytest.fixture
def der(town: Organisation) -> bytes:
    return issued("Anne", town.siren)


@pytest.fixture
def anne_there(client: Client, anne: Person, town: Organisation) -> Client:
    """Anne, signed in with a second factor a moment ago, in English."""
    return signed_in(client, anne)


def signed_in(client: Client, who: Person) -> Client:
    client.force_login(who.account, backend=configured.AUTHENTICATION_BACKENDS[0])
    session = client.session
    now = time.time()
    session["account_authentication_methods"] = [
        {"method": "password", "at": now},
        {"method": "mfa", "at": now},
    ]
    session.save()
    client.cookies["django_language"] = "en"
    return client


def through_the_front(der: bytes | None) -> dict[str, str]:
    """The fields that the front writes."""
    fields = {"Front-Secret": configured.FRONT_SECRET, "X-Forwarded-Proto": "https"}
    if der:
        fields["Client-Cert"] = f":{base64.b64encode(der).decode()}:"
    return {**fields, "Host": configured.CERTIFICATE_URL.removeprefix("https://")}


def enrolled(who: Person, der: bytes) -> bool:
    fingerprint = trust.read_certificate(der).fingerprint
    return PersonCertificate.objects.filter(person=who, fingerprint=fingerprint, ended_at=None).exists()


def test_what_is_presented_through_the_front_is_enrolled(anne_there, anne, der):
    shown = anne_there.get(PRESENT, headers=through_the_front(der))
    assert shown.context["card"].holder == "Anne Exemple"
    answer = anne_there.post(PRESENT, headers=through_the_front(der))
    assert (answer.status_code, answer["Location"]) == (302, PRESENT)
    assert enrolled(anne, der)
    assert (
        "This certificate is yours"
        in anne_there.get(PRESENT, headers=through_the_front(der)).content.decode()
    )


@pytest.mark.parametrize(
    "change",
    [
        {"Front-Secret": ""},
        {"Front-Secret": "x" * len(configured.FRONT_SECRET)},
        {"Front-Secret": configured.FRONT_SECRET + "é"},
    ],
)
def test_nobody_but_the_front_presents_a_certificate(anne_there, anne, der, change):
    fields = {**through_the_front(der), **change}
    answer = anne_there.get(PRESENT, headers=fields)
    assert answer.context["card"] is None
    assert not answer.wsgi_request.is_secure()
    anne_there.post(PRESENT, headers=fields)
    assert not enrolled(anne, der)


def test_nothing_behind_the_door_sees_the_secret(anne_there, der):
    answer = anne_there.get(PRESENT, headers=through_the_front(der))
    assert configured.FRONT_SECRET not in map(str, answer.wsgi_request.META.values())


@pytest.mark.parametrize("told", ["", ":", "::", "AAAA", ":AAAA", ":AA A:", ":é:", ":AAAA:", "::,::"])
def test_what_is_no_certificate_is_none(anne_there, told):
    answer = anne_there.get(PRESENT, headers={**through_the_front(None), "Client-Cert": told})
    assert (answer.status_code, answer.context["card"]) == (200, None)


def test_the_actor_carries_the_certificate_of_the_request(anne_there, der):
    here = anne_there.get(PRESENT, headers=through_the_front(der))
    assert here.wsgi_request.actor.assurance.certificate == trust.read_certificate(der).fingerprint
    assert anne_there.get(PRESENT).wsgi_request.actor.assurance.certificate == ""


def test_enrolling_asks_for_presence_and_comes_back(client, anne, der):
    client.force_login(anne.account, backend=configured.AUTHENTICATION_BACKENDS[0])
    answer = client.post(PRESENT, headers=through_the_front(der))
    assert answer["Location"].startswith("/step-up/")
    assert "next=%2Fcertificats%2Fpresenter%2F" in answer["Location"]
    assert not enrolled(anne, der)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_another_persons_is_refused_in_words(client, bruno, der, language, method):
    signed_in(client, bruno)
    client.cookies["django_language"] = language
    answer = getattr(client, method)(PRESENT, headers=through_the_front(der))
    assert "Bruno Exemple" in answer.context["refused"]["sentence"]
    assert ("que celui" in answer.content.decode() or "celui de Anne" in answer.content.decode()) == (
        language == "fr"
    )
    assert not PersonCertificate.objects.exists()


def test_one_that_expired_a_minute_ago_is_refused_in_words(anne_there, anne, town, monkeypatch):
    short = issued("Anne", town.siren, until=system_clock() - timedelta(minutes=1))
    answer = anne_there.post(PRESENT, headers=through_the_front(short))
    assert answer.status_code == 422
    assert "expired on" in answer.context["refused"]["sentence"]
    assert not enrolled(anne, short)


def test_a_public_certificate_is_looked_at_before_it_is_presented(anne_there, anne, der):
    answer = anne_there.post(LIST, {"file": SimpleUploadedFile("anne.cer", der)})
    assert answer.context["looked_at"].holder == "Anne Exemple"
    assert not enrolled(anne, der)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [("anne.p12", b"\x30\x82", "not a certificate"), ("anne.pem", b"A" * 70_000, "not a certificate")],
)
def test_what_cannot_be_read_is_refused_in_words(anne_there, name, content, said):
    answer = anne_there.post(LIST, {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 422
    assert said in answer.context["form"].errors["file"][0]


def test_ones_own_certificate_is_ended_and_no_other(anne_there, anne, bruno, der):
    anne_there.post(PRESENT, headers=through_the_front(der))
    kept = PersonCertificate.objects.get()
    assert signed_in(Client(), bruno).post(f"{LIST}{kept.pk}/fin/").status_code == 404
    assert enrolled(anne, der)
    assert anne_there.post(f"{LIST}{kept.pk}/fin/").status_code == 302
    assert not enrolled(anne, der)
    assert anne_there.get(LIST).context["rows"][0]["state"] == "ended"


def test_the_end_that_comes_is_shown(anne_there, anne, town):
    soon = issued("Anne", town.siren, until=system_clock() + timedelta(days=20, hours=1))
    anne_there.post(PRESENT, headers=through_the_front(soon))
    assert "ends in 20 days" in anne_there.get(LIST).content.decode()


def test_its_last_day_is_a_day_of_paris_without_an_hour(anne_there, anne, town):
    soon = issued("Anne", town.siren, until=datetime(2027, 6, 30, 23, 30, tzinfo=UTC))
    anne_there.post(PRESENT, headers=through_the_front(soon))
    (cell,) = re.findall(r'data-label="Last day">([^<]+)<', anne_there.get(LIST).content.decode())
    assert cell == "1 July 2027"


def test_an_invented_person_gets_a_certificate_that_serves(anne_there, anne, town):
    anne.account.is_demonstration = True
    anne.account.save()
    page = anne_there.post(DEMONSTRATION, {"organisation": town.reference}).content.decode()
    file = base64.b64decode(re.search(r"base64,([^\"]+)\"", page)[1])
    password = re.search(r"<code>([^<]+)</code>", page)[1]
    certificate = pkcs12.load_pkcs12(file, password.encode()).cert.certificate
    der = certificate.public_bytes(pkcs12.serialization.Encoding.DER)
    anne_there.post(PRESENT, headers=through_the_front(der))
    assert enrolled(anne, der)


def test_a_real_person_gets_none(anne_there, town):
    assert DEMONSTRATION not in anne_there.get(LIST).content.decode()
    assert anne_there.post(DEMONSTRATION, {"organisation": town.reference}).status_code == 404


def test_an_invented_person_gets_none_for_another_body(anne_there, anne, other_town):
    anne.account.is_demonstration = True
    anne.account.save()
    assert anne_there.post(DEMONSTRATION, {"organisation": other_town.reference}).status_code == 404


def test_a_platform_without_an_address_for_them_says_so(anne_there, settings):
    settings.CERTIFICATE_URL = ""
    assert "ask its operator" in anne_there.get(LIST).content.decode()
    assert anne_there.get(PRESENT).status_code == 200


def test_a_stranger_signs_in_first(client):
    assert client.get(LIST)["Location"] == "/accounts/login/?next=/certificats/"
