"""What administrators' and operators' programs do: people, members, the file of members, the console."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from territoires.foundations.actions.api import permissions_of
from territoires.foundations.registry.errors import PROBLEM_TYPE
from tests.routes.world import World

GOVERNANCE, PORTAL = "/api/v1/governance", "/api/v1/portal"
FILE = "SIREN;Prénoms;Nom;Courriel;Rôle\r\n217104389;Elsa;Essai;elsa@village.example;{role}\r\n"


class Program:
    def __init__(self, world: World, organisation: Any, role: str) -> None:
        key = world.key(organisation, role, sorted(permissions_of(role)))
        self.client = Client(headers={"Authorization": f"Bearer {key}", "Accept-Language": "en"})

    def __call__(
        self, method: str, path: str, body: Any = None, media_type: str = "application/json", **headers: str
    ) -> Any:
        sent = body if isinstance(body, str) else json.dumps(body or {})
        return self.client.generic(method, path, sent, media_type, headers=headers)


@pytest.fixture
def operator(world: World) -> Program:
    return Program(world, world.operator, "operator")


def code_of(refused: Any) -> str:
    return str(refused.json()["type"]).removeprefix(PROBLEM_TYPE)


def test_a_program_keeps_people_and_makes_no_administrator(world: World) -> None:
    program, own = Program(world, world.home, "administrator"), f"{GOVERNANCE}/members/{world.home.reference}"
    elsa = {"email": "elsa@village.example", "given_names": "Elsa", "usual_name": "Essai"}
    invited = program("POST", f"{own}/invitations", elsa | {"role": "agent"})
    assert (invited.status_code, invited.json()["roles"]) == (201, ["agent"])
    refused = program("POST", f"{own}/invitations", elsa | {"role": "administrator"})
    assert (refused.status_code, code_of(refused)) == (403, "role-by-a-person")
    assert program("DELETE", f"{own}/invitations/{invited.json()['id']}").status_code == 200
    assert program("GET", f"{own}/invitations").json() == []
    someone = program("GET", f"{own}/people").json()["people"][0]["membership"]
    given = program("POST", f"{own}/people/{someone}/roles", {"role": "observer"})
    assert "observer" in str(given.json())
    elsewhere = f"{GOVERNANCE}/members/{world.foreign.reference}"
    assert program("GET", f"{elsewhere}/people").status_code == 404
    assert program("DELETE", f"{own}/people/{world.foreign.memberships.first().pk}").status_code == 404
    (key,) = program("GET", f"{own}/keys").json()
    program("DELETE", f"{own}/keys/{key['id']}")
    assert program("GET", f"{own}/keys").status_code == 401


def test_the_file_of_members_is_tried_then_carried_out(world: World, operator: Program) -> None:
    def bring(role: str, query: str = "") -> Any:
        return operator(
            "POST", f"{GOVERNANCE}/members-file{query}", FILE.format(role=role), "text/csv"
        ).json()

    tried = bring("agent")
    assert not tried["is_done"] and "enrolled" in tried["steps"][0]["fate"]
    assert bring("agent") == tried  # nothing was done
    assert bring("agent", "?dry_run=false")["is_done"]
    assert not {"enrolled", "given"} & {*bring("agent")["steps"][0]["fate"]}
    assert [fault["code"] for fault in bring("administrator")["faults"]] == ["role-by-a-person"]


def test_the_key_of_a_file_of_members_gets_the_first_report(world: World, operator: Program) -> None:
    def bring(key: str, role: str = "agent") -> Any:
        address, file = f"{GOVERNANCE}/members-file?dry_run=false", FILE.format(role=role) + "123;;;;\r\n"
        return operator("POST", address, file, "text/csv", **{"Idempotency-Key": key})

    first, again, anew = (bring(key).json() for key in ("once", "once", "another"))
    assert first == again and first["faults"][0]["line"] == 3
    assert {"enrolled", "given"} <= {*first["steps"][0]["fate"]} and anew["steps"][0]["fate"] == []
    other = bring("once", role="observer")
    assert (other.status_code, code_of(other)) == (409, "idempotency-key-reused")


def test_an_operators_program_watches_the_platform(world: World, operator: Program) -> None:
    assert operator("GET", f"{PORTAL}/console").json()["journal"]["dead_letters"] == 0
    for list_of in ("journal", "dead-letters", "failed-jobs", "exchanges"):
        assert operator("GET", f"{PORTAL}/console/{list_of}").status_code == 200
    gone = operator("POST", f"{PORTAL}/console/dead-letters/{world.home.pk}/replay")
    assert (gone.status_code, code_of(gone)) == (404, "dead-letter-gone")
    for page in ("members?text=exemple", "colleges", "territory"):
        assert operator("GET", f"{GOVERNANCE}/{page}").status_code == 200
    secretary = Program(world, world.home, "secretary")
    assert secretary("GET", f"{PORTAL}/console").status_code == 403


def test_anybody_finds_a_body_and_verifies_a_document(world: World) -> None:
    stranger = Client()
    found = stranger.get(f"{PORTAL}/communes", {"q": world.home.siren}).json()
    assert [one["reference"] for one in found] == [world.home.reference]
    assert stranger.get(f"{PORTAL}/bodies/{world.home.reference}").json()["name"] == world.home.name
    assert stranger.get(f"{PORTAL}/bodies/{world.operator.reference}").status_code == 404
    verdict = stranger.generic("POST", f"{PORTAL}/verify", b"unknown").json()
    assert not verdict["is_known"] and not verdict["is_bundle"] and verdict["size"] == 7
