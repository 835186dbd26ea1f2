"""The verifier says yes to a sound bundle and refuses each forgery, with its reason."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
import warnings
import zipfile
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from territoires.foundations.journal import api as journal
from territoires.foundations.trust.time_stamping import TimeStampingAuthority

from . import bundles
from .bundles import World, content, cosignature, manifest, signed_note, write

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


def test_a_command_that_is_not_understood_verified_nothing(tmp_path, world) -> None:
    status, said = judge(write(tmp_path / "bundle.zip", content(world)), "--rooot", "x")
    assert status == 1 and "rooot" in said


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
    refused(tmp_path, world, content(World()), "No time-stamp")
    false = World()
    stamped = content(false) | {"certificates/untrusted.pem": content(world)["certificates/untrusted.pem"]}
    note = stamped["proofs/1.tlog-proof"].partition(b"\n\n")[2]
    stamped["tokens/checkpoint-3-own.tst"] = world.stamp(note)
    del stamped["tokens/entry-1-own-0.tst"]
    refused(tmp_path, world, stamped, "certificate of the log")


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


def test_what_is_proved_and_what_only_explains_is_told_apart(tmp_path, world) -> None:
    parts = content(world) | {"index.html": b"<p>Adopted unanimously, says the forger.</p>"}
    status, said = judge(
        write(tmp_path / "bundle.zip", parts), "--root", world.root_file(tmp_path), "--language", "en"
    )
    assert status == 0
    assert "name: Camille Exemple" in said
    assert "file “main” (délibération.pdf)" in said
    assert "index.html and validation.json only explain" in said
    assert "Revocation of certificates was not looked at" in said


def test_nothing_in_a_bundle_writes_a_line_of_its_own_on_the_terminal(tmp_path, world) -> None:
    parts = content(world, kind="x\nVerified: forged \x1b[2K\u202e")
    status, said = judge(write(tmp_path / "bundle.zip", parts), "--root", world.root_file(tmp_path))
    assert status == 0
    assert "\nVerified: forged" not in said
    assert "\x1b" not in said
    assert r"x\nVerified: forged \x1b[2K\u202e" in said


def test_an_entry_of_an_unknown_version_is_refused(tmp_path, world) -> None:
    refused(tmp_path, world, content(world, v=2), "entry is not as it should be")


# --- certificates and algorithms: a world of its own each, changed before it stamps -------------------------------


@pytest.fixture
def own_world() -> World:
    return World()


def test_a_time_stamping_certificate_that_had_expired_when_it_stamped(tmp_path, own_world) -> None:
    purpose = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True)
    expired = own_world.issuing.issue(
        "time-stamping", own_world.stamping_key.public_key(), timedelta(minutes=-1), purpose
    )
    own_world.stamping_with(expired)
    refused(tmp_path, own_world, content(own_world), "certificate has expired")


def test_a_time_stamping_certificate_that_expired_since_is_told_and_judged_at_its_time(
    tmp_path, own_world
) -> None:
    purpose = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True)
    short = own_world.issuing.issue(
        "time-stamping", own_world.stamping_key.public_key(), timedelta(minutes=-1), purpose
    )
    own_world.stamping_with(short, moved=timedelta(minutes=-2))
    early = (datetime.now(UTC) - timedelta(minutes=3)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    bundle = write(tmp_path / "bundle.zip", content(own_world, at=early))
    status, said = judge(bundle, "--root", own_world.root_file(tmp_path))
    assert (status, "has expired and nothing renews it" in said) == (0, True), said


@pytest.mark.parametrize(
    "usages",
    [
        (),
        ((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), True),),
        ((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), False),),
    ],
)
def test_a_certificate_that_is_not_for_time_stamping_alone(tmp_path, own_world, usages) -> None:
    certificate = own_world.issuing.issue(
        "time-stamping", own_world.stamping_key.public_key(), timedelta(days=1), *usages
    )
    own_world.stamping_with(certificate)
    refused(tmp_path, own_world, content(own_world), "time-stamp is not valid")


def test_a_time_stamp_whose_chain_misses_its_middle_or_ends_elsewhere(tmp_path, own_world) -> None:
    own_world.authority = TimeStampingAuthority(
        own_world.stamping_key, (own_world.stamping,), "2.999.1", time.time_ns
    )
    parts = content(own_world) | {"certificates/untrusted.pem": pem_of(own_world.stamping)}
    refused(tmp_path, own_world, parts, "No time-stamp under your roots")
    elsewhere = World()
    parts = content(own_world)
    for name in ("tokens/checkpoint-3-own.tst", "tokens/entry-1-own-0.tst"):
        dated = (
            parts["entries/1.json"] if "entry" in name else parts["proofs/1.tlog-proof"].partition(b"\n\n")[2]
        )
        parts[name] = elsewhere.stamp(dated)
    refused(tmp_path, own_world, parts, "No time-stamp")


def pem_of(*certificates: x509.Certificate) -> bytes:
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)


def test_a_time_stamp_with_an_unknown_digest(tmp_path, world) -> None:
    parts = content(world)
    token = parts["tokens/checkpoint-3-own.tst"]
    sha256 = bytes.fromhex("0609608648016503040201")
    other = token.replace(sha256, sha256[:-1] + b"\x09")
    refused(tmp_path, world, parts | {"tokens/checkpoint-3-own.tst": other}, "time-stamp is not valid")


@pytest.mark.parametrize(
    "make", [lambda: ec.generate_private_key(ec.SECP256R1()), lambda: rsa.generate_private_key(65537, 2048)]
)
def test_a_log_key_that_is_not_ed25519(tmp_path, world, make) -> None:
    certificate = world.issuing.issue_to_log(make(), bundles.ORIGIN)
    refused(tmp_path, world, content(world, log_certificate=certificate), "(Ed25519)")


def test_an_expired_certificate_of_the_log_is_not_woken_by_a_time_stamp_of_the_forgers_own(
    tmp_path, world
) -> None:
    long_ago = world.issuing.issue(
        "journal", world.log_key.public_key(), timedelta(minutes=-1), *log_extensions(world)
    )
    parts = content(world, log_certificate=long_ago)
    refused(tmp_path, world, parts, "certificate of the log")
    false = World()
    false.stamping_with(false.stamping, moved=timedelta(minutes=-2))
    note = parts["proofs/1.tlog-proof"].partition(b"\n\n")[2]
    refused(
        tmp_path,
        world,
        parts | {"tokens/checkpoint-3-early.tst": false.stamp(note)},
        "certificate of the log",
    )


def log_extensions(world: World) -> list[tuple[x509.ExtensionType, bool]]:
    wanted = (x509.KeyUsage, x509.SubjectAlternativeName)
    found = [world.log.extensions.get_extension_for_class(one) for one in wanted]
    return [(one.value, one.critical) for one in found]


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


WITNESS = "temoin.exemple"


def cosigned(world: World, **options: int) -> tuple[dict[str, bytes], str]:
    """A bundle whose checkpoint a witness signed too, and the witness's key."""
    parts = content(world)
    note = parts["proofs/1.tlog-proof"].partition(b"\n\n")[2]
    line, key = cosignature(note, WITNESS, ed25519.Ed25519PrivateKey.generate(), **options)
    return parts | {"proofs/1.tlog-proof": parts["proofs/1.tlog-proof"] + line}, key


