"""What the third party knows, asked of and told to its store, inside the caller's transaction.

A transaction's history is its rows in ``steps``, some of them still to come: what happens later is written down at
once with its hour, so that nothing has to run, and nothing is forgotten when the process is killed.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from ..ministry.checks import Sender
from ..ministry.classification import Classification, national
from .behaviours import Behaviour, Settings

TABLES = """
CREATE TABLE IF NOT EXISTS accounts (
    id INTEGER PRIMARY KEY, siren TEXT UNIQUE NOT NULL, department TEXT NOT NULL, arrondissement TEXT NOT NULL,
    nature TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS transactions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, siren TEXT NOT NULL, type TEXT NOT NULL, number TEXT NOT NULL,
    subject TEXT NOT NULL, decided_on TEXT NOT NULL, nature INTEGER NOT NULL, matter TEXT NOT NULL, act TEXT NOT NULL,
    related INTEGER REFERENCES transactions, is_read INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS transactions_by_number ON transactions (siren, number);
CREATE INDEX IF NOT EXISTS transactions_related ON transactions (related);
CREATE TABLE IF NOT EXISTS steps (
    id INTEGER PRIMARY KEY, transaction_id INTEGER NOT NULL REFERENCES transactions, status INTEGER NOT NULL,
    due_at REAL NOT NULL, words TEXT NOT NULL DEFAULT '', flow BLOB);
CREATE INDEX IF NOT EXISTS steps_of ON steps (transaction_id, due_at, id);
CREATE TABLE IF NOT EXISTS files (
    id INTEGER PRIMARY KEY, transaction_id INTEGER NOT NULL REFERENCES transactions, name TEXT NOT NULL,
    posted_name TEXT NOT NULL, type TEXT NOT NULL, content BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS files_of ON files (transaction_id, id);
CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, call TEXT NOT NULL, siren TEXT NOT NULL, number TEXT NOT NULL,
    verdict TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS behaviours (id INTEGER PRIMARY KEY, asked TEXT NOT NULL, times_left INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS settings (id INTEGER PRIMARY KEY CHECK (id = 1), asked TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS classifications (
    owner TEXT PRIMARY KEY, dated_on TEXT NOT NULL, matters TEXT NOT NULL);
"""

ERROR, CANCELLED, POSTED, WAITING, TRANSMITTED, ACKNOWLEDGED = -1, 0, 1, 2, 3, 4
LETTER_RECEIVED, LETTER_ACKNOWLEDGED, LETTER_WITHOUT_ANSWER = 7, 8, 21
REPLY_RECEIVED = 11
TO_BE_CONFIRMED = 17
STATUSES = {
    ERROR: "Erreur",
    CANCELLED: "Annulé",
    POSTED: "Posté",
    WAITING: "En attente de transmission",
    TRANSMITTED: "Transmis",
    ACKNOWLEDGED: "Acquittement reçu",
    5: "Validé",
    6: "Refusé",
    LETTER_RECEIVED: "Document reçu",
    REPLY_RECEIVED: "Acquittement de la réponse reçu",
    LETTER_ACKNOWLEDGED: "Acquittement envoyé",
    LETTER_WITHOUT_ANSWER: "Document reçu (pas d'AR)",
    TO_BE_CONFIRMED: "En attente d'être postée",
}


@dataclass(frozen=True, slots=True)
class Account:
    """A body known to the third party; ``number`` is what its answers call it."""

    number: int
    sender: Sender

    @property
    def siren(self) -> str:
        return self.sender.siren


@dataclass(frozen=True, slots=True)
class Transaction:
    """``type`` is that of the norm's messages: 1 an act, 6 a cancellation, 2 to 5 what the prefecture wrote about the act that is
    ``related``, or what the body answered to the letter that is."""

    number: int
    siren: str
    type: str
    act_number: str
    subject: str
    decided_on: str
    nature: int
    matter: str
    act: str
    related: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """A status from an hour on, 0 for at once; ``flow`` is the State's message that brought it."""

    status: int
    words: str = ""
    flow: bytes | None = None
    due_at: float = 0.0


def settings(database: sqlite3.Connection) -> Settings:
    """How the simulator is set up."""
    found = database.execute("SELECT asked FROM settings").fetchone()
    return Settings(**json.loads(found["asked"])) if found else Settings()


def set_up(database: sqlite3.Connection, asked: Settings) -> None:
    database.execute("INSERT OR REPLACE INTO settings VALUES (1, ?)", [json.dumps(asdict(asked))])


def add_behaviour(database: sqlite3.Connection, behaviour: Behaviour) -> None:
    database.execute(
        "INSERT INTO behaviours (asked, times_left) VALUES (?, ?)",
        [json.dumps(asdict(behaviour)), behaviour.times or -1],
    )


def behaviour_for(database: sqlite3.Connection, call: str, siren: str, number: str) -> Behaviour:
    """The oldest behaviour asked for such a call, used once more; the ordinary one otherwise."""
    for row in database.execute("SELECT * FROM behaviours ORDER BY id").fetchall():
        behaviour = Behaviour(**json.loads(row["asked"]))
        if behaviour.concerns(call, siren, number):
            database.execute(
                "UPDATE behaviours SET times_left = times_left - 1 WHERE id = ? AND times_left > 0",
                [row["id"]],
            )
            database.execute("DELETE FROM behaviours WHERE times_left = 0")
            return behaviour
    return Behaviour()


def account(database: sqlite3.Connection, siren: str) -> Account | None:
    """The body of that SIREN; None when it has no account."""
    found = database.execute("SELECT * FROM accounts WHERE siren = ?", [siren]).fetchone()
    if found is None:
        return None
    return Account(found["id"], Sender(siren, found["department"], found["arrondissement"], found["nature"]))


def declare(database: sqlite3.Connection, sender: Sender) -> None:
    """Gives a body an account, or changes what is known of it."""
    database.execute(
        "INSERT INTO accounts (siren, department, arrondissement, nature) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (siren) DO UPDATE SET department = excluded.department,"
        " arrondissement = excluded.arrondissement, nature = excluded.nature",
        [sender.siren, sender.department, sender.arrondissement, sender.nature],
    )


def note_call(database: sqlite3.Connection, call: str, siren: str, number: str, verdict: str) -> None:
    """Writes down what came by an order to create or cancel, for whoever asks the control API."""
    database.execute(
        "INSERT INTO calls (at, call, siren, number, verdict) VALUES (?, ?, ?, ?, ?)",
        [time.time(), call, siren, number, verdict],
    )


def is_taken(database: sqlite3.Connection, siren: str, number: str, *, failed_too: bool) -> bool:
    """Whether an act of that body has the number; ``failed_too`` counts those in error and cancelled."""
    found = database.execute(
        "SELECT id FROM transactions WHERE siren = ? AND number = ? AND type = '1'", [siren, number]
    ).fetchall()
    return any(failed_too or status(database, row["id"]) not in (ERROR, CANCELLED) for row in found)


def is_acknowledged(database: sqlite3.Connection, siren: str, number: str, decided_on: str) -> bool:
    """Whether the State holds an act of that body, number and day."""
    found = database.execute(
        "SELECT id FROM transactions WHERE siren = ? AND number = ? AND decided_on = ? AND type = '1'",
        [siren, number, decided_on],
    ).fetchall()
    return any(status(database, row["id"]) in (ACKNOWLEDGED, 5) for row in found)


def keep(database: sqlite3.Connection, made: Transaction, steps: Sequence[Step]) -> int:
    """Remembers a transaction, with its history and what is to come; answers its number."""
    number = database.execute(
        "INSERT INTO transactions (siren, type, number, subject, decided_on, nature, matter, act, related)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            made.siren, made.type, made.act_number, made.subject, made.decided_on,
            made.nature, made.matter, made.act, made.related,
        ],
    ).lastrowid  # fmt: skip
    assert number is not None
    for step in steps:
        add_step(database, number, step)
    return number


def add_step(database: sqlite3.Connection, transaction: int, step: Step) -> None:
    database.execute(
        "INSERT INTO steps (transaction_id, status, due_at, words, flow) VALUES (?, ?, ?, ?, ?)",
        [transaction, step.status, step.due_at or time.time(), step.words, step.flow],
    )


def transaction(database: sqlite3.Connection, siren: str, number: int) -> Transaction | None:
    """A body's transaction; None when there is no such one, or it is another's."""
    row = database.execute(
        "SELECT * FROM transactions WHERE id = ? AND siren = ?", [number, siren]
    ).fetchone()
    return _transaction(row) if row else None


def acts_named(database: sqlite3.Connection, siren: str, act: str) -> list[int]:
    """The transactions that sent the act of that identifier, the newest first."""
    rows = database.execute(
        "SELECT id FROM transactions WHERE siren = ? AND act = ? AND type = '1' ORDER BY id DESC",
        [siren, act],
    )
    return [row["id"] for row in rows]


def step(database: sqlite3.Connection, transaction: int) -> Step:
    """Where a transaction is now."""
    row = database.execute(
        "SELECT * FROM steps WHERE transaction_id = ? AND due_at <= ? ORDER BY due_at DESC, id DESC LIMIT 1",
        [transaction, time.time()],
    ).fetchone()
    return Step(row["status"], row["words"], row["flow"], row["due_at"])


def status(database: sqlite3.Connection, transaction: int) -> int:
    return step(database, transaction).status


def acknowledgement(database: sqlite3.Connection, transaction: int) -> bytes | None:
    """The message that acknowledged a transaction, whatever has become of it."""
    row = database.execute(
        "SELECT flow FROM steps WHERE transaction_id = ? AND status = ? AND due_at <= ? ORDER BY id LIMIT 1",
        [transaction, ACKNOWLEDGED, time.time()],
    ).fetchone()
    return row["flow"] if row else None


def in_status(
    database: sqlite3.Connection, siren: str, wanted: int, since: float, until: float
) -> list[Transaction]:
    """A body's transactions that are in a status, reached between two hours; the newest first."""
    rows = database.execute(
        "SELECT transactions.* FROM transactions JOIN steps ON steps.id = (SELECT id FROM steps"
        " WHERE transaction_id = transactions.id AND due_at <= ? ORDER BY due_at DESC, id DESC LIMIT 1)"
        " WHERE siren = ? AND status = ? AND due_at >= ? AND due_at < ? ORDER BY transactions.id DESC",
        [time.time(), siren, wanted, since, until],
    )
    return [_transaction(row) for row in rows]


def pending_cancellation(database: sqlite3.Connection, transaction: int) -> bool:
    """Whether a cancellation of it waits for the State."""
    rows = database.execute(
        "SELECT id FROM transactions WHERE related = ? AND type = '6'", [transaction]
    ).fetchall()
    return any(status(database, row["id"]) in (POSTED, WAITING, TRANSMITTED) for row in rows)


def letters(database: sqlite3.Connection, siren: str, *, unread: bool, about: int = 0) -> list[Transaction]:
    """What the prefecture wrote, about one act or all."""
    rows = database.execute(
        "SELECT * FROM transactions WHERE siren = ? AND type IN ('2', '3', '4', '5')"
        " AND related IN (SELECT id FROM transactions WHERE type = '1')"
        " AND (NOT ? OR NOT is_read) AND (? = 0 OR related = ?) ORDER BY id",
        [siren, unread, about, about],
    ).fetchall()
    return [_transaction(row) for row in rows if status(database, row["id"]) != WAITING]


def mark_read(database: sqlite3.Connection, siren: str, letter: int) -> None:
    database.execute("UPDATE transactions SET is_read = 1 WHERE id = ? AND siren = ?", [letter, siren])


def keep_file(
    database: sqlite3.Connection,
    transaction: int,
    name: str,
    posted_name: str,
    type_code: str,
    content: bytes,
) -> None:
    database.execute(
        "INSERT INTO files (transaction_id, name, posted_name, type, content) VALUES (?, ?, ?, ?, ?)",
        [transaction, name, posted_name, type_code, content],
    )


def files(database: sqlite3.Connection, transaction: int) -> list[sqlite3.Row]:
    """The files of a transaction, its message first; without their content."""
    return database.execute(
        "SELECT id, name, posted_name, type, length(content) AS size FROM files WHERE transaction_id = ? ORDER BY id",
        [transaction],
    ).fetchall()


def file_content(database: sqlite3.Connection, siren: str, file: int) -> bytes | None:
    """A file of the body's transactions; None when there is no such one."""
    row = database.execute(
        "SELECT content FROM files JOIN transactions ON transactions.id = transaction_id"
        " WHERE files.id = ? AND siren = ?",
        [file, siren],
    ).fetchone()
    return row["content"] if row else None


def classification(database: sqlite3.Connection, owner: str) -> Classification:
    """The one that the State has in force in a department, or the copy that the third party holds for a SIREN."""
    found = database.execute("SELECT * FROM classifications WHERE owner = ?", [owner]).fetchone()
    if found is None:
        return national()
    return national().renewed(date.fromisoformat(found["dated_on"]), json.loads(found["matters"]))


def publish(database: sqlite3.Connection, owner: str, dated_on: date, matters: Mapping[str, str]) -> None:
    database.execute(
        "INSERT OR REPLACE INTO classifications VALUES (?, ?, ?)",
        [owner, dated_on.isoformat(), json.dumps(dict(matters))],
    )


def copy_classification(database: sqlite3.Connection, department: str, siren: str) -> None:
    """The third party asked the State for the one in force."""
    database.execute(
        "INSERT OR REPLACE INTO classifications SELECT ?, dated_on, matters FROM classifications WHERE owner = ?",
        [siren, department],
    )


def hasten(database: sqlite3.Connection) -> None:
    """What was delayed happens now, in the order in which it was to happen."""
    now = time.time()
    database.execute("UPDATE steps SET due_at = ? WHERE due_at > ?", [now, now])


def _transaction(row: sqlite3.Row) -> Transaction:
    return Transaction(
        row["id"], row["siren"], row["type"], row["number"], row["subject"], row["decided_on"],
        row["nature"], row["matter"], row["act"], row["related"],
    )  # fmt: skip
