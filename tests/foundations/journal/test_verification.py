"""Every way of tampering with the book as a superuser is found, clumsy or consistent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command

from territoires.foundations.journal import api as journal
from territoires.foundations.journal import notes, verification, witness
from territoires.foundations.journal.sequencer import Sequencer
from territoires.foundations.journal.tree import Frontier, leaf_hash
from territoires.foundations.trust import api as trust
from territoires.kernel.actor import system_actor
from tests.tools.bundles import World

from .book import rows, tamper, write

SIZE = 300  # one stored node


@pytest.fixture
def sealed(book) -> list:
    """A book of three hundred facts, sealed at 100, 200 and 300."""
    entries = []
    for _ in range(SIZE // 100):
        entries += write(100)
        journal.sequence_once()
    assert journal.verify().holds
    return entries


def codes() -> set[str]:
    return {finding.code for finding in journal.verify().findings}


def body_of(entry) -> bytes:
    return bytes(rows("SELECT body FROM journal_entry WHERE id = %s", [entry])[0][0])


def rewrite(change: Callable[[list[tuple]], list[tuple]], *, heads: bool = False) -> None:
    """Writes the whole tree again over changed (id, body) rows: numbers, hashes, MACs, nodes and state agree.

    ``heads``: the checkpoints too, signed again with the platform's own key: a fork.
    """
    order = [
        (entry, bytes(body))
        for entry, body in rows(
            "SELECT id, body FROM journal_leaf JOIN journal_entry ON id = entry ORDER BY seq"
        )
    ]
    changed = change(order)
    edge, nodes = Frontier(), []
    statements = ["DELETE FROM journal_leaf", "DELETE FROM journal_node"]
    for seq, (entry, body) in enumerate(changed):
        leaf = leaf_hash(body)
        nodes += edge.add(leaf)
        statements.append(("INSERT INTO journal_leaf VALUES (%s, %s, %s)", [seq, entry, leaf]))
        statements.append(
            (
                "UPDATE journal_entry SET body = %s, mac = %s WHERE id = %s",
                [body, trust.fact_mac(body), entry],
            )
        )
    statements += [("INSERT INTO journal_node VALUES (%s, %s, %s)", list(node)) for node in nodes]
    statements.append(("UPDATE journal_state SET size = %s", [len(changed)]))
    kept = {entry for entry, _ in changed}
    for entry in {entry for entry, _ in order} - kept:
        statements.append(("DELETE FROM journal_entry WHERE id = %s", [entry]))
        statements.append(("DELETE FROM journal_private WHERE entry = %s", [entry]))
    if heads:
        statements += ["DELETE FROM journal_token", "DELETE FROM journal_checkpoint"]
        root = edge.root()
        note = notes.sign(len(changed), root)
        statements += [
            ("INSERT INTO journal_checkpoint VALUES (%s, %s, %s, now())", [len(changed), root, note]),
            (
                "INSERT INTO journal_token VALUES (gen_random_uuid(), %s, NULL, 'own', %s, now())",
                [len(changed), stamp_of(note)],
            ),
        ]
    tamper(*statements)


def stamp_of(data: bytes) -> bytes:
    return trust.time_stamp(hashlib.sha256(data).digest())


def heavier(body: bytes) -> bytes:
    return body.replace(b'"weight":20', b'"weight":21')


def altered(order):
    return [(entry, heavier(body) if seq == 150 else body) for seq, (entry, body) in enumerate(order)]


def deleted(order):
    return [row for seq, row in enumerate(order) if seq != 150]


def reordered(order):
    return [*order[:150], order[151], order[150], *order[152:]]


def truncated(order):
    return order[:250]


def inserted(order):
    (entry,) = write(1)
    return [*order[:150], (entry, body_of(entry)), *order[150:]]


CHANGES = [altered, deleted, inserted, reordered, truncated]


@pytest.mark.parametrize("change", CHANGES)
def test_a_consistent_rewriting_of_the_tree_is_found_by_the_checkpoints(sealed, change):
    rewrite(change)
    assert codes() & {"checkpoint-root", "checkpoint-longer"}


@pytest.mark.parametrize("change", CHANGES)
def test_a_fork_signed_with_our_own_key_is_found_by_the_witness(sealed, change):
    rewrite(change, heads=True)
    assert codes() & {"witness-root", "witness-longer"}


def test_a_fork_that_also_rewrites_the_witness_is_found_by_a_copy_of_it(sealed, tmp_path):
    elsewhere = tmp_path / "elsewhere.jsonl"
    elsewhere.write_bytes(witness.path().read_bytes())
    rewrite(altered, heads=True)
    witness.path().unlink()
    witness.keep(bytes(rows("SELECT note FROM journal_checkpoint")[0][0]))
    assert journal.verify().holds  # nothing inside the house can tell
    assert not journal.verify(elsewhere).holds


def test_an_altered_body_is_found(sealed):
    tamper(("UPDATE journal_entry SET body = %s WHERE id = %s", [heavier(body_of(sealed[7])), sealed[7]]))
    assert {"altered", "forged"} <= codes()


def test_a_deleted_entry_is_found(sealed):
    tamper(("DELETE FROM journal_entry WHERE id = %s", [sealed[7]]))
    assert "deleted" in codes()


def test_a_deleted_leaf_is_found(sealed):
    tamper("DELETE FROM journal_leaf WHERE seq = 7")
    assert "gap" in codes()


def test_an_entry_slipped_in_without_a_number_is_found(sealed):
    write(1)
    tamper("UPDATE journal_entry SET xid = '3' WHERE NOT EXISTS (SELECT FROM journal_leaf WHERE entry = id)")
    assert codes() == {"inserted"}


def test_two_entries_exchanged_are_found(sealed):
    one, other = sealed[7], sealed[8]
    tamper(
        ("UPDATE journal_leaf SET entry = gen_random_uuid() WHERE entry = %s", [one]),
        ("UPDATE journal_leaf SET entry = %s WHERE entry = %s", [one, other]),
        ("UPDATE journal_leaf SET entry = %s WHERE seq = 7", [other]),
    )
    assert "altered" in codes()


def test_leaves_cut_at_the_end_are_found(sealed):
    tamper("DELETE FROM journal_leaf WHERE seq >= 290")
    assert {"state", "checkpoint-longer", "witness-longer", "inserted"} <= codes()


def test_a_book_cut_with_its_checkpoints_is_found_by_the_witness(sealed):
    tamper(
        "DELETE FROM journal_token WHERE checkpoint > 200",
        "DELETE FROM journal_checkpoint WHERE size > 200",
        "DELETE FROM journal_private WHERE entry IN (SELECT entry FROM journal_leaf WHERE seq >= 200)",
        "DELETE FROM journal_entry WHERE id IN (SELECT entry FROM journal_leaf WHERE seq >= 200)",
        "DELETE FROM journal_leaf WHERE seq >= 200",
        "DELETE FROM journal_node",
        "UPDATE journal_state SET size = 200",
    )
    assert codes() == {"witness-longer"}


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE journal_node SET hash = sha256('x')", "node"),
        ("DELETE FROM journal_node", "node"),
        ("INSERT INTO journal_node VALUES (8, 1, sha256('x'))", "node"),
        ("UPDATE journal_checkpoint SET root = sha256('x') WHERE size = 200", "checkpoint-root"),
        ("UPDATE journal_checkpoint SET note = 'x' WHERE size = 200", "checkpoint-malformed"),
        ("UPDATE journal_checkpoint SET note = overlay(note placing '9' from 25)", "checkpoint-signature"),
        ("UPDATE journal_token SET token = 'x' WHERE checkpoint = 200", "token"),
        (
            "UPDATE journal_token SET token = (SELECT token FROM journal_token WHERE checkpoint = 100)"
            " WHERE checkpoint = 200",
            "token",
        ),
        (
            "UPDATE journal_copy SET kind = 'x' WHERE entry = (SELECT entry FROM journal_leaf WHERE seq = 3)",
            "copy",
        ),
        ("DELETE FROM journal_copy", "copy"),
        ("UPDATE journal_private SET disclosure = 'WyJhIiwicmVjaXBpZW50IiwiYiJd'", "disclosure"),
        ("UPDATE journal_state SET size = size + 1", "state"),
    ],
)
def test_a_row_beside_the_entries_is_checked(sealed, statement, code):
    tamper(statement)
    assert code in codes()


def test_a_missing_or_cut_witness_is_found(sealed):
    lines = witness.path().read_bytes().splitlines(keepends=True)
    witness.path().write_bytes(b"".join(lines[:2]))
    assert codes() == {"witness-shorter"}
    witness.path().unlink()
    assert codes() == {"witness-missing"}


def test_a_forged_line_of_the_witness_is_found(sealed):
    note = json.loads(witness.path().read_text().splitlines()[0])["note"].replace("\n100\n", "\n101\n")
    with witness.path().open("a") as file:
        file.write(json.dumps({"note": note}) + "\n")
    assert "witness-signature" in codes()


def test_a_witness_that_lost_a_checkpoint_in_its_middle_is_found(sealed):
    first, _, last = witness.path().read_bytes().splitlines(keepends=True)
    witness.path().write_bytes(first + last)
    assert [str(one) for one in journal.verify().findings] == [
        "The witness lacks a checkpoint of the database. (200 facts)"
    ]


def test_a_copy_of_the_witness_may_be_behind(sealed, tmp_path):
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(witness.path().read_bytes().splitlines(keepends=True)[0])
    assert journal.verify(copy).holds
    copy.write_bytes(b"")
    assert {one.code for one in journal.verify(copy).findings} == {"witness-missing"}


def note_of(size: int) -> bytes:
    return bytes(rows("SELECT note FROM journal_checkpoint WHERE size = %s", [size])[0][0])


def token_of(size: int) -> bytes:
    return bytes(rows("SELECT token FROM journal_token WHERE checkpoint = %s", [size])[0][0])


def put_token(size: int, token: bytes) -> None:
    tamper(("UPDATE journal_token SET token = %s WHERE checkpoint = %s", [token, size]))


def test_a_time_stamp_with_a_bit_of_its_signature_flipped_is_found(sealed):
    for size in (100, 300):  # the first of its signer, and a later one
        token = bytearray(token_of(size))
        token[-1] ^= 1
        put_token(size, bytes(token))
    assert [one.code for one in journal.verify().findings] == ["token", "token"]


def test_a_time_stamp_of_the_right_note_by_a_false_authority_is_found(sealed):
    put_token(200, World().stamp(note_of(200)))
    (found,) = journal.verify().findings
    assert (found.code, found.detail.startswith("200 facts, own: ")) == ("token", True)


def test_a_time_stamp_that_was_deleted_is_found(sealed):
    tamper("DELETE FROM journal_token WHERE checkpoint = 200")
    assert [str(one) for one in journal.verify().findings] == [
        "A checkpoint has lost its time-stamp. (200 facts)"
    ]


def test_the_instant_of_a_checkpoint_moved_away_from_its_time_stamp_is_found(sealed):
    tamper("UPDATE journal_checkpoint SET at = at - interval '1 day' WHERE size = 200")
    assert codes() == {"token"}


def insert_token(authority: str, token: bytes, *, checkpoint=None, entry=None) -> None:
    tamper(
        (
            "INSERT INTO journal_token VALUES (gen_random_uuid(), %s, %s, %s, %s, now())",
            [checkpoint, entry, authority, token],
        )
    )


def test_an_outside_time_stamp_is_judged_under_the_outside_roots(sealed, settings, tmp_path):
    outside = World()
    roots = outside.root_file(tmp_path)
    insert_token("outside", outside.stamp(note_of(300)), checkpoint=300)
    assert codes() == {"token"}  # no outside roots: nothing can be said of it
    settings.OUTSIDE_TIME_STAMPING = {"url": "https://essai.example", "policy": "", "roots": roots}
    assert journal.verify().holds
    insert_token("outside", stamp_of(note_of(200)), checkpoint=200)  # ours, passed off as theirs
    assert [one.detail.split(":")[0] for one in journal.verify().findings] == ["200 facts, outside"]


def test_the_time_stamp_of_a_fact_is_judged_too(sealed):
    insert_token("own", stamp_of(body_of(sealed[3])), entry=sealed[3])
    assert journal.verify().holds
    insert_token("own", stamp_of(body_of(sealed[3])), entry=sealed[4])
    assert codes() == {"token"}


def test_a_personal_value_deleted_without_its_erasure_is_found(sealed):
    journal.erase_personal(sealed[5], "recipient", "gdpr-17", system_actor("test"))
    assert journal.verify().holds  # the erasure waits for its number and counts already
    tamper(("DELETE FROM journal_private WHERE entry = %s", [sealed[6]]))
    assert [str(one) for one in journal.verify().findings] == [
        f"A personal value is gone, and no fact says that it was erased. ({sealed[6]}, recipient)"
    ]


def test_a_personal_value_under_another_name_is_found(sealed):
    tamper(("UPDATE journal_private SET name = 'sender' WHERE entry = %s", [sealed[6]]))
    assert codes() == {"disclosure", "disclosure-missing"}


def test_copies_are_rebuilt_from_the_bytes(sealed):
    tamper("DELETE FROM journal_copy WHERE kind LIKE 'post%%'")
    assert journal.rebuild_copies() == SIZE
    assert journal.verify().holds


def test_writers_may_go_on_while_the_book_is_verified(sealed):
    write(4)
    report = journal.verify()
    assert (report.holds, report.size, report.pending) == (True, SIZE, 4)


def test_the_unprotected_window_is_what_no_checkpoint_holds_yet(sealed):
    write(1)
    Sequencer().batch()
    rewrite(lambda order: [*order[:-1], (order[-1][0], heavier(order[-1][1]))])
    assert journal.verify().holds  # said in docs/operations/journal.md


def test_the_command_says_it_in_a_sentence_and_an_exit_status(sealed, capsys):
    call_command("journal", "verify")
    assert capsys.readouterr().out.startswith("The journal is as it was written: 300 facts")
    call_command("journal", "status")
    assert "300 facts are numbered and 300 sealed" in capsys.readouterr().out
    tamper(("DELETE FROM journal_entry WHERE id = %s", [sealed[7]]))
    with pytest.raises(CommandError, match="not as it was written") as failed:
        call_command("journal", "verify")
    assert failed.value.returncode == 8
    assert f"deleted: number 7, {sealed[7]}" in capsys.readouterr().out
    with pytest.raises(CommandError, match="There is no file"):
        call_command("journal", "verify", "--witness=/nowhere/notes")


def test_findings_beyond_a_hundred_are_not_kept(sealed, monkeypatch):
    monkeypatch.setattr(verification, "MOST_FINDINGS", 5)
    tamper("UPDATE journal_entry SET mac = ''")
    assert len(journal.verify().findings) == 5
