"""A lost installation comes back from its backup, shows at once, and writes only when it was reconciled."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from django.test import Client

from territoires.config.postgres import Cluster
from territoires.kernel.errors import Conflict, Corrupt, Invalid, Missing
from tests.conftest import FAST, TEMPLATE, _template_cluster

PASSPHRASE = "cinq mots tirés au hasard"
# Writes and seals that many facts; answers the size of the last checkpoint and each time-stamp's serial.
SEAL = """
import django, json, sys
django.setup()
from asn1crypto import cms, tsp
from django.db import connection
from territoires.foundations.journal import api as journal
from tests.foundations.journal.book import write
write(int(sys.argv[1]))
journal.sequence_once()
with connection.cursor() as cursor:
    cursor.execute("SELECT max(size) FROM journal_checkpoint")
    size = cursor.fetchone()[0]
    cursor.execute("SELECT token FROM journal_token")
    tokens = [bytes(token) for (token,) in cursor.fetchall()]
read = [cms.ContentInfo.load(token)["content"]["encap_content_info"]["content"].parsed for token in tokens]
print(json.dumps({"size": size, "serials": [hex(one["serial_number"].native) for one in read]}))
"""


@dataclass(frozen=True)
class Installation:
    """A folder with its embedded database, reached by the commands that its operator types."""

    var: Path

    def command(self, *arguments: str, passphrase: str = PASSPHRASE) -> subprocess.CompletedProcess[str]:
        program = str(Path(sys.executable).parent / "territoires")
        return self._run([program, *arguments], TERRITOIRES_PASSPHRASE=passphrase)

    def seal(self, facts: int) -> dict:
        cluster = Cluster(self.var / "postgres")
        cluster.start(FAST)
        try:
            done = self._run([sys.executable, "-c", SEAL, str(facts)])
        finally:
            cluster.stop()
        return json.loads(done.stdout) if done.returncode == 0 else {"refused": done.stderr}

    @property
    def is_read_only(self) -> bool:
        return (self.var / "read-only").exists()

    def _run(self, command: list[str], **more: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "TERRITOIRES_VAR": str(self.var), **more}
        return subprocess.run(
            command,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            cwd=Path(__file__).parents[2],
        )


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, Path, dict, dict]]:
    """An installation, its backup, and what it had sealed at the backup and after it."""
    folder = tmp_path_factory.mktemp("lost")
    first = Installation(folder / "var")
    cluster = Cluster(first.var / "postgres")
    first.var.mkdir()
    _template_cluster().copy_to(cluster)
    cluster.start(FAST)
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE territoires TEMPLATE {TEMPLATE}")
    cluster.stop()
    (first.var / "files").mkdir()
    (first.var / "files" / "act").write_bytes(b"a document")
    saved = first.seal(3)
    older = first.command("migrate", "registry", "0001")  # the backup is of a version before this one
    assert older.returncode == 0, older.stderr
    done = first.command("backup", str(folder / "backup"))
    assert done.returncode == 0, done.stderr
    yield first, folder / "backup", saved, first.seal(2)
    cluster.remove()


@contextmanager
def installed(folder: Path) -> Iterator[Installation]:
    (folder / "var").mkdir()
    installation = Installation(folder / "var")
    yield installation
    Cluster(installation.var / "postgres").remove()


@pytest.fixture
def second(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as installation:
        yield installation


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One for all the backups that bring nothing back."""
    with installed(tmp_path_factory.mktemp("untouched")) as installation:
        yield installation


@pytest.mark.slow
def test_it_writes_again_once_reconciled_and_no_counter_goes_back(lost, second: Installation) -> None:
    _, backup, saved, _ = lost
    refused = second.command("restore", str(backup), passphrase="another passphrase")
    assert refused.returncode == Invalid.exit_status
    assert "do not open" in refused.stderr
    assert not second.is_read_only

    done = second.command("restore", str(backup))
    assert done.returncode == 0, done.stderr
    assert "read-only until" in done.stdout
    assert second.command("migrate", "--check").returncode == 0
    assert second.is_read_only
    assert (second.var / "files" / "act").read_bytes() == b"a document"

    again = second.command("restore", str(backup))
    assert again.returncode == Conflict.exit_status
    assert "never overwrites" in again.stderr

    reconciled = second.command("restore", "--reconcile", "--yes")
    assert reconciled.returncode == 0, reconciled.stderr
    assert "parcels that waited are now doubtful" in reconciled.stdout
    assert not second.is_read_only
    after = second.seal(1)
    assert after["size"] == saved["size"] + 2, "one fact, and that of the serials that jumped"
    assert second.command("restore", "--reconcile", "--yes").returncode == Conflict.exit_status
    assert set(saved["serials"]) < set(after["serials"])
    assert second.command("journal", "verify").returncode == 0


