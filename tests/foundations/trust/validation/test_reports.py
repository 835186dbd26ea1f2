"""The report on any file: every sample and attack, containers that deceive, and what a hostile file may not do."""

from __future__ import annotations

import hashlib
import time
import zipfile
from base64 import b64encode
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from territoires.foundations.trust import api as trust
from territoires.foundations.trust.api import Finding, Indication
from territoires.foundations.trust.signing.cms import sign_digest
from territoires.foundations.trust.validation import bounded
from territoires.foundations.trust.validation.reader import judge
from territoires.foundations.trust.validation.report import Format, Signature, Trust, Unjudged
from tests.foundations.trust.conftest import AT

FAILED, OPEN = Indication.FAILED, Indication.INDETERMINATE
FOLDERS = ("pades", "cades", "asic-cades", "xades", "asic-xades", "pyhanko/pdf", "policy")
SECONDS = 10

TRUTHS: dict[str, list[tuple[Indication, str]] | Unjudged | str] = {
    # No authority of theirs is accepted here: nothing can pass, and what is sound stays open for that alone.
    "cades/CAdES-BpB-att-SHA256-SHA512withRSA.p7m": [(OPEN, "CRYPTO_CONSTRAINTS_FAILURE")],
    "cades/CAdES-BpB_revoked_signingCertificate.p7m": [(OPEN, "NO_CERTIFICATE_CHAIN_FOUND")],
    "cades/CAdES-BpT_modified_ts_hash.p7m": [(OPEN, "NO_CERTIFICATE_CHAIN_FOUND")],
    "cades/CAdESDoubleLTA.p7m": [(OPEN, "NO_CERTIFICATE_CHAIN_FOUND")],
    "cades/Signature-15-CBp-LT-2.p7m": [(OPEN, "NO_CERTIFICATE_CHAIN_FOUND")],
    "cades/Signature-CBp-B-1.p7m": [(OPEN, "CRYPTO_CONSTRAINTS_FAILURE")],
    "cades/cades-bes-signeddata-detached.p7s": [(OPEN, "SIGNED_DATA_NOT_FOUND")],
    "cades/cades-bes-signeddata-enveloping.p7m": "cms-unreadable",
    "cades/cades-broken-sig-tst.p7m": [(FAILED, "SIG_CRYPTO_FAILURE")],
    "cades/cades-detached.pkcs7": [(OPEN, "SIGNED_DATA_NOT_FOUND")],
    "cades/cades-enveloping.pkcs7": [(OPEN, "NO_CERTIFICATE_CHAIN_FOUND")],
    "cades/cades-extended-epes.pkcs7": [(OPEN, "NO_CERTIFICATE_CHAIN_FOUND")],
    "cades/cms-wrong-sign-cert-hash-algo.pkcs7": [(OPEN, "CRYPTO_CONSTRAINTS_FAILURE")],
    "cades/counterSig.p7m": [(OPEN, "CRYPTO_CONSTRAINTS_FAILURE")],
    "cades/d-trust.tsr": Unjudged.TIME_STAMP,
    "cades/malformed-cades.p7m": "cms-unreadable",
    "cades/no-key-info-cert.pkcs7": [(OPEN, "NO_SIGNING_CERTIFICATE_FOUND")],
    "asic-cades/ASiC-E-CAdES-BpLTA.sce": [(OPEN, "NO_CERTIFICATE_CHAIN_FOUND")],
    "asic-cades/brokenReference.asice": [(FAILED, "HASH_FAILURE")],
    "asic-cades/brokenReferenceAndAlteredManifest.asice": [(FAILED, "FORMAT_FAILURE")],
    "asic-cades/malformed-container.asics": "archive-unreadable",
    "asic-cades/multifiles-ok.asice": [(OPEN, "NO_CERTIFICATE_CHAIN_FOUND")],
    "asic-cades/multifiles-ok.asics": [(OPEN, "NO_CERTIFICATE_CHAIN_FOUND")],
    "asic-cades/onefile-ok.asice": [(OPEN, "NO_CERTIFICATE_CHAIN_FOUND")],
    "asic-cades/onefile-ok.asics": [(OPEN, "NO_CERTIFICATE_CHAIN_FOUND")],
    "asic-cades/removedReference.asice": [(OPEN, "SIGNED_DATA_NOT_FOUND")],
    "asic-xades/libreoffice.odt": Unjudged.OFFICE,
    "pades/pdf-signed-corrupted.pdf": "pdf-unreadable",
    "pades/pades_infinite_loop.pdf": "pdf-unreadable",
    "pades/hide.pdf": [(FAILED, "FORMAT_FAILURE")],
    "pades/pdf-signed-added-page.pdf": [(FAILED, "FORMAT_FAILURE")],
    "pades/pdf-byterange-overlap.pdf": [(OPEN, "NO_CERTIFICATE_CHAIN_FOUND"), (FAILED, "HASH_FAILURE")],
}
BARE = {"no-signature.asics", "constraint.xml", "19322algocatjsonschemaV121.json", "dss-crypto-suite.json"}
"""Samples without any signature."""
BROKEN_STAMPS = {"CAdES-BpT_modified_ts_hash.p7m"}


