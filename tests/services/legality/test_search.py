"""Acts in the search of the platform: an agent finds those of the own body, everybody those on line, nobody more."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from territoires.foundations.search import api as search
from territoires.kernel.actor import Actor
from territoires.services.legality.web.finding import SOURCES

from .conftest import INDIVIDUAL, make_act, make_actor, make_body
from .test_pages import desk, public, sign_in

pytestmark = pytest.mark.django_db
ANYBODY = Actor()


def found(actor: Actor, text: str) -> dict[str, list[str]]:
    """The titles that the actor finds among acts, by source."""
    names = {source.name for source in SOURCES}
    return {
        one.source.name.partition(".")[2]: [hit.title for hit in one.hits]
        for one in search.search(actor, text)
        if one.source.name in names
    }


def at_desk(body: Any) -> str:
    return reverse("portal_desk:search", kwargs={"organisation": body.reference})


@pytest.mark.parametrize("text", ["éclairage", "ECLAIR", "eclairage del_2026_041", "l’éclairage"])
def test_an_agent_finds_the_acts_of_the_own_body_in_every_state(body: Any, text: str) -> None:
    secretary = make_actor(body)
    make_act(secretary, "draft", object="Marché de l'éclairage")
    assert found(secretary, text) == {"act": ["DEL_2026_041 Marché de l'éclairage"]}
    assert found(ANYBODY, text) == {}


def test_everybody_finds_what_is_on_line_and_nothing_else(body: Any) -> None:
    secretary = make_actor(body)
    for number, state in enumerate(("draft", "signed", "withdrawn", "discarded", "published")):
        make_act(secretary, state, number=f"DEL_{number}", object="Éclairage public")
    make_act(secretary, "notified", **INDIVIDUAL | {"object": "Éclairage public"})
    assert found(ANYBODY, "eclairage") == {"publication": ["DEL_4 Éclairage public"]}
    assert len(found(secretary, "eclairage")["act"]) == 5  # every one but the discarded


def test_an_agent_finds_the_neighbours_acts_once_on_line_and_the_own_ones_once(body: Any) -> None:
    neighbour = make_actor(make_body("Ville d'Essai", "219900002"))
    make_act(neighbour, "published", number="DEL_8", object="Éclairage du stade")
    make_act(neighbour, "signed", number="DEL_9", object="Éclairage du secret")
    make_act(make_actor(body), "published", number="DEL_1", object="Éclairage de l'école")
    assert found(make_actor(body), "eclairage") == {
        "act": ["DEL_1 Éclairage de l'école"],
        "publication": ["DEL_8 Éclairage du stade"],
    }
    without_acts = make_actor(body, "administrator")
    assert set(found(without_acts, "eclairage")["publication"]) == {
        "DEL_1 Éclairage de l'école",
        "DEL_8 Éclairage du stade",
    }
    assert "act" not in found(without_acts, "eclairage")


def test_the_desk_finds_what_leads_to_the_matter(client: Client, body: Any) -> None:
    act = make_act(make_actor(body), "signed", object="Cession du lavoir")
    sign_in(client, body)
    page = client.get(at_desk(body), {"q": "lavoir"}).content.decode()
    assert desk("act", body, act=act.pk) in page and "Cession du lavoir" in page
    assert at_desk(body) in client.get(desk("acts", body)).content.decode(), (
        "the field in the head of the desk"
    )


def test_the_public_page_leads_to_the_register(client: Client, body: Any) -> None:
    act = make_act(make_actor(body), "published", object="Tarifs <b>de</b> l'eau")
    hidden = make_act(make_actor(body), "signed", number="DEL_7", object="Tarifs secrets")
    page = client.get(reverse("portal:search"), {"q": "tarifs"}).content.decode()
    assert public("act", body, act=act.pk) in page
    assert "Tarifs &lt;b&gt;de&lt;/b&gt; l&#x27;eau" in page
    assert hidden.number not in page


def test_an_agent_who_reads_a_public_page_finds_what_is_public(client: Client, body: Any) -> None:
    make_act(make_actor(body), "signed", object="Tarifs secrets")
    sign_in(client, body)
    assert "Tarifs secrets" not in client.get(reverse("portal:search"), {"q": "tarifs"}).content.decode()


@pytest.mark.parametrize("text", ["", "  ", "\x00", "'); DROP", "a b " * 400, "&|!:*", "%", "é" * 3000])
def test_odd_questions_get_a_calm_answer(client: Client, body: Any, text: str) -> None:
    sign_in(client, body)
    for address in (reverse("portal:search"), at_desk(body)):
        assert client.get(address, {"q": text}).status_code == 200
