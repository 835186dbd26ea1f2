"""What the page and the interface say of a signed file that somebody gives."""

from __future__ import annotations

import zipfile
from contextlib import ExitStack
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from territoires.foundations.trust import api as trust
from territoires.foundations.trust.validation import bounded

from .signed import signed_pdf

pytestmark = pytest.mark.django_db


def evidence() -> bytes:
    """What looks like an evidence bundle and holds nothing."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("manifest.json", "index.html"):
            archive.writestr(name, "{}")
    return file.getvalue()


@pytest.fixture
def signed() -> bytes:
    return signed_pdf()


def given(client: Client, content: bytes, language: str) -> str:
    file = BytesIO(content)
    file.name = "acte.pdf"
    answer = client.post("/verifier/", {"file": file}, headers={"Accept-Language": language})
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_clerk_reads_who_signed_when_and_what_stays_open(client: Client, signed: bytes) -> None:
    page = given(client, signed, "fr")
    assert "Signature de Camille Exemple" in page and "Commune d’Essai" in page
    assert "TRY_LATER" in page and "TOTAL-PASSED" not in page and "PAdES, B-T" in page
    assert "Rien n&#x27;a été modifié" in page  # escaped, as everything that a file may say
    damaged = signed.replace(b"/MediaBox", b"/MediaBux", 1)
    page = given(client, damaged, "en")
    assert "It does not hold" in page and "HASH_FAILURE" in page


def test_who_comes_while_too_many_are_judged_is_asked_to_come_again(
    client: Client, signed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "PATIENCE", 0)
    with ExitStack() as taken:
        for _place in range(bounded.PLACES):
            taken.enter_context(trust.judging())
        file = SimpleUploadedFile("acte.pdf", signed)
        refused = client.post("/verifier/", {"file": file}, headers={"Accept-Language": "fr"})
        assert refused.status_code == 503 and refused["Retry-After"]
        assert "Donnez-le de nouveau" in refused.content.decode()
        answer = client.generic("POST", "/api/v1/portal/verify", evidence())
        assert answer.status_code == 503 and answer.json()["type"].endswith("judges-busy")
        assert client.generic("POST", "/api/v1/portal/verify", b"Aucune signature").status_code == 200
    assert "Signature de Camille Exemple" in given(client, signed, "fr")


def test_a_program_gets_the_same(client: Client, signed: bytes) -> None:
    def ask(content: bytes) -> dict[str, object]:
        answer = client.generic("POST", "/api/v1/portal/verify", content)
        return answer.json()["signatures"]  # type: ignore[no-any-return]

    found = ask(signed)
    (one,) = found["signatures"]  # type: ignore[misc]
    assert found["policy"] == trust.POLICY and found["problem"] is None
    assert (one["indication"], one["sub_indication"]) == ("INDETERMINATE", "TRY_LATER")
    assert one["signer"]["holder"] == "Camille Exemple" and one["trust"]["code"] == "PLATFORM"
    assert {each["code"] for each in one["findings"]} == {"REVOCATION_UNKNOWN"}
    assert ask(b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02")["problem"]["code"] == "cms-unreadable"  # type: ignore[index]
    assert ask(b"Aucune signature") is None