def test_every_sample_gets_its_verdict(shared_data: Path, installation: Any) -> None:
    """In one test: a sample takes some ten milliseconds. What holds XML signatures says so; nothing passes, or is silent."""
    root, found = shared_data / "exchange-signature", {}
    for path in sorted(one for folder in FOLDERS for one in (root / folder).iterdir() if one.is_file()):
        begun = time.monotonic()
        report = judge(path)
        assert time.monotonic() - begun < SECONDS, path
        name = str(path.relative_to(root))
        found[name] = (
            [(one.indication, one.sub_indication) for one in report.signatures]
            or (report.problem and report.problem.code)
            or (report.unjudged[0] if report.unjudged else None)
        )
        assert not any(one.indication is Indication.PASSED or one.holds for one in report.signatures), name
        assert (found[name] is None) is (path.name in BARE), name
        if "xades" in name and path.name not in BARE and name not in TRUTHS:
            assert found[name] is Unjudged.XML, name
        stamps = {finding for one in report.signatures for finding in one.findings}
        assert (Finding.BROKEN_TIME_STAMP in stamps) is (path.name in BROKEN_STAMPS), name
    assert {name: found[name] for name in TRUTHS} == TRUTHS


@pytest.mark.django_db
def test_an_act_signed_here_is_reported_whole(key_of: Any, act: Path, tmp_path: Path) -> None:
    """Through the process of its own, with its limits: what it says comes back as it was."""
    path = tmp_path / "signed.pdf"
    key = key_of()
    trust.sign_pdf(act, path, key=key, reason="Le maire", place="Essai", at=AT)
    report = trust.judge_file(path)
    assert report and not report.problem
    (one,) = report.signatures
    assert (one.indication, one.sub_indication) == (OPEN, "TRY_LATER") and one.holds
    assert (one.format, one.level, one.trust) == (Format.PADES, "B-T", Trust.PLATFORM)
    assert one.signer == key.card and one.claimed_at == AT and one.stamped_at == one.stamp_says
    assert report.signatures == tuple(trust.validate_pdf(path))


@pytest.mark.django_db
def test_a_file_that_takes_too_long_is_not_accused(
    installation: Any, act: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "TIMEOUT", 0.01)
    report = trust.judge_file(act)
    assert report and report.problem and report.problem.code == "signatures-too-complex"
    assert not report.signatures


@pytest.mark.django_db
def test_a_file_that_takes_too_much_memory_is_not_accused(
    installation: Any, act: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "READER", "tests.foundations.trust.validation.greedy")
    report = trust.judge_file(act)
    assert report and report.problem and report.problem.code == "signatures-too-complex"


def test_a_file_of_another_kind_starts_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded.subprocess, "run", None)
    (tmp_path / "note.txt").write_text("Aucune signature.")
    assert trust.judge_file(tmp_path / "note.txt") is None


def test_a_locked_pdf_is_said_to_be_locked(installation: Any, act: Path, tmp_path: Path) -> None:
    locked, restricted = tmp_path / "locked.pdf", tmp_path / "restricted.pdf"
    with pikepdf.open(act) as pdf:
        pdf.save(locked, encryption=pikepdf.Encryption(user="secret", owner="secret"))
        pdf.save(restricted, encryption=pikepdf.Encryption(user="", owner="secret"))
    report = judge(locked)
    assert report.problem and report.problem.code == "pdf-encrypted"
    assert judge(restricted).problem is None  # anybody reads it


