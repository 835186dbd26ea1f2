"""The pages of the opening without a script: each answers, says what stands, and takes garbage with a sentence."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.services.procurement.conftest import make_actor, rows

from .content import fill
from .world import PLAIN


@pytest.fixture
def found(body: Any) -> dict[str, Any]:
    """What the visits stand on, and the secretary's browser, in English."""
    secretary = make_actor(body)
    person = rows("identity.Person").get(pk=secretary.person)
    account = rows("identity.Account").create_user("claire@exemple.test", person=person)
    rows("identity.RoleAssignment").create(
        membership=person.memberships.get(), role="secretary", since_on="2026-01-05"
    )
    for service in ("procurement", "portal"):
        rows("identity.ServiceActivation").create(
            organisation=body, service=service, since_at="2026-01-05T00:00:00Z"
        )
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    return fill(secretary, body) | {"client": client}


def at(found: dict[str, Any], state: str, path: str) -> str:
    return f"/o/217104389/procurement/{found[f'consultation {state}']}/{path}"


def test_every_page_answers_and_says_what_stands(found: dict[str, Any]) -> None:
    client, opened, waiting = found["client"], found["session opened"], found["session waiting"]
    expected = {
        "/o/217104389/procurement/officer/": "Confirm first that it is you",
        at(found, "ready", "opening/way/1/"): "Confirm first that it is you",
        at(found, "named", "opening/"): "has not accepted",
        at(found, "ready", "opening/"): "Everything is ready",
        at(found, "opened", "opening/"): "The sessions",
        at(found, "passing", "opening/"): "takes over: see where it stands",
        at(found, "passing", "opening/replace/"): "Ask for the replacement",
        at(
            found, "passing", f"opening/replace/{found['handover']}/"
        ): "0 of 2 sealed envelopes changed hands.",
        at(found, "ready", "opening/replace/"): "Nobody can be replaced now",
        at(found, "opened", f"opening/{waiting}/"): "Waiting for the officers",
        at(found, "opened", f"opening/{opened}/"): "EICAR-Test-File",
        at(found, "opened", f"opening/{waiting}/release/"): "Confirm first that it is you",
        at(found, "opened", f"opening/{opened}/release/"): "Your part is given",
        at(found, "opened", "opened/"): "tender-offre.pdf",
        at(found, "opened", "safety-copies/"): "clé USB",
        at(found, "opened", f"safety-copies/{found['safety copy']}/open/"): "malicious program",
        at(found, "opened", f"opened/{found['file infected']}/repair/"): "attempt to repair",
    }
    for address, words in expected.items():
        answer = client.get(address)
        assert answer.status_code == 200 and words in answer.content.decode(), address
    assert client.get(at(found, "ready", "opening/way/9/")).status_code == 404
    officers = client.get("/o/217104389/procurement/officer/")
    assert "opening/way/1/" in officers.content.decode() and "data-check=" in officers.content.decode()
    assert "'wasm-unsafe-eval'" in officers.headers["Content-Security-Policy"]
    others = client.get(at(found, "opened", "opening/"))
    assert "wasm" not in others.headers["Content-Security-Policy"]


def test_an_officer_declines_on_the_page_where_she_would_give(found: dict[str, Any]) -> None:
    client, session = found["client"], at(found, "opened", f"opening/{found['session waiting']}/")
    assert "loin de la feuille de secours" in client.get(session).content.decode()
    assert "I cannot give my part" in client.get(f"{session}release/").content.decode()
    empty = client.post(f"{session}release/decline/", {"reason": "Non"})
    assert empty.status_code == 422 and "<details open" in empty.content.decode()
    said = {"reason": "Mon entreprise est candidate."}
    assert client.post(f"{session}release/decline/", said)["Location"] == session
    assert said["reason"] in client.get(session).content.decode()
    declined = client.get(f"{session}release/").content.decode()
    assert "You declined to give your part" in declined and "I cannot give my part" not in declined
    again = client.post(f"{session}release/decline/", said)
    assert again.status_code == 422 and "You have declined already." in again.content.decode()


def test_the_files_are_those_that_were_sealed_and_the_package_is_what_the_tool_reads(
    found: dict[str, Any],
) -> None:
    client, opened, waiting = found["client"], found["session opened"], found["session waiting"]
    whole = b"".join(client.get(at(found, "opened", "opened/all.zip")).streaming_content)
    with zipfile.ZipFile(io.BytesIO(whole)) as tree:
        assert [tree.read(name) for name in tree.namelist()] == [PLAIN, PLAIN]
        assert all(name.count("/") == 3 for name in tree.namelist())
    package = client.get(at(found, "opened", f"opening/{waiting}/package.zip")).content
    with zipfile.ZipFile(io.BytesIO(package)) as tree:
        assert "order.json" in tree.namelist()
        assert {name.split("/")[0] for name in tree.namelist()} == {"order.json", "policies", "blocks"}
    minutes = client.get(at(found, "opened", f"opening/{opened}/minutes/en/"))
    assert b"".join(minutes.streaming_content).startswith(b"%PDF")
    assert client.get(at(found, "opened", f"opening/{opened}/minutes/xx/")).status_code == 404
    papers = client.get(at(found, "opened", f"opening/{waiting}/release/papers/")).json()
    assert set(papers) >= {"order", "policies", "blocks", "holder", "slots"}


