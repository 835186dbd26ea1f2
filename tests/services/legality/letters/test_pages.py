"""What a clerk and a mayor read and do about a letter of the prefecture."""

from __future__ import annotations

import pytest
from django.test import Client

from territoires.services.legality.models import Act, LetterReply, StateLetter
from tests.services.legality.conftest import make_act, pdf
from tests.services.legality.test_pages import desk, upload
from tests.services.legality.transmission.conftest import Town
from tests.services.legality.transmission.places import bring_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def act(town: Town) -> Act:
    found = make_act(town.clerk, "signed", number="DEL_2026_041")
    bring_to("asked", found, town.clerk)
    return found


def at(name: str, act: Act) -> str:
    return desk(name, act.organisation, act=act.pk, letter=StateLetter.objects.get().pk)


def english(client: Client, address: str) -> str:
    return client.get(address, headers={"Accept-Language": "en"}).content.decode()


def test_a_letter_is_answered_from_the_page_of_the_act(mayor: Client, act: Act) -> None:
    page = desk("act", act.organisation, act=act.pk)
    assert "The prefecture asks for pieces" in english(mayor, page)
    assert at("answer-letter", act) in english(mayor, page)
    assert "Answer before the end of" in english(mayor, page)
    typed = {"_key": "a", "kind": "3-4", "piece_type": "99_DE"}
    empty = mayor.post(at("answer-letter", act), typed, headers={"Accept-Language": "en"})
    assert empty.status_code == 422 and "The answer needs a file" in empty.content.decode()
    wrong = mayor.post(at("answer-letter", act), {**typed, "kind": "4-4", "_key": "b"})
    assert wrong.status_code == 422
    bad = mayor.post(at("answer-letter", act), {**typed, "_key": "c", "papers": upload(b"MZ", "a.pdf")})
    assert bad.status_code == 422
    papers = [upload(pdf("1"), "un.pdf"), upload(pdf("2"), "deux.pdf")]
    done = mayor.post(at("answer-letter", act), {**typed, "_key": "d", "papers": papers})
    assert done.status_code == 302
    reply = LetterReply.objects.get(state="to_confirm")
    assert [file.document.name for file in reply.files.all()] == ["un.pdf", "deux.pdf"]
    shown = english(mayor, page)
    assert at("confirm-reply", act) in shown and at("answer-letter", act) not in shown
    assert at("confirm-reply", act) in english(mayor, desk("to-confirm", act.organisation))
    confirm = english(mayor, at("confirm-reply", act))
    assert "deux.pdf" in confirm and "Claire Exemple" in confirm
    assert mayor.post(at("confirm-reply", act), {"_key": "e"}).status_code == 302
    reply.refresh_from_db()
    assert reply.state == "confirmed"
    address = desk("answer", act.organisation, act=act.pk, sha256=reply.files.first().document.sha256)
    assert mayor.get(address).status_code == 200


def test_an_answer_is_given_up_and_a_letter_set_aside(mayor: Client, act: Act) -> None:
    papers = upload(pdf("1"), "un.pdf")
    mayor.post(at("answer-letter", act), {"_key": "a", "kind": "3-3", "papers": papers})
    assert mayor.get(at("settle-letter", act)).status_code == 200
    refused = mayor.post(at("settle-letter", act), {"_key": "b", "reason": "Répondu sur papier."})
    assert refused.status_code == 422
    assert mayor.post(at("abandon-reply", act), {"_key": "c"}).status_code == 302
    done = mayor.post(at("settle-letter", act), {"_key": "d", "reason": "Répondu sur papier."})
    assert done.status_code == 302
    assert "Répondu sur papier." in english(mayor, desk("act", act.organisation, act=act.pk))


def test_a_letter_about_another_act_is_not_here(mayor: Client, act: Act, town: Town) -> None:
    other = make_act(town.clerk, "signed", number="DEL_2026_042")
    address = desk("answer-letter", act.organisation, act=other.pk, letter=StateLetter.objects.get().pk)
    assert mayor.get(address).status_code == 404
