"""Dense, complete, in order, and held back by nobody; what is signed is one history."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest
from django.db import transaction

from territoires.foundations.journal import api as journal
from territoires.foundations.journal import checkpoints, notes, sequencer, witness
from territoires.foundations.journal.keys import key_spans
from territoires.foundations.journal.sequencer import Sequencer, Snapshot
from territoires.foundations.journal.tree import Frontier
from territoires.kernel.actor import system_actor
from territoires.kernel.errors import Corrupt

from .book import leaves, letter, rows, tamper, write


def write_through(connection: psycopg.Connection) -> UUID:
    """An entry of the platform's own, written on another connection, which the test commits when it wants."""
    with transaction.atomic():
        (entry,) = write(1)
        row = rows("SELECT id, body, mac FROM journal_entry WHERE id = %s", [entry])[0]
        transaction.set_rollback(True)
    connection.execute("INSERT INTO journal_entry (id, body, mac) VALUES (%s, %s, %s)", row)
    return entry


def test_what_is_committed_gets_numbers_in_the_order_of_writing(book):
    entries = write(5)
    assert journal.sequence_once() == 5
    more = write(3)
    assert journal.sequence_once() == 3
    assert journal.sequence_once() == 0
    assert [(seq, entry) for seq, entry, _ in leaves()] == list(enumerate(entries + more))


def test_what_is_rolled_back_never_gets_a_number(book):
    with pytest.raises(RuntimeError), transaction.atomic():
        write()
        raise RuntimeError
    kept = write()
    journal.sequence_once()
    assert [entry for _, entry, _ in leaves()] == kept


def test_a_writer_left_open_holds_nobody_back_and_gets_its_number_later(book):
    with psycopg.connect(book) as slow:
        late = write_through(slow)
        entries = write(20)
        assert journal.sequence_once() == 20
        assert {entry for _, entry, _ in leaves()} == set(entries)
        slow.commit()
    assert journal.sequence_once() == 1
    assert leaves()[20][:2] == (20, late)


def test_one_sequencer_works_at_a_time(book):
    write()
    with psycopg.connect(book) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [sequencer.LOCK])
        assert Sequencer().batch() is None
        assert not checkpoints.issue()
    assert Sequencer().batch() == 1


def test_a_sequencer_whose_edge_is_behind_reads_it_again(book):
    first, second = Sequencer(), Sequencer()
    for one in (first, second, second, first):
        write(3)
        assert one.batch() == 3
    edge = Frontier()
    for _, _, leaf in leaves():
        edge.add(leaf)
    checkpoints.issue()
    assert bytes(rows("SELECT root FROM journal_checkpoint")[0][0]) == edge.root()


def test_a_backlog_is_cut_at_a_transaction_and_nothing_is_lost_or_doubled(book, monkeypatch):
    monkeypatch.setattr(sequencer, "BATCH", 7)
    with psycopg.connect(book) as slow:
        first = write(10)
        slow.execute("SELECT pg_current_xact_id()")  # runs while the backlog is cut
        entries = first + write(40)
        with transaction.atomic():
            entries += write(12)  # more than a batch in one transaction
        assert Sequencer().batch() == 8
        write_through(slow)
        slow.commit()
    assert journal.sequence_once() == len(entries) + 1 - 8
    assert len({entry for _, entry, _ in leaves()}) == len(entries) + 1
    assert [seq for seq, _, _ in leaves()] == list(range(len(entries) + 1))


@pytest.mark.parametrize("batch", [3, 1000])
def test_a_database_restored_into_another_cluster_goes_on(book, monkeypatch, batch):
    monkeypatch.setattr(sequencer, "BATCH", batch)
    old = write(4)
    journal.sequence_once()
    left = write(5)
    # as a dump leaves it: another cluster's identity, transaction numbers that this one has not reached
    far = int(rows("SELECT pg_current_xact_id()::text")[0][0]) + 10_000_000
    tamper(
        ("UPDATE journal_entry SET xid = (xid::text::bigint + %s)::text::xid8", [10_000_000]),
        ("UPDATE journal_state SET system = 1, seen = (%s || ':' || %s || ':')::pg_snapshot", [far, far]),
    )
    with psycopg.connect(book) as slow:
        write_through(slow)
        fresh = write(2)
        assert journal.sequence_once() == 7
        slow.commit()
    assert journal.sequence_once() == 1  # it had ranked below one that was numbered
    assert journal.sequence_once() == 0
    fresh += write(1)
    assert journal.sequence_once() == 1
    found = [entry for _, entry, _ in leaves()]
    assert (found[:4], found[4:9], len(found)) == (old, left, 13)
    assert set(fresh) < set(found)
    assert "inserted" not in {finding.code for finding in journal.verify().findings}


