"""Each fact reaches each follower exactly once, in order; a failure holds back its subject and nothing else."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

from territoires.foundations.journal import api as journal
from territoires.foundations.journal import subscriptions
from territoires.foundations.journal.api import Recorded, Subscription
from territoires.kernel.actor import system_actor
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Corrupt, Missing
from territoires.kernel.ids import new_id

from .book import LetterSent, rows, tamper, write

ACTOR = system_actor("test")


class Clerk:
    """A follower that keeps what it is handed in a table of its own, and stumbles over the subjects it is told."""

    def __init__(self, name: str = "clerk") -> None:
        self.stumbles: set[UUID] = set()
        self.name = name
        rows_created = f"CREATE TABLE {name} (rank serial, seq bigint, subject uuid)"
        with connection.cursor() as cursor:
            cursor.execute(rows_created)
        journal.subscribe(Subscription(name, [LetterSent.KIND], self.handle))

    def handle(self, fact: Recorded) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {self.name} (seq, subject) VALUES (%s, %s)", [fact.seq, fact.subject_id]
            )
        if fact.subject_id in self.stumbles:
            raise ValueError("the address is unreadable")

    def kept(self) -> list[int]:
        return [seq for (seq,) in rows(f"SELECT seq FROM {self.name} ORDER BY rank")]


@pytest.fixture
def clerk(book, no_followers) -> Clerk:
    return Clerk()


def test_every_fact_is_handed_over_once_and_in_order(clerk):
    write(subscriptions.WINDOW + 5)
    journal.sequence_once()
    assert journal.follow_once() == subscriptions.WINDOW + 5
    assert journal.follow_once() == 0
    write(2)
    journal.sequence_once()
    assert journal.follow_once() == 2
    assert clerk.kept() == list(range(subscriptions.WINDOW + 7))


def test_what_has_no_number_yet_is_not_handed_over(clerk):
    write(2)
    assert journal.follow_once() == 0


def test_a_follower_gets_its_kinds_only(clerk):
    (entry,) = write(1)
    journal.erase_personal(entry, "recipient", "gdpr-17", ACTOR)
    journal.sequence_once()
    assert journal.follow_once() == 1
    assert clerk.kept() == [0]


def test_a_failure_parks_its_subject_in_order_and_lets_the_others_go_on(clerk):
    stuck, free = new_id(), new_id()
    clerk.stumbles = {stuck}
    for subject in (free, stuck, free, stuck, free):
        write(1, subject=subject)
    journal.sequence_once()
    journal.follow_once()
    write(1, subject=stuck)
    journal.sequence_once()
    journal.follow_once()
    assert clerk.kept() == [0, 2, 4]
    letters = journal.dead_letters()
    assert [(one.seq, one.subject, one.attempts) for one in letters] == [
        (1, stuck, 1),
        (3, stuck, 0),
        (5, stuck, 0),
    ]
    assert letters[0].reason == "ValueError: the address is unreadable"
    assert journal.health().dead_letters == 3

    assert journal.replay(letters[0].id, ACTOR) == 0
    assert [one.attempts for one in journal.dead_letters()] == [2, 0, 0]

    clerk.stumbles = set()
    assert journal.replay(letters[1].id, ACTOR) == 3
    assert journal.dead_letters() == []
    assert clerk.kept() == [0, 2, 4, 1, 3, 5]
    with pytest.raises(Missing):
        journal.replay(letters[0].id, ACTOR)


def test_a_follower_that_is_behind_or_refused_facts_is_named(clerk, settings):
    usher = Clerk("usher")
    usher.stumbles = {stuck := new_id()}
    assert [(one.name, one.waiting_since, one.dead_letters) for one in journal.followers()] == [
        ("clerk", None, 0),
        ("usher", None, 0),
    ]
    write(1, subject=stuck)
    written = system_clock()
    journal.sequence_once()
    waits = journal.health()
    assert all(abs(one.waiting_since - written) < timedelta(seconds=30) for one in waits.followers)
    assert not waits.late_followers and waits.is_well
    settings.FACTS_FOLLOWED_WITHIN = timedelta(0)
    assert [one.name for one in waits.late_followers] == ["clerk", "usher"] and not waits.is_well

    journal.follow_once()
    assert [(one.name, one.is_late, one.dead_letters) for one in journal.followers()] == [
        ("clerk", False, 0),
        ("usher", False, 1),
    ]


def test_a_follower_that_is_declared_no_more_is_never_behind(clerk, settings, monkeypatch):
    clerk.stumbles = {stuck := new_id()}
    write(1, subject=stuck)
    journal.sequence_once()
    journal.follow_once()
    monkeypatch.setattr(subscriptions, "_subscriptions", {})
    settings.FACTS_FOLLOWED_WITHIN = timedelta(0)
    write(1)
    journal.sequence_once()
    assert [(one.name, one.is_late, one.dead_letters) for one in journal.followers()] == [("clerk", False, 1)]


def test_a_deferred_constraint_broken_by_a_handler_parks_the_fact_alone(book, no_followers):
    def orphan(fact: Recorded) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO auth_permission (name, content_type_id, codename) VALUES ('x', -1, %s)",
                [str(fact.seq)],
            )

    assert ContentType.objects.exists()
    journal.subscribe(Subscription("orphans", [LetterSent.KIND], orphan))
    write(2)
    journal.sequence_once()
    journal.follow_once()
    assert [one.seq for one in journal.dead_letters("orphans")] == [0, 1]
    assert "IntegrityError" in journal.dead_letters()[0].reason


def test_a_follower_held_by_another_process_does_not_stop_the_others(clerk, book):
    other = Clerk("other")
    write(3)
    journal.sequence_once()
    journal.follow_once()
    write(1)
    journal.sequence_once()
    with psycopg.connect(book) as holder:
        holder.execute("SELECT FROM journal_cursor WHERE subscriber = 'clerk' FOR UPDATE")
        assert journal.follow_once() == 1
    assert (len(clerk.kept()), len(other.kept())) == (3, 4)


def test_rebuilding_starts_at_the_first_fact(clerk):
    clerk.stumbles = {new_id()}
    write(3)
    journal.sequence_once()
    journal.follow_once()
    journal.rebuild("clerk")
    assert journal.follow_once() == 3
    assert clerk.kept() == [0, 1, 2, 0, 1, 2]
    with pytest.raises(Missing):
        journal.rebuild("nobody")


def test_a_follower_stops_before_an_entry_that_is_not_what_was_sequenced(clerk):
    entries = write(3)
    journal.sequence_once()
    tamper(
        (
            "UPDATE journal_entry SET body = replace(encode(body, 'escape'), '20', '21')::bytea WHERE id = %s",
            [entries[1]],
        )
    )
    assert journal.follow_once() == 0
    with pytest.raises(Corrupt), transaction.atomic():
        subscriptions._follow_window(subscriptions._subscriptions["clerk"])
    assert clerk.kept() == []


def test_a_name_is_taken_once(clerk):
    with pytest.raises(ValueError, match="two followers"):
        journal.subscribe(Subscription("clerk", [], clerk.handle))
