"""Broken installations: each fault is one sentence with its remedy, told by ``doctor``, and by what needs the piece."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.conf import settings as django_settings
from django.utils import translation

from territoires.config import doctor, parts
from territoires.config.postgres import Cluster
from territoires.foundations.journal import api as journal
from territoires.foundations.packs import catalogue
from territoires.foundations.registry import api as registry
from territoires.foundations.trust import api as trust
from territoires.kernel.errors import Unavailable
from tests.conftest import FAST, TEMPLATE, _template_cluster
from tests.foundations.journal.book import LetterSent, write

CLOSED_PORT = "postgresql://nobody@127.0.0.1:1/none"


@dataclass(frozen=True)
class Installation:
    """A folder with its embedded database, and what is typed there."""

    var: Path
    environment: dict[str, str] = field(default_factory=dict)

    def command(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "TERRITOIRES_VAR": str(self.var), **self.environment, **more}
        program = str(Path(sys.executable).parent / "territoires")
        done = subprocess.run(
            [program, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=150,
            cwd=Path(__file__).parents[2],
        )
        assert "Traceback" not in done.stdout + done.stderr
        return done

    def findings(self, **more: str) -> dict[str, list[tuple[str, str]]]:
        """What the doctor finds, each with its remedy, by examination."""
        found: dict[str, list[tuple[str, str]]] = {}
        title, lines = "", self.command("doctor", **more).stdout.splitlines()
        for line, following in zip(lines, [*lines[1:], ""], strict=True):
            if line.startswith("· "):
                title = line[2:]
            elif line.startswith("    "):
                assert following.startswith("      → ") or line.startswith("      → "), f"no remedy: {line}"
                if not line.startswith("      → "):
                    found.setdefault(title, []).append((line.strip(), following.removeprefix("      → ")))
        return found


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """Sound, stopped, with its schema."""
    made = Installation(tmp_path / "var")
    made.var.mkdir(mode=0o700)
    cluster = Cluster(made.var / "postgres")
    _template_cluster().copy_to(cluster)
    cluster.start(FAST)
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE territoires TEMPLATE {TEMPLATE}")
    cluster.stop()
    (made.var / "loaded").touch()
    try:
        yield made
    finally:
        cluster.remove()


# Python reads it before anything else: from then on the package cannot be found.
HIDING = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {piece!r}:
            raise ModuleNotFoundError("No module named {piece}", name={piece!r})

sys.meta_path.insert(0, Hidden())
"""


def without(piece: str, folder: Path) -> dict[str, str]:
    """An environment in which a package of the installation is not there."""
    (folder / "sitecustomize.py").write_text(HIDING.format(piece=piece))
    return {"PYTHONPATH": f"{folder}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}


# -- pieces of the installation ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("piece", ["django", "pikepdf", "procrastinate"])
@pytest.mark.parametrize("command", [("doctor",), ("demo", "reset"), ("run",)], ids=" ".join)
def test_a_package_that_is_missing_is_named_with_its_remedy(
    piece: str, command: tuple[str, ...], tmp_path: Path
) -> None:
    done = Installation(tmp_path / "var").command(*command, **without(piece, tmp_path))
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"A piece of the installation is missing: No module named {piece}.",
        "Put it back: make install.",
    ]


def test_pages_that_are_not_built(settings, tmp_path: Path) -> None:
    settings.DJANGO_VITE = {"default": {"manifest_path": tmp_path / "manifest.json"}}
    assert ("The pages are not built.", "make install") in list(doctor.pages())


def test_a_list_of_law_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = catalogue.Catalogue(catalogue.shipped_folder())
    kept._packs = tuple(pack for pack in kept.all() if pack.name != "actes-natures")
    monkeypatch.setattr(catalogue, "catalogue", lambda: kept)
    [(said, remedy)] = doctor.lists()
    assert "actes-natures" in said and remedy == doctor.PUT_LISTS_BACK


def test_a_folder_of_lists_that_is_missing_is_told_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(catalogue, "catalogue", lambda: catalogue.Catalogue(tmp_path / "none"))
    [(said, remedy)] = doctor.lists()
    assert str(tmp_path / "none") in said and remedy == doctor.PUT_LISTS_BACK


def test_every_list_that_a_service_names_is_shipped() -> None:
    assert list(doctor.lists()) == []
    assert any(manifest.packs for manifest in registry.manifests().values())