@pytest.mark.slow
def test_facts_that_the_witness_saw_and_the_backup_has_not_keep_it_read_only(
    lost, second: Installation
) -> None:
    first, backup, _, _ = lost
    shutil.copytree(first.var / "witness", second.var / "witness")
    assert second.command("restore", str(backup)).returncode == 0
    refused = second.command("restore", "--reconcile", "--yes")
    assert refused.returncode == Conflict.exit_status
    assert "do not agree" in refused.stderr
    assert "restore a later backup" in refused.stderr
    assert second.is_read_only
    assert "journal-fork" in second.seal(1)["refused"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("harm", "status", "words"),
    [
        (
            lambda folder: (folder / "database.dump").write_bytes(b"PGDMP"),
            Corrupt.exit_status,
            "database.dump",
        ),
        (lambda folder: (folder / "files" / "other").write_bytes(b"?"), Corrupt.exit_status, "files/other"),
        (lambda folder: (folder / "keys.sealed").unlink(), Corrupt.exit_status, "keys.sealed"),
        (lambda folder: (folder / "manifest.json").unlink(), Missing.exit_status, "holds no backup"),
    ],
)
def test_a_damaged_backup_touches_nothing(
    lost, untouched: Installation, tmp_path: Path, harm, status: int, words: str
) -> None:
    shutil.copytree(lost[1], tmp_path / "backup")
    harm(tmp_path / "backup")
    refused = untouched.command("restore", str(tmp_path / "backup"))
    assert refused.returncode == status, refused.stderr
    assert words in refused.stderr
    assert not untouched.is_read_only


@pytest.mark.parametrize("address", ["/verify", "/api/v1/legality/acts", "/tsa"])
def test_nothing_is_written_while_it_is_read_only(
    db: None, client: Client, settings, tmp_path: Path, address: str
) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, var=tmp_path)
    settings.ENVIRONMENT.read_only_mark.touch()
    answer = client.post(address, HTTP_ACCEPT_LANGUAGE="en")
    assert answer.status_code == 503
    assert answer["Retry-After"]
    said = json.loads(answer.content)["detail"] if address.startswith("/api/") else answer.content.decode()
    assert "The platform was restored and is being checked: nothing can be written yet." in said
    assert client.get("/", HTTP_ACCEPT_LANGUAGE="en").status_code == 200


def test_the_language_is_chosen_while_it_is_read_only(
    db: None, client: Client, settings, tmp_path: Path, django_assert_num_queries
) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, var=tmp_path)
    settings.ENVIRONMENT.read_only_mark.touch()
    with django_assert_num_queries(0):
        answer = client.post("/i18n/setlang/", {"language": "en", "next": "/"})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert "Skip to the content" in client.get("/").content.decode()


def test_who_signs_out_while_it_is_read_only_is_signed_out(
    client: Client, django_user_model, settings, tmp_path: Path
) -> None:
    client.force_login(django_user_model.objects.create_user("nora@village.example"))
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, var=tmp_path)
    settings.ENVIRONMENT.read_only_mark.touch()
    assert client.post("/accounts/logout/").status_code == 302
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("address", ["/accounts/login/", "/demonstration/connexion/"])
def test_who_signs_in_while_it_is_read_only_learns_when_to_come_back(
    db: None, client: Client, settings, tmp_path: Path, address: str
) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, var=tmp_path)
    settings.ENVIRONMENT.read_only_mark.touch()
    answer = client.post(address, {"login": "claire.exemple@village.example"}, HTTP_ACCEPT_LANGUAGE="en")
    assert answer.status_code == 503
    said = answer.content.decode()
    assert "Nobody can sign in while the platform, which was restored, is being checked." in said
    assert "Signing in opens again when the notice at the top of each page has gone" in said


@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/verifier/", "/inscription/", "/nulle-part/"])
def test_every_page_says_so_before_somebody_types(
    db: None, client: Client, settings, tmp_path: Path, address: str
) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, var=tmp_path)
    said = "no form can be sent for now"
    assert said not in client.get(address, HTTP_ACCEPT_LANGUAGE="en").content.decode()
    settings.ENVIRONMENT.read_only_mark.touch()
    assert said in client.get(address, HTTP_ACCEPT_LANGUAGE="en").content.decode()
