"""The opening worker and the time-keeper as processes of their own, killed without warning."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from territoires.services.procurement.actions import opening
from territoires.services.procurement.domain import session
from territoires.services.procurement.models import OpenedFile, OpeningOrder
from territoires.services.procurement.queries.time_vault import time_vault
from tests.browser import ROOT
from tests.services.procurement.conftest import make_body
from tests.waiting import until

from .world import AFTER, World, make_world, present

pytestmark = pytest.mark.slow
LOOP = (
    "import sys, threading, django; django.setup();"
    "from importlib import import_module;"
    "name, run = sys.argv[1:];"
    "getattr(import_module(f'territoires.services.procurement.jobs.{name}'), run)(threading.Event())"
)
SECONDS = 120


@contextmanager
def process(database: str, name: str, run: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A part in a process of its own, killed at the end with no time to say good-bye."""
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "territoires.config.settings",
        **more,
    }
    started = subprocess.Popen([sys.executable, "-c", LOOP, name, run], cwd=ROOT, env=environment)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


@pytest.fixture
def closed(live_database: str, tmp_path: Path) -> World:
    world = make_world(make_body(), tmp_path)
    world.vault = time_vault()  # that of the processes
    world.ready().published()
    world.bid(0)
    return world.closed()


def asked(world: World) -> OpeningOrder:
    return opening.ask_opening(
        actor=present(world.secretary, AFTER), consultation=world.consultation, round=1, envelope="tender"
    )


def stands(order: OpeningOrder, state: str) -> bool:
    order.refresh_from_db()
    return order.state == state


def test_a_killed_worker_opens_nothing_and_the_next_one_begins_again(
    closed: World, live_database: str
) -> None:
    with process(live_database, "time_keeper", "run_time_keeper"):
        first = asked(closed)
        with process(live_database, "opener", "run_opener"):
            until(lambda: stands(first, session.READY), SECONDS)
            closed.officers[0].give(first)
            until(lambda: first.releases.filter(holder=None, checked_at__isnull=False).exists(), SECONDS)
        with process(live_database, "opener", "run_opener"):
            until(lambda: stands(first, session.LOST), SECONDS)
            assert not OpenedFile.objects.exists()
            again = asked(closed)
            until(lambda: stands(again, session.READY), SECONDS)
            for officer in closed.officers:
                officer.give(again)
            until(lambda: stands(again, session.OPENED), SECONDS)
            until(lambda: again.minutes.count() == 2, SECONDS)
    assert OpenedFile.objects.filter(order=again, verdict="clear").count() == 1
