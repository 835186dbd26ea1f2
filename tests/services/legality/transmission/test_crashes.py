"""kill -9 of the worker around each step of a sending: the ministry has the act once, and it ends acknowledged."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as installed
from django.db.models.functions import Now

from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange.models import Parcel
from territoires.kernel.actor import system_actor
from tests.simulators.ministry import Ministry
from tests.waiting import until

from .conftest import Town, collect, send_waiting

ROOT = Path(__file__).resolve().parents[4]


def kill_worker_at(point: str, database: str, connection: Path) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "TERRITOIRES_VAR": str(installed.ENVIRONMENT.var),
        "TERRITOIRES_ACTES": str(connection),
        "DJANGO_SETTINGS_MODULE": "territoires.config.settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }
    command = [sys.executable, "-m", "tests.services.legality.transmission.victim", point]
    with subprocess.Popen(command, env=environment, cwd=ROOT) as worker:
        assert worker.wait(60) == -signal.SIGKILL


@pytest.mark.parametrize(
    "point",
    ["archived", "posted", "before-claim", "claimed", "delivered", "recording", "recorded"],
)
def test_a_worker_killed_while_it_sends_loses_nothing_and_sends_nothing_twice(
    live_database: str, live_town: Town, ministry: Ministry, point: str
) -> None:
    transmission = live_town.confirmed()
    kill_worker_at(point, live_database, ministry.folder / "simulators/ministry/connection.json")

    def settled() -> bool:
        Parcel.objects.filter(state="sending").update(leased_until=Now() - timedelta(seconds=1))
        send_waiting()
        collect()
        if point == "claimed":  # nobody can know that it had not left: a person decides
            for parcel in Parcel.objects.filter(state="doubtful"):
                exchange.send_again(actor=system_actor("worker"), parcel=parcel)
        transmission.refresh_from_db()
        return transmission.state == "acknowledged"

    until(settled, 60)
    received = [one for one in ministry.call("/received") if live_town.body.siren in one["archive"]]
    assert [one["verdict"] for one in received] == ["accepted"]
