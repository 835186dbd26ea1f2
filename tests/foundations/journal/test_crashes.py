"""kill -9 at any step loses and doubles nothing: real processes, a real database."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings

from territoires.foundations.journal import api as journal
from territoires.foundations.journal import witness
from territoires.foundations.trust import api as trust
from tests.waiting import until

from .book import rows, write
from .victim import POINTS

ROOT = Path(__file__).resolve().parents[3]
SECONDS = 60


@pytest.fixture
def start(book, tmp_path, no_followers):
    """Starts victims on this test's database; all of them are dead at the end."""
    running: list[subprocess.Popen[bytes]] = []
    trust.log_key()  # the keys are there before anybody may be killed while making them
    environment = {
        **os.environ,
        "DATABASE_URL": book,
        "TERRITOIRES_VAR": str(settings.ENVIRONMENT.var),
        "DJANGO_SETTINGS_MODULE": "territoires.config.settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }

    def started(role: str, point: str = "") -> subprocess.Popen[bytes]:
        output = (tmp_path / f"{role}-{len(running)}").open("wb")
        command = [sys.executable, "-m", "tests.foundations.journal.victim", role, str(witness.path()), point]
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=output)
        process.output = Path(output.name)
        running.append(process)
        return process

    yield started
    for process in running:
        process.kill()
        process.wait()


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
    until(lambda: numbered() >= 0 and all(w.output.stat().st_size > 0 for w in writers), SECONDS)
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
        victim.send_signal(signal.SIGKILL)
        victims.append(start(role, point))
        until(lambda before=before: numbered() > before + chance.randrange(1, 50), SECONDS)
    acknowledged = set()
    processes = [*writers, *sequencers, *followers]
    for process in processes:
        process.kill()
        process.wait()
    for output in witness.path().parent.parent.glob("writer-*"):
        acknowledged |= {UUID(line) for line in output.read_text().split("\n") if len(line) == 36}
    journal.sequence_once()
    followed = start("follower")
    until(lambda: rows("SELECT count(*) FROM followed")[0][0] >= numbered(), SECONDS)
    followed.kill()
    followed.wait()

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
    victim = start("sequencer", point)
    assert victim.wait(SECONDS) == -signal.SIGKILL
    assert numbered() == 0
    until(
        lambda: journal.sequence_once() == 300, SECONDS
    )  # the server takes a moment to see that the client died
    assert [entry for (entry,) in rows("SELECT entry FROM journal_leaf ORDER BY seq")] == entries
    assert journal.verify().holds