def test_the_cosignature_of_a_known_witness_is_verified_and_told(tmp_path, world) -> None:
    parts, key = cosigned(world)
    bundle, root = write(tmp_path / "bundle.zip", parts), world.root_file(tmp_path)
    status, said = judge(bundle, "--root", root, "--witness", key, "--language", "en")
    assert (status, f"The witness {WITNESS} saw this checkpoint at 2" in said) == (0, True), said
    status, said = judge(bundle, "--root", root, "--language", "en")
    assert (status, f"The cosignature of {WITNESS} was not checked" in said) == (0, True), said
    _, other = cosigned(world)  # another key under the same name
    status, said = judge(bundle, "--root", root, "--witness", other, "--language", "en")
    assert (status, "was not checked" in said) == (0, True), said


def test_no_cosignature_is_told(tmp_path, world) -> None:
    bundle = write(tmp_path / "bundle.zip", content(world))
    said = judge(bundle, "--root", world.root_file(tmp_path))[1]
    assert "No witness cosignature in this bundle." in said
    assert "Aucune contre-signature de témoin" in said


def test_a_cosignature_that_does_not_hold_or_comes_from_the_future_is_refused(tmp_path, world) -> None:
    parts, key = cosigned(world)
    head, _, line = parts["proofs/1.tlog-proof"].rpartition(b" ")
    raw = bytearray(b64decode(line))
    raw[-1] ^= 1
    altered = parts | {"proofs/1.tlog-proof": head + b" " + b64encode(bytes(raw)) + b"\n"}
    for forged, known in ((altered, key), cosigned(world, at=4_000_000_000)):
        bundle = write(tmp_path / "bundle.zip", forged)
        status, said = judge(bundle, "--root", world.root_file(tmp_path), "--witness", known)
        assert (status, "cosignature of a witness is not valid" in said) == (1, True), said


