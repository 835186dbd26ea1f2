"""kill -9 at any step loses and doubles nothing: real processes, a real database."""

from __future__ import annotations

import random
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import UUID

import pytest

from territoires.foundations.journal import api as journal
from territoires.foundations.journal import witness
from territoires.foundations.trust import api as trust
from tests.victims import killed
from tests.waiting import until

from .book import rows, write
from .victim import POINTS, run

SECONDS = 60


@pytest.fixture
def start(book, victim, no_followers):
    """Starts victims on this test's database and witness."""
    trust.log_keys()  # the keys are there before anybody may be killed while making them

    def started(role: str, point: str = "") -> BaseProcess:
        return victim(run, role, witness.path(), point)

    return started


def outputs() -> list[Path]:
    """What was acknowledged to each writer, in a file of its own."""
    return list(witness.path().parent.parent.glob("writer-*"))


def numbered() -> int:
    return rows("SELECT count(*) FROM journal_leaf")[0][0]


def make_tables() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE business (pid int, number int, entry uuid, PRIMARY KEY (pid, number))")
        cursor.execute("CREATE TABLE followed (seq bigint)")  # no unique key: a double would be seen


def test_killed_writers_sequencers_and_followers_lose_and_double_nothing(start):
    make_tables()
    chance = random.Random(7)
    writers = [start("writer") for _ in range(2)]
    until(lambda: len([one for one in outputs() if one.stat().st_size]) == 2, SECONDS)
    sequencers = [start("sequencer"), start("sequencer")]
    followers = [start("follower", "any")]
    until(lambda: numbered() > 200, SECONDS)
    for victims, role, point in (
        (sequencers, "sequencer", ""),
        (followers, "follower", "any"),
        (writers, "writer", ""),
    ):
        victim = victims.pop()
        before = numbered()
        victim.kill()
        victims.append(start(role, point))
        until(lambda before=before: numbered() > before + chance.randrange(1, 50), SECONDS)
    acknowledged = set()
    processes = [*writers, *sequencers, *followers]
    for process in processes:
        process.kill()
        process.join()
    for output in outputs():
        acknowledged |= {UUID(line) for line in output.read_text().split("\n") if len(line) == 36}
    journal.sequence_once()
    followed = start("follower")
    until(lambda: rows("SELECT count(*) FROM followed")[0][0] >= numbered(), SECONDS)
    followed.kill()
    followed.join()

    entries = {entry for (entry,) in rows("SELECT entry FROM journal_leaf")}
    assert entries == {entry for (entry,) in rows("SELECT entry FROM business")}
    assert acknowledged <= entries
    assert (
        rows("SELECT count(*), max(seq) + 1, count(DISTINCT seq) FROM journal_leaf")[0] == (len(entries),) * 3
    )
    assert rows("SELECT seq FROM followed ORDER BY seq") == [(seq,) for seq in range(len(entries))]
    disordered = rows(
        "SELECT count(*) FROM (SELECT number, lag(number) OVER (PARTITION BY pid ORDER BY seq) AS earlier"
        " FROM business JOIN journal_leaf USING (entry)) AS o WHERE earlier > number"
    )
    assert disordered == [(0,)]  # each writer's order is kept
    report = journal.verify()
    assert report.holds, report.findings


@pytest.mark.parametrize("point", POINTS)
def test_a_sequencer_killed_between_lock_leaves_nodes_and_commit_leaves_no_trace(start, point):
    entries = write(300)
    assert killed(start("sequencer", point))
    assert numbered() == 0
    until(
        lambda: journal.sequence_once() == 300, SECONDS
    )  # the server takes a moment to see that the client died
    assert [entry for (entry,) in rows("SELECT entry FROM journal_leaf ORDER BY seq")] == entries
    assert journal.verify().holds
