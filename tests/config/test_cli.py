"""The command lists what it can do and tells a refusal in words."""

from __future__ import annotations

import importlib

import pytest

from territoires.config import cli
from territoires.kernel.errors import Fault, Invalid


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


def test_a_refusal_is_words_and_its_family_s_status(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    def refuse(given: list[str]) -> int:
        fault = Fault(field="host", code="host", message="No host.", remedy="Set it.")
        raise Invalid("unfit", "It has %(count)s fault.", "Read on.", params={"count": 1}, faults=[fault])

    monkeypatch.setattr(cli, "_run", refuse)
    with pytest.raises(SystemExit) as ended:
        cli.main(["run"])
    assert ended.value.code == Invalid.exit_status
    assert capsys.readouterr().err == "It has 1 fault.\nRead on.\n  - No host. Set it.\n"
