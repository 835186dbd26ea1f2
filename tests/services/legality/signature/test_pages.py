"""The mayor signs many acts in one gesture; the key file stays in memory, and every refusal is a sentence."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from territoires.services.legality.models import Act, Signatory

from ..conftest import NOW, make_act, make_actor
from ..evening.conftest import make_sitting
from ..test_pages import desk, sign_in
from .conftest import key_file, make_awaited, make_signer


def prove_presence(client: Client, *, ago: float = 0) -> None:
    session = client.session
    session["account_authentication_methods"] = [
        {"method": method, "at": time.time() - ago} for method in ("password", "mfa")
    ]
    session.save()


@pytest.fixture
def mayors_desk(client: Client, body: Any) -> Client:
    """The mayor, signed in, who proved his presence just now."""
    account = sign_in(client, body, role="executive")
    account.person.given_names, account.person.usual_name = "Paul", "Essai"
    account.person.save()
    prove_presence(client)
    return client


def upload(content: bytes, name: str = "cle.p12") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/x-pkcs12")


def form_of(acts: list[Act], **change: Any) -> dict[str, Any]:
    file, password = key_file("Paul", "Essai")
    return {"act": [act.pk for act in acts], "key_file": upload(file), "password": password} | change


def signed_by_mayor() -> int:
    return Signatory.objects.filter(capacity="author").exclude(signed_at=None).count()


def test_many_acts_are_signed_in_one_gesture(mayors_desk: Client, body: Any) -> None:
    acts = make_awaited(make_actor(body), 3)
    address = desk("signatures", body)
    page = mayors_desk.get(address).content.decode()
    assert all(str(act.pk) in page for act in acts)
    assert mayors_desk.post(address, form_of(acts[:2])).status_code == 302
    assert signed_by_mayor() == 2
    assert str(acts[0].pk) not in mayors_desk.get(address).content.decode()
    shown = mayors_desk.get(desk("act", body, act=acts[0].pk)).content.decode()
    assert "Territoires" in shown and "Jeanne Modèle" in shown


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": "faux"}, "This password does not open the key file."),
        ({"password": ""}, "Type the password"),
        ({"key_file": upload(b"bonjour")}, "This file is not a key file."),
        ({"key_file": ""}, "Choose your key file."),
        ({"act": []}, "No act is ticked"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_signed(
    mayors_desk: Client, body: Any, change: dict[str, Any], said: str
) -> None:
    acts = make_awaited(make_actor(body))
    answer = mayors_desk.post(
        desk("signatures", body), form_of(acts, **change), headers={"Accept-Language": "en"}
    )
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert signed_by_mayor() == 0


def test_a_key_file_never_reaches_the_disk(mayors_desk: Client, body: Any) -> None:
    acts = make_awaited(make_actor(body))
    answer = mayors_desk.post(desk("signatures", body), form_of(acts, key_file=upload(bytes(300_000))))
    assert answer.status_code == 422
    assert signed_by_mayor() == 0


def test_an_old_proof_of_presence_leads_to_a_fresh_one(mayors_desk: Client, body: Any) -> None:
    acts = make_awaited(make_actor(body))
    prove_presence(mayors_desk, ago=3600)
    page = mayors_desk.get(desk("signatures", body)).content.decode()
    assert 'name="key_file"' not in page and "/step-up/" in page
    answer = mayors_desk.post(desk("signatures", body), form_of(acts))
    assert answer.status_code == 302 and "step-up" in answer.url
    assert signed_by_mayor() == 0


def test_an_act_of_another_body_is_not_signed(mayors_desk: Client, body: Any) -> None:
    from ..conftest import make_body

    acts = make_awaited(make_actor(make_body("Ailleurs", "217104397")))
    answer = mayors_desk.post(desk("signatures", body), form_of(acts))
    assert answer.status_code == 302
    assert signed_by_mayor() == 0


def test_a_whole_evening_is_sent_to_its_signatories(client: Client, body: Any) -> None:
    sign_in(client, body)
    actor = make_actor(body)
    sitting = make_sitting(actor, 2)
    blank = sitting.acts.order_by("number").first()
    blank.matter_code = ""
    blank.save()
    answer = client.post(desk("sitting-signatures", body, sitting=sitting.pk), {"_key": "all"}, follow=True)
    assert blank.number in answer.content.decode()
    assert sorted(sitting.acts.values_list("state", flat=True)) == ["draft", "signing"]
    other = sitting.acts.get(state="signing")
    assert client.get(desk("act", body, act=other.pk)).status_code == 200
    assert client.get(desk("reopen", body, act=other.pk)).status_code == 200


def test_one_act_is_sent_from_its_page(client: Client, body: Any) -> None:
    sign_in(client, body)
    act = make_sitting(make_actor(body), 1).acts.get()
    page = client.get(desk("ask-signatures", body, act=act.pk)).content.decode()
    assert "Paul Essai" in page and "Jeanne Modèle" in page
    assert client.post(desk("ask-signatures", body, act=act.pk), {"_key": "a"}).status_code == 302
    act.refresh_from_db()
    assert act.state == "signing"


def test_a_deliberation_without_sitting_says_what_to_do(client: Client, body: Any) -> None:
    sign_in(client, body)
    act = make_act(make_actor(body))
    answer = client.post(
        desk("ask-signatures", body, act=act.pk), {"_key": "a"}, headers={"Accept-Language": "en"}
    )
    assert answer.status_code == 422
    assert "Record the sitting of that day first" in answer.content.decode()


def test_the_demonstration_gives_a_key_that_signs_to_its_people_only(mayors_desk: Client, body: Any) -> None:
    assert mayors_desk.post(desk("signing-key", body)).status_code == 404


def test_the_copy_is_offered_once_it_says_something(client: Client, body: Any) -> None:
    sign_in(client, body)
    published = make_act(make_actor(body), "published")
    assert (
        desk("copy", body, act=published.pk)
        in client.get(desk("act", body, act=published.pk)).content.decode()
    )
    answer = client.get(desk("copy", body, act=published.pk))
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    draft = make_act(make_actor(body), number="DEL_2026_049")
    assert (
        desk("copy", body, act=draft.pk) not in client.get(desk("act", body, act=draft.pk)).content.decode()
    )
    assert client.get(desk("copy", body, act=draft.pk)).status_code == 409


def test_the_page_asks_which_of_two_namesakes_signs(client: Client, body: Any) -> None:
    sign_in(client, body)
    people = [make_signer(body, "Paul", "Essai").person for _rank in range(2)]
    for person in people:
        apps.get_model("identity.Membership")._default_manager.create(
            person_id=person, organisation=body, since_on=NOW.date()
        )
    act = make_act(make_actor(body), nature="2", matter_code="6.1", number="ARR_2026_140")
    page = desk("ask-signatures", body, act=act.pk)
    shown = client.get(page).content.decode()
    assert all(f'value="{person}"' in shown for person in people)
    assert client.post(page, {"_key": "a"}).status_code == 422
    assert client.post(page, {"_key": "b", "meant-essai/paul": str(people[1])}).status_code == 302
    assert Signatory.objects.get().asked_id == people[1]
