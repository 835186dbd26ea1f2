"""What every client relies on: one gesture once, no change on top of another, pages by cursor, refusals in words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from tests.routes.world import World, rows

ACTS = "/api/v1/legality/acts"


@pytest.fixture
def api(world: World) -> Client:
    key = world.key(world.home, "secretary")
    return Client(headers={"Authorization": f"Bearer {key}", "Accept-Language": "en"})


def send(api: Client, method: str, address: str, body: Any = None, **headers: str) -> Any:
    content = "" if body is None else json.dumps(body)
    return api.generic(method, address, content, "application/json", headers=headers)


def test_a_key_sent_again_gets_the_same_answer(api: Client) -> None:
    calls = [send(api, "POST", ACTS, {"object": "Voirie"}, **{"Idempotency-Key": "k1"}) for _call in range(2)]
    assert [answer.status_code for answer in calls] == [201, 201]
    assert calls[0].json() == calls[1].json()
    assert calls[0]["Location"] == calls[1]["Location"]
    other = send(api, "POST", ACTS, {"object": "Eau"}, **{"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["type"]) == (
        409,
        "urn:territoires:problem:idempotency-key-reused",
    )


def test_a_discard_sent_again_is_one_discard(api: Client, world: World) -> None:
    """By key: the actor is copied on the way, which a lazy one does not survive."""
    address = f"{ACTS}/{world.acts['draft'].pk}"
    calls = [send(api, "DELETE", address, **{"Idempotency-Key": "k2"}) for _call in range(2)]
    assert [(answer.status_code, answer.json()["state"]) for answer in calls] == [(200, "discarded")] * 2
    assert send(api, "DELETE", address).status_code == 409


@pytest.mark.parametrize("etag", ['"x"', 'W/"1"', '"1", "2"', '""'])
def test_an_etag_that_is_not_ours_is_refused(api: Client, world: World, etag: str) -> None:
    answer = send(api, "PATCH", f"{ACTS}/{world.acts['draft'].pk}", {"object": "Un"}, **{"If-Match": etag})
    assert answer.status_code == 422
    assert "ETag" in answer.json()["remedy"]


def test_a_change_gives_the_next_etag(api: Client, world: World) -> None:
    address = f"{ACTS}/{world.acts['draft'].pk}"
    first = send(api, "GET", address)["ETag"]
    second = send(api, "PATCH", address, {"object": "Un"}, **{"If-Match": first})["ETag"]
    assert second != first
    assert send(api, "PATCH", address, {"object": "Deux"}, **{"If-Match": first}).status_code == 412
    assert send(api, "PATCH", address, {"object": "Deux"}, **{"If-Match": second}).status_code == 200


def test_the_pages_of_a_list_hold_each_act_once(api: Client, world: World) -> None:
    found, cursor = [], ""
    while True:
        page = send(api, "GET", f"{ACTS}?limit=1&cursor={cursor}").json()
        found += [act["id"] for act in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    there = rows("t_legality.Act").filter(organisation=world.home)
    assert sorted(found) == sorted(str(act.pk) for act in there)
    for wrong in ("x", "AAAA", "MDAwMS0wMS0wMQ=="):
        assert send(api, "GET", f"{ACTS}?cursor={wrong}").status_code == 422


def test_limits_are_told_by_field(api: Client) -> None:
    answer = send(api, "GET", f"{ACTS}?limit=0&nature=9").json()
    assert {fault["field"].rpartition(".")[2] for fault in answer["faults"]} == {"limit", "nature"}


@pytest.mark.parametrize(
    ("media_type", "body", "status"),
    [
        ("text/xml", "<a/>", 415),
        ("application/x-www-form-urlencoded", "object=a", 415),
        ("application/json", "{", 422),
        ("application/json", "[]", 422),
        ("application/json", b"\xff", 422),
        ("application/json", "[" * 100_000, 422),
        ("application/json", json.dumps({"object": "x" * 3_000_000}), 413),
        ("application/merge-patch+json", '{"object": "a"}', 201),
    ],
)
def test_a_body_is_json(api: Client, media_type: str, body: Any, status: int) -> None:
    answer = api.generic("POST", ACTS, body, media_type)
    assert answer.status_code == status, answer.content[:300]


@pytest.mark.parametrize("text", ["a\u0000b", "\ud800", "\u202egnp.exe"])
def test_invisible_text_does_not_enter(api: Client, text: str) -> None:
    answer = send(api, "POST", ACTS, {"object": text, "number": text})
    assert answer.status_code in (201, 422)
    if answer.status_code == 201:
        assert not {"\u0000", "\ud800", "\u202e"} & set(answer.json()["object"])


@pytest.mark.parametrize(
    ("language", "title"), [("fr", "Cette page n’existe pas"), ("en", "This page does not exist")]
)
def test_a_refusal_speaks_the_language_of_its_reader(api: Client, language: str, title: str) -> None:
    for address in (f"{ACTS}/01a20d80-8ae3-7ae4-94f3-2326e39e9284", "/api/v1/nowhere", "/api/v2/"):
        answer = send(api, "GET", address, **{"Accept-Language": language})
        assert (answer.status_code, answer.json()["title"]) == (404, title)
        assert answer["Content-Type"] == "application/problem+json"


def test_the_page_of_the_interface_lists_every_verb(db: None) -> None:
    page = Client(headers={"Accept-Language": "en"}).get("/api/").content.decode()
    document = Client().get("/api/v1/openapi.json").json()
    for path, operations in document["paths"].items():
        assert path in page
        for operation in operations.values():
            assert escape(operation["summary"]) in page
