"""Every way of tampering with the book as a superuser is found, clumsy or consistent."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command

from territoires.foundations.journal import api as journal
from territoires.foundations.journal import notes, verification, witness
from territoires.foundations.journal.sequencer import Sequencer
from territoires.foundations.journal.tree import Frontier, leaf_hash
from territoires.foundations.trust import api as trust

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
        statements.append(
            (
                "INSERT INTO journal_checkpoint VALUES (%s, %s, %s, now())",
                [len(changed), root, notes.sign(len(changed), root)],
            )
        )
    tamper(*statements)


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
