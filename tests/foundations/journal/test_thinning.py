"""Old checkpoints are thinned to one a minute; nothing that leads anywhere goes, and everything is proved as before."""

from __future__ import annotations

import psycopg
import pytest
from django.db import ProgrammingError, connection

from territoires.foundations.journal import api as journal
from territoires.foundations.journal import checkpoints, loops
from tests.tools.bundles import World

from .book import let_a_day_pass, rows, tamper, write
from .test_evidence import judge
from .test_failures import Turns


def sizes() -> list[int]:
    return [size for (size,) in rows("SELECT size FROM journal_checkpoint ORDER BY size")]


def last_of_each_minute() -> list[int]:
    found = rows("SELECT max(size) FROM journal_checkpoint GROUP BY date_trunc('minute', at)")
    return sorted(size for (size,) in found)


def delete(size: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM journal_token WHERE checkpoint = %s", [size])
        cursor.execute("DELETE FROM journal_checkpoint WHERE size = %s", [size])


@pytest.fixture
def entries(book) -> list:
    """Eight facts, each with its checkpoint."""
    found = []
    for _ in range(8):
        found += write()
        journal.sequence_once()
    return found


@pytest.fixture
def old(entries) -> list:
    """The same, of yesterday."""
    let_a_day_pass()
    return entries


def test_the_checkpoints_of_the_day_stay(entries):
    assert checkpoints.thin() == 0
    assert sizes() == list(range(1, 9))
    with pytest.raises(ProgrammingError, match="only spare checkpoints"):
        delete(3)


def test_one_a_minute_stays_and_the_book_verifies(old):
    kept = last_of_each_minute()
    assert checkpoints.thin() == 8 - len(kept)
    assert sizes() == kept
    assert [size for (size,) in rows("SELECT checkpoint FROM journal_token ORDER BY 1")] == kept
    report = journal.verify()
    assert (report.holds, report.kept) == (True, 8)
    assert checkpoints.thin() == 0


def test_every_fact_is_still_proved(old, tmp_path):
    checkpoints.thin()
    for entry in old:
        done = judge(tmp_path, b"".join(journal.build_bundle([entry])))
        assert done.returncode == 0, done.stdout


def test_what_a_bundle_leads_to_stays(old):
    b"".join(journal.build_bundle([old[2]]))
    checkpoints.thin()
    assert sizes() == sorted({3, *last_of_each_minute()})
    with pytest.raises(ProgrammingError, match="insert only"):
        connection.cursor().execute("DELETE FROM journal_citation")


def test_what_was_stamped_outside_stays(old, settings, tmp_path):
    outside = World()
    (note,) = (bytes(row[0]) for row in rows("SELECT note FROM journal_checkpoint WHERE size = 5"))
    tamper(
        (
            "INSERT INTO journal_token VALUES (gen_random_uuid(), 5, NULL, 'outside', %s, now())",
            [outside.stamp(note)],
        )
    )
    settings.OUTSIDE_TIME_STAMPING = {
        "url": "https://essai.example",
        "policy": "",
        "roots": outside.root_file(tmp_path),
    }
    checkpoints.thin()
    assert 5 in sizes()
    assert journal.verify().holds


def test_a_checkpoint_that_is_not_spare_cannot_be_deleted(old):
    with pytest.raises(ProgrammingError, match="only spare checkpoints"):
        delete(8)
    delete(3)
    assert 3 not in sizes()


@pytest.mark.parametrize("table", ["journal_checkpoint", "journal_token"])
def test_nothing_is_changed_in_place(old, table):
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="insert only"):
        cursor.execute(f"UPDATE {table} SET at = at")


def test_the_sequencer_thins_under_its_own_role(old, no_followers, book, monkeypatch):
    with psycopg.connect(book, autocommit=True) as owner:
        for role in ("plain_app", "plain_sequencer"):
            owner.execute(
                f"DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
            )
        owner.execute(journal.grants_sql("plain_app", "plain_sequencer"))
    kept = last_of_each_minute()
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE plain_sequencer")
        loops.run_sequencer(Turns(1))
        cursor.execute("RESET ROLE")
    assert sizes() == kept
    assert not journal.health().failures