def test_a_list_that_one_may_do_without_is_told_and_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "catalogue", lambda: catalogue.Catalogue(catalogue.shipped_folder()))
    with translation.override("en"):
        told = dict(doctor.lacks())
    assert any("territoires eforms" in remedy for remedy in told.values())
    assert any("kept and not published" in loss for loss in told)
    assert list(doctor.lists()) == []


# -- keys and folders -------------------------------------------------------------------------------------------------


def test_a_key_that_others_can_read(settings, tmp_path: Path) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, var=tmp_path)
    key = settings.ENVIRONMENT.keys / "django"
    key.parent.mkdir()
    key.write_text("secret")
    key.chmod(0o644)
    assert list(doctor.keys()) == [("The key django can be read by others.", f"chmod 600 {key}")]
    key.chmod(0o600)
    assert list(doctor.keys()) == []


def test_a_key_that_we_cannot_read_is_a_finding_not_the_end(
    settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, var=tmp_path)
    settings.ENVIRONMENT.keys.mkdir()
    (settings.ENVIRONMENT.keys / "log.pem").touch(mode=0o600)

    def closed(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", closed)
    [(said, remedy)] = doctor._examined(doctor.keys)
    assert "log.pem is closed to this user" in said and remedy


def test_a_folder_that_is_open_to_others(settings, tmp_path: Path) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, var=tmp_path)
    tmp_path.chmod(0o755)
    assert (f"The folder {tmp_path} is open to others.", f"chmod 700 {tmp_path}") in list(doctor.disk())


# -- the database -----------------------------------------------------------------------------------------------------


def test_a_database_that_is_away_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir(mode=0o700)
    found = Installation(tmp_path / "var", {"DATABASE_URL": CLOSED_PORT}).findings()
    [(said, remedy)] = found["Database"]
    assert said.startswith("The database does not answer: ") and "DATABASE_URL" in remedy
    assert not found.keys() & {"Clock", "Jobs and facts", "Running parts", "Fit for production"}


@pytest.mark.slow
def test_an_installation_that_is_stopped_has_that_fault_and_its_missing_roles_alone(
    installation: Installation,
) -> None:
    found = installation.findings()
    found.pop("Pages and translations", None)  # of the source tree, not of this installation
    assert found == {
        "Running parts": [
            ("The platform does not run.", "Start it: make run, or the service of the machine.")
        ],
        "Database": [
            ("The database role application is missing.", "territoires prepare"),
            ("The database role sequencer is missing.", "territoires prepare"),
        ],
    }


@pytest.mark.slow
def test_a_damaged_cluster_is_told_with_its_log(installation: Installation) -> None:
    (installation.var / "postgres" / "data" / "postgresql.conf").unlink()
    [(said, remedy)] = installation.findings()["Database"]
    assert "PostgreSQL failed" in said and str(installation.var) in said
    assert "log" in remedy


@pytest.mark.slow
def test_a_full_disk_is_told_as_such(full_disk: Path) -> None:
    installation = Installation(full_disk)
    found = installation.findings()
    assert "free on the disk" in found["Disk and folders"][0][0]
    assert "is full" in found["Database"][0][0]
    reset = installation.command("demo", "reset")
    assert reset.returncode == Unavailable.exit_status
    assert "is full" in reset.stderr and "Free some space" in reset.stderr


# -- the time-keeper --------------------------------------------------------------------------------------------------


def test_a_web_user_that_reads_the_time_keepers_key_is_told(settings, tmp_path: Path) -> None:
    key = tmp_path / "keys" / "timekeeper" / "kek"
    key.parent.mkdir(parents=True)
    key.write_text("00" * 32)
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, var=tmp_path, mode="production")
    [(said, remedy)] = doctor.time_share()
    assert str(key) in said and "production.md" in remedy
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, mode="demonstration")
    assert not list(doctor.time_share())
    key.unlink()  # it is another user's, in another folder
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, mode="production")
    assert not list(doctor.time_share())


def test_a_part_that_another_user_runs_is_listened_to_and_not_started(settings) -> None:
    assert "timekeeper" in [one.name for one in parts.all_parts()]
    settings.APART = ["timekeeper"]
    assert "timekeeper" not in [one.name for one in parts.all_parts()]
    assert "timekeeper" in settings.PARTS


# -- parts ------------------------------------------------------------------------------------------------------------


