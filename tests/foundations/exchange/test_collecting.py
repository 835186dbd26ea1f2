"""A mailbox that cannot be read is told since its first failure, and forgotten at the next success."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange.collecting import collect_from
from territoires.kernel.errors import Unavailable

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.mark.django_db
def test_a_failing_collection_is_told_since_when(other_side):
    failures: list[Exception] = [
        Unavailable("away", "%(host)s is away.", params={"host": "imap"}),
        OSError("x\0"),
    ]

    def collect() -> None:
        if failures:
            raise failures.pop(0)

    channel = replace(exchange.channel_of("test"), collect=collect)
    for minute in range(2):
        collect_from(channel, NOW + timedelta(minutes=minute))
        (found,) = exchange.failing_collections()
        assert (found.failing_since, found.succeeded_at) == (NOW, None)
        assert found.sentence % found.params
    collect_from(channel, NOW)
    assert exchange.failing_collections() == []
