"""What a clerk, a mayor and a program read and do about the way of acts to the State."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as installed
from django.test import Client
from django.urls import reverse

from territoires.foundations.documents import api as documents
from territoires.foundations.trust import api as trust
from territoires.services.legality.actions import transmitting
from territoires.services.legality.models import Convention, Transmission
from territoires.ui.templatetags.ui import siren
from tests.services.legality.conftest import make_act, make_actor, make_body, pdf
from tests.services.legality.test_pages import desk, model, sign_in, upload
from tests.simulators.ministry import Ministry
from tests.waiting import until

from .conftest import Town, certificate, is_in, send_waiting

pytestmark = pytest.mark.django_db
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def mayor(client: Client, town: Town) -> Client:
    """Signed in a moment ago, with an enrolled certificate on the connection."""
    account = sign_in(client, town.body, "executive")
    der = certificate("Claire", town.body.siren)
    card = trust.read_certificate(der)
    model("identity.PersonCertificate").create(
        person=account.person,
        fingerprint=card.fingerprint,
        der=der,
        siren=card.siren,
        valid_until=card.valid_until,
        enrolled_at=card.valid_from,
    )
    client.defaults["HTTP_FRONT_SECRET"] = installed.FRONT_SECRET
    client.defaults["HTTP_CLIENT_CERT"] = f":{base64.b64encode(der).decode()}:"
    prove(client)
    return client


def prove(client: Client) -> None:
    """As if password and second factor had just been given."""
    import time

    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time()},
        {"method": "mfa", "at": time.time()},
    ]
    session.save()


def test_an_act_is_prepared_and_confirmed_from_its_page(mayor: Client, town: Town) -> None:
    act = town.act()
    page = mayor.get(desk("act", town.body, act=act.pk)).content.decode()
    assert desk("prepare-transmission", town.body, act=act.pk) in page
    prepared = mayor.post(desk("prepare-transmission", town.body, act=act.pk), {"_key": "p"})
    assert prepared.status_code == 302
    confirm = desk("confirm-transmission", town.body, act=act.pk)
    assert confirm in mayor.get(desk("act", town.body, act=act.pk)).content.decode()
    assert "Claire Exemple" in mayor.get(confirm).content.decode()
    assert mayor.post(confirm, {"_key": "c"}).status_code == 302
    assert Transmission.objects.get().state == "confirmed"


def test_without_a_certificate_the_page_says_so_and_nothing_leaves(client: Client, town: Town) -> None:
    sign_in(client, town.body, "executive")
    prove(client)
    act = town.act()
    transmitting.prepare_transmission(actor=town.clerk, act=act)
    confirm = desk("confirm-transmission", town.body, act=act.pk)
    page = client.get(confirm, headers={"Accept-Language": "en"}).content.decode()
    assert "A certificate is needed" in page and installed.CERTIFICATE_URL in page
    assert client.post(confirm, {"_key": "c"}).status_code == 403
    assert Transmission.objects.get().state == "to_confirm"


def test_a_certificate_that_is_not_enrolled_leads_to_the_page_that_enrols_it(
    mayor: Client, town: Town
) -> None:
    model("identity.PersonCertificate").exclude(person=town.clerk.person).delete()
    act = town.act()
    transmitting.prepare_transmission(actor=town.clerk, act=act)
    front = {"Host": urlsplit(installed.CERTIFICATE_URL).netloc, **ENGLISH}
    confirm = desk("confirm-transmission", town.body, act=act.pk)
    page = mayor.get(confirm, secure=True, headers=front).content.decode()
    assert "is not enrolled in your name" in page and reverse("present_certificate") in page


def test_the_mayor_confirms_several_at_once(mayor: Client, town: Town) -> None:
    acts = [town.act(f"DEL_2026_07{rank}") for rank in range(3)]
    for act in acts:
        transmitting.prepare_transmission(actor=town.clerk, act=act)
    page = mayor.get(desk("to-confirm", town.body)).content.decode()
    assert all(act.number in page for act in acts)
    ticked = [str(act.pk) for act in acts[:2]]
    assert mayor.post(desk("to-confirm", town.body), {"act": ticked}).status_code == 302
    states = dict(Transmission.objects.values_list("act__number", "state"))
    assert states == {
        "DEL_2026_070": "confirmed",
        "DEL_2026_071": "confirmed",
        "DEL_2026_072": "to_confirm",
    }


def test_a_refusal_is_explained_and_corrected(mayor: Client, town: Town, ministry: Ministry) -> None:
    ministry.order("/behaviours", anomaly="CodePJ non admis", siren=town.body.siren)
    transmission = town.confirmed()
    send_waiting()
    until(is_in(transmission, "refused"))
    act = transmission.act
    page = mayor.get(desk("act", town.body, act=act.pk), headers={"Accept-Language": "en"}).content.decode()
    assert "The type of a piece is not taken" in page and "CodePJ non admis" in page
    reissue = desk("reissue-transmission", town.body, act=act.pk)
    assert mayor.get(reissue).status_code == 200
    wrong = {"_key": "r", "matter_code": "7.5", "type-main": "ZZ_ZZ"}
    assert mayor.post(reissue, wrong).status_code == 422
    assert mayor.post(reissue, {**wrong, "_key": "s", "type-main": "99_DE"}).status_code == 302
    act.refresh_from_db()
    assert act.matter_code == "7.5"
    assert Transmission.objects.get(act=act, rank=2).state == "to_confirm"


def test_the_acknowledgement_is_read_by_the_body_and_by_nobody_else(
    mayor: Client, town: Town, acknowledged: Any
) -> None:
    transmission = acknowledged()
    address = desk("answer", town.body, act=transmission.act_id, sha256=transmission.acknowledgement.sha256)
    assert mayor.get(desk("act", town.body, act=transmission.act_id)).content.decode().count(address) == 1
    answer = mayor.get(address)
    assert transmission.identifier.encode() in b"".join(answer.streaming_content)
    assert mayor.get(address.replace(transmission.acknowledgement.sha256, "0" * 64)).status_code == 404


def test_an_act_that_the_law_leaves_out_is_not_offered_to_the_state(mayor: Client, town: Town) -> None:
    act = make_act(town.clerk, "signed", number="ARR_2026_007", nature="3", matter_code="4.1")
    type(act).objects.filter(pk=act.pk).update(is_transmitted=False, transmission_reason="Avancement.")
    page = mayor.get(desk("act", town.body, act=act.pk)).content.decode()
    assert desk("prepare-transmission", town.body, act=act.pk) not in page


# -- the operator ------------------------------------------------------------------------------------------------------


def test_the_operator_records_an_agreement_and_a_channel(client: Client, body: Any) -> None:
    operator = make_body("Opérateur Essai", "130012345")
    model("identity.Organisation").filter(pk=operator.pk).update(kind="operator")
    sign_in(client, operator, "operator")
    typed = {
        "_key": "a",
        "body": body.siren,
        "office": "Sous-préfecture de Montbard",
        "department": "021",
        "arrondissement": "3",
        "nature": "31",
        "signed_on": "05/01/2026",
        "from_on": "15/01/2026",
        "until_on": "",
    }
    new = desk("new-agreement", operator)
    wrong = client.post(new, {**typed, "department": "21"})
    assert wrong.status_code == 422 and "Sous-préfecture de Montbard" in wrong.content.decode()
    assert client.post(new, {**typed, "body": "999999999"}).status_code == 422
    assert client.post(new, {**typed, "_key": "b"}).status_code == 302
    assert client.post(new, {**typed, "_key": "c"}).status_code == 422  # the same beginning again
    way = {
        "_key": "d",
        "body": body.siren,
        "channel": "actes-ministry",
        "from_on": "15/01/2026",
        "transmitter": "TER",
        "return_address": "actes@plateforme.test",
        "first_serial": "500",
    }
    assert client.post(desk("new-way", operator), {**way, "return_address": "a+b@x.test"}).status_code == 422
    assert client.post(desk("new-way", operator), {**way, "_key": "e"}).status_code == 302
    page = client.get(desk("agreements", operator)).content.decode()
    assert siren(body.siren) in page and "Sous-préfecture de Montbard" in page
    act = make_act(make_actor(body), "signed")
    transmitting.prepare_transmission(actor=make_actor(body), act=act)
    assert Transmission.objects.get().identifier.startswith(f"021-{body.siren}-")


AGREED = {
    "office": "Sous-préfecture de Montbard",
    "department": "021",
    "arrondissement": "3",
    "nature": "31",
    "signed_on": "05/01/2026",
    "from_on": "15/01/2026",
}


@pytest.fixture
def operator(client: Client, db: None) -> Any:
    found = make_body("Opérateur Essai", "130012345")
    model("identity.Organisation").filter(pk=found.pk).update(kind="operator")
    sign_in(client, found, "operator")
    return found


def test_the_document_of_an_agreement_is_kept_and_read_again(
    client: Client, body: Any, operator: Any
) -> None:
    typed = {**AGREED, "body": body.siren}
    new = desk("new-agreement", operator)
    wrong = client.post(new, {**typed, "_key": "a", "document": upload(b"MZ" + bytes(99), "convention.pdf")})
    assert wrong.status_code == 422 and not Convention.objects.exists(), (
        "nothing is recorded beside a bad file"
    )
    first, second = pdf("convention"), pdf("avenant")
    done = client.post(new, {**typed, "_key": "b", "document": upload(first, "convention.pdf")})
    assert done.status_code == 302
    convention = Convention.objects.get()
    page = desk("agreement", operator, convention=convention.pk)
    assert page in client.get(desk("agreements", operator)).content.decode()
    assert "convention.pdf" in client.get(page).content.decode()
    file = desk("agreement-file", operator, convention=convention.pk)
    assert b"".join(client.get(file).streaming_content) == first
    assert client.post(page, {"_key": "c"}).status_code == 422
    again = client.post(page, {"_key": "d", "document": upload(first, "convention.pdf")})
    assert again.status_code == 422, "the same bytes again"
    assert client.post(page, {"_key": "e", "document": upload(second, "avenant.pdf")}).status_code == 302
    assert b"".join(client.get(file).streaming_content) == second
    assert len(documents.documents_of(convention.subject)) == 1, "the former one is let go"


def test_an_agreement_without_its_document_says_so(client: Client, body: Any, operator: Any) -> None:
    client.post(desk("new-agreement", operator), {**AGREED, "body": body.siren, "_key": "a"})
    convention = Convention.objects.get()
    assert client.get(desk("agreement-file", operator, convention=convention.pk)).status_code == 404
    shown = client.get(desk("agreements", operator), headers={"Accept-Language": "en"})
    assert "document not kept here" in shown.content.decode()
    stranger = Client()
    sign_in(stranger, body, "secretary")
    assert stranger.get(desk("agreement", body, convention=convention.pk)).status_code == 403
