"""A program without a key does what anybody does on the portal; that of an invited enterprise reads its call."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from territoires.services.procurement.models import Consultation, Correspondent, SavedSearch, Withdrawal
from territoires.services.procurement.queries.sheets import pieces_of
from tests.services.procurement.conftest import make_consultation

from .conftest import Publish, put_far

API = "/api/v1/procurement"


@pytest.fixture(autouse=True)
def nobody_came_before(db: None) -> None:
    cache.clear()


@pytest.fixture
def live(publish: Publish) -> Consultation:
    return put_far(publish())


def call(method: str, path: str, body: Any = None, **headers: str) -> Any:
    sent = json.dumps(body) if body is not None else ""
    return Client(headers={"Accept-Language": "en", **headers}).generic(
        method, f"{API}{path}", sent, "application/json"
    )


def test_documents_leave_and_the_register_says_so_once(live: Consultation) -> None:
    there = f"/calls/{live.pk}/documents"
    listed = call("GET", there).json()
    assert [one["is_in_force"] for one in listed] == [True] * len(pieces_of(live))
    one = f"{there}/{listed[0]['sha256']}"
    call("GET", one, Range="bytes=5-")
    assert not Withdrawal.objects.exists()
    for _twice in range(2):
        assert b"".join(call("GET", one).streaming_content).startswith(b"%PDF")
    taken = Withdrawal.objects.get()
    assert (taken.sha256, taken.correspondent, len(taken.address_hash)) == (listed[0]["sha256"], None, 32)
    assert call("GET", f"{there}/{'0' * 64}").status_code == 404


def test_what_is_not_public_is_not_there(secretary: Any, live: Consultation) -> None:
    draft = make_consultation(secretary)
    for path in ("documents", "questions", f"documents/{'0' * 64}"):
        assert call("GET", f"/calls/{draft.pk}/{path}").status_code == 404
    asked = call("POST", f"/calls/{draft.pk}/questions", {"text": "La zinguerie est-elle comprise ?"})
    assert asked.status_code == 404


def test_a_question_is_asked_without_an_account_and_not_without_end(live: Consultation) -> None:
    there = f"/calls/{live.pk}/questions"
    assert call("POST", there, {"text": "Quoi ?"}).status_code == 422
    assert call("POST", there, {"text": "Où se gare-t-on ?", "email": "nulle part"}).status_code == 422
    answers = [
        call("POST", there, {"text": f"La question numéro {number} ?"}).status_code for number in range(9)
    ]
    assert answers == [201] * 8 + [429]
    assert call("GET", there).json() == []


def test_an_address_is_told_of_changes_until_its_link_ends_it(live: Consultation) -> None:
    there = f"/calls/{live.pk}/correspondents"
    who = {"name": "Manon Modèle", "email": "manon@travaux.example"}
    assert [call("POST", there, who).status_code for _twice in range(2)] == [204, 204]
    assert call("POST", there, {**who, "email": "nulle part"}).status_code == 422
    known = Correspondent.objects.get()
    stop = f"{there}/{known.pk}/stop"
    assert call("POST", stop, {"token": "x"}).status_code == 404
    assert call("POST", stop, {"token": known.token}).status_code == 204
    known.refresh_from_db()
    assert known.stopped_at is not None


def test_a_search_sends_nothing_before_its_holder_said_yes(live: Consultation) -> None:
    given = {"email": "manon@travaux.example", "criteria": {"q": "toiture", "amount_from": "0"}}
    made = call("POST", "/searches", given)
    assert made.status_code == 201 and made.json()["confirmed_at"] is None
    found = SavedSearch.objects.get()
    assert found.criteria == {"q": "toiture", "amount_from": "0"}
    one = f"/searches/{found.pk}"
    assert call("POST", f"{one}/confirm", {"token": found.stop_token}).status_code == 404
    assert call("POST", f"{one}/confirm", {"token": found.confirm_token}).json()["confirmed_at"]
    assert call("POST", f"{one}/stop", {"token": found.stop_token}).json()["stopped_at"]
    assert call("POST", "/searches", {**given, "email": "nulle part"}).status_code == 422
    assert call("POST", "/searches", {**given, "frequency": "hourly"}).status_code == 422
