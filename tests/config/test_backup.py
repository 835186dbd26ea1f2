"""What is backed up comes back whole, keys stay sealed, damage is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from territoires.config import backup, sealing
from territoires.kernel.errors import Conflict, Corrupt, Invalid, Missing

PASSPHRASE = "cinq mots tirés au hasard"


@pytest.fixture
def var(tmp_path: Path) -> Path:
    folder = tmp_path / "var"
    for name, content in {
        "keys/django": b"a secret",
        "files/ab/abcd": b"a document",
        "witness/checkpoints.jsonl": b"{}\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "keys" / "django").chmod(0o600)
    return folder


def test_what_was_sealed_opens_with_its_passphrase_alone() -> None:
    sealed = sealing.seal(b"a secret", PASSPHRASE)
    assert b"a secret" not in sealed
    assert sealing.unseal(sealed, PASSPHRASE) == b"a secret"
    for wrong in (sealed[:-1] + bytes([sealed[-1] ^ 1]), b"x" + sealed[1:], sealed[:30], b""):
        with pytest.raises(Invalid):
            sealing.unseal(wrong, PASSPHRASE)
    with pytest.raises(Invalid):
        sealing.unseal(sealed, PASSPHRASE + "!")
    with pytest.raises(Invalid, match="short-passphrase"):
        sealing.seal(b"a secret", "court")


def test_the_drill_brings_everything_back(
    live_database: str, var: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from territoires.config.upkeep import run_drill

    # The run's own witness may have seen other tests' facts.
    monkeypatch.setattr(
        "territoires.foundations.journal.witness.path", lambda: tmp_path / "checkpoints.jsonl"
    )
    said = run_drill(live_database, var, tmp_path / "drill")
    restored = tmp_path / "drill" / "var"
    # the dump and the sealed keys are files too
    assert "4 files came back as they were, the journal verifies. Loss: 0 facts" in said
    assert (restored / "keys" / "django").read_bytes() == b"a secret"
    assert (restored / "keys" / "django").stat().st_mode & 0o077 == 0
    assert (restored / "files" / "ab" / "abcd").read_bytes() == b"a document"


def test_a_backup_shows_no_key_and_replaces_nothing(live_database: str, var: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    manifest = backup.make(database=live_database, var=var, target=target, passphrase=PASSPHRASE)
    assert manifest.rows["django_migrations"] > 0
    assert not [path for path in target.rglob("*") if path.is_file() and b"a secret" in path.read_bytes()]
    assert backup.read(target) == manifest
    with pytest.raises(Conflict, match="backup-exists"):
        backup.make(database=live_database, var=var, target=target, passphrase=PASSPHRASE)
    with pytest.raises(Conflict, match="database-not-empty"):
        backup.restore(source=target, database=live_database, var=tmp_path / "other", passphrase=PASSPHRASE)
    (target / "files" / "ab" / "abcd").write_bytes(b"another document")
    with pytest.raises(Corrupt, match="files/ab/abcd"):
        backup.read(target)


def test_a_folder_that_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="no-backup"):
        backup.read(tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps({"format": "other"}))
    with pytest.raises(Corrupt, match="backup-damaged"):
        backup.read(tmp_path)
