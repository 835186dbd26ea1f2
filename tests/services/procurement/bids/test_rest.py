"""A program of an enterprise bids: the same doors, rules and receipts as the page, told in JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from territoires.services.procurement.domain.sealing import block as blocks
from territoires.services.procurement.domain.sealing import documents as doc
from territoires.services.procurement.domain.sealing import files
from territoires.services.procurement.domain.sealing.files import FileEntry
from territoires.services.procurement.domain.sealing.policy import read_policy
from territoires.services.procurement.models import Consultation, Deposit
from tests.routes.world import World
from tests.services.procurement.conftest import rows
from tests.services.procurement.sealing.cast import MIB, Cast, content

from .conftest import SIRETS, Bidding, lots_by_number, make_enterprise, policy_for

API = "/api/v1/procurement"


@dataclass
class Program:
    """A key of an enterprise, in English."""

    headers: dict[str, str]

    def __call__(
        self, method: str, path: str, body: Any = None, media: str = "application/json", **headers: str
    ) -> Any:
        sent = body if isinstance(body, bytes) else json.dumps(body) if body is not None else ""
        return Client().generic(method, f"{API}{path}", sent, media, headers=self.headers | headers)


def program_of(enterprise: Any, role: str = "representative") -> Program:
    rows("identity.ServiceActivation").get_or_create(
        organisation=enterprise, service="procurement", defaults={"since_at": "2026-01-05T00:00:00Z"}
    )
    key = World(home=enterprise, foreign=None, operator=None, idle=None).key(enterprise, role)
    return Program({"Accept-Language": "en", "Authorization": f"Bearer {key}"})


@pytest.fixture
def ours(enterprise: Any) -> Program:
    return program_of(enterprise)


@dataclass
class Sealer:
    """What a program computes on its own machine, and sends by the interface alone."""

    program: Program
    bid: dict[str, Any]
    own: Bidding

    def path(self, rest: str = "") -> str:
        return f"/bids/{self.bid['id']}{rest}"

    def block(self, lot: Any) -> Any:
        made, master = blocks.make_block(
            self.own.policy, lot=lot, envelope="tender", bidder=self.own.draft.bidder_id, block=uuid4()
        )
        written, key = made.written(), made.context.block
        for _again in range(2):
            answer = self.program("POST", self.path("/blocks"), written, "application/octet-stream")
            assert answer.status_code == 201, answer.content
            assert answer.json() == {"block": str(key), "sha256": doc.sha256(written).hex()}
        self.own.masters[key], self.own.blocks[key] = master, written
        self.own.contexts[key] = (lot, "tender")
        return key

    def put(self, entry: FileEntry, index: int, chunk: bytes, **changed: str) -> Any:
        headers = {
            "Sealing-Nonce": doc.base64url(chunk[: files.NONCE_BYTES]),
            "Sealing-Leaf": doc.base64url(files.leaf(chunk)),
            "Sealing-Block": str(entry.block),
        }
        return self.program(
            "PUT",
            self.path(f"/files/{entry.file}/chunks/{index}"),
            chunk[files.NONCE_BYTES :],
            "application/octet-stream",
            **headers | changed,
        )


@pytest.fixture
def sealer(ours: Program, consultation: Consultation, cast: Cast, bidder: Any) -> Sealer:
    begun = ours("POST", f"/consultations/{consultation.pk}/bids")
    assert begun.status_code == 201, begun.content
    draft = rows("t_procurement.BidDraft").get(pk=begun.json()["id"])
    return Sealer(ours, begun.json(), Bidding(bidder, draft))


def test_a_block_for_an_older_policy_brings_the_present_one(
    sealer: Sealer, ours: Program, consultation: Consultation
) -> None:
    older = sealer.own.policy
    stale, _ = blocks.make_block(
        older,
        lot=lots_by_number(consultation)[1],
        envelope="tender",
        bidder=sealer.own.draft.bidder_id,
        block=uuid4(),
    )
    policy_for(consultation, version=2, previous=older.hash, prefix="other")
    refused = ours("POST", sealer.path("/blocks"), stale.written(), "application/octet-stream")
    assert refused.status_code == 409 and refused.json()["type"].endswith("sealing-policy-changed")
    assert read_policy(doc.octets(refused.json()["policy"])).hash == sealer.own.policy.hash != older.hash


def test_a_program_bids_from_the_first_call_to_the_receipt(
    sealer: Sealer, ours: Program, consultation: Consultation, cast: Cast
) -> None:
    assert sealer.bid["policy"] == cast.policy.hash.hex()
    assert doc.sha256(ours("GET", sealer.path("/policy")).content) == cast.policy.hash
    block = sealer.block(lots_by_number(consultation)[1])
    entry, chunks = sealer.own.sealed(block, "Mémoire technique.pdf", content(2 * MIB + 5))
    assert sealer.put(entry, 2, chunks[2]).json() == {"outcome": "stored"}
    assert sealer.put(entry, 2, chunks[2]).json() == {"outcome": "again"}
    resumed = ours("GET", sealer.path(f"/files/{entry.file}/chunks")).json()
    assert resumed == {"chunks": [[2, files.leaf(chunks[2]).hex()]], "sealed": False}
    early = ours("POST", sealer.path("/deposits"), sealer.own.manifest([entry]), "application/octet-stream")
    assert early.status_code == 422 and not Deposit.objects.exists()
    for index in (0, 1):
        sealer.put(entry, index, chunks[index])
    manifest = sealer.own.manifest([entry])
    made = [
        ours(
            "POST", sealer.path("/deposits"), manifest, "application/octet-stream", **{"Idempotency-Key": "1"}
        )
        for _again in range(2)
    ]
    assert [one.status_code for one in made] == [201, 201] and Deposit.objects.count() == 1
    said = made[0].json()
    assert said["root"] == doc.sha256(manifest).hex() and said["state"] == "sealed"
    [listed] = ours("GET", sealer.path("/deposits")).json()
    assert listed == said
    receipts = f"/deposits/{said['id']}/receipts"
    [receipt] = ours("GET", sealer.path(receipts)).json()
    assert receipt["said"]["files"][0]["root"] == entry.root.hex()
    assert ours("GET", sealer.path(f"{receipts}/deposit/pdf")).content.startswith(b"%PDF")
    assert ours("GET", sealer.path(f"{receipts}/deposit/zip")).status_code == 409, "its proof follows"
    assert ours("GET", sealer.path(f"{receipts}/withdrawal/pdf")).status_code == 404
    withdrawn = ours("POST", sealer.path(f"/deposits/{said['id']}/withdrawal"))
    assert withdrawn.status_code == 201 and withdrawn.json()["kind"] == "withdrawal"
    assert ours("POST", sealer.path(f"/deposits/{said['id']}/withdrawal")).status_code == 409


def test_hostile_chunks_are_refused_in_words(
    sealer: Sealer, consultation: Consultation, ours: Program
) -> None:
    block = sealer.block(lots_by_number(consultation)[1])
    entry, chunks = sealer.own.sealed(block, "plan.pdf", content(10))
    refused = {
        "chunk-altered": {"Sealing-Leaf": doc.base64url(bytes(32))},
        "no-block": {"Sealing-Block": str(uuid4())},
        "sealing-malformed": {"Sealing-Nonce": "%%%"},
    }
    for code, change in refused.items():
        answer = sealer.put(entry, 0, chunks[0], **change)
        assert answer.status_code in (404, 422), (code, answer.content)
        told = answer.json()
        assert told["detail"] and told["remedy"]
    assert sealer.put(entry, 2**31, chunks[0]).status_code == 422
    assert sealer.put(entry, 0, chunks[0]).json() == {"outcome": "stored"}
    assert ours("DELETE", sealer.path(f"/files/{entry.file}")).status_code == 204
    assert ours("GET", sealer.path(f"/files/{entry.file}/chunks")).status_code == 404


def test_an_enterprise_sees_its_own_space_alone(sealer: Sealer, consultation: Consultation) -> None:
    rival = program_of(make_enterprise(SIRETS[1], "Imprimerie Essai"))
    assert rival("GET", "/bids").json()["items"] == []
    for method, path in (
        ("GET", ""),
        ("GET", "/policy"),
        ("GET", "/deposits"),
        ("GET", "/espd"),
        ("GET", "/forms/dc1"),
        ("POST", "/blocks"),
        ("POST", "/deposits"),
        ("PUT", f"/files/{uuid4()}/chunks/0"),
    ):
        answer = rival(method, sealer.path(path), b"{}", "application/octet-stream")
        assert answer.status_code == 404, (method, path, answer.content)


def test_candidature_and_safe(sealer: Sealer, ours: Program) -> None:
    sheet = ours("PATCH", "/sheet", {"legal_form": "SARL", "headcount": 9, "is_small": True})
    assert sheet.json()["headcount"] == 9
    stale = ours("PATCH", "/sheet", {"headcount": 10}, **{"If-Match": '"1"'})
    assert stale.status_code == 412
    assert ours("GET", "/sheet").json()["headcount"] == 9
    members = [{"siret": SIRETS[1], "name": "Imprimerie Essai", "part": "impression"}]
    joined = ours("PUT", sealer.path("/consortium"), {"consortium": "several", "members": members})
    assert joined.json()["members"] == members
    assert ours("PUT", sealer.path("/consortium"), {"consortium": "several"}).status_code == 422
    for paper in ("dc1", "dc2"):
        assert ours("GET", sealer.path(f"/forms/{paper}")).content.startswith(b"%PDF")
    asked = ours("GET", sealer.path("/espd")).json()
    assert "sme" in asked["criteria"] and "9" in asked["answers"].values() and not asked["is_written"]
    grounds = {key: "false" for key in asked["questions"] if key.endswith("/QG1/Q1") and "_EG_" in key}
    written = ours("PUT", sealer.path("/espd"), {"answers": grounds}, **{"If-Match": '"1"'})
    assert written.json()["answers"] == grounds and written["ETag"] == '"2"'
    wrong = ours("PUT", sealer.path("/espd"), {"answers": dict.fromkeys(grounds, "perhaps")})
    assert wrong.status_code == 422 and len(wrong.json()["faults"]) == len(grounds)
    bomb = b'<!DOCTYPE b [<!ENTITY a "a">]><b>&a;</b>'
    refused = ours("PUT", sealer.path("/espd/request"), bomb, "application/xml")
    assert refused.status_code == 422 and "DOCTYPE" in refused.json()["remedy"]
    response = ours("GET", sealer.path("/espd/espd-response.xml"))
    assert response["Content-Type"] == "application/xml" and SIRETS[0].encode() in response.content
    kept = ours(
        "POST",
        "/attestations?name=kbis.pdf&kind=register&valid_until=2027-03-01",
        b"%PDF-1.4 kbis",
        "application/pdf",
    )
    assert kept.status_code == 201, kept.content
    [listed] = ours("GET", "/attestations").json()
    assert listed == kept.json() and listed["valid_until"] == "2027-03-01"
    one = f"/attestations/{listed['id']}"
    assert b"".join(ours("GET", one)) == b"%PDF-1.4 kbis"
    assert program_of(make_enterprise(SIRETS[1], "Imprimerie Essai"))("GET", one).status_code == 404
    assert ours("DELETE", one).status_code == 204 and ours("GET", "/attestations").json() == []
