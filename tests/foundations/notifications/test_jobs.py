"""A job whose worker was killed is done all the same."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from territoires.foundations.notifications import jobs


def test_the_jobs_of_a_killed_worker_go_back_to_the_queue(live_database):
    left, waiting = jobs.send.defer(mail="left"), jobs.send.defer(mail="waiting")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [left])
    with ThreadPoolExecutor(1) as pool:  # a thread of its own: the browser tests' loop runs in this one
        pool.submit(asyncio.run, jobs.requeue.func(SimpleNamespace(app=app), timestamp=0)).result()
    states = dict(ProcrastinateJob.objects.values_list("id", "status"))
    assert states == {left: "todo", waiting: "todo"}
    assert ProcrastinateJob.objects.get(pk=left).attempts == 1
