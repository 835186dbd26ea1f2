"""The opening worker and the time-keeper as processes of their own, killed without warning."""

from __future__ import annotations

import os
import socket
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
from tests.services.procurement.conftest import make_body, rows
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


def test_a_worker_killed_while_it_deciphers_leaves_no_clear_byte_and_the_next_one_opens_all(
    closed: World, live_database: str
) -> None:
    with socket.create_server(
        ("127.0.0.1", 0)
    ) as mute:  # an antivirus that takes the bytes and never answers
        stuck = {"TERRITOIRES_CLAMD": f"127.0.0.1:{mute.getsockname()[1]}"}
        with process(live_database, "time_keeper", "run_time_keeper"):
            with process(live_database, "opener", "run_opener", **stuck):
                first = asked(closed)
                until(lambda: stands(first, session.READY), SECONDS)
                for officer in closed.officers:
                    officer.give(first)
                until(lambda: stands(first, session.OPENING), SECONDS)
                mute.settimeout(SECONDS)
                caller, _address = mute.accept()
                assert caller.recv(1)  # the clear bytes of the first file are on their way
            caller.close()
            assert not OpenedFile.objects.exists() and not first.blocks.exists()
            held = rows("documents.Reference").filter(holder_type="procurement.opening")
            assert not held.exists()
            with process(live_database, "opener", "run_opener"):
                until(lambda: stands(first, session.LOST), SECONDS)
                again = asked(closed)
                until(lambda: stands(again, session.READY), SECONDS)
                assert again.sha256 != first.sha256
                for officer in closed.officers:
                    officer.give(again)
                until(lambda: stands(again, session.OPENED), SECONDS)
    assert [one.verdict for one in OpenedFile.objects.filter(order=again)] == ["clear"]