def test_garbage_is_refused_with_a_sentence(found: dict[str, Any]) -> None:
    client, waiting = found["client"], found["session waiting"]
    give = at(found, "opened", f"opening/{waiting}/release/give/")
    for address in (
        "/o/217104389/procurement/officer/accept/",
        "/o/217104389/procurement/officer/trial/",
        "/o/217104389/procurement/officer/slot/",
        give,
    ):
        for body in (b"", b"[]", b"{", b'{"keys":[{}],"trials":[{}],"release":"!"}', b"\xff", b"[" * 50_000):
            answer = client.post(address, body, content_type="application/json")
            assert 400 <= answer.status_code < 500, (address, body[:20])
            assert json.loads(answer.content)["message"]
    for path in ("safety-copies/", f"opened/{found['file infected']}/repair/"):
        assert client.post(at(found, "opened", path), {}).status_code == 422
    early = {"bidder_name": "Essai", "medium": "clé USB", "arrived_at": "01/01/0001 00:00"}
    assert client.post(at(found, "opened", "safety-copies/"), early).status_code == 422
    assert client.post(at(found, "opened", f"opening/{waiting}/presence/"), {}).status_code == 422
    assert client.post(at(found, "opened", f"opening/{waiting}/cancel/"), {}).status_code == 422
    assert client.post(at(found, "ready", "opening/threshold/"), {"threshold": "9"}).status_code == 422
    for path in ("opening/ask/", "opening/prepare/", "opening/end/"):
        assert client.post(at(found, "ready", path), {"envelope": "nothing"}).status_code == 302


def test_a_copy_is_opened_and_read_where_its_bid_is(found: dict[str, Any]) -> None:
    client, address = found["client"], at(found, "opened", f"safety-copies/{found['safety copy']}/open/")
    assert "SIRET of the enterprise" in client.get(address).content.decode()
    scan = SimpleUploadedFile("copie.pdf", b"%PDF-1.4 copie", "application/pdf")
    said = {"ground": "malware", "reason": "Le fichier de prix est infecté.", "lot_1": scan}
    assert "Write the SIRET" in client.post(address, said).content.decode()
    scan.seek(0)
    assert client.post(address, said | {"siret": "99999006200012"}).status_code == 302
    digest = hashlib.sha256(b"%PDF-1.4 copie").hexdigest()
    file = at(found, "opened", f"opened/in-place/{digest}/")
    for page in ("safety-copies/", "opened/"):
        assert file in client.get(at(found, "opened", page)).content.decode(), page
    assert b"".join(client.get(file).streaming_content) == b"%PDF-1.4 copie"
    minutes = at(found, "opened", f"safety-copies/{found['safety copy']}/minutes/")
    assert client.get(f"{minutes}fr/").status_code == 404  # the worker has not written them yet


def test_a_repaired_file_is_read_where_its_bid_is(found: dict[str, Any]) -> None:
    client, repair = found["client"], at(found, "opened", f"opened/{found['file infected']}/repair/")
    repaired = SimpleUploadedFile("prix-sain.pdf", b"%PDF-1.4 prix sain", "application/pdf")
    said = {"note": "Le service informatique a ôté le programme.", "document": repaired}
    assert client.post(repair, said).status_code == 302
    digest = hashlib.sha256(b"%PDF-1.4 prix sain").hexdigest()
    address = at(found, "opened", f"opened/in-place/{digest}/")
    for page in (repair, at(found, "opened", "opened/")):
        assert address in client.get(page).content.decode(), page
    assert b"".join(client.get(address).streaming_content) == b"%PDF-1.4 prix sain"
    assert client.get(at(found, "opened", f"opened/in-place/{'0' * 64}/")).status_code == 404
    whole = b"".join(client.get(at(found, "opened", "opened/all.zip")).streaming_content)
    with zipfile.ZipFile(io.BytesIO(whole)) as tree:
        (name,) = (one for one in tree.namelist() if one.endswith("prix-sain.pdf"))
        assert (
            name.startswith("Repaired files/Lot 01/001 ")
            and "/tender/" in name
            and tree.read(name) == b"%PDF-1.4 prix sain"
        )
