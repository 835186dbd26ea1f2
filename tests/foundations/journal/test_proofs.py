"""Timeline, states of proof, erasure, and what each database role may do."""

from __future__ import annotations

import psycopg
import pytest

from territoires.foundations.journal import api as journal
from territoires.foundations.journal.tree import leaf_hash, root_of_path
from territoires.kernel.actor import system_actor
from territoires.kernel.errors import Missing
from territoires.kernel.ids import new_id

from .book import letter, rows, write

ACTOR = system_actor("test")


def test_a_timeline_tells_a_matter_from_end_to_end(book):
    matter = new_id()
    first = write(2, matter=matter)
    write(3)
    journal.sequence_once()
    (last,) = write(1, matter=matter, weight=99)
    found = journal.timeline(matter)
    assert [(one.id, one.seq, one.state) for one in found] == [
        (first[0], 0, "sealed"),
        (first[1], 1, "sealed"),
        (last, None, "recorded"),
    ]
    assert (found[2].facts, found[2].private) == ({"weight": 99}, {"recipient": "Camille Exemple"})
    assert found[2].files == {"content": "ab" * 32}
    assert [one.seq for one in journal.latest(count=2)] == [4, 3]
    assert [one.seq for one in journal.latest(before=3, count=2)] == [2, 1]
    assert journal.timeline(new_id()) == []


def test_the_head_includes_what_was_numbered_and_nothing_later(book):
    told = [*write(3), *write(300)]
    journal.sequence_once()
    head = journal.head()
    later = write(1)
    journal.sequence_once()
    found = journal.included([*told[::100], *later], head.size)
    assert [one.entry for one in found] == told[::100]
    for one in found:
        assert root_of_path(leaf_hash(one.body), one.seq, head.size, one.path) == head.root


@pytest.mark.django_db
def test_the_state_of_an_unknown_entry_is_missing():
    with pytest.raises(Missing):
        journal.proof_state(new_id())


def test_erasing_a_value_leaves_every_proof_and_says_so(book):
    matter = new_id()
    (entry,) = write(1, matter=matter)
    journal.sequence_once()
    erasure = journal.erase_personal(entry, "recipient", "gdpr-17", ACTOR)
    journal.sequence_once()
    assert journal.personal_values(entry) == {}
    assert journal.timeline(matter)[0].private == {}
    assert rows("SELECT kind, subject FROM journal_copy WHERE entry = %s", [erasure]) == [
        ("journal.value.erased", entry)
    ]
    assert journal.verify().holds
    with pytest.raises(Missing):
        journal.erase_personal(entry, "recipient", "gdpr-17", ACTOR)


def test_health_counts_what_waits(book, no_followers):
    write(2)
    before = journal.health()
    assert (before.size, before.sealed, before.is_late) == (0, 0, False)
    assert before.waiting_since is not None
    journal.sequence_once()
    after = journal.health()
    assert (after.size, after.sealed, after.waiting_since, after.is_well) == (2, 2, None, True)


@pytest.fixture
def as_role(book):
    """Connections under the two lesser roles, granted as an installation grants them."""
    with psycopg.connect(book, autocommit=True) as owner:
        for role in ("plain_app", "plain_sequencer"):
            owner.execute(
                f"DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
            )
        owner.execute(journal.grants_sql("plain_app", "plain_sequencer"))

    def attempt(role: str, statement: str) -> bool:
        with psycopg.connect(book) as connection:
            connection.execute(f"SET ROLE {role}")
            try:
                connection.execute(statement)
            except psycopg.errors.InsufficientPrivilege:
                return False
            finally:
                connection.rollback()
        return True

    return attempt


@pytest.mark.parametrize(
    ("role", "statement", "allowed"),
    [
        ("plain_app", "INSERT INTO journal_entry (id, body, mac) VALUES (uuidv7(), '{}', '')", True),
        ("plain_app", "INSERT INTO journal_entry (id, body, mac, n) VALUES (uuidv7(), '{}', '', 1)", False),
        (
            "plain_app",
            "INSERT INTO journal_entry (id, body, mac, xid) VALUES (uuidv7(), '{}', '', '9')",
            False,
        ),
        ("plain_app", "INSERT INTO journal_leaf VALUES (0, uuidv7(), sha256('x'))", False),
        ("plain_app", "UPDATE journal_state SET size = 9", False),
        ("plain_app", "DELETE FROM journal_entry", False),
        ("plain_app", "DELETE FROM journal_private", True),
        ("plain_app", "SELECT FROM journal_cursor FOR UPDATE", True),
        ("plain_app", "SELECT FROM journal_proof", True),
        ("plain_sequencer", "INSERT INTO journal_entry (id, body, mac) VALUES (uuidv7(), '{}', '')", False),
        ("plain_sequencer", "INSERT INTO journal_leaf VALUES (0, uuidv7(), sha256('x'))", True),
        ("plain_sequencer", "UPDATE journal_state SET size = 9", True),
        ("plain_sequencer", "UPDATE journal_checkpoint SET size = 9", False),
        ("plain_sequencer", "DELETE FROM journal_private", False),
        ("plain_sequencer", "DELETE FROM journal_checkpoint", True),
        ("plain_sequencer", "DELETE FROM journal_leaf", False),
        ("plain_app", "DELETE FROM journal_checkpoint", False),
        ("plain_app", "INSERT INTO journal_citation VALUES (1)", True),
    ],
)
def test_a_role_may_do_its_part_and_no_more(as_role, role, statement, allowed):
    assert as_role(role, statement) is allowed


@pytest.mark.django_db
def test_an_append_and_a_refusal_need_no_transaction_of_the_caller():
    assert journal.proof_state(journal.append(letter(), actor=ACTOR)) == "recorded"
