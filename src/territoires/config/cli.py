"""The ``territoires`` command: ours, then Django's."""

from __future__ import annotations

import errno
import importlib
import os
import sys
import tempfile
import traceback
import warnings
from collections.abc import Sequence
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path

from territoires.kernel.errors import Conflict, TerritoiresError, Unavailable

from . import disk
from .environment import read_environment

# Each command with one line of help; those with a module are ours, the others are management commands.
GROUPS: dict[str, list[tuple[str, str, str | None]]] = {
    "Run": [
        ("run", "start database, web, worker, sequencer and simulators, until Ctrl-C", "running:run"),
        ("doctor", "say in words what is wrong with this installation", "doctor:doctor"),
        ("timekeeper", "the time-keeper of sealed bids alone, as a user of its own", "parts:timekeeper"),
        ("prepare", "bring schema, roles and territory up to date", "upkeep:prepare_only"),
    ],
    "Keep": [
        ("backup", "DIR: database and files, keys sealed apart", "upkeep:backup"),
        (
            "restore",
            "DIR: bring a backup back; --reconcile ends the read-only time after it",
            "upkeep:restore",
        ),
        ("drill", "back up, restore beside, verify; print duration and loss", "upkeep:drill"),
        (
            "journal",
            "verify: check the whole book against its witness; keys, announce-key, retire-key: who signs it",
            None,
        ),
        (
            "trust",
            "show the root's fingerprint and the clock; clear-clock once it was checked",
            "stamping:command",
        ),
        ("key", "issue, list or revoke the keys of programs", None),
        ("services", "list, activate NAME or deactivate NAME: --body SIREN, --kind KIND or --all", None),
    ],
    "Fill": [
        ("load", "territory --region NN: communes, groupings, departments, region", None),
        ("demo", "load, reset or list the demonstration", None),
        ("history", "FILE: take over the acts that a body transmitted elsewhere", None),
    ],
    "Build": [
        ("new", "service NAME: a room that passes every contract at once", "new_service:new"),
        ("messages", "collect, check or compile the translations", None),
        ("migrate", "bring the schema up to date", None),
        ("shell", "Python with the platform loaded", None),
    ],
}
WITHOUT_DJANGO = {"new"}
# Packages that are loaded when they are first asked for: one that is missing is told now, not in the middle of a work.
LOADED_LATER = (
    "argon2",
    "asn1crypto",
    "babel",
    "docx",
    "granian",
    "jsonschema",
    "nh3",
    "ocdsmerge",
    "pikepdf",
    "pyhanko",
    "qrcode",
    "saxonche",
    "stdnum",
    "whitenoise",
)
# Commands of Django's kind that read or write: the embedded database is started for them when it does not run.
WITH_DATABASE = {"journal", "services", "load", "demo", "history", "migrate", "shell"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command; a refusal is told in one sentence and gives its family's exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "territoires.config.settings")
    try:
        sys.exit(_run(given))
    except TerritoiresError as error:
        print(in_words(error), file=sys.stderr)
        sys.exit(error.exit_status)
    except ImportError as error:
        if _is_ours(error):
            raise
        print(
            f"A piece of the installation is missing: {error}.\nPut it back: make install.", file=sys.stderr
        )
        sys.exit(1)
    except OSError as error:
        print(system_in_words(error), file=sys.stderr)
        sys.exit(1)


def _run(given: list[str]) -> int:
    if not given or (given[0] in ("help", "--help", "-h") and len(given) == 1):
        print(overview())
        return 0
    ours = {name: target for group in GROUPS.values() for name, _, target in group if target}
    if given[0] not in ours:
        return _manage(given)
    if given[0] not in WITHOUT_DJANGO:
        _load()
    module, _, function = ours[given[0]].partition(":")
    command = getattr(importlib.import_module(f"territoires.config.{module}"), function)
    try:
        return int(command(given[1:]))
    except (TerritoiresError, OSError, ImportError):
        raise
    except Exception as error:
        var = read_environment().var
        raise (disk.full(var) if disk.is_full(var) else Unexpected(given[0], error)) from None


def _load() -> None:
    """The framework and the platform. Raises ModuleNotFoundError when a piece is not there, whenever it is needed."""
    import django

    for piece in LOADED_LATER:
        if find_spec(piece) is None:
            raise ModuleNotFoundError(f"No module named '{piece}'", name=piece)
    django.setup()


def _manage(given: list[str]) -> int:
    """A management command; a database that does not serve it is told in words."""
    _load()
    from django.core.management import execute_from_command_line
    from django.db import OperationalError, ProgrammingError

    from .upkeep import database_running

    # The history of migrations is compared where a database answers; none needs to for writing one.
    warnings.filterwarnings("ignore", "Got an error checking a consistent migration history")

    try:
        with database_running() if _reads(given) else nullcontext():
            execute_from_command_line(["territoires", *given])
    except OperationalError as error:
        raise Unavailable(
            "database-away",
            "The database does not answer: %(reason)s",
            "Start the platform (make run), or correct DATABASE_URL and its companions.",
            params={"reason": _first_line(error)},
        ) from None
    except ProgrammingError as error:
        raise Conflict(
            "schema-behind",
            "The database is not what this version expects: %(reason)s",
            "Bring it up to date: territoires prepare.",
            params={"reason": _first_line(error)},
        ) from None
    return 0


def _reads(given: list[str]) -> bool:
    """Whether a command of Django's kind needs the database; a reset must not start what it deletes."""
    return given[0] in WITH_DATABASE and given[:2] != ["demo", "reset"]


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0] or type(error).__name__


def _is_ours(error: ImportError) -> bool:
    """Whether it is our own code that does not hold together: a fault to report, which no installation mends."""
    return (error.name or "").partition(".")[0] == "territoires"


def system_in_words(error: OSError) -> str:
    """What the operating system refused, with the remedy of what happens to everybody."""
    where = error.filename or read_environment().var
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return in_words(disk.full(Path(where)))
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{where} is closed to this user.\nStart as the user that it belongs to, or give this one the right."
    return f"{where}: {error.strerror or error}."


class Unexpected(TerritoiresError):
    """A fault of ours: its trace goes to a file, and its address to the reader."""

    def __init__(self, command: str, error: Exception) -> None:
        folder = Path(tempfile.mkdtemp(prefix="territoires-"))
        (folder / "trace.txt").write_text("".join(traceback.format_exception(error)))
        super().__init__(
            "unexpected",
            "%(command)s met a fault that was not foreseen: %(reason)s",
            "Send %(trace)s to the maintainers; your data are as they were.",
            params={
                "command": command,
                "reason": _first_line(error),
                "trace": folder / "trace.txt",
            },
        )


def overview() -> str:
    """The commands by group, one line each."""
    lines = ["territoires COMMAND", ""]
    for group, commands in GROUPS.items():
        lines.append(group)
        lines += [f"  {name:<10}{summary}" for name, summary, _ in commands]
        lines.append("")
    lines.append("Every command of Django works too: territoires help --commands lists them.")
    return "\n".join(lines)


def in_words(error: TerritoiresError) -> str:
    """What happened, what to do, and each fault with its remedy."""
    lines = [error.message % error.params, error.remedy % error.params if error.remedy else ""]
    for fault in error.faults:
        lines.append(f"  - {fault.message % fault.params} {fault.remedy % fault.params}".rstrip())
    return "\n".join(line for line in lines if line)