def test_an_entry_that_the_platform_did_not_write_goes_to_quarantine(book):
    good = write(2)
    rows(
        "INSERT INTO journal_entry (id, body, mac) SELECT uuidv7(), replace(body::text, 'x', 'x')::bytea,"
        " '\\x00' FROM journal_entry WHERE id = %s RETURNING id",
        [good[0]],
    )
    assert journal.sequence_once() == 3
    assert [entry for _, entry, _ in leaves()] == good
    assert journal.health().quarantined == 1
    assert not journal.health().is_well
    assert [finding.code for finding in journal.verify().findings] == ["quarantined"]


def test_a_true_fact_written_again_under_another_id_goes_to_quarantine(book):
    good = write(2)
    rows(
        "INSERT INTO journal_entry (id, body, mac) SELECT uuidv7(), body, mac FROM journal_entry WHERE id = %s"
        " RETURNING id",
        [good[0]],
    )
    journal.sequence_once()
    assert [entry for _, entry, _ in leaves()] == good
    assert [finding.code for finding in journal.verify().findings] == ["quarantined"]


@pytest.mark.django_db
def test_the_sequencer_refuses_a_transaction_that_has_written():
    journal.append(letter(), actor=system_actor("test"))
    with pytest.raises(RuntimeError, match="of its own"):
        Sequencer().batch()


@pytest.mark.parametrize(
    ("text", "cut", "clipped"),
    [
        ("10:20:10,15", 30, "10:20:10,15"),
        ("10:20:10,15", 12, "10:13:10"),
        ("10:20:15", 12, "13:13:"),
        ("5:5:", 9, "5:5:"),
    ],
)
def test_a_clipped_snapshot(text, cut, clipped):
    assert str(Snapshot.read(text).clipped(cut)) == clipped


def test_a_checkpoint_is_a_signed_note_kept_outside_and_stamped(book):
    write(3)
    journal.sequence_once()
    ((size, root, note),) = rows("SELECT size, root, note FROM journal_checkpoint")
    read = notes.read(bytes(note))
    assert (read.size, read.root) == (size, bytes(root))
    assert notes.is_ours(read, key_spans())
    assert witness.last() == bytes(note)
    assert rows("SELECT authority FROM journal_token WHERE checkpoint = 3") == [("own",)]
    assert not checkpoints.issue()  # nothing new


def test_a_note_changed_by_one_digit_is_not_ours(book):
    write(3)
    journal.sequence_once()
    note = witness.last()
    assert not notes.is_ours(notes.read(note.replace(b"\n3\n", b"\n4\n")), key_spans())
    for broken in (b"", note.replace(b"\n\n", b"\n"), note.replace(b"\n3\n", b"\nthree\n")):
        with pytest.raises(ValueError, match=r".+"):
            notes.read(broken)


def test_a_witness_that_knows_more_stops_the_signing(book):
    write(2)
    journal.sequence_once()
    witness.keep(notes.sign(5, b"\0" * 32))
    write(1)
    with pytest.raises(Corrupt) as refused:
        journal.sequence_once()
    assert refused.value.code == "journal-fork"
    assert rows("SELECT max(size) FROM journal_checkpoint") == [(2,)]


def test_a_witness_that_knows_another_history_stops_the_signing(book):
    write(2)
    journal.sequence_once()
    witness.keep(notes.sign(2, b"\0" * 32))
    write(1)
    with pytest.raises(Corrupt):
        journal.sequence_once()


def test_a_crash_between_witness_and_database_leaves_a_note_that_is_confirmed(book, monkeypatch):
    write(2)
    Sequencer().batch()
    with monkeypatch.context() as patched, pytest.raises(OSError, match="crash"):
        patched.setattr(checkpoints, "_keep_token", _crash)
        checkpoints.issue()
    assert witness.last() is not None
    assert checkpoints.issue()
    assert journal.verify().holds


def test_a_line_of_the_witness_cut_by_a_crash_is_passed_over(book):
    write(1)
    journal.sequence_once()
    with witness.path().open("ab") as file:
        file.write(b'{"note": "loc')
    write(1)
    journal.sequence_once()
    assert len(list(witness.kept(witness.path()))) == 2
    assert journal.verify().holds


def test_an_outside_authority_anchors_at_most_once_an_hour(book, monkeypatch):
    stamped = []

    def stamp(imprint: bytes) -> bytes:
        stamped.append(imprint)
        return checkpoints.trust.time_stamp(imprint)

    monkeypatch.setattr(checkpoints.trust, "outside_time_stamp", stamp)
    (entry,) = write(1)
    journal.sequence_once()
    assert journal.proof_state(entry) == "sealed"
    assert checkpoints.anchor()
    assert journal.proof_state(entry) == "anchored"
    write(1)
    journal.sequence_once()
    assert not checkpoints.anchor()
    assert len(stamped) == 1


def _crash(*_: object) -> None:
    raise OSError("crash")
