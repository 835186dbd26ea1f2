"""The log's key changes under the same origin: what was signed before, during and after is judged by its time."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import sys
import zipfile
from base64 import b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.management import CommandError, call_command

from territoires.foundations.journal import api as journal
from territoires.foundations.journal import keys, notes, witness
from territoires.foundations.journal.sequencer import Sequencer
from territoires.foundations.trust import api as trust
from territoires.foundations.trust import demonstration, log_keys
from territoires.foundations.trust.material import trust_folder
from territoires.kernel.errors import Conflict, Unavailable
from tests.tools.bundles import World, jcs

from .book import rows, tamper, write


@pytest.fixture
def folder(book, tmp_path, monkeypatch) -> Path:
    """A folder of keys of its own: those of the run stay as they are."""
    trust.trust_chain()
    own = tmp_path / "trust"
    shutil.copytree(trust_folder(), own)
    monkeypatch.setattr(log_keys, "trust_folder", lambda: own)
    return own


def sealed(count: int = 1) -> list:
    found = write(count)
    journal.sequence_once()
    return found


def announced() -> None:
    keys.announce_key()
    journal.sequence_once()


def retired() -> None:
    keys.retire_key()
    journal.sequence_once()


@pytest.fixture
def rotated(folder) -> dict[str, list]:
    """Entries of before (0), during (2) and after (4) a rotation whose facts are numbers 1 and 3."""
    before = sealed()
    announced()
    during = sealed()
    retired()
    return {"before": before, "during": during, "after": sealed()}


def note_of(size: int) -> notes.Note:
    return notes.read(bytes(rows("SELECT note FROM journal_checkpoint WHERE size = %s", [size])[0][0]))


def signed_by(size: int) -> list[int]:
    """The places, among the keys of the folder, of those that signed a checkpoint."""
    found = [notes.key_id(one.origin, one.public_key) for one in trust.log_keys()]
    return [found.index(signed[:4]) for _, signed in note_of(size).signatures]


def codes() -> list[str]:
    return [finding.code for finding in journal.verify().findings]


def judge(folder: Path, bundle: bytes, *, listed: bytes | None = None) -> tuple[int, str]:
    (folder / "bundle.zip").write_bytes(bundle)
    (folder / "root.pem").write_bytes(trust.trust_chain().root_pem)
    command = [sys.executable, "-I", str(journal.verifier_path()), str(folder / "bundle.zip")]
    command += ["--root", str(folder / "root.pem")]
    if listed is not None:
        (folder / "log-keys.json").write_bytes(listed)
        command += ["--log-keys", str(folder / "log-keys.json")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


def bundle_of(entries: list) -> bytes:
    return b"".join(journal.build_bundle(entries))


def forged(bundle: bytes, size: int, key: trust.LogKey, *, listed: bytes | None = None) -> bytes:
    """The bundle as whoever holds a key would make it: the note signed by that key alone, and stamped."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    text = note_of(size).text
    note = signed_alone(text, key)
    for name in found:
        if name.startswith("proofs/"):
            found[name] = found[name].partition(b"\n\n")[0] + b"\n\n" + note
    found[f"tokens/checkpoint-{size}-own.tst"] = trust.time_stamp(hashlib.sha256(note).digest())
    found["certificates/log.pem"] = key.certificate.pem
    if listed is None:
        del found["certificates/log-keys.json"]
    manifest = json.loads(found.pop("manifest.json"))
    manifest["files"] = [
        {
            "path": path,
            "sha256": hashlib.sha256(content).hexdigest(),
            "size": len(content),
            "role": "part",
        }
        for path, content in found.items()
    ]
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for path, content in {**found, "manifest.json": jcs(manifest)}.items():
            archive.writestr(path, content)
    return sink.getvalue()


def signed_alone(text: bytes, key: trust.LogKey) -> bytes:
    signature = b64encode(notes.key_id(key.origin, key.public_key) + key.sign(text)).decode()
    return text + f"\n— {key.origin} {signature}\n".encode()


