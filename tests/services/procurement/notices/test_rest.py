"""A program prepares a notice, reads what the rules found, sends it and follows it: what the pages do, told in JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day, system_clock
from territoires.services.procurement.actions import notices as verbs
from territoires.services.procurement.models import Notice
from tests.services.procurement.conftest import make_body, make_consultation, rows
from tests.services.procurement.continuity.test_rest import Program

from .conftest import HOLDER, PROFILE, SIRET, judged, make_buyer

pytestmark = pytest.mark.usefixtures("db")
CALL = {"does": "call", "channel": "notices-boamp"}
WHY = {"reason": "Le besoin a changé."}


@pytest.fixture
def buyer() -> Actor:
    _body, actor = make_buyer()
    verbs.write_profile(actor=actor, values=PROFILE)
    return actor


@pytest.fixture
def program(buyer: Actor) -> Program:
    return Program(rows("identity.Organisation").get(pk=buyer.organisation))


def begun(program: Program, consultation: Any, **headers: str) -> tuple[str, Any]:
    there = f"consultations/{consultation.pk}/notices"
    answer = program("POST", there, CALL, **headers)
    assert answer.status_code == 201, answer.content
    return f"{there}/{answer.json()['id']}", answer


def test_a_notice_goes_from_its_beginning_to_its_correction(
    program: Program, buyer: Actor, rules: Path
) -> None:
    consultation = make_consultation(buyer, "validated")
    one, _answer = begun(program, consultation)
    assert program("GET", f"{one}/file").status_code == 404
    assert program("POST", f"{one}/send").status_code == 409
    judged(Notice.objects.get())
    read = program("GET", one)
    assert (read.json()["state"], read.json()["subtype"]) == ("ready", "E3")
    assert read.json()["rules"] and not [found for found in read.json()["findings"] if found["stops"]]
    content = b"".join(program("GET", f"{one}/file").streaming_content)
    assert content.startswith(b"<?xml")
    told = {"number": "26-123456", "published_on": legal_day(system_clock())}
    stale = program("POST", f"{one}/publication", told, **{"If-Match": '"99"'})
    assert stale.status_code == 412
    early = program("POST", f"{one}/correct", {"change_reason": "cor-buy", "change_text": "Le délai."})
    assert early.status_code == 409
    published = program("POST", f"{one}/publication", told, **{"If-Match": read["ETag"]})
    assert published.json()["publication_number"] == "26-123456"
    said = {"change_reason": "cor-buy", "change_text": "Le délai était faux."}
    corrected = program("POST", f"{one}/correct", said)
    assert corrected.status_code == 201
    assert corrected.json()["changes"] == published.json()["id"]
    assert len(program("GET", f"consultations/{consultation.pk}/notices").json()) == 2


def test_what_the_rules_find_is_told_and_mended(program: Program, buyer: Actor, rules: Path) -> None:
    consultation = make_consultation(buyer, "validated")
    rows("t_procurement.BuyerProfile").update(city="", postal_code="")
    one, _answer = begun(program, consultation)
    judged(Notice.objects.get())
    found = program("GET", one).json()
    assert found["state"] == "draft"
    stopping = [finding for finding in found["findings"] if finding["stops"]]
    assert all(finding["label"] and finding["sentence"] for finding in stopping)
    assert stopping or found["reason"]
    verbs.write_profile(actor=buyer, values=PROFILE)
    again = program("POST", f"{one}/rewrite", {})
    assert (again.status_code, again.json()["sha256"]) == (200, "")
    judged(Notice.objects.get())
    assert program("GET", one).json()["state"] == "ready"
    assert program("POST", f"{one}/withdraw", {"reason": ""}).status_code == 422
    given_up = program("POST", f"{one}/withdraw", WHY)
    assert (given_up.json()["state"], given_up.json()["reason"]) == ("stopped", WHY["reason"])
    assert program("POST", f"{one}/send").status_code == 409


def test_the_same_call_twice_begins_one_notice(program: Program, buyer: Actor) -> None:
    consultation = make_consultation(buyer, "validated")
    key = {"Idempotency-Key": "avis-1"}
    assert begun(program, consultation, **key)[1].json() == begun(program, consultation, **key)[1].json()
    assert Notice.objects.count() == 1
    unknown = program("POST", f"consultations/{consultation.pk}/notices", {**CALL, "channel": "notices-x"})
    assert unknown.status_code == 422


def test_a_notice_of_elsewhere_is_not_there(program: Program, buyer: Actor) -> None:
    one, _answer = begun(program, make_consultation(buyer, "validated"))
    other = Program(make_body("Ailleurs"))
    for method, path, body in (("GET", "", None), ("GET", "/file", None), ("POST", "/withdraw", WHY)):
        assert other(method, f"{one}{path}", body).status_code == 404
    astray = make_consultation(buyer, "blank")
    address = f"consultations/{astray.pk}/notices/{one.rpartition('/')[2]}"
    assert program("POST", f"{address}/withdraw", WHY).status_code == 404
    assert Notice.objects.get().state == "draft"


def test_what_notices_say_of_the_body_is_read_and_written(program: Program) -> None:
    read = program("GET", "buyer-profile")
    assert read.json()["city"] == PROFILE["city"]
    written = program("PATCH", "buyer-profile", {"city": "Modèle"}, **{"If-Match": read["ETag"]})
    assert (written.json()["city"], written.json()["street"]) == ("Modèle", read.json()["street"])
    assert program("PATCH", "buyer-profile", {"city": "x"}, **{"If-Match": read["ETag"]}).status_code == 412
    for wrong in ({"email": "nulle part"}, {"postal_code": "x" * 11}, {"website": "x"}, {"legal_type": ""}):
        refused = program("PATCH", "buyer-profile", wrong)
        assert [fault["field"] for fault in refused.json()["faults"]] == list(wrong)


def test_a_record_is_written_read_with_what_it_lacks_and_never_renamed(program: Program, rules: Path) -> None:
    sound = json.loads(Path(__file__).with_name("sound_record.json").read_text())
    sound |= {"id": "2024-17", "acheteur": {"id": SIRET}}
    gap = {"kind": "marche", "content": {**sound, "formePrix": None}}
    made = program("POST", "open-records", gap)
    assert made.status_code == 201, made.content
    assert "formePrix" in {fault["field"] for fault in made.json()["faults"]}
    one = f"open-records/{made.json()['id']}"
    whole = {"kind": "marche", "content": sound}
    assert program("POST", "open-records", whole).status_code == 409
    renamed = {"kind": "marche", "content": {**sound, "id": "2024-18"}}
    assert program("PUT", one, renamed).status_code == 409
    assert program("PUT", one, whole).json()["faults"] == []
    assert program("GET", one).json()["revision"] == 2
    foreign = {"kind": "marche", "content": {**sound, "acheteur": {"id": HOLDER}}}
    assert program("PUT", one, foreign).status_code == 422
    assert program("PUT", one, {"kind": "marche", "content": {"id": ["x"], "acheteur": 3}}).status_code == 422


def test_a_file_is_taken_over_and_that_of_the_body_waits_for_its_way(program: Program, rules: Path) -> None:
    for wrong in (b"", b"not json", b"{}"):
        assert program("POST", "open-record-imports?name=decp.json", wrong).status_code == 422
    record = {"id": "2024-17", "acheteur": {"id": SIRET}, "objet": "Voirie"}
    file = json.dumps({"marches": {"marche": [record, {"objet": "sans numéro"}]}}).encode()
    run = program("POST", "open-record-imports?name=decp.json", file)
    assert run.status_code == 201, run.content
    assert (run.json()["taken"], run.json()["refused"]) == (1, 1)
    assert program("GET", f"open-record-imports/{run.json()['id']}").json() == run.json()
    assert program("POST", "open-files").status_code == 409 and program("GET", "open-files").json() == []
