"""A program follows the opening of the bids: all but what an officer's key does in her browser."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.procurement.conftest import make_actor, make_person, rows
from tests.services.procurement.continuity.test_rest import Program

from .world import Officer, World

WHY = {"reason": "Une agente est absente."}


@pytest.fixture
def program(body: Any) -> Program:
    return Program(body)


def test_a_quorum_is_read_chosen_and_fixed_at_the_publication(world: World, program: Program) -> None:
    there = f"consultations/{world.consultation.pk}/opening"
    before = program("GET", there).json()
    assert [one["holder"] for one in before["officers"]] == [None, None]
    assert "officer-not-ready" in {one["code"] for one in before["obstacles"]}
    assert program("PUT", f"{there}/threshold", {"threshold": 5}).status_code == 422
    assert program("PUT", f"{there}/threshold", {"threshold": 2}).json()["threshold"] == 2
    world.ready()
    ready = program("POST", f"{there}/keys").json()
    assert ready["obstacles"] == [] and len(ready["policy_sha256"]) == 64
    world.published()
    assert program("PUT", f"{there}/threshold", {"threshold": 2}).status_code == 409


def test_a_session_is_begun_attended_and_given_up(sealed: World, program: Program) -> None:
    there = f"consultations/{sealed.consultation.pk}/opening"
    sessions = f"{there}/sessions"
    assert program("POST", sessions, {"envelope": "soap"}).status_code == 422
    begun = program("POST", sessions, {"envelope": "tender"})
    assert (begun.status_code, begun.json()["state"]) == (201, "asked")
    assert program("POST", sessions, {"envelope": "tender"}).status_code == 409
    one = f"{sessions}/{begun.json()['id']}"
    assert program("POST", f"{one}/presences", {"name": " "}).status_code == 422
    noted = program("POST", f"{one}/presences", {"name": "Paul Essai", "capacity": "maire"}).json()
    assert noted["presences"] == [{"name": "Paul Essai", "capacity": "maire"}]
    sealed.opener.work_once()
    shown = program("GET", one).json()
    assert (shown["state"], len(shown["sha256"])) == ("ready", 64)
    assert [(part["given_at"], part["declined_at"]) for part in shown["parts"]] == [(None, None)] * 3
    assert program("POST", f"{one}/decline", WHY).status_code in (403, 404)  # it holds no key
    assert program("POST", f"{one}/cancel", {"reason": ""}).status_code == 422
    assert program("POST", f"{one}/cancel", WHY).json()["state"] == "cancelled"
    assert program("GET", f"{one}/minutes/fr").status_code == 404
    assert len(program("GET", sessions).json()) == 1


def test_what_came_out_is_listed_read_and_its_repair_noted(sealed: World, program: Program) -> None:
    sealed.open("tender")
    sealed.opener.work_once()
    one = sealed.consultation.pk
    files = program("GET", f"consultations/{one}/opened-files").json()
    assert {found["verdict"] for found in files} == {"clear"}
    there = f"consultations/{one}/opened-files/{files[0]['id']}"
    assert b"".join(program("GET", there).streaming_content).startswith(b"%PDF-1.4")
    clear = program("POST", f"{there}/repairs?note=Ouvert+ailleurs")
    assert clear.status_code == 409
    rows("t_procurement.OpenedFile").filter(pk=files[0]["id"]).update(
        verdict="unreadable", fault="x", document=None
    )
    assert program("GET", there).status_code == 404
    failed = program("POST", f"{there}/repairs?note=Ouvert+ailleurs").json()
    assert failed["succeeded"] is False
    mended = program("POST", f"{there}/repairs?note=Ouvert+ailleurs&name=offre.pdf", b"%PDF-1.4 mended")
    assert mended.json()["succeeded"] is True
    (session,) = program("GET", f"consultations/{one}/opening/sessions").json()
    minutes = program("GET", f"consultations/{one}/opening/sessions/{session['id']}/minutes/en")
    assert b"".join(minutes.streaming_content).startswith(b"%PDF")


def test_an_officer_is_replaced_up_to_her_browser(sealed: World, program: Program, body: Any) -> None:
    there = f"consultations/{sealed.consultation.pk}/opening/handovers"
    successor = Officer(make_actor(body, "executive", person=make_person(body, "Officier relève")))
    named = {
        "leaving": sealed.officers[1].holder,
        "successor": successor.actor.person,
        "leaving_deals": True,
    }
    stranger = program("POST", there, {**named, "successor": sealed.consultation.pk})
    assert stranger.status_code == 422
    asked = program("POST", there, named)
    assert asked.status_code == 201, asked.content
    one = f"{there}/{asked.json()['id']}"
    assert program("GET", one).json()["begun_at"] is None
    assert program("POST", there, named).status_code == 409
    assert program("POST", f"{one}/end").json()["ended_at"] is not None
