"""A program prepares a notice, reads what the rules found, sends it and follows it: what the pages do, told in JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day, system_clock
from territoires.services.procurement.actions import notices as verbs
from territoires.services.procurement.models import Notice
from tests.services.procurement.conftest import make_body, make_consultation, rows
from tests.services.procurement.continuity.test_rest import Program

from .conftest import PROFILE, judged, make_buyer

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
