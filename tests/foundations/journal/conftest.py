from __future__ import annotations

import dataclasses

import pytest
from django.conf import settings

from territoires.foundations.journal import subscriptions


@pytest.fixture
def book(live_database, tmp_path, monkeypatch) -> str:
    """A committed database with a witness of its own; gives the database's URL."""
    # only ``var`` moves: the keys of the run stay
    monkeypatch.setattr(
        "territoires.foundations.journal.witness.path", lambda: tmp_path / "witness" / "checkpoints.jsonl"
    )
    assert dataclasses.is_dataclass(settings.ENVIRONMENT)
    return live_database


@pytest.fixture
def no_followers(monkeypatch) -> None:
    """The test declares its own."""
    monkeypatch.setattr(subscriptions, "_subscriptions", {})
