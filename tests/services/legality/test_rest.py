"""The same verbs over HTTP: one walk, its refusals as problem+json, its locks and keys."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from territoires.foundations.actions.api import permissions_of
from territoires.foundations.identity import keys
from territoires.kernel.ids import new_id
from territoires.services.legality.models import Act

from .conftest import NOW, make_act, make_actor, make_body, pdf
from .test_pages import SINCE, model

ACTS = "/api/v1/legality/acts"
WORDS = {
    "number": "DEL_2026_050",
    "nature": "1",
    "matter_code": "7.1",
    "object": "Tarifs de la cantine",
    "decided_on": "2026-11-12",
    "given_names": "Paul",
    "usual_name": "Essai",
    "quality": "Maire",
}


class Api:
    """A client with a key of the body."""

    def __init__(self, key: str) -> None:
        self.client = Client(headers={"Authorization": f"Bearer {key}", "Accept-Language": "en"})

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        return self.client.generic(
            method, path, json.dumps(body) if body is not None else "", "application/json", headers=headers
        )

    def put_file(self, path: str, content: bytes, name: str, **headers: str) -> Any:
        return self.client.generic("PUT", f"{path}?name={name}", content, "application/pdf", headers=headers)


@pytest.fixture
def api(body: Any) -> Api:
    person = model("identity.Person").create(given_names="Claire", usual_name="Exemple")
    model("identity.Account").create_user(f"{new_id().hex}@exemple.test", person=person)
    membership = model("identity.Membership").create(person=person, organisation=body, since_on=SINCE)
    model("identity.RoleAssignment").create(membership=membership, role="administrator", since_on=SINCE)
    model("identity.ServiceActivation").create(organisation=body, service="legality", since_at=NOW)
    text, prefix, salt, digest = keys.draw()
    model("identity.ApiKey").create(
        organisation=body,
        label="essai",
        prefix=prefix,
        salt=salt,
        digest=digest,
        permissions=sorted(permissions_of("secretary")),
        owner=person,
        created_at=NOW,
        expires_at=NOW.replace(year=2099),
    )
    return Api(text)


def test_a_program_walks_an_act_to_the_register(api: Api, body: Any) -> None:
    made = api.send("POST", ACTS, WORDS)
    assert made.status_code == 201, made.content
    act = f"{ACTS}/{made.json()['id']}"
    assert made["Location"] == act
    lacking = api.send("GET", f"{act}/preflight").json()
    assert [fault["code"] for fault in lacking["faults"]] == ["main-missing"]
    sent = api.put_file(f"{act}/main", pdf("a"), "acte.pdf")
    assert sent.json()["main"]["piece_type"] == "99_DE"
    signature = {"signed_on": "2026-11-13", "original_is_kept": True}
    assert api.send("POST", f"{act}/declare-signed", signature).json()["state"] == "signed"
    assert api.send("POST", f"{act}/publish").json()["state"] == "published"
    register = Client().get(f"/api/v1/legality/registers/{body.reference}").json()
    assert [line["number"] for line in register["items"]] == ["DEL_2026_050"]
    assert (
        api.send("POST", f"{act}/withdraw", {"reason": "Publié par erreur, à reprendre."}).status_code == 200
    )


def test_refusals_are_problems(api: Api, body: Any) -> None:
    missing = api.send("GET", f"{ACTS}/{new_id()}")
    assert (missing.status_code, missing["Content-Type"]) == (404, "application/problem+json")
    assert api.send("POST", ACTS, {**WORDS, "decided_on": "2026-02-31"}).status_code == 422
    assert Client().get(ACTS).status_code == 401
    foreign = make_act(make_actor(make_body("Autre commune", "217004999")))
    assert api.send("POST", f"{ACTS}/{foreign.pk}/publish").status_code == 404
    act = make_act(make_actor(body))
    assert api.send("POST", f"{ACTS}/{act.pk}/publish").status_code == 409
    disguised = api.put_file(f"{ACTS}/{act.pk}/main", b"MZ" + bytes(99), "acte.pdf")
    assert disguised.status_code == 422
    assert disguised.json()["faults"][0]["code"] == "file-disguised"


def test_a_stale_version_is_refused(api: Api, body: Any) -> None:
    act = make_act(make_actor(body))
    read = api.send("GET", f"{ACTS}/{act.pk}")
    changed = api.send("PATCH", f"{ACTS}/{act.pk}", {"object": "Un"}, **{"If-Match": read["ETag"]})
    assert changed.json()["object"] == "Un"
    assert changed.json()["number"] == act.number, "what is absent stays"
    late = api.send("PATCH", f"{ACTS}/{act.pk}", {"object": "Deux"}, **{"If-Match": read["ETag"]})
    assert (late.status_code, late.json()["type"]) == (412, "urn:territoires:problem:changed-meanwhile")


def test_a_text_is_emptied_by_an_empty_one_not_by_null(api: Api, body: Any) -> None:
    act = make_act(make_actor(body))
    assert api.send("PATCH", f"{ACTS}/{act.pk}", {"quality": None}).status_code == 422
    assert api.send("PATCH", f"{ACTS}/{act.pk}", {"quality": ""}).json()["quality"] == ""
    assert api.send("PATCH", f"{ACTS}/{act.pk}", {"decided_on": None}).json()["decided_on"] is None


def test_one_key_is_one_draft(api: Api) -> None:
    key = {"Idempotency-Key": "abc"}
    first, second = (api.send("POST", ACTS, WORDS, **key) for _call in range(2))
    assert first.json()["id"] == second.json()["id"]
    assert Act.objects.count() == 1
    assert api.send("POST", ACTS, {**WORDS, "number": "AUTRE"}, **key).status_code == 409


def test_the_list_is_paged(api: Api, body: Any) -> None:
    for number in range(3):
        make_act(make_actor(body), number=f"DEL_{number}")
    first = api.send("GET", f"{ACTS}?limit=2").json()
    second = api.send("GET", f"{ACTS}?limit=2&cursor={first['next']}").json()
    assert len({line["id"] for line in first["items"] + second["items"]}) == 3
    assert second["next"] is None
