"""A program carries a dynamic purchasing system, and is refused what a dialogue or a contest alone allows."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from territoires.kernel.actor import Actor
from tests.services.procurement.conftest import rows
from tests.services.procurement.continuity import test_rest as files

from .conftest import REASON, Case
from .test_rest import Program, code_of, program  # noqa: F401
from .test_systems import LAST, ask, in_force, newcomer, system

WHY = {"reason": REASON}


def Newcomer(actor: Actor) -> files.Program:
    """A key of an enterprise."""
    return files.Program(rows("identity.Organisation").get(pk=actor.organisation), "representative")


def test_a_system_is_set_up_carries_and_ends(db: None) -> None:
    case = system()
    call = Program(case)
    place = f"{call.consultation}/system"
    assert call("POST", place, {"in_force_until": "2020-01-05"}).status_code == 422
    early = call("POST", f"{place}/calls", {"title": "Préau", "lot": 1})
    assert (early.status_code, code_of(early)) == (409, "carries-nothing")
    set_up = call("POST", place, {"in_force_until": LAST})
    assert (set_up.status_code, set_up.json()["state"]) == (200, "in_force")
    assert call("POST", place, {"in_force_until": LAST}).status_code == 409
    term = {"in_force_until": LAST, **WHY}
    assert call("POST", f"{place}/term", term, **{"If-Match": '"99"'}).status_code == 412
    assert call("POST", f"{place}/term", term, **{"If-Match": set_up["ETag"]}).status_code == 200
    shown = call("GET", place).json()
    assert sorted(one["state"] for one in shown["admissions"]) == ["admitted", "admitted", "refused"]
    assert shown["carries"] and shown["called"] == []
    assert call("POST", f"{place}/calls", {"title": "Préau", "lot": 9}).status_code == 404
    called = call("POST", f"{place}/calls", {"title": "Préau", "lot": 1})
    assert called.status_code == 201, called.content
    (one,) = call("GET", place).json()["called"]
    assert (one["id"], one["title"], one["lot"]) == (called.json()["id"], "Préau", 1)
    assert call("POST", f"{place}/end", WHY).status_code == 200
    assert call("POST", f"{place}/calls", {"title": "Préau", "lot": 1}).status_code == 409


def test_a_request_is_examined_longer_admitted_and_then_set_aside(db: None) -> None:
    case = system()
    call = Program(case)
    place = f"{call.consultation}/system"
    call("POST", place, {"in_force_until": LAST})
    case.fresh()
    asked = ask(case, newcomer())
    one = f"{place}/admissions/{asked.pk}"
    ending = call("POST", f"{place}/end", WHY)
    assert (ending.status_code, code_of(ending)) == (409, "requests-to-examine")
    assert call("POST", f"{one}/prolong", WHY).json()["examine_until"] > str(asked.examine_until)
    assert call("POST", f"{one}/prolong", WHY).status_code == 409
    digest = asked.files.get().sha256
    assert b"".join(call("GET", f"{one}/files/{digest}").streaming_content).startswith(b"%PDF-1.4 dc1")
    assert call("GET", f"{one}/files/{'0' * 64}").status_code == 404
    assert call("POST", f"{one}/decision", {"verb": "refuse"}).status_code == 422
    assert call("POST", f"{one}/decision", {"verb": "admit"}).json()["state"] == "admitted"
    aside = call("POST", f"{one}/decision", {"verb": "refuse", **WHY}).json()
    assert (aside["state"], aside["reason"]) == ("refused", REASON)
    assert call("POST", f"{place}/admissions/{uuid4()}/decision", {"verb": "admit"}).status_code == 404


def test_no_dialogue_nor_contest_where_there_is_none(case: Case, program: Program) -> None:  # noqa: F811
    case.examine()
    one = program.consultation
    candidacy = case.consultation.candidacies.first()
    assert candidacy
    met: dict[str, Any] = {
        "candidacy": candidacy.pk,
        "held_on": case.at.date(),
        "present": "Paul Essai",
        "summary": "La charpente est gardée.",
    }
    refused = program("POST", f"{one}/dialogue-meetings", met)
    assert (refused.status_code, code_of(refused)) == (409, "no-dialogue")
    astray = program("POST", f"{one}/dialogue-meetings", {**met, "candidacy": uuid4()})
    assert astray.status_code == 404
    assert code_of(program("POST", f"{one}/dialogue/end", {"conclusion": REASON})) == "no-dialogue"
    assert code_of(program("POST", f"{one}/anonymity/lift", {})) == "not-anonymous"
    assert program("GET", f"{one}/dialogue-meetings").json() == []
    kept = rows("t_procurement.DialogueMeeting").create(
        consultation=case.consultation, recorded_at=case.at, **{**met, "candidacy": candidacy}
    )
    (shown,) = program("GET", f"{one}/dialogue-meetings").json()
    assert (shown["id"], shown["candidacy"], shown["sha256"]) == (str(kept.pk), str(candidacy.pk), "")


def test_an_enterprise_asks_to_be_admitted_and_leaves(db: None) -> None:
    case = in_force()
    call = Newcomer(newcomer())
    there = f"consultations/{case.consultation.pk}/system/admissions"
    assert call("POST", there, {"lots": [1], "files": []}).status_code == 422
    file = call("POST", "admission-files?name=dc1.pdf", b"%PDF-1.4 dc1")
    assert file.status_code == 201, file.content
    given = {"lots": [1], "files": [file.json()["id"]]}
    assert call("POST", there, {**given, "lots": [9]}).status_code == 422
    asked = call("POST", there, given)
    assert (asked.status_code, asked.json()["state"]) == (201, "received")
    assert call("POST", there, given).status_code == 409
    one = f"admissions/{asked.json()['id']}"
    assert call("GET", one).json()["lots"] == [1]
    assert Newcomer(newcomer(2))("GET", one).status_code == 404
    assert call("POST", f"{one}/leave").json()["state"] == "left"
    assert call("POST", f"{one}/leave").status_code == 409
