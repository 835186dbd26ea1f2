"""A program follows a consultation, its registers, the switch and the packages: what the pages do, told in JSON."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.test import Client

from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.services.procurement import jobs
from territoires.services.procurement.actions import incidents
from territoires.services.procurement.models import Consultation, Package
from tests.routes.world import World
from tests.services.procurement.conftest import make_consultation, receive, rows

from .conftest import make_operator, operator_actor, published
from .test_packages import ended
from .test_switching import NOTICE, written

pytestmark = pytest.mark.django_db
API = "/api/v1/procurement/"


class Program:
    """A key of the body, in English."""

    def __init__(self, body: Any, role: str = "secretary") -> None:
        rows("identity.ServiceActivation").create(
            organisation=body, service="procurement", since_at="2026-01-05T00:00:00Z"
        )
        key = World(home=body, foreign=None, operator=None, idle=None).key(body, role)
        self.headers = {"Accept-Language": "en", "Authorization": f"Bearer {key}"}

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        is_file = isinstance(body, bytes)
        sent = body if is_file else json.dumps(body, default=str) if body is not None else ""
        media_type = "application/octet-stream" if is_file else "application/json"
        return Client().generic(method, API + path, sent, media_type, headers=self.headers | headers)


@pytest.fixture
def program(body: Any) -> Program:
    return Program(body)


def open_one(secretary: Actor) -> Consultation:
    return published(secretary, datetime.now(UTC) + timedelta(days=20))


def test_documents_are_added_read_and_taken_off(program: Program, secretary: Actor) -> None:
    one = make_consultation(secretary)
    there = f"consultations/{one.pk}/documents"
    before = program("GET", there).json()
    added = program("POST", f"{there}?name=plan.pdf&kind=technical", b"%PDF-1.4 un plan")
    assert added.status_code == 201, added.content
    digest = added.json()["sha256"]
    assert b"".join(program("GET", f"{there}/{digest}").streaming_content) == b"%PDF-1.4 un plan"
    again = program("POST", f"{there}?name=plan.pdf&kind=technical", b"%PDF-1.4 un plan")
    assert again.status_code == 409
    assert program("DELETE", f"{there}/{digest}").status_code == 200
    assert program("GET", there).json() == before
    assert program("GET", f"{there}/{'0' * 64}").status_code == 404


def test_a_deadline_is_put_off_under_its_etag_once(program: Program, secretary: Actor) -> None:
    one = open_one(secretary)
    later = one.tenders_until + timedelta(days=7)  # type: ignore[operator]
    said = {"summary": "Délai allongé.", "reason": "Une pièce manquait au dossier.", "tenders_until": later}
    address = f"consultations/{one.pk}/amendments"
    stale = program("POST", address, said, **{"If-Match": '"99"'})
    assert stale.status_code == 412
    keyed = {"Idempotency-Key": "une-fois"}
    done, again = program("POST", address, said, **keyed), program("POST", address, said, **keyed)
    assert (done.status_code, again.status_code) == (200, 200), again.content
    assert done["ETag"]
    [amendment] = program("GET", address).json()
    assert amendment["reason"] == said["reason"]
    earlier = {**said, "tenders_until": one.tenders_until}
    assert program("POST", address, earlier).status_code == 422


def test_the_register_of_withdrawals_is_paged_without_loss(program: Program, secretary: Actor) -> None:
    one = open_one(secretary)
    who = rows("t_procurement.Correspondent").create(
        consultation=one, name="=1+1", email="camille@modele.example", token="x", left_at=datetime.now(UTC)
    )
    at = datetime.now(UTC)
    for place in range(25):
        rows("t_procurement.Withdrawal").create(
            consultation=one,
            version=1,
            correspondent=who if place % 2 else None,
            address_hash="0" * 32,
            withdrawn_at=at + timedelta(seconds=place // 5),
        )
    seen, after = [], ""
    while True:
        page = program("GET", f"consultations/{one.pk}/withdrawals?limit=7&after={after}").json()
        seen += [line["id"] for line in page["items"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert len(seen) == len(set(seen)) == 25
    for foreign in ("x", "r1:4", "MjAyNg", "é"):
        assert program("GET", f"consultations/{one.pk}/withdrawals?after={foreign}").status_code == 422
    table = b"".join(program("GET", f"consultations/{one.pk}/withdrawals.csv").streaming_content)
    lines = list(csv.DictReader(io.StringIO(table.decode())))
    assert len(lines) == 25
    assert {line["name"] for line in lines} == {"", "'=1+1"}


def with_a_deposit(secretary: Actor, deadline: datetime, late_by: timedelta | None = None) -> tuple[str, Any]:
    """The address of the register of a consultation with that deadline, and the deposit in it."""
    from tests.services.procurement.bids.conftest import (
        begin,
        lots_by_number,
        make_bidder,
        make_enterprise,
        publish,
    )

    one = make_consultation(secretary, "validated")
    publish(one, deadline=deadline)
    browser = begin(make_bidder(make_enterprise(), at=deadline - timedelta(hours=1)), one)
    browser.send(browser.block(lots_by_number(one)[1]), "offre secrète.pdf", b"%PDF-1.4 secret")
    if late_by:
        browser = browser.at(deadline + late_by)
    return f"consultations/{one.pk}/deposits", browser.deposit()


def test_the_register_of_deposits_tells_no_content(program: Program, secretary: Actor) -> None:
    register, deposit = with_a_deposit(secretary, datetime.now(UTC) - timedelta(hours=1))
    found = program("GET", register)
    [line] = found.json()["items"]
    assert (line["bidder"], line["lots"], line["state"]) == ("99999006200013", [1], "sealed")
    assert "offre" not in found.content.decode()
    assert b"99999006200013" in b"".join(program("GET", f"{register}.csv").streaming_content)
    [receipt] = program("GET", f"{register}/{deposit.pk}/receipts").json()
    assert receipt["kind"] == "deposit" and receipt["sha256"]


def test_the_register_names_nobody_before_the_deadline(program: Program, secretary: Actor) -> None:
    register, deposit = with_a_deposit(secretary, datetime.now(UTC) + timedelta(hours=1))
    [line] = program("GET", register).json()["items"]
    assert (line["bidder"], line["bidder_name"], line["state"]) == ("", "", "sealed")
    table = b"".join(program("GET", f"{register}.csv").streaming_content)
    assert line["id"].encode() in table and b"99999006200013" not in table
    assert program("GET", f"{register}/{deposit.pk}/receipts").status_code == 409


def test_a_late_deposit_is_admitted_once_with_its_dossier(program: Program, secretary: Actor) -> None:
    register, deposit = with_a_deposit(
        secretary, datetime.now(UTC) - timedelta(hours=1), late_by=timedelta(seconds=25)
    )
    one = f"{register}/{deposit.pk}"
    with zipfile.ZipFile(io.BytesIO(program("GET", f"{one}/dossier").content)) as bundle:
        told = json.loads(bundle.read("dossier.json"))
    assert told["deposit"]["late_by_milliseconds"] == 25_000
    said = {"ground": "platform", "reason": "La plateforme ne répondait pas à 11 h 59."}
    assert program("POST", f"{one}/admission", {**said, "ground": "kindness"}).status_code == 422
    assert program("POST", f"{one}/admission", {**said, "reason": "non"}).status_code == 422
    key = {"Idempotency-Key": "pli-tardif"}
    done, again = (program("POST", f"{one}/admission", said, **key) for _again in range(2))
    assert (done.status_code, done.json()) == (201, again.json())
    assert done.json()["reason"] == said["reason"]
    assert documents.documents_of(deposit.subject).count() == 1
    assert program("POST", f"{one}/admission", said).status_code == 409


def test_a_deposit_in_time_has_no_dossier_of_lateness(program: Program, secretary: Actor) -> None:
    register, deposit = with_a_deposit(secretary, datetime.now(UTC) - timedelta(hours=1))
    said = {"ground": "judge", "reason": "Une ordonnance du juge."}
    assert program("GET", f"{register}/{deposit.pk}/dossier").status_code == 404
    assert program("POST", f"{register}/{deposit.pk}/admission", said).status_code == 404


def test_a_safety_copy_is_noted_opened_in_its_case_or_destroyed(program: Program, secretary: Actor) -> None:
    deadline = datetime.now(UTC) - timedelta(hours=1)
    register, deposit = with_a_deposit(secretary, deadline, late_by=timedelta(seconds=25))
    there = register.replace("deposits", "safety-copies")
    came = {"bidder_name": "Essai", "medium": "clé USB", "arrived_at": deadline, "deposit": deposit.pk}
    to_come = {**came, "arrived_at": datetime.now(UTC) + timedelta(days=1)}
    assert program("POST", there, to_come).status_code == 422
    for wrong in ("2026-11-12T09:00:00", "0001-01-01T00:00:00+14:00"):
        assert program("POST", there, {**came, "arrived_at": wrong}).status_code == 422
    first, second = (program("POST", there, came).json()["id"] for _each in range(2))
    content = b"%PDF-1.4 copie"
    brought = Client().post(
        f"{API}{there}/{first}/files?name=copie.pdf", content, "application/pdf", headers=program.headers
    )
    assert brought.status_code == 201 and brought.json()["sha256"] == sha256(content).hexdigest()
    files = [{"document": brought.json()["id"], "envelope": "tender"}]
    why = {"ground": "transmission", "reason": "Le pli est arrivé hors délai.", "files": files}
    nothing = program("POST", f"{there}/{first}/open", {**why, "files": []})
    assert nothing.status_code == 422 and nothing.json()["type"].endswith("copy-refused")
    assert program("POST", f"{there}/{first}/open", {**why, "ground": "signature"}).status_code == 422
    unfounded = program("POST", f"{there}/{first}/open", {**why, "ground": "malware"})
    assert unfounded.status_code == 409 and unfounded.json()["type"].endswith("copy-not-needed")
    opened = program("POST", f"{there}/{first}/open", why).json()
    assert (opened["state"], opened["files"][0]["verdict"]) == ("opened", "clear")
    file = f"{there}/{first}/files/"
    read = program("GET", file + opened["files"][0]["sha256"])
    assert b"".join(read.streaming_content) == content
    assert program("GET", file + "0" * 64).status_code == 404
    assert program("GET", f"{there}/{second}/files/{opened['files'][0]['sha256']}").status_code == 404
    assert program("POST", f"{there}/{second}/destroy").json()["state"] == "destroyed"
    settled = program("POST", f"{there}/{second}/open", why)
    assert settled.status_code == 409 and settled.json()["type"].endswith("copy-settled")
    assert {one["id"]: one["ground"] for one in program("GET", there).json()} == {
        first: "transmission",
        second: "",
    }


def test_all_deadlines_are_put_off_in_one_call(program: Program, secretary: Actor) -> None:
    now = datetime.now(UTC)
    put_off, opened = (published(secretary, now + timedelta(hours=hours)) for hours in (3, 4))
    told = incidents.declare_incident(
        actor=operator_actor().at(now),
        from_at=now - timedelta(hours=1),
        until_at=None,
        what="Le dépôt des plis ne répondait plus.",
    )
    Consultation.objects.filter(pk=opened.pk).update(state="analysis", closed_at=now)
    address = f"incidents/{told.pk}/extend"
    once = {"Idempotency-Key": "report-1"}
    answered = program("POST", address, **once).json()
    done = {one["consultation"]: one for one in answered}
    assert set(done) == {str(put_off.pk), str(opened.pk)}
    extended, refused = done[str(put_off.pk)], done[str(opened.pk)]
    assert (extended["decision"], extended["refusal"]) == ("extended", "")
    assert refused["decision"] == "pending" and "can no longer be put off" in refused["refusal"]
    assert program("POST", address, **once).json() == answered
    assert [one["consultation"] for one in program("POST", address).json()] == [str(opened.pk)]


def test_an_interruption_is_decided_by_a_program(program: Program, secretary: Actor) -> None:
    one = published(secretary, datetime.now(UTC) + timedelta(hours=3))
    now = datetime.now(UTC)
    incidents.declare_incident(
        actor=operator_actor().at(now),
        from_at=now - timedelta(hours=1),
        until_at=None,
        what="Le dépôt des plis ne répondait plus.",
    )
    [incident] = program("GET", "incidents").json()
    [touched] = program("GET", f"incidents/{incident['id']}/consultations").json()
    assert (touched["consultation"], touched["decision"]) == (str(one.pk), "pending")
    address = f"incidents/{incident['id']}/consultations/{touched['id']}"
    assert program("POST", f"{address}/keep", {"reason": ""}).status_code == 422
    done = program("POST", f"{address}/extend", {})
    assert done.json()["decision"] == "extended"
    assert program("POST", f"{address}/extend", {}).status_code == 409


def test_the_operators_program_tells_an_interruption_once_and_no_other_does(
    program: Program, secretary: Actor
) -> None:
    one = published(secretary, datetime.now(UTC) + timedelta(hours=3))
    keeper = Program(make_operator(), "operator")
    began = datetime.now(UTC) - timedelta(hours=1)
    said = {"from_at": began, "what": "Le dépôt des plis ne répondait plus.", "parts": ["storage"]}
    assert program("POST", "incidents", said).status_code == 403
    for wrong in (
        {"from_at": began + timedelta(days=1)},
        {"parts": ["moon"]},
        {"what": " "},
        {"until_at": began},
    ):
        assert keeper("POST", "incidents", said | wrong).status_code == 422
    once = {"Idempotency-Key": "panne-1"}
    told, again = (keeper("POST", "incidents", said, **once) for _again in range(2))
    assert (told.status_code, again.json(), told["ETag"]) == (201, told.json(), '"1"')
    assert [line["id"] for line in keeper("GET", "incidents").json()] == [told.json()["id"]]
    place = f"incidents/{told.json()['id']}"
    [touched] = program("GET", f"{place}/consultations").json()
    assert touched["consultation"] == str(one.pk)
    ended = said | {"until_at": datetime.now(UTC)}
    assert program("PUT", place, ended).status_code == 403
    assert keeper("PUT", place, ended, **{"If-Match": '"9"'}).status_code == 412
    assert keeper("PUT", place, ended, **{"If-Match": told["ETag"]}).json()["version"] == 2
    assert keeper("PUT", f"incidents/{one.pk}", ended).status_code == 404
    assert keeper("POST", f"{place}/extend").status_code == 403  # the buyer's to decide
    assert Client().get(f"/{API.strip('/')}/availability").json() == []


def test_a_table_is_brought_read_and_taken_over(program: Program) -> None:
    table = written(NOTICE, {**NOTICE, "reference": "2026-018", "date_limite": "demain"})
    brought = program("POST", "switches?name=avis.csv&kind=notices&platform=Ancienne", table)
    assert brought.status_code == 201, brought.content
    run = brought.json()["id"]
    assert program("POST", f"switches/{run}/order").status_code == 409
    jobs.continuity.read_import(run=run)
    read = program("GET", f"switches/{run}").json()
    assert (read["state"], read["counts"]["new"], read["counts"]["refused"]) == ("checked", 1, 1)
    [line] = program("GET", f"switches/{run}/lines?fate=refused").json()
    assert line["faults"][0]["code"] == "instant-unreadable"
    assert program("POST", f"switches/{run}/order").json()["state"] == "ordered"
    jobs.continuity.take_import(run=run)
    assert program("GET", f"switches/{run}").json()["state"] == "done"
    assert program("POST", "switches?name=x.csv&kind=accounts", b"x").status_code == 403


def test_a_package_goes_out_and_comes_back(program: Program, secretary: Actor, body: Any) -> None:
    one = ended(secretary)
    taken = b"".join(program("GET", f"consultations/{one.pk}/package").streaming_content)
    assert program("POST", f"consultations/{one.pk}/package").status_code == 202
    jobs.continuity.make_package(consultation=str(one.pk))
    kept = Package.objects.get()
    assert b"".join(program("GET", f"packages/{kept.pk}/content").streaming_content)
    back = program("POST", "packages?name=dossier.zip", taken)
    assert back.status_code == 202, back.content
    assert back.json()["state"] == "reading"
    jobs.continuity.read_package(package=back.json()["id"])
    content = b"".join(program("GET", f"packages/{back.json()['id']}/content").streaming_content)
    assert content == taken
    assert program("POST", "packages?name=dossier.zip", b"%PDF-1.7").status_code == 422
    assert len(program("GET", "packages").json()) == 2
    assert receive(secretary, b"x", "x.txt") is not None


def test_the_feed_of_releases_goes_on_from_its_cursor(program: Program) -> None:
    first = program("GET", "releases").json()
    assert first["releases"] == []
    assert program("GET", f"releases?after={first['next']}").json()["next"] == first["next"]
    assert program("GET", "releases?after=x").status_code == 422
    assert program("GET", "open-records").json() == []


def test_a_kept_file_is_not_destroyed_before_its_legal_end(program: Program, secretary: Actor) -> None:
    one = ended(secretary, "abandoned")
    program("POST", f"consultations/{one.pk}/package")
    jobs.continuity.make_package(consultation=str(one.pk))
    there = f"packages/{Package.objects.get().pk}/destruction"
    why = {"reason": "Visa des archives n° 12."}
    assert program("POST", there, why).status_code == 409
    assert program("POST", there, {}).status_code == 422
