"""Backups: the database in one consistent picture, the files, and the keys sealed apart.

A backup is a folder: ``database.dump`` (pg_dump's custom format), ``files/``, ``witness/``, ``keys.sealed`` and
``manifest.json``, which lists the digest of each file and the number of rows of each table in that same picture.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Conflict, Corrupt, Invalid, Missing, Unavailable

from .postgres import binaries
from .sealing import seal, unseal

FORMAT = "territoires-backup/1"
DUMP, KEYS, MANIFEST = "database.dump", "keys.sealed", "manifest.json"
FOLDERS = ("files", "witness")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds; ``rows`` counts each table, ``digests`` gives each file's SHA-256 in hexadecimal."""

    format: str
    taken_at: str
    rows: Mapping[str, int]
    digests: Mapping[str, str]


def make(*, database: str, var: Path, target: Path, passphrase: str) -> Manifest:
    """Makes a backup in ``target``, which must not exist; it appears under its name only when it is whole."""
    if target.exists():
        raise Conflict(
            "backup-exists",
            "%(target)s is there already, and a backup never replaces another.",
            "Give a new folder, such as one named after today.",
            params={"target": str(target)},
        )
    draft = target.with_name(f".{target.name}.partial")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700, parents=True)
    taken_at = system_clock().isoformat()
    rows = _dump(database, draft / DUMP)
    # Files are immutable and written before the rows that name them: copied after the dump, none can be missing.
    for name in FOLDERS:
        if (var / name).is_dir():
            shutil.copytree(var / name, draft / name)
    (draft / KEYS).write_bytes(seal(_packed(var / "keys"), passphrase))
    manifest = Manifest(FORMAT, taken_at, rows, dict(_digests(draft)))
    (draft / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1, sort_keys=True))
    draft.rename(target)
    return manifest


def read(source: Path) -> Manifest:
    """A backup's manifest, after each file was compared with its digest. Raises Missing or Corrupt."""
    try:
        manifest = Manifest(**json.loads((source / MANIFEST).read_text()))
    except (FileNotFoundError, NotADirectoryError):
        raise Missing(
            "no-backup",
            "%(source)s holds no backup.",
            "Give the folder that holds manifest.json.",
            params={"source": str(source)},
        ) from None
    except (ValueError, TypeError):
        raise _corrupt(source, MANIFEST) from None
    if manifest.format != FORMAT:
        raise Invalid(
            "foreign-backup",
            "%(source)s is a backup in the format %(format)s, which this version does not read.",
            "Restore it with the version that wrote it, then upgrade.",
            params={"source": str(source), "format": str(manifest.format)[:40]},
        )
    found = dict(_digests(source))
    for name in sorted({*manifest.digests, *found}):
        if manifest.digests.get(name) != found.get(name):
            raise _corrupt(source, name)
    return manifest


def restore(
    *,
    source: Path,
    database: str,
    var: Path,
    passphrase: str,
    before: Callable[[], object] = lambda: None,
) -> Manifest:
    """Brings a backup into an empty database and into ``var``; the witness that is there is left as it is.

    ``before`` is called once nothing is left to refuse. The database is brought back whole or not at all.
    """
    manifest = read(source)
    keys = unseal((source / KEYS).read_bytes(), passphrase)
    with psycopg.connect(database) as connection:
        if _tables(connection):
            raise Conflict(
                "database-not-empty",
                "The database holds data, and a restore never overwrites.",
                "Restore into another folder (TERRITOIRES_VAR) or into an empty database.",
            )
    before()
    _run(
        "pg_restore",
        "--no-owner",
        "--no-privileges",
        "--single-transaction",
        f"--dbname={database}",
        str(source / DUMP),
    )
    for name in FOLDERS:
        if (source / name).is_dir() and not (name == "witness" and (var / name).is_dir()):
            shutil.copytree(source / name, var / name, dirs_exist_ok=True)
    _unpack(keys, var / "keys")
    return manifest


def differences(manifest: Manifest, database: str) -> list[str]:
    """The tables of ``database`` that have not the rows of the manifest, each in words."""
    with psycopg.connect(database) as connection:
        found = _count(connection)
    tables = sorted({*manifest.rows, *found})
    return [
        f"{table}: {manifest.rows.get(table, 0)} rows in the backup, {found.get(table, 0)} here"
        for table in tables
        if manifest.rows.get(table) != found.get(table)
    ]


def _dump(database: str, target: Path) -> dict[str, int]:
    with psycopg.connect(database) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        picture = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert picture is not None
        _run(
            "pg_dump",
            "--format=custom",
            f"--snapshot={picture[0]}",
            f"--file={target}",
            f"--dbname={database}",
        )
        return _count(connection)


def _count(connection: psycopg.Connection) -> dict[str, int]:
    counts = {}
    for table in _tables(connection):
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
        counts[table] = row[0] if row else 0
    return counts


def _tables(connection: psycopg.Connection) -> list[str]:
    found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    return [name for (name,) in found]


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run([str(binaries() / program), *arguments], capture_output=True, text=True)
    if done.returncode:
        raise Unavailable(
            "backup-failed",
            "%(program)s failed: %(reason)s",
            "Put that right and start again; nothing that was there was changed.",
            params={
                "program": program,
                "reason": done.stderr.strip().splitlines()[-1] if done.stderr else "?",
            },
        )


def _digests(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / MANIFEST:
            with path.open("rb") as stream:
                yield path.relative_to(folder).as_posix(), hashlib.file_digest(stream, "sha256").hexdigest()


def _packed(folder: Path) -> bytes:
    content = {
        path.relative_to(folder).as_posix(): base64.b64encode(path.read_bytes()).decode()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    return json.dumps(content).encode()


def _unpack(packed: bytes, folder: Path) -> None:
    """Names were sealed with the contents, so they are ours."""
    for name, content in json.loads(packed).items():
        path = folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(base64.b64decode(content))
    folder.chmod(0o700)


def _corrupt(source: Path, name: str) -> Corrupt:
    return Corrupt(
        "backup-damaged",
        "The file %(name)s of the backup %(source)s is not the one that was written.",
        "Take another copy of this backup, or an older one.",
        params={"name": name, "source": str(source)},
    )
