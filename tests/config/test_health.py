"""``/health`` says which part is not up."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from territoires.foundations.registry import health

pytestmark = pytest.mark.django_db


def test_every_part_up(client: Client) -> None:
    for part in settings.PARTS:
        health.beat(part)
    answer = client.get("/health")
    assert answer.json()["down"] == []
    assert answer.status_code == 200


@pytest.mark.parametrize("silent", ["worker", "sequencer", "followers"])
def test_a_part_that_never_started_is_named(client: Client, silent: str) -> None:
    for part in set(settings.PARTS) - {silent}:
        health.beat(part)
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["down"]) == (503, [silent])


def test_a_part_that_fell_silent_is_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for part in settings.PARTS:
        health.beat(part)
    cache.set("part:worker", health.time.time() - 60, timeout=None)
    answer = client.get("/health").json()
    assert answer["down"] == ["worker"]
    assert "silent for 6" in answer["parts"]["worker"]
