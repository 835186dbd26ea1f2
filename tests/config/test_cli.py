"""The command lists what it can do and tells a refusal in words."""

from __future__ import annotations

import errno
import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from territoires.config import cli
from territoires.kernel.errors import Fault, Invalid, Unavailable


def test_the_overview_names_every_command() -> None:
    shown = cli.overview()
    for commands in cli.GROUPS.values():
        for name, summary, _ in commands:
            assert name in shown
            assert summary in shown


def test_each_of_our_commands_leads_somewhere() -> None:
    for commands in cli.GROUPS.values():
        for _, _, target in commands:
            if target:
                module, _, function = target.partition(":")
                assert callable(getattr(importlib.import_module(f"territoires.config.{module}"), function))


def test_a_migration_is_written_in_peace_without_a_database(tmp_path: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "territoires", "makemigrations", "--check", "--dry-run"],
        env={**os.environ, "TERRITOIRES_VAR": str(tmp_path / "var")},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.stdout, done.stderr) == ("No changes detected\n", "")


def test_a_refusal_is_words_and_its_family_s_status(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    def refuse(given: list[str]) -> int:
        fault = Fault(field="host", code="host", message="No host.", remedy="Set it.")
        raise Invalid("unfit", "It has %(count)s fault.", "Read on.", params={"count": 1}, faults=[fault])

    monkeypatch.setattr(cli, "_run", refuse)
    with pytest.raises(SystemExit) as ended:
        cli.main(["run"])
    assert ended.value.code == Invalid.exit_status
    assert capsys.readouterr().err == "It has 1 fault.\nRead on.\n  - No host. Set it.\n"


def test_any_failure_on_a_full_disk_is_told_as_such(
    full_disk: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    def fail(given: list[str]) -> int:
        raise RuntimeError("could not write init file")

    monkeypatch.setenv("TERRITOIRES_VAR", str(full_disk))
    monkeypatch.setattr("territoires.config.running.run", fail)
    with pytest.raises(SystemExit) as ended:
        cli.main(["run"])
    assert ended.value.code == Unavailable.exit_status
    assert f"The disk that holds {full_disk} is full.\nFree some space" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.EACCES, "is closed to this user"), (errno.ENOSPC, "is full"), (errno.EISDIR, "Is a directory")],
)
def test_what_the_system_refuses_is_told_in_words(
    number: int, words: str, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    def refuse(given: list[str]) -> int:
        raise OSError(number, os.strerror(number), "/some/file")

    monkeypatch.setattr(cli, "_run", refuse)
    with pytest.raises(SystemExit):
        cli.main(["doctor"])
    said = capsys.readouterr().err
    assert "/some/file" in said
    assert words in said
