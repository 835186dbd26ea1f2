"""The operator's commands: ``prepare``, ``backup``, ``restore`` and ``drill``."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connections

from territoires.foundations.exchange import api as exchange
from territoires.foundations.journal import api as journal
from territoires.kernel.actor import system_actor
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Conflict, Corrupt, Invalid, Unavailable

from . import backup as backups
from .database import entry
from .environment import OWNER
from .postgres import Cluster
from .preparation import bring_up_to_date, prepare
from .running import DATABASE, make_database

PASSPHRASE = "TERRITOIRES_PASSPHRASE"  # noqa: S105 - the name of a variable


def prepare_only(arguments: Sequence[str]) -> int:
    """Brings schema and roles up to date, without starting anything that stays."""
    _parser("prepare", "Bring schema, roles and territory up to date.").parse_args(arguments)
    with database_running():
        prepare(print)
    return 0


def backup(arguments: Sequence[str]) -> int:
    """Backs up into a new folder."""
    parser = _parser("backup", "Database and files, keys sealed apart under a passphrase.")
    parser.add_argument("folder", type=Path)
    given = parser.parse_args(arguments)
    started = time.monotonic()
    with database_running() as database:
        manifest = backups.make(
            database=database,
            var=settings.ENVIRONMENT.var,
            target=given.folder.absolute(),
            passphrase=_passphrase(),
        )
    rows = sum(manifest.rows.values())
    print(f"Backed up in {time.monotonic() - started:.1f} s: {rows} rows, {len(manifest.digests)} files.")
    print(f"The keys are in {backups.KEYS}: keep its passphrase elsewhere, nobody can open it without.")
    return 0


def restore(arguments: Sequence[str]) -> int:
    """Brings a backup back; the platform stays read-only until ``--reconcile`` was confirmed."""
    parser = _parser("restore", "Bring a backup back, or end the read-only time after it.")
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--reconcile", action="store_true", help="compare with the witness, then write again")
    parser.add_argument("--yes", action="store_true", help="confirm that outgoing counters were compared")
    given = parser.parse_args(arguments)
    if given.reconcile == (given.folder is not None):
        parser.error("give the folder of a backup, or --reconcile")
    return _reconcile(given.yes) if given.reconcile else _restore(given.folder.absolute())


def drill(arguments: Sequence[str]) -> int:
    """Backs up, restores beside, verifies, and prints duration and loss; leaves nothing."""
    _parser("drill", "Prove that a backup can be restored.").parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="drill-", dir=settings.ENVIRONMENT.var))
    try:
        with database_running() as database:
            print(run_drill(database, settings.ENVIRONMENT.var, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def run_drill(database: str, var: Path, folder: Path) -> str:
    """The drill in ``folder``: its report in words. Raises Corrupt when what came back is not what was there."""
    folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    passphrase = secrets.token_urlsafe(16)
    manifest = backups.make(database=database, var=var, target=folder / "backup", passphrase=passphrase)
    saved = time.monotonic()
    second = Cluster(folder / "postgres")
    second.create()
    server = second.serve()
    try:
        make_database(second)
        restored = second.url(DATABASE)
        backups.restore(
            source=folder / "backup", database=restored, var=folder / "var", passphrase=passphrase
        )
        faults = backups.differences(manifest, restored)
        with _entered(restored):
            report = journal.verify()
        faults += [f"{found.code}: {found.detail}" for found in report.findings]
    finally:
        second.stop()
        server.wait()
    if faults:
        raise Corrupt(
            "drill-failed",
            "What came back is not what was there: %(faults)s.",
            "Do not rely on these backups; keep the older ones and call the maintainers.",
            params={"faults": "; ".join(faults)},
        )
    lost = (
        _facts(database)
        - manifest.rows.get("journal_entry_other", 0)
        - sum(count for table, count in manifest.rows.items() if table.startswith("journal_entry_2"))
    )
    done = time.monotonic()
    return (
        f"Backup {saved - started:.1f} s, restore and verification {done - saved:.1f} s. "
        f"{sum(manifest.rows.values())} rows and {len(manifest.digests)} files came back as they were, "
        f"the journal verifies. Loss: {max(lost, 0)} facts, those written in the {done - started:.0f} s since."
    )


@contextmanager
def database_running() -> Iterator[str]:
    """The owner's address of the database, started for the time of a command when it was not."""
    outside = settings.ENVIRONMENT.outside_database(OWNER)
    if outside:
        yield outside
        return
    cluster = Cluster(settings.ENVIRONMENT.postgres)
    running = cluster.is_running()
    if not running:
        cluster.create()
        cluster.start()
    try:
        make_database(cluster)
        yield cluster.url(DATABASE)
    finally:
        connections.close_all()
        if not running:
            cluster.stop()


