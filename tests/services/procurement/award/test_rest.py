"""A program evaluates, has a committee decide, awards and carries a contract out, by the rules of the pages."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from django.test import Client

from territoires.foundations.registry.errors import PROBLEM_TYPE
from territoires.services.procurement.actions import meeting
from tests.routes.world import World
from tests.services.procurement.award.conftest import REASON, Case, convene, make_committee
from tests.services.procurement.conftest import rows

API = "/api/v1/procurement"


class Program:
    """A key of the body that bought, with every permission of its secretary."""

    def __init__(self, case: Case) -> None:
        body = rows("identity.Organisation").get(pk=case.consultation.organisation_id)
        rows("identity.ServiceActivation").create(
            organisation=body, service="procurement", since_at="2026-01-05T00:00:00Z"
        )
        key = World(home=body, foreign=None, operator=None, idle=None).key(body, "secretary")
        self.headers = {"Accept-Language": "en", "Authorization": f"Bearer {key}"}
        self.consultation = f"/consultations/{case.consultation.pk}"

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = json.dumps(body, default=str) if body is not None else ""
        return Client().generic(
            method, f"{API}{path}", sent, "application/json", headers=self.headers | headers
        )


def code_of(refused: Any) -> str:
    code: str = refused.json()["type"].removeprefix(PROBLEM_TYPE)
    return code


@pytest.fixture
def program(case: Case) -> Program:
    return Program(case)


def test_a_program_examines_agrees_and_ranks(case: Case, program: Program) -> None:
    one = program.consultation
    laid = program("POST", f"{one}/examination").json()
    assert len(laid["candidacies"]) == 3 and len(laid["bids"]) == 6
    pieces = {"pieces": [{"kind": "letter", "state": "present"}, {"kind": "capacity", "state": "present"}]}
    for candidacy in laid["candidacies"]:
        place = f"{one}/candidacies/{candidacy['id']}"
        assert program("PUT", f"{place}/pieces", pieces).status_code == 200
        assert program("POST", f"{place}/decision", {"verb": "admit"}).json()["state"] == "admitted"
    for bid in laid["bids"]:
        place = f"{one}/bids/{bid['id']}"
        assert program("PUT", f"{place}/price", {"price": "0"}).status_code == 422
        assert program("PUT", f"{place}/price", {"price": "120000"}).json()["price"] == "120000.00"
        assert program("POST", f"{place}/decision", {"state": "admissible"}).json()["state"] == "admissible"
    refused = program("POST", f"{one}/ranking", {"lot": 1})
    assert (refused.status_code, code_of(refused)) == (409, "notes-missing")
    assert program("POST", f"{one}/ranking", {"lot": 9}).status_code == 404
    case.note()
    ranked = program("POST", f"{one}/ranking", {"lot": 1}).json()
    first = next(bid for bid in ranked["bids"] if bid["rank"] == 1)
    by_hand = [line for line in first["lines"] if line["method"] == "grid"]
    assert all(len(line["notes"]) == 2 and line["agreed"] == "4.00" for line in by_hand)


def test_a_note_is_given_by_an_evaluator_and_a_key_is_none(case: Case, program: Program) -> None:
    case.examine()
    bid, criterion = case.bids()[0], case.consultation.criteria.exclude(kind="price")[0]
    note = {"criterion": criterion.pk, "value": 4, "justification": REASON}
    assert program("POST", f"{program.consultation}/bids/{bid.pk}/notes", note).status_code in (403, 404)
    assert not rows("t_procurement.Score").exists()


def test_one_key_sent_twice_awards_once(case: Case, program: Program) -> None:
    case.examine().note().rank()
    given = {"lot": 1, "bid": case.first().pk, "reason": REASON, "proofs_are_complete": True}
    once = {"Idempotency-Key": "attribution-1"}
    answers = [program("POST", f"{program.consultation}/awards", given, **once) for _again in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert rows("t_procurement.Award").count() == 1
    again = program("POST", f"{program.consultation}/awards", given)
    assert again.status_code == 409


def test_one_key_sent_twice_prints_one_report(case: Case, program: Program) -> None:
    case.examine()
    place, once = f"{program.consultation}/reports", {"Idempotency-Key": "rapport-1"}
    before = rows("documents.Document").count()
    answers = [program("POST", place, {}, **once) for _again in range(2)]
    assert [(one.status_code, one.json()["number"]) for one in answers] == [(201, 1)] * 2
    assert rows("documents.Document").count() == before + 1
    assert program("POST", place, {"language": "en"}, **once).status_code == 409
    assert program("POST", place, {}).json()["number"] == 2


def test_one_key_sent_twice_tells_the_candidates_and_ends_a_meeting_once(
    case: Case, program: Program
) -> None:
    case.examine().note().rank()
    held = convene(case)
    places = [one.pk for one in held.attendances.all()]
    meeting.note_presence(actor=case.buyer, consultation=case.consultation, meeting=held.pk, present=places)
    meeting.record_decision(
        actor=case.buyer,
        consultation=case.consultation,
        meeting=held.pk,
        lot=case.lots[0].pk,
        outcome="awarded",
        bid=case.first().pk,
        votes_for=3,
        reason=REASON,
    )
    end = f"{program.consultation}/meetings/{held.pk}/end"
    letters = f"{program.consultation}/letters"
    for address, said, bring in ((end, {"remarks": ""}, Case.award), (letters, None, Case.later)):
        once, before = {"Idempotency-Key": address[-40:]}, rows("documents.Document").count()
        first, again = (program("POST", address, said, **once) for _again in range(2))
        assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
        kept = rows("documents.Document").count() - before
        assert kept == (1 if address == end else 3)  # printed once
        assert program("POST", address, said).status_code == 409
        bring(case)


def test_an_hour_without_its_zone_is_refused_with_the_way_to_write_it(case: Case, program: Program) -> None:
    given = {"information": REASON, "deadline_at": "2090-01-05T09:00:00"}
    refused = program("PUT", f"{program.consultation}/rounds/next", given)
    (fault,) = refused.json()["faults"]
    assert (refused.status_code, fault["code"]) == (422, "timezone_aware")
    assert fault["field"].endswith("deadline_at") and "+01:00" in fault["remedy"]


def test_a_committee_is_kept_and_meets_by_program(case: Case, program: Program) -> None:
    case.examine().note().rank()
    committee = make_committee(case)
    (shown,) = program("GET", "/committees").json()
    assert shown["members"][0]["capacity"] == "president"
    soon = {
        "committee": committee.pk,
        "meets_at": "2090-01-05T09:00:00Z",
        "place": "Mairie",
        "agenda": "Choix du titulaire",
    }
    held = program("POST", f"{program.consultation}/meetings", soon)
    assert held.status_code == 201 and len(held.json()["places"]) == 5
    early = program("PUT", f"{program.consultation}/meetings/{held.json()['id']}/presence", {"present": []})
    assert early.status_code in (409, 422)
    assert [one["id"] for one in program("GET", f"{program.consultation}/meetings").json()] == [
        held.json()["id"]
    ]


def test_a_contract_goes_its_way_by_program_and_never_before_its_turn(case: Case, program: Program) -> None:
    case.examine().note().rank().award()
    contract = case.contract
    place = f"/contracts/{contract.pk}"
    case.prepare_contract(contract)
    before = {"side": "buyer", "signed_on": "2026-01-05", "name": "Paul Essai", "quality": "maire"}
    refused = program("POST", f"{place}/signatures", before)
    assert (refused.status_code, code_of(refused)) == (422, "signature-refused")  # before its award
    assert program("POST", f"{place}/notification").status_code == 409  # before its signatures
    assert program("POST", f"{program.consultation}/letters").status_code == 200
    assert program("POST", f"{place}/execution", {"started_on": case.at.date()}).status_code == 409
    (letter, *_others) = program("GET", f"{program.consultation}/letters").json()
    assert letter["sha256"] and letter["first_opened_at"] is None
    shown = program("PUT", f"{place}/invoicing", {"commitment_number": "EJ-42"}).json()
    assert shown["commitment_number"] == "EJ-42" and shown["matter"] == str(case.consultation.pk)


def test_a_program_brings_the_contract_and_its_pieces(case: Case, program: Program) -> None:
    case.examine().note().rank().award()
    place = f"/contracts/{case.contract.pk}"

    def bring(method: str, path: str, content: bytes, **headers: str) -> Any:
        return Client().generic(
            method, f"{API}{place}{path}", content, "application/pdf", headers=program.headers | headers
        )

    first = bring("PUT", "/file?name=projet.pdf", b"%PDF-1.4 projet").json()
    made = bring("PUT", "/file?name=marche.pdf", b"%PDF-1.4 marche").json()
    assert made["sha256"] == hashlib.sha256(b"%PDF-1.4 marche").hexdigest() != first["sha256"]
    stale = bring("PUT", "/file?name=autre.pdf", b"%PDF-1.4 autre", **{"If-Match": '"1"'})
    assert stale.status_code in (409, 412)
    key = {"Idempotency-Key": "ccap-once"}
    for _again in range(2):
        added = bring("POST", "/pieces?name=ccap.pdf&kind=11_AP", b"%PDF-1.4 ccap", **key)
        assert added.status_code == 201
    assert [(one["kind"], one["name"]) for one in added.json()["pieces"]] == [("11_AP", "ccap.pdf")]
    assert bring("POST", "/pieces?name=x.pdf&kind=zz", b"%PDF-1.4 x").status_code == 422
    for sha256, content in (
        (made["sha256"], b"%PDF-1.4 marche"),
        (added.json()["pieces"][0]["sha256"], b"%PDF-1.4 ccap"),
    ):
        assert b"".join(bring("GET", f"/files/{sha256}", b"").streaming_content) == content
    assert bring("GET", f"/files/{'0' * 64}", b"").status_code == 404


def test_a_contract_of_another_body_is_not_there(case: Case, program: Program) -> None:
    case.examine().note().rank().award()
    elsewhere = Program.__new__(Program)
    other = rows("identity.Organisation").create(
        reference="210000099", siren="210000099", name="Autre commune", kind="commune"
    )
    rows("identity.ServiceActivation").create(
        organisation=other, service="procurement", since_at="2026-01-05T00:00:00Z"
    )
    key = World(home=other, foreign=None, operator=None, idle=None).key(other, "secretary")
    elsewhere.headers = {"Accept-Language": "en", "Authorization": f"Bearer {key}"}
    answer = elsewhere("PUT", f"/contracts/{case.contract.pk}/number", {"number": "PIRATE"})
    assert answer.status_code == 404
    assert case.contract.number != "PIRATE"


def enterprise_program(case: Case, place: int = 0) -> Program:
    """A key of one of the candidates."""
    made = Program.__new__(Program)
    enterprise = rows("identity.Organisation").get(pk=case.bidders[place].organisation)
    rows("identity.ServiceActivation").create(
        organisation=enterprise, service="procurement", since_at="2026-01-05T00:00:00Z"
    )
    key = World(home=enterprise, foreign=None, operator=None, idle=None).key(enterprise, "representative")
    made.headers = {"Accept-Language": "en", "Authorization": f"Bearer {key}"}
    return made


def bytes_of(answer: Any) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def test_a_price_is_asked_about_and_explained_by_programs(case: Case, program: Program) -> None:
    case.examine()
    bid, one = case.bids()[0], program.consultation
    ours, others = enterprise_program(case, 0), enterprise_program(case, 1)
    asking = {"kind": "price", "bids": [bid.pk], "text": REASON, "until_at": "2090-01-05T09:00:00Z"}
    soon = asking | {"until_at": "2026-01-05T09:00:00Z"}
    assert code_of(program("POST", f"{one}/requests/bids", soon)) == "delay-too-short"
    once = {"Idempotency-Key": "prix-1"}
    for _again in range(2):
        (asked,) = program("POST", f"{one}/requests/bids", asking, **once).json()
    assert asked["kind"] == "price" and asked["bid"] == str(bid.pk) and asked["first_opened_at"] is None

    (listed,) = ours("GET", "/requests").json()["items"]
    assert listed["id"] == asked["id"] and others("GET", "/requests").json()["items"] == []
    place = f"/requests/{asked['id']}"
    assert others("POST", f"{place}/receipt").status_code == 404
    assert code_of(ours("GET", place)) == "not-received"
    assert ours("POST", f"{place}/receipt").json()["text"] == REASON
    assert ours("POST", f"{place}/answer", {}).status_code == 422
    brought = Client().post(
        f"{API}{place}/files?name=sous-detail.pdf", b"%PDF-1.4 prix", "application/pdf", headers=ours.headers
    )
    assert brought.status_code == 201 and ours("GET", place).json()["answered_at"] is None
    answer = {"text": "Nos stocks sont payés.", "files": [brought.json()["id"]]}
    assert others("POST", f"{place}/answer", answer).status_code == 404
    assert ours("POST", f"{place}/answer", answer).json()["is_late"] is False

    (told,) = program("GET", f"{one}/requests").json()
    assert told["answer"] == answer["text"] and told["first_opened_at"]
    file = f"{one}/requests/{asked['id']}/files/"
    assert bytes_of(program("GET", file + told["files"][0]["sha256"])) == b"%PDF-1.4 prix"
    assert program("GET", file + "0" * 64).status_code == 404


def test_proofs_are_asked_of_the_first_alone_and_pieces_where_they_lack(case: Case, program: Program) -> None:
    case.examine()
    asked = f"{program.consultation}/requests"
    until = {"until_at": "2090-01-05T09:00:00Z", "text": REASON}
    assert code_of(program("POST", f"{asked}/missing-pieces", until)) == "nothing-missing"
    given = until | {"candidacy": case.bids()[0].candidacy_id, "pieces": ["x"]}
    assert code_of(program("POST", f"{asked}/proofs", given)) == "not-presumed-winner"
    case.note().rank()
    given["candidacy"] = case.first().candidacy_id
    assert code_of(program("POST", f"{asked}/proofs", given)) == "no-proof-chosen"


def test_the_report_of_analysis_is_printed_and_read_by_program(case: Case, program: Program) -> None:
    reports = f"{program.consultation}/reports"
    assert code_of(program("POST", reports, {})) == "no-bid"
    case.examine().note().rank()
    made = program("POST", reports, {"language": "en"})
    assert made.status_code == 201 and program("GET", reports).json() == [made.json()]
    content = bytes_of(program("GET", f"{reports}/1"))
    assert content.startswith(b"%PDF") and hashlib.sha256(content).hexdigest() == made.json()["sha256"]
    assert program("GET", f"{reports}/2").status_code == 404


def test_an_enterprise_receives_its_letters_and_its_contract_by_program(case: Case, program: Program) -> None:
    case.examine().note().rank().award().tell()
    ours, others = enterprise_program(case, 0), enterprise_program(case, 1)
    (head,) = ours("GET", "/letters").json()["items"]
    assert head["first_opened_at"] is None and "paragraphs" not in head
    place = f"/letters/{head['id']}"
    assert code_of(ours("GET", place)) == code_of(ours("GET", f"{place}/file")) == "not-received"
    assert others("POST", f"{place}/receipt").status_code == 404
    first = ours("POST", f"{place}/receipt").json()
    assert first["paragraphs"] and first["first_opened_at"] and ours("GET", place).json() == first
    content = bytes_of(ours("GET", f"{place}/file"))
    assert hashlib.sha256(content).hexdigest() == first["sha256"]
    assert code_of(ours("POST", f"{place}/reasons")) == "no-reasons"  # it was chosen

    (refused,) = others("GET", "/letters").json()["items"]
    assert others("POST", f"/letters/{refused['id']}/reasons").status_code == 204
    (waiting,) = program("GET", f"{program.consultation}/reasons").json()
    answer = f"{program.consultation}/candidacies/{waiting['candidacy']}/reasons"
    assert program("POST", answer, {"text": REASON}).status_code == 204
    assert program("POST", answer, {"text": REASON}).status_code == 409
    assert len(others("GET", "/letters").json()["items"]) == 2

    assert ours("GET", "/held-contracts").json()["items"] == []  # nothing to read yet
    contract = case.prepare_contract()
    held = next(
        one for one in ours("GET", "/held-contracts").json()["items"] if one["id"] == str(contract.pk)
    )
    held_place = f"/held-contracts/{contract.pk}"
    assert bytes_of(ours("GET", f"{held_place}/files/{held['sha256']}")).startswith(b"%PDF-1.4 marche")
    assert others("GET", held_place).status_code == 404
    assert ours("POST", f"{held_place}/receipt").status_code == 409  # before its signatures
