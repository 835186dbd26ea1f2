"""The ``territoires`` command: ours, then Django's."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

from territoires.kernel.errors import TerritoiresError

# Each command with one line of help; those with a module are ours, the others are management commands.
GROUPS: dict[str, list[tuple[str, str, str | None]]] = {
    "Run": [
        ("run", "start database, web, worker, sequencer and simulators, until Ctrl-C", "running:run"),
        ("doctor", "say in words what is wrong with this installation", "doctor:doctor"),
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
        ("journal", "verify: check the whole book against its witness", None),
    ],
    "Fill": [
        ("load", "territory --region NN: communes, groupings, departments, region", None),
        ("demo", "load, reset or list the demonstration", None),
    ],
    "Build": [
        ("new", "service NAME: a room that passes every contract at once", "new_service:new"),
        ("messages", "collect, check or compile the translations", None),
        ("migrate", "bring the schema up to date", None),
        ("shell", "Python with the platform loaded", None),
    ],
}
WITHOUT_DJANGO = {"new"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command; a refusal is told in one sentence and gives its family's exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "territoires.config.settings")
    try:
        sys.exit(_run(given))
    except TerritoiresError as error:
        print(in_words(error), file=sys.stderr)
        sys.exit(error.exit_status)
    except OSError as error:
        print(f"{error.filename or 'The system'}: {error.strerror or error}.", file=sys.stderr)
        sys.exit(1)


def _run(given: list[str]) -> int:
    if not given or (given[0] in ("help", "--help", "-h") and len(given) == 1):
        print(overview())
        return 0
    ours = {name: target for group in GROUPS.values() for name, _, target in group if target}
    if given[0] not in ours:
        from django.core.management import execute_from_command_line

        execute_from_command_line(["territoires", *given])
        return 0
    if given[0] not in WITHOUT_DJANGO:
        import django

        django.setup()
    module, _, function = ours[given[0]].partition(":")
    command = getattr(importlib.import_module(f"territoires.config.{module}"), function)
    try:
        return int(command(given[1:]))
    except (TerritoiresError, OSError):
        raise
    except Exception as error:
        raise Unexpected(given[0], error) from None


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
                "reason": str(error).strip().split("\n", 1)[0] or type(error).__name__,
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
