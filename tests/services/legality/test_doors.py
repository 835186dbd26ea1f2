"""Every door of the public register: what never was on line, or is no more, comes out of none of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from territoires.services.legality.actions.withdrawing import withdraw_act

from .conftest import INDIVIDUAL, make_act, make_actor
from .test_pages import public

pytestmark = pytest.mark.django_db
SECRET = "Licenciement confidentiel"
NEVER_ON_LINE = {
    "individual signed": ("signed", INDIVIDUAL),
    "individual notified": ("notified", INDIVIDUAL),
    "individual draft": ("draft", INDIVIDUAL),
    "individual withdrawn": ("notified", INDIVIDUAL),
    "contract notified": ("notified", {"nature": "4", "matter_code": "1.1", "number": "CON_2026_001"}),
    "deliberation signed": ("signed", {"number": "DEL_2026_099"}),
}
DOORS: dict[str, Callable[[Any], str]] = {
    "register": lambda body: public("register", body),
    "feed": lambda body: public("feed", body),
    "table of the SCDL": lambda body: public("open-table", body),
    "JSON": lambda body: public("open-json", body),
    "REST": lambda body: f"/api/v1/legality/registers/{body.reference}",
    "latest acts": lambda body: reverse("legality:latest"),
    "search": lambda body: reverse("portal:search"),
    "home": lambda body: reverse("portal:home"),
    "page of the body": lambda body: reverse("portal:body", kwargs={"organisation": body.reference}),
}


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()


def opened(client: Client, door: str, body: Any) -> str:
    """What stands behind a door, asked for everything, by words, and by what only its filters name."""
    address = DOORS[door](body)
    queries = (
        {},
        {"q": "confidentiel"},
        {"q": "cantine"},
        {"nature": "3"},
        {"state": "notified"},
        {"state": "signed"},
    )
    return "".join(text_of(client.get(address, query)) for query in queries)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", NEVER_ON_LINE)
def test_what_never_was_on_line_shows_behind_no_door(client: Client, body: Any, door: str, kind: str) -> None:
    state, words = NEVER_ON_LINE[kind]
    secretary = make_actor(body)
    act = make_act(secretary, state, object=SECRET, **words)
    if kind.endswith("withdrawn"):
        withdraw_act(actor=secretary, act=act, reason="Erreur de personne.")
    make_act(secretary, "published", number="DEL_2026_001", object="Tarifs de la cantine")
    page = opened(client, door, body)
    for leaked in (SECRET, act.number, str(act.pk), act.main_sha256, "Erreur de personne"):
        assert leaked not in page
    assert "Tarifs de la cantine" in page or door == "search", "the door shows what it is for"


@pytest.mark.parametrize("kind", NEVER_ON_LINE)
def test_its_own_addresses_are_not_there(client: Client, body: Any, kind: str) -> None:
    state, words = NEVER_ON_LINE[kind]
    act = make_act(make_actor(body), state, object=SECRET, **words)
    for name, place in (
        ("act", {}),
        ("file", {"sha256": act.main_sha256}),
        ("certificate", {}),
        ("evidence", {}),
    ):
        answer = client.get(public(name, body, act=act.pk, **place))
        assert answer.status_code == 404, name
        assert SECRET not in answer.content.decode()
    assert client.get(f"{DOORS['REST'](body)}/acts/{act.pk}").status_code == 404


@pytest.mark.parametrize("door", DOORS)
def test_a_withdrawn_act_leaves_every_door_at_once(client: Client, body: Any, door: str) -> None:
    act = make_act(make_actor(body), "published", object=SECRET)
    assert SECRET in opened(client, door, body)
    withdraw_act(actor=make_actor(body), act=act, reason="Vote annulé par le conseil.")
    assert SECRET not in opened(client, door, body)
