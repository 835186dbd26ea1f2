"""The clock is cleared by whoever has the machine in hand, and the book keeps it."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from territoires.config import cli
from territoires.foundations.journal import api as journal
from territoires.foundations.trust import api as trust
from territoires.foundations.trust.clock_mark import DatabaseMark


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(["trust", *arguments])
    return ended.value.code  # type: ignore[return-value]


@pytest.fixture(autouse=True)
def _no_embedded_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database of the test runs already."""
    monkeypatch.setattr("territoires.config.stamping.database_running", nullcontext)


def told() -> list[journal.TimelineEntry]:
    journal.sequence_once()
    return [entry for entry in journal.latest() if entry.kind == "trust.clock.cleared"]


def test_clearing_the_clock_leaves_a_fact_with_the_fault(live_database: str, capsys) -> None:
    DatabaseMark().refuse("The clock jumped.")
    assert run() == 0
    assert "Clock: The clock jumped." in capsys.readouterr().out
    assert told() == []
    assert run("clear-clock") == 0
    assert trust.clock_fault() == ""
    [entry] = told()
    assert entry.facts["fault"] == "The clock jumped."
    assert journal.verify().holds


def test_no_clearing_without_its_fact(live_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise OSError("no room")

    DatabaseMark().refuse("The clock jumped.")
    monkeypatch.setattr(journal, "append", refuse)
    assert run("clear-clock") == 1
    assert trust.clock_fault() == "The clock jumped."
