"""The verifier says yes to a sound bundle and refuses each forgery, with its reason."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import warnings
import zipfile
from base64 import b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from . import bundles
from .bundles import World, content, manifest, signed_note, write

TOOL = Path(__file__).resolve().parents[2] / "tools" / "verify_evidence.py"


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def judge(bundle: Path, *options: object) -> tuple[int, str]:
    command = [sys.executable, "-I", str(TOOL), str(bundle), *map(str, options)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


def refused(tmp_path: Path, world: World, parts: dict[str, bytes], reason: str, **options: bytes) -> None:
    status, said = judge(
        write(tmp_path / "bundle.zip", parts, **options), "--root", world.root_file(tmp_path)
    )
    assert status == 1
    assert reason in said


def test_a_sound_bundle_is_verified_under_the_root_given(tmp_path, world) -> None:
    bundle = write(tmp_path / "bundle.zip", content(world))
    status, said = judge(bundle, "--root", world.root_file(tmp_path))
    assert status == 0, said
    assert "Verified" in said
    assert "Vérifié" in said
    assert "DEMONSTRATION" in said


def test_a_fingerprint_picks_the_root_and_a_wrong_one_does_not(tmp_path, world) -> None:
    bundle = write(tmp_path / "bundle.zip", content(world))
    right = hashlib.sha256(world.root.certificate.public_bytes(Encoding.DER)).hexdigest()
    assert judge(bundle, "--fingerprint", right, "--language", "en")[0] == 0
    assert judge(bundle, "--fingerprint", "00" * 32)[0] == 1


def test_the_root_inside_proves_nothing_until_it_is_accepted_in_words(tmp_path, world) -> None:
    bundle = write(tmp_path / "bundle.zip", content(world))
    status, said = judge(bundle)
    assert status == 1
    assert "no root that you trust" in said
    status, said = judge(bundle, "--accept-bundled-root")
    assert status == 0
    assert "not who made them" in said


def test_a_whole_false_world_is_refused_under_the_true_root(tmp_path, world) -> None:
    refused(tmp_path, world, content(World()), "certificate of the log")


def test_a_file_changed_without_the_manifest(tmp_path, world) -> None:
    parts = content(world)
    listed = manifest(parts)
    refused(
        tmp_path, world, parts | {"files/main.pdf": b"%PDF other"}, "differs from the manifest", listed=listed
    )


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("files/main.pdf", "not the one that the entry names"),
        ("private/1.txt", "personal value"),
        ("proofs/1.tlog-proof", "proof"),
        ("certificates/log.pem", "certificate of the log"),
        ("entries/1.json", "entry"),
    ],
)
def test_a_part_changed_with_the_manifest_made_again(tmp_path, world, name, reason) -> None:
    parts = content(world)
    refused(tmp_path, world, parts | {name: b"x" + parts[name][1:]}, reason)


def test_an_entry_changed_in_its_form(tmp_path, world) -> None:
    parts = content(world)
    body = parts["entries/1.json"].replace(b"published", b"withdrawn")
    refused(tmp_path, world, parts | {"entries/1.json": body}, "not in the journal")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"index 1\n", b"index 0\n", "inclusion proof"),
        (b"/journal/1\n3\n", b"/journal/1\n2\n", "not in the journal"),
    ],
)
def test_another_index_or_size_in_the_proof(tmp_path, world, old, new, reason) -> None:
    parts = content(world)
    proof = parts["proofs/1.tlog-proof"].replace(old, new, 1)
    refused(tmp_path, world, parts | {"proofs/1.tlog-proof": proof}, reason)


def test_a_part_added_or_removed(tmp_path, world) -> None:
    parts = content(world)
    listed = manifest(parts)
    refused(tmp_path, world, parts | {"files/more.pdf": b"x"}, "not in the manifest", listed=listed)
    refused(
        tmp_path, world, {k: v for k, v in parts.items() if k != "validation.json"}, "missing", listed=listed
    )


def test_no_time_stamp_on_the_checkpoint(tmp_path, world) -> None:
    parts = content(world)
    del parts["tokens/checkpoint-3-own.tst"]
    refused(tmp_path, world, parts, "No time-stamp")


def test_tokens_exchanged(tmp_path, world) -> None:
    parts = content(world)
    one, other = "tokens/checkpoint-3-own.tst", "tokens/entry-1-own-0.tst"
    refused(tmp_path, world, parts | {one: parts[other], other: parts[one]}, "imprint")


def test_a_bit_of_a_token_flipped(tmp_path, world) -> None:
    parts = content(world)
    token = bytearray(parts["tokens/checkpoint-3-own.tst"])
    token[-1] ^= 1
    refused(tmp_path, world, parts | {"tokens/checkpoint-3-own.tst": bytes(token)}, "time-stamp is not valid")


def test_a_false_log_stamped_by_the_true_authority(tmp_path, world) -> None:
    """Tree, signature and trusted token all hold: only the certificate of the log key closes this door."""
    forger = ed25519.Ed25519PrivateKey.generate()
    own_world = World()
    own_certificate = own_world.issuing.issue_to_log(forger, bundles.ORIGIN)
    refused(
        tmp_path,
        world,
        content(world, log_key=forger, log_certificate=own_certificate),
        "certificate of the log",
    )
    refused(tmp_path, world, content(world, log_key=forger), "signature of the checkpoint")
    refused(tmp_path, world, content(world, log_key=forger, log_certificate=world.stamping), "subjectAltName")
    elsewhere = world.issuing.issue_to_log(forger, "autre.exemple/journal/1")
    refused(tmp_path, world, content(world, log_key=forger, log_certificate=elsewhere), "subjectAltName")


def test_an_entry_dated_after_the_token_that_seals_it(tmp_path, world) -> None:
    refused(tmp_path, world, content(world, at="2099-01-01T00:00:00.000000Z"), "order of the dates")


def test_the_cosignature_of_a_witness_is_cut_before_the_token_is_checked(tmp_path, world) -> None:
    parts = content(world)
    parts["proofs/1.tlog-proof"] += f"— temoin.exemple {b64encode(bytes(76)).decode()}\n".encode()
    bundle = write(tmp_path / "bundle.zip", parts)
    assert judge(bundle, "--root", world.root_file(tmp_path))[0] == 0


def test_an_evidence_record_is_no_obstacle(tmp_path, world) -> None:
    bundle = write(tmp_path / "bundle.zip", content(world) | {"tokens/checkpoint-3-own.ers": b"0\x00"})
    status, said = judge(bundle, "--root", world.root_file(tmp_path))
    assert (status, "not evaluated" in said) == (0, True)


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a\\b", "files/é.pdf", ".hidden", "files/"])
def test_a_name_that_is_not_allowed(tmp_path, world, name) -> None:
    refused(tmp_path, world, content(world) | {name: b""}, "not allowed")


def test_a_name_twice(tmp_path, world) -> None:
    bundle = write(tmp_path / "bundle.zip", content(world))
    with warnings.catch_warnings(), zipfile.ZipFile(bundle, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("files/main.pdf", b"other")
    status, said = judge(bundle, "--root", world.root_file(tmp_path))
    assert (status, "twice" in said) == (1, True)


def test_a_bomb_is_not_unpacked(tmp_path, world) -> None:
    refused(tmp_path, world, content(world) | {"validation.json": bytes(20 << 20)}, "size limits")


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x05\x06" + bytes(18), bytes(1000)])
def test_what_is_no_bundle(tmp_path, data) -> None:
    path = tmp_path / "bundle.zip"
    path.write_bytes(data)
    assert judge(path)[0] == 1
    assert judge(tmp_path / "absent.zip")[0] == 1


def test_a_note_signed_by_another_key_is_never_taken(tmp_path, world) -> None:
    note = signed_note(1, bytes(32), ed25519.Ed25519PrivateKey.generate())
    parts = content(world)
    proof = parts["proofs/1.tlog-proof"].partition(b"\n\n")[0] + b"\n\n" + note
    refused(tmp_path, world, parts | {"proofs/1.tlog-proof": proof}, "not in the journal")
