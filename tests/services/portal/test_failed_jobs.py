"""A job that failed for good stands on the console with its reason, is told by ``/health``, and is tried again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from territoires.foundations.registry import api as registry
from territoires.kernel.errors import Conflict, Missing
from tests.routes.world import build

TASK = "tests.always_fails"
broken = {"reason": "the address is unreadable"}


@app.task(name=TASK, queue=TASK, retry=RetryStrategy(max_attempts=2, wait=0), queueing_lock=TASK)
def always_fails(notice: str) -> None:
    if broken["reason"]:
        raise ValueError(broken["reason"])


def work() -> None:
    """As the platform's worker does, until nothing is left to do."""

    def run() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as working:  # type: ignore[attr-defined]
            working.run_worker(
                queues=[TASK],
                wait=False,
                listen_notify=False,
                install_signal_handlers=False,
                delete_jobs="successful",
                worker_middleware=[registry.keep_reason],
            )

    with ThreadPoolExecutor(1) as pool:  # a thread of its own: the browser tests' loop runs in this one
        pool.submit(run).result()


def test_it_is_named_with_its_reason_and_tried_again(
    live_database: str, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PARTS = []
    monkeypatch.setitem(broken, "reason", "the address is unreadable")
    world = build()
    operator = world.client(world.person(world.operator, "operator"))
    support = world.client(world.person(world.operator, "support"))
    where = {"organisation": world.operator.reference}
    page = reverse("portal_desk:dead-letters", kwargs=where)
    job = always_fails.defer(notice="42")
    replay = reverse("portal_desk:replay-job", kwargs=where | {"job": job})
    assert "jobs" not in client.get("/health").json()["alarms"]

    work()
    (failed,) = registry.failed_jobs()
    assert (failed.number, failed.task, failed.arguments) == (job, TASK, {"notice": "42"})
    assert failed.attempts > 1
    assert failed.reason == "ValueError: the address is unreadable"
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json()["alarms"]["jobs"] == "jobs-failed: Jobs of the worker that failed for good: 1."
    assert f"{page}#jobs-title" in operator.get(reverse("portal_desk:console", kwargs=where)).content.decode()
    assert "ValueError: the address is unreadable" in operator.get(page).content.decode()
    assert replay not in support.get(page).content.decode()
    assert support.post(replay).status_code == 403

    other = always_fails.defer(notice="43")  # the next of its kind waits: two at once would do the work twice
    with pytest.raises(Conflict):
        registry.replay_job(job)
    work()
    assert {one.number for one in registry.failed_jobs()} == {job, other}

    broken["reason"] = ""
    assert operator.post(replay).status_code == 302
    with pytest.raises(Missing):
        registry.replay_job(job)
    work()
    assert [one.number for one in registry.failed_jobs()] == [other]
    assert operator.post(replay).status_code == 404