def _restore(folder: Path) -> int:
    started = time.monotonic()
    environment = settings.ENVIRONMENT
    mark = environment.read_only_mark
    passphrase = _passphrase()
    with database_running() as database:
        try:
            manifest = backups.restore(
                source=folder,
                database=database,
                var=environment.var,
                passphrase=passphrase,
                before=lambda: mark.write_text(json.dumps({"restored_at": system_clock().isoformat()})),
            )
        except Unavailable:  # the database is as empty as before
            mark.unlink(missing_ok=True)
            raise
        bring_up_to_date(print)
        (environment.var / "loaded").touch()
    print(f"Restored in {time.monotonic() - started:.1f} s, as of {manifest.taken_at}.")
    print("The platform is read-only until you have run: territoires restore --reconcile")
    return 0


def _reconcile(confirmed: bool) -> int:
    """Compares the journal with its witness; only then, and once a person confirmed, may the platform write.

    What left or was numbered since the backup is unknown here: parcels that waited become doubtful, serials jump.
    """
    mark = settings.ENVIRONMENT.read_only_mark
    if not mark.exists():
        raise Conflict(
            "not-restored",
            "Nothing was restored here: there is nothing to reconcile.",
            "After bringing the database back by other means, make the file %(mark)s, then run this again.",
            params={"mark": str(mark)},
        )
    with database_running():
        report = journal.verify()
    if not report.holds:
        raise Conflict(
            "witness-ahead",
            "The journal and its witness do not agree: %(report)s.",
            "Facts were lost between the backup and the failure: restore a later backup. Until then the platform"
            " stays read-only and signs nothing (docs/operations/backup.md).",
            params={"report": "; ".join(f"{found.code}: {found.detail}" for found in report.findings)},
        )
    print("The journal agrees with its witness.")
    print("Have you compared what left the house since the backup (mails, envelopes, acknowledgements)?")
    if not confirmed and input("Type yes to let the platform write again: ").strip().lower() != "yes":
        raise Invalid("not-confirmed", "The platform stays read-only.", "Compare, then run this again.")
    with database_running():
        jump, held = exchange.hold_after_restore(actor=system_actor("restore"))
    print(f"Serials of today and later jumped by {jump}; {held} parcels that waited are now doubtful:")
    print("the answers of the other side, its enquiry or you decide on the console whether each has left.")
    mark.unlink(missing_ok=True)
    print("Start the platform again: it writes, with all its parts.")
    return 0


@contextmanager
def _entered(database: str) -> Iterator[None]:
    """Django's connection on another database for a while."""
    wrapper = connections["default"]
    before = dict(wrapper.settings_dict)
    wrapper.close()
    wrapper.settings_dict.update(entry(database))
    try:
        yield
    finally:
        wrapper.close()
        wrapper.settings_dict.update(before)


def _facts(database: str) -> int:
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT count(*) FROM journal_entry").fetchone()
    return int(row[0]) if row else 0


def _passphrase() -> str:
    """From TERRITOIRES_PASSPHRASE, or typed."""
    return os.environ.get(PASSPHRASE) or getpass.getpass("Passphrase of the keys: ")


def _parser(name: str, summary: str) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(prog=f"territoires {name}", description=summary)
