"""A bundle holds all that its proof needs; where the verifier is, the verifier judges it."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from base64 import b64decode
from pathlib import Path

import pytest

from territoires.foundations.journal import api as journal
from territoires.foundations.journal import notes
from territoires.foundations.journal.keys import key_spans
from territoires.foundations.journal.tree import leaf_hash, root_of_path
from territoires.foundations.trust import api as trust
from territoires.kernel.errors import Conflict, Corrupt, Missing
from territoires.kernel.ids import new_id
from tests.tools.bundles import World

from .book import write

CONTENT = b"%PDF-1.7 deliberation" * 20_000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
NAME = "Délibération n° 12.pdf"


@pytest.fixture
def entries(book) -> list:
    found = write(5, content=DIGEST)
    journal.sequence_once()
    return found


def made(entries, **options) -> bytes:
    files = {"content": (NAME, [CONTENT[:1000], CONTENT[1000:]])}
    return b"".join(journal.build_bundle(entries, files, **options))


def members(bundle: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_bundle_has_the_layout_and_its_manifest_lists_it(entries):
    found = members(made(entries[1:3]))
    assert {
        "index.html",
        "manifest.json",
        "files/content.pdf",
        "entries/1.json",
        "entries/2.json",
        "private/1.txt",
        "private/2.txt",
        "proofs/1.tlog-proof",
        "proofs/2.tlog-proof",
        "tokens/checkpoint-5-own.tst",
        "certificates/log.pem",
        "certificates/log-keys.json",
        "certificates/untrusted.pem",
        "certificates/claimed-roots.pem",
        "validation.json",
        "verify_evidence.py",
    } == found.keys()
    manifest = json.loads(found["manifest.json"])
    assert (manifest["format"], manifest["entries"]) == ("territoires-evidence/1", [1, 2])
    listed = {one["path"]: (one["sha256"], one["size"]) for one in manifest["files"]}
    assert listed == {
        name: (hashlib.sha256(content).hexdigest(), len(content))
        for name, content in found.items()
        if name != "manifest.json"
    }
    assert next(one["original-name"] for one in manifest["files"] if one["role"] == "file") == NAME


def test_a_proof_leads_from_the_entry_to_the_signed_root(entries):
    found = members(made(entries))
    for seq in range(5):
        head, _, note = found[f"proofs/{seq}.tlog-proof"].partition(b"\n\n")
        lines = head.decode().split("\n")
        assert lines[:2] == ["c2sp.org/tlog-proof@v1", f"index {seq}"]
        read = notes.read(note)
        path = [b64decode(line) for line in lines[2:]]
        assert root_of_path(leaf_hash(found[f"entries/{seq}.json"]), seq, read.size, path) == read.root
        assert notes.is_ours(read, key_spans())


def test_the_page_is_french_then_english_and_loads_nothing(entries):
    page = members(made(entries[:1]))["index.html"].decode()
    assert page.index('lang="fr"') < page.index('lang="en"')
    assert "Camille Exemple" in page
    for forbidden in ("<script", "src=", "href=", "@import", "url("):
        assert forbidden not in page
    assert trust.trust_chain().root_fingerprint in page


def test_personal_values_are_left_out_on_demand(entries):
    found = members(made(entries[:1], private=False))
    assert "private/0.txt" not in found
    assert b"Camille" not in b"".join(found.values())


def test_a_file_that_is_not_the_recorded_one_makes_no_bundle(entries):
    with pytest.raises(Corrupt) as refused:
        b"".join(journal.build_bundle(entries, {"content": (NAME, [b"other"])}))
    assert refused.value.code == "file-not-recorded"


def test_a_bundle_waits_for_the_seal_and_knows_its_entries(book):
    (entry,) = write(1)
    with pytest.raises(Conflict):
        journal.build_bundle([entry])
    with pytest.raises(Missing):
        journal.build_bundle([new_id()])


def judge(tmp_path: Path, bundle: bytes) -> subprocess.CompletedProcess[str]:
    (tmp_path / "bundle.zip").write_bytes(bundle)
    (tmp_path / "root.pem").write_bytes(trust.trust_chain().root_pem)
    command = [sys.executable, "-I", str(journal.verifier_path()), str(tmp_path / "bundle.zip")]
    return subprocess.run([*command, "--root", str(tmp_path / "root.pem")], capture_output=True, text=True)


def changed(bundle: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """The bundle with one member changed and the manifest made to agree."""
    found = members(bundle)
    assert old in found[name]
    found[name] = found[name].replace(old, new, 1)
    manifest = json.loads(found["manifest.json"])
    for one in manifest["files"]:
        content = found[one["path"]]
        one.update(sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    found["manifest.json"] = json.dumps(
        manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for path, content in found.items():
            archive.writestr(path, content)
    return sink.getvalue()


def test_the_verifier_accepts_a_real_bundle(entries, tmp_path):
    done = judge(tmp_path, made(entries))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("files/content.pdf", b"deliberation", b"delibEration"),
        ("entries/2.json", b'"weight":20', b'"weight":21'),
        ("proofs/2.tlog-proof", b"index 2", b"index 3"),
        ("proofs/2.tlog-proof", b"\n5\n", b"\n6\n"),
        ("private/2.txt", b"W", b"X"),
        ("certificates/log.pem", b"M", b"N"),
    ],
)
def test_the_verifier_refuses_a_bundle_tampered_with(entries, tmp_path, name, old, new):
    done = judge(tmp_path, changed(made(entries), name, old, new))
    assert done.returncode == 1, done.stdout


def test_the_revocation_lists_of_the_platform_travel_with_the_bundle(entries, tmp_path, monkeypatch):
    lists = World().revoke()
    monkeypatch.setattr(trust, "revocation_lists", lambda: lists)
    bundle = made(entries)
    assert members(bundle)["certificates/crls.pem"] == lists
    assert judge(tmp_path, bundle).returncode == 0