def test_only_what_has_nothing_against_it_passes() -> None:
    assert Signature("", Format.CMS, ()).indication is Indication.PASSED
    for finding in Finding:
        one = Signature("", Format.CMS, (finding,))
        assert one.holds or one.indication is not Indication.PASSED
    both = Signature("", Format.CMS, (Finding.UNKNOWN_AUTHORITY, Finding.BROKEN))
    assert (both.indication, both.sub_indication) == (FAILED, "HASH_FAILURE")
    assert Signature("", Format.CMS, (Finding.REVOKED,)).sub_indication == "REVOKED_NO_POE"
    proven = Signature("", Format.CMS, (Finding.REVOKED,), stamped_at=AT)
    assert (proven.indication, proven.sub_indication) == (FAILED, "REVOKED")


DOCUMENT, ANNEX = b"Le conseil municipal", b"Annexe"


def manifest_of(files: dict[str, bytes]) -> bytes:
    references = "".join(
        f'<asic:DataObjectReference URI="{name}"><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
        f"<ds:DigestValue>{b64encode(hashlib.sha256(content).digest()).decode()}</ds:DigestValue></asic:DataObjectReference>"
        for name, content in files.items()
    )
    return (
        '<asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'
        f'<asic:SigReference URI="META-INF/signature.p7s"/>{references}</asic:ASiCManifest>'
    ).encode()


@pytest.fixture
def container(key_of: Any, db: None) -> dict[str, bytes]:
    """The entries of an ASiC-E container signed here: two files under one signature."""
    manifest = manifest_of({"acte.txt": DOCUMENT, "annexe.txt": ANNEX})
    signed = sign_digest(
        hashlib.sha256(manifest).digest(), key_of(), time_stamp=lambda imprint: trust.time_stamp(imprint)
    )
    return {
        "mimetype": b"application/vnd.etsi.asic-e+zip",
        "META-INF/ASiCManifest.xml": manifest,
        "META-INF/signature.p7s": signed,
        "acte.txt": DOCUMENT,
        "annexe.txt": ANNEX,
    }


def archived(path: Path, entries: list[tuple[str, bytes]]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ({}, None),
        ({"acte.txt": DOCUMENT + b" a vote"}, Finding.BROKEN),
        ({"annexe.txt": None}, Finding.FILES_MISSING),
        ({"autre.txt": b"ajout"}, Finding.FILES_ADDED),
        ({"META-INF/ASiCManifest.xml": manifest_of({"acte.txt": DOCUMENT})}, Finding.BROKEN),
        ({"META-INF/ASiCManifest2.xml": manifest_of({"autre.txt": b""})}, Finding.UNREADABLE),
        ({"META-INF/ASiCManifest.xml": b"<!DOCTYPE a><a/>"}, Finding.UNREADABLE),
        ({"META-INF/ASiCManifest.xml": None}, Finding.NO_DOCUMENT),
        ({"META-INF/signature.p7s": b"0"}, Finding.UNREADABLE),
    ],
)
def test_a_container_holds_as_it_was_signed_and_no_other_way(
    container: dict[str, bytes], tmp_path: Path, change: dict[str, bytes | None], finding: Finding | None
) -> None:
    entries = [(name, content) for name, content in {**container, **change}.items() if content is not None]
    (one,) = judge(archived(tmp_path / "acte.asice", entries)).signatures
    assert one.holds is (finding is None)
    assert finding in one.findings if finding else one.trust is Trust.PLATFORM and one.is_intact


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["acte.txt", "ACTE.txt", "../acte.txt", "/acte.txt"])
def test_a_container_of_two_faces_is_refused(container: dict[str, bytes], tmp_path: Path, name: str) -> None:
    path = archived(tmp_path / "acte.asice", [*container.items(), (name, b"autre")])
    report = judge(path)
    assert report.problem and report.problem.code == "container-refused" and not report.signatures