def test_both_keys_sign_between_the_announcement_and_the_retirement(rotated):
    assert [signed_by(size) for size in range(1, 6)] == [[0], [0, 1], [0, 1], [1], [1]]
    assert journal.verify().holds
    listed = json.loads(keys.published_log_keys())
    assert [(one["first"], one["last"]) for one in listed["keys"]] == [(0, 3), (2, None)]


def test_bundles_of_before_during_and_after_are_accepted(rotated, tmp_path):
    listed = keys.published_log_keys()
    for entries in rotated.values():
        status, said = judge(tmp_path, bundle_of(entries), listed=listed)
        assert status == 0, said
        assert judge(tmp_path, bundle_of(entries))[0] == 0


def test_a_bundle_given_before_the_rotation_stays_valid(folder, tmp_path):
    given = bundle_of(sealed())
    announced()
    retired()
    assert judge(tmp_path, given, listed=keys.published_log_keys())[0] == 0


def test_the_verifier_refuses_a_checkpoint_signed_by_a_key_after_its_retirement(rotated, tmp_path):
    bundle, old = bundle_of(rotated["after"]), trust.log_keys()[0]
    listed = keys.published_log_keys()
    without, with_list = forged(bundle, 5, old), forged(bundle, 5, old, listed=listed)
    for made, given in ((with_list, None), (with_list, listed), (without, listed)):
        status, said = judge(tmp_path, made, listed=given)
        assert (status, "were in use at this size" in said) == (1, True), said
    # A forger leaves the list out: only the reader who brings it can tell, and the others are told.
    status, said = judge(tmp_path, without)
    assert (status, "--log-keys" in said) == (0, True)
    # While two keys sign, one alone does not do.
    during = bundle_of(rotated["during"])
    assert judge(tmp_path, forged(during, 3, old), listed=listed)[0] == 1


@pytest.mark.parametrize(
    "listed",
    [
        b"",
        b"[]",
        b'{"keys":[],"origin":"localhost/journal/1"}',
        b'{"keys":[{"certificate":"00","first":"x","last":null}],"origin":"localhost/journal/1"}',
        b'{"keys":[{"certificate":"00","first":0,"last":null}],"origin":"elsewhere/journal/1"}',
    ],
)
def test_a_list_of_keys_that_means_nothing_is_said(folder, tmp_path, listed):
    status, said = judge(tmp_path, bundle_of(sealed()), listed=listed)
    assert (status, "list of the log's keys" in said) == (1, True)


def test_verify_refuses_a_checkpoint_signed_by_a_key_after_its_retirement(rotated):
    note = signed_alone(note_of(5).text, trust.log_keys()[0])
    tamper(
        ("UPDATE journal_checkpoint SET note = %s WHERE size = 5", [note]),
        (
            "UPDATE journal_token SET token = %s WHERE checkpoint = 5",
            [trust.time_stamp(hashlib.sha256(note).digest())],
        ),
    )
    assert codes() == ["checkpoint-signature"]
    witness.keep(note)
    assert codes() == ["checkpoint-signature", "witness-signature"]


def test_verify_wants_both_signatures_while_both_keys_sign(rotated):
    witness.keep(signed_alone(note_of(3).text, trust.log_keys()[1]))
    assert codes() == ["witness-signature"]


def test_a_second_rotation_follows_the_first(rotated):
    announced()
    retired()
    sealed()
    assert signed_by(rows("SELECT max(size) FROM journal_checkpoint")[0][0]) == [2]
    assert journal.verify().holds


def test_destroyed_keys_leave_their_signatures_valid(rotated, folder, tmp_path):
    for name in ("log.key", "log.pem"):
        (folder / name).unlink()
    assert judge(tmp_path, bundle_of(rotated["before"]))[0] == 0
    sealed()
    assert journal.verify().holds


