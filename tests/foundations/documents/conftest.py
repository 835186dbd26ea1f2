"""People, a store of its own for each test, and the facts that were told, without a journal below."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from territoires.foundations.documents import api as documents
from territoires.foundations.documents.models import Document
from territoires.kernel.actor import Actor
from territoires.kernel.clock import fixed_clock
from territoires.kernel.fact import Fact
from territoires.kernel.ids import new_id

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
MEGABYTE = 1_000_000


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Fact]:
    """The facts that the actions left."""
    facts: list[Fact] = []

    def append_all(given: Sequence[Fact], *, actor: Actor, outcome: str = "done") -> list[UUID]:
        facts.extend(given)
        return [new_id() for _ in given]

    monkeypatch.setattr("territoires.foundations.journal.api.append_all", append_all)
    return facts


@pytest.fixture
def store(tmp_path: Path, settings, told) -> Path:
    """An empty store in a folder."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        },
    }
    return tmp_path / "documents"


@pytest.fixture
def clerk() -> Actor:
    return Actor(person=new_id(), organisation=new_id(), clock=fixed_clock(NOW))


def stored_files(store: Path) -> list[Path]:
    return [path for path in store.rglob("*") if path.is_file()]


def deposit(clerk: Actor, content: bytes, name: str = "acte.pdf", limit: int = MEGABYTE) -> Document:
    return documents.receive(
        [content[:3], content[3:]], name=name, organisation=clerk.organisation, actor=clerk, limit=limit
    )