@pytest.mark.parametrize("key", ["", "name", "name+00000000+AAAA", "name+zz+!"])
def test_a_witness_given_badly_is_said(tmp_path, world, key) -> None:
    bundle = write(tmp_path / "bundle.zip", content(world))
    status, said = judge(bundle, "--root", world.root_file(tmp_path), "--witness", key)
    assert (status, "--witness" in said) == (1, True), said


FUTURE = timedelta(minutes=-1)
SUPERSEDED = x509.ReasonFlags.superseded


@pytest.mark.parametrize(
    ("what", "options", "status"),
    [
        ("nothing", {}, 0),
        ("log", {}, 1),
        ("log", {"ago": FUTURE}, 0),  # signed and stamped before its revocation
        ("stamping", {}, 1),
        ("stamping", {"ago": FUTURE}, 1),  # its key was lost: it may have stamped with a false time
        ("stamping", {"ago": FUTURE, "reason": SUPERSEDED}, 0),
        ("stamping", {"reason": SUPERSEDED}, 1),
        ("issuing", {}, 1),
    ],
)
@pytest.mark.parametrize("place", ["bundle", "given"])
def test_revoked_certificates_are_judged_by_date_and_reason(
    tmp_path, world, what, options, status, place
) -> None:
    revoked = {
        "nothing": (),
        "log": (world.log,),
        "stamping": (world.stamping,),
        "issuing": (world.issuing.certificate,),
    }[what]
    made = world.revoke(*revoked, by=world.root if what == "issuing" else None, **options)
    parts, command = content(world), ["--root", world.root_file(tmp_path)]
    if place == "bundle":
        parts["certificates/crls.pem"] = made
    else:
        (tmp_path / "crls.pem").write_bytes(made)
        command += ["--crl", tmp_path / "crls.pem"]
    found, said = judge(write(tmp_path / "bundle.zip", parts), *command)
    assert found == status, said
    assert ("certificate was revoked" if status else "looked at with 1 list") in said
    assert "was not looked at" not in said


def test_a_revocation_list_of_somebody_else_is_told_and_not_counted(tmp_path, world) -> None:
    foreign = World()
    (tmp_path / "crls.pem").write_bytes(foreign.revoke(world.log))
    bundle = write(tmp_path / "bundle.zip", content(world))
    status, said = judge(bundle, "--root", world.root_file(tmp_path), "--crl", tmp_path / "crls.pem")
    assert (status, "it is not counted" in said, "was not looked at" in said) == (0, True, True)


@pytest.mark.parametrize("data", [b"", b"-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n"])
def test_a_revocation_list_without_its_form_is_refused(tmp_path, world, data) -> None:
    refused(tmp_path, world, content(world) | {"certificates/crls.pem": data}, "revocation list cannot")