def test_nothing_is_signed_while_a_key_that_signs_is_away_and_a_lost_one_is_retired_at_once(folder):
    sealed()
    (folder / "log.key").unlink()
    write()
    with pytest.raises(Unavailable, match="not in the folder"):
        journal.sequence_once()
    keys.announce_key()
    Sequencer().batch()
    with pytest.raises(Conflict, match="both keys"):
        keys.retire_key()
    keys.retire_key(at_once=True)
    journal.sequence_once()
    assert signed_by_certificates(4) == [1]
    assert journal.verify().holds


def signed_by_certificates(size: int) -> list[int]:
    found = [notes.key_id(one.origin, one.public_key) for one in trust.log_certificates()]
    return [found.index(signed[:4]) for _, signed in note_of(size).signatures]


def test_the_only_key_is_not_retired_and_no_third_one_is_announced(folder):
    with pytest.raises(Conflict, match="Only one key"):
        keys.retire_key()
    keys.announce_key()
    with pytest.raises(Conflict, match="waits for its number"):
        keys.announce_key()
    journal.sequence_once()
    with pytest.raises(Conflict, match="Two keys"):
        keys.announce_key()


def install(folder: Path, certificate: bytes, key: ed25519.Ed25519PrivateKey) -> None:
    (folder / "log-2.key").write_bytes(demonstration.pem(key))
    (folder / "log-2.pem").write_bytes(certificate)


def test_a_certificate_of_another_authority_is_not_announced(folder):
    key = ed25519.Ed25519PrivateKey.generate()
    foreign = World().issuing.issue_to_log(key, journal.log_origin())
    install(folder, foreign.public_bytes(Encoding.PEM), key)
    with pytest.raises(Conflict) as refused:
        keys.announce_key()
    assert refused.value.params["fault"] == "it is not under the root of this platform"
    sealed()
    assert signed_by(1) == [0]  # what was not announced signs nothing


def test_a_certificate_of_another_log_or_another_key_is_not_even_read(folder):
    key = ed25519.Ed25519PrivateKey.generate()
    issuing = demonstration.DemonstrationAuthority.load(folder)
    other = issuing.issue_to_log(key, "ailleurs.exemple/journal/1").public_bytes(Encoding.PEM)
    install(folder, other, key)
    with pytest.raises(Unavailable, match="several origins"):
        keys.announce_key()
    own = issuing.issue_to_log(key, "localhost/journal/1").public_bytes(Encoding.PEM)
    install(folder, own, ed25519.Ed25519PrivateKey.generate())
    with pytest.raises(Unavailable, match=r"log-2\.key is not"):
        keys.announce_key()


def test_a_foreign_key_slipped_among_the_facts_is_found(folder):
    """By whoever holds the key of the MACs and rules the database, but not our authority."""
    key = ed25519.Ed25519PrivateKey.generate()
    foreign = World().issuing.issue_to_log(key, journal.log_origin())
    install(folder, foreign.public_bytes(Encoding.PEM), key)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trust, "certificate_fault", lambda found: "")
        keys.announce_key()
    journal.sequence_once()
    assert codes() == ["key"]


def test_production_makes_no_key_by_itself(folder):
    (folder / "issuing.key").unlink()
    with pytest.raises(Conflict, match="No new key"):
        keys.announce_key()


def test_the_command_announces_lists_and_retires(folder, capsys):
    sealed()
    call_command("journal", "announce-key")
    assert "is announced" in capsys.readouterr().out
    journal.sequence_once()
    call_command("journal", "retire-key")
    assert "is retired" in capsys.readouterr().out
    journal.sequence_once()
    call_command("journal", "keys")
    listed = json.loads(capsys.readouterr().out)
    assert [one["certificate"] for one in listed["keys"]] == [
        one.fingerprint for one in trust.log_certificates()
    ]
    with pytest.raises(CommandError):
        call_command("journal", "forget-key")