def test_a_dead_part_is_named_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    up = dict.fromkeys(["web", "database", *django_settings.PARTS], registry.UP)
    monkeypatch.setattr(doctor, "pending_migrations", list)
    monkeypatch.setattr(registry, "parts", lambda: up | {"worker": "It has been silent for 60 seconds."})
    [(said, remedy)] = doctor.parts()
    assert said == "The part worker is down. It has been silent for 60 seconds." and "log" in remedy
    silent = dict.fromkeys(django_settings.PARTS, "It has not started.")
    monkeypatch.setattr(registry, "parts", lambda: up | silent)
    assert [said for said, _ in doctor.parts()] == ["The platform does not run."]


def test_a_follower_that_is_behind_or_refused_facts_is_named(book: str, no_followers: None, settings) -> None:
    def handle(fact: journal.Recorded) -> None:
        raise ValueError("the address is unreadable")

    journal.subscribe(journal.Subscription("clerk", [LetterSent.KIND], handle))
    write(1)
    journal.sequence_once()
    assert not [said for said, _ in doctor.work() if "clerk" in said]
    settings.FACTS_FOLLOWED_WITHIN = timedelta(0)
    [(said, remedy)] = list(doctor.work())
    assert said.startswith("The follower clerk is behind: ") and "/health" in remedy
    journal.follow_once()
    assert list(doctor.work()) == [
        (
            "1 facts wait because the follower clerk refused one.",
            "Replay them on the operator's console.",
        )
    ]


# -- fitness ----------------------------------------------------------------------------------------------------------

NO_FRONT = (
    "No address takes client certificates: nobody can send an act to the State.",
    "Set TERRITOIRES_CERTIFICATE_URL (docs/operations/certificates.md).",
)


def test_a_production_without_a_front_for_certificates_is_told(db: None, settings) -> None:
    trust.accepted_authorities()  # makes the demonstration's keys: production makes none
    settings.CERTIFICATE_URL = ""
    assert list(doctor.fitness()) == []  # a demonstration has its own
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, mode="production")
    assert NO_FRONT in list(doctor.fitness())
    settings.CERTIFICATE_URL = "https://services.example.fr:8443"
    assert NO_FRONT not in list(doctor.fitness())


# -- the demonstration ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_stopped_demonstration_is_reset_and_keeps_its_keys(
    installation: Installation, tmp_path: Path
) -> None:
    (installation.var / "files").mkdir()
    (installation.var / "files" / "act").write_bytes(b"an act")
    (installation.var / "keys").mkdir(mode=0o700)
    (installation.var / "keys" / "django").write_text("a secret of this installation, kept over the reset")

    refused = installation.command("demo", "reset", TERRITOIRES_PACKS=str(tmp_path / "none"))
    assert refused.returncode == Unavailable.exit_status
    assert "The folder of lists" in refused.stderr
    kept = ("postgres", "files/act", "loaded")
    assert all((installation.var / name).exists() for name in kept), "what could not be made anew was deleted"

    (installation.var / "loaded").unlink()  # as after a reset that was broken off
    done = installation.command("demo", "reset")
    assert done.returncode == 0, done.stderr
    assert not (installation.var / "files" / "act").exists()
    assert (installation.var / "keys" / "django").read_text().startswith("a secret")
    assert (installation.var / "loaded").exists()
    assert not Cluster(installation.var / "postgres").is_running()
    assert "claire.exemple@village.example" in installation.command("demo", "accounts").stdout


@pytest.mark.slow
def test_a_demonstration_that_runs_is_not_reset(installation: Installation) -> None:
    cluster = Cluster(installation.var / "postgres")
    cluster.start(FAST)
    done = installation.command("demo", "reset")
    assert "The platform runs; nothing was deleted." in done.stderr
    assert (installation.var / "loaded").exists() and cluster.is_running()


def test_an_outside_database_is_not_emptied_from_here(tmp_path: Path) -> None:
    done = Installation(tmp_path / "var", {"DATABASE_URL": CLOSED_PORT}).command("demo", "reset")
    assert done.stderr.splitlines()[-2:] == [
        "The database is not the embedded one: it is not emptied from here.",
        "Create it anew, then run territoires prepare.",
    ]


def test_a_schema_that_is_behind_is_told_once_and_not_as_a_part_that_is_down(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "pending_migrations", lambda: ["registry.0001_cache"])
    assert "The schema is behind: 1 migrations wait, the first is registry.0001_cache." in dict(
        doctor.database()
    )
    assert list(doctor.parts()) == []