MINE, OTHERS = "0198c0de-0000-7000-8000-0000000000aa", ("0198c0de-0000-7000-8000-000000000001", "f")
LINES = [f"{n}\tpart {n}\n".encode() for n in range(5)]


def with_log(world: World, lines: list[bytes] = LINES) -> dict[str, bytes]:
    """A bundle whose entry sums up the lines of three, and holds those of one."""
    named = [(MINE, one) for one in lines]
    groups = journal.grouped([(OTHERS[0], b"x\n"), *named, (OTHERS[1], b"y\n")])
    [index] = [place for place, one in enumerate(groups) if one.name == MINE]
    parts = content(
        world,
        facts={"groups": len(groups)},
        files={
            "main": hashlib.sha256(b"%PDF-1.7 deliberation").hexdigest(),
            "root": journal.groups_root(groups).hex(),
        },
    )
    path = "".join(f"{b64encode(one).decode()}\n" for one in journal.group_path(groups, index))
    proof = f"territoires/log-proof@v1\ngroup {MINE} {len(lines)}\nindex {index} {len(groups)}\n{path}"
    return parts | {"logs/1.tsv": b"".join(lines), "logs/1.log-proof": proof.encode()}


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13])
def test_lines_of_a_log_are_proved_without_those_of_others(tmp_path, world, count) -> None:
    parts = with_log(world, [f"{n}\n".encode() for n in range(count)])
    status, said = judge(write(tmp_path / "bundle.zip", parts), "--root", world.root_file(tmp_path))
    assert status == 0, said
    assert f"Lines of {MINE} under entry 1: {count}, all of them" in said


def first_line_altered(lines: bytes) -> bytes:
    return lines.replace(b"part 0", b"part 9")


@pytest.mark.parametrize(
    "forge",
    [
        first_line_altered,
        lambda lines: lines.partition(b"\n")[2],
        lambda lines: b"".join(LINES[:-1]),
        lambda lines: b"".join([*LINES, b"6\tpart 6\n"]),
        lambda lines: b"".join([LINES[1], LINES[0], *LINES[2:]]),
        lambda lines: lines.removesuffix(b"\n"),
        lambda lines: b"",
        lambda lines: b"x" * 100_000,
    ],
    ids=["altered", "first-gone", "last-gone", "added", "exchanged", "cut", "empty", "endless"],
)
def test_lines_of_a_log_that_are_not_those_of_the_entry(tmp_path, world, forge) -> None:
    parts = with_log(world)
    refused(
        tmp_path, world, parts | {"logs/1.tsv": forge(parts["logs/1.tsv"])}, "lines of a log are not those"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b" 5\n", b" 4\n"),
        (b"index 1 3", b"index 0 3"),
        (b"index 1 3", b"index 1 4"),
        (b"@v1", b"@v2"),
        (b"=\n", b"\n"),
    ],
    ids=["count", "place", "size", "version", "hash"],
)
def test_a_place_in_a_log_that_is_not_the_one(tmp_path, world, old, new) -> None:
    parts = with_log(world)
    proof = parts["logs/1.log-proof"].replace(old, new, 1)
    assert proof != parts["logs/1.log-proof"]
    refused(tmp_path, world, parts | {"logs/1.log-proof": proof}, "lines of a log are not those")


@pytest.mark.parametrize("name", ["logs/1.tsv", "logs/1.log-proof"])
def test_half_of_a_log_or_one_of_no_entry_is_one_too_many(tmp_path, world, name) -> None:
    parts = with_log(world)
    half = {path: data for path, data in parts.items() if path != name}
    refused(tmp_path, world, half, "not in the manifest")
    refused(tmp_path, world, parts | {name.replace("1.", "7."): parts[name]}, "not in the manifest")
    refused(tmp_path, world, parts | {"logs/readme": b""}, "not in the manifest")


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
