"""The worker itself moves the bus: a post wakes it, and its minute finds what a lost job forgot."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange import jobs
from territoires.foundations.exchange.models import Arrival, Parcel


def work() -> None:
    """Runs the worker until nothing is left to do."""

    def run() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as working:
            working.run_worker(wait=False, listen_notify=False, install_signal_handlers=False)

    with ThreadPoolExecutor(1) as pool:  # a thread of its own: the browser tests' loop runs in this one
        pool.submit(run).result()


@pytest.fixture
def without_jobs(live_database):
    """As after a restore without its queue."""

    def forget() -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")

    return forget


def test_what_is_posted_and_what_comes_moves_at_once(live_database, other_side, posted):
    posted("one")
    exchange.receive(channel="test", origin="mail", name="a.xml", chunks=[b"an answer"])
    work()
    assert other_side.keys == ["one"]
    assert other_side.absorbed == [b"an answer"]


def test_the_minute_finds_what_a_lost_job_forgot(without_jobs, other_side, posted):
    posted("one")
    exchange.receive(channel="test", origin="mail", name="a.xml", chunks=[b"an answer"])
    without_jobs()
    for _twice in range(2):  # the second finds the first's still waiting
        jobs.tick.func(timestamp=0)
    work()
    assert Parcel.objects.get().state == "sent"
    assert Arrival.objects.get().state == "absorbed"
