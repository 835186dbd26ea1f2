"""What the ministry knows, asked of and told to its store, inside the caller's transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime

from .behaviours import Behaviour, Settings
from .checks import Sender
from .classification import Classification, national
from .outgoing import Correspondent

TABLES = """
CREATE TABLE IF NOT EXISTS senders (
    siren TEXT PRIMARY KEY, department TEXT NOT NULL, arrondissement TEXT NOT NULL, nature TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS envelopes (
    id INTEGER PRIMARY KEY, archive TEXT NOT NULL, envelope TEXT UNIQUE, sha256 TEXT NOT NULL,
    received_at TEXT NOT NULL, verdict TEXT NOT NULL, detail TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS acts (
    id INTEGER PRIMARY KEY, act TEXT NOT NULL, siren TEXT NOT NULL, number TEXT NOT NULL, decided_on TEXT NOT NULL,
    is_cancelled INTEGER NOT NULL DEFAULT 0,
    application TEXT NOT NULL, addresses TEXT NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS one_live_act ON acts (siren, number, decided_on) WHERE NOT is_cancelled;
CREATE TABLE IF NOT EXISTS letters (act TEXT NOT NULL, kind TEXT NOT NULL, dated_on TEXT NOT NULL,
    PRIMARY KEY (act, kind, dated_on));
CREATE TABLE IF NOT EXISTS replies (
    id INTEGER PRIMARY KEY, act TEXT NOT NULL, letter TEXT NOT NULL, letter_on TEXT NOT NULL, kind TEXT NOT NULL,
    received_on TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS classifications (
    department TEXT PRIMARY KEY, dated_on TEXT NOT NULL, matters TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS behaviours (id INTEGER PRIMARY KEY, asked TEXT NOT NULL, times_left INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS settings (id INTEGER PRIMARY KEY CHECK (id = 1), asked TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY, due_at REAL NOT NULL, mail BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS mails (
    uid INTEGER PRIMARY KEY AUTOINCREMENT, mail BLOB NOT NULL, arrived_at REAL NOT NULL,
    is_seen INTEGER NOT NULL DEFAULT 0, is_deleted INTEGER NOT NULL DEFAULT 0);
"""


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


def behaviour_for(database: sqlite3.Connection, siren: str, numbers: set[str]) -> Behaviour:
    """The oldest behaviour asked for such an envelope, used once more; the ordinary one otherwise."""
    for row in database.execute("SELECT * FROM behaviours ORDER BY id").fetchall():
        behaviour = Behaviour(**json.loads(row["asked"]))
        if behaviour.concerns(siren, numbers):
            database.execute(
                "UPDATE behaviours SET times_left = times_left - 1 WHERE id = ? AND times_left > 0",
                [row["id"]],
            )
            database.execute("DELETE FROM behaviours WHERE times_left = 0")
            return behaviour
    return Behaviour()


def sender(database: sqlite3.Connection, siren: str) -> Sender | None:
    """The convention of a body; None when it has none."""
    found = database.execute("SELECT * FROM senders WHERE siren = ?", [siren]).fetchone()
    return Sender(**found) if found else None


def declare(database: sqlite3.Connection, convention: Sender) -> None:
    """Records a convention, in place of the body's former one."""
    database.execute(
        "INSERT OR REPLACE INTO senders VALUES (:siren, :department, :arrondissement, :nature)",
        asdict(convention),
    )


def was_received(database: sqlite3.Connection, envelope: str) -> bool:
    """Whether an envelope of that name came before, accepted or not."""
    return database.execute("SELECT 1 FROM envelopes WHERE envelope = ?", [envelope]).fetchone() is not None


def record(
    database: sqlite3.Connection,
    archive: str,
    envelope: str | None,
    sha256: str,
    at: datetime,
    verdict: str,
    detail: str,
) -> None:
    """``envelope`` is None for what has none of its own: unreadable, or a double."""
    database.execute(
        "INSERT INTO envelopes (archive, envelope, sha256, received_at, verdict, detail) VALUES (?, ?, ?, ?, ?, ?)",
        [archive, envelope, sha256, at.isoformat(), verdict, detail],
    )


def is_taken(database: sqlite3.Connection, siren: str, number: str, decided_on: str) -> bool:
    """Whether an act of that body, number and day was acknowledged and not cancelled."""
    key = [siren, number, decided_on]
    return (
        database.execute(
            "SELECT 1 FROM acts WHERE siren = ? AND number = ? AND decided_on = ? AND NOT is_cancelled", key
        ).fetchone()
        is not None
    )


def keep_act(database: sqlite3.Connection, act: str, number: str, decided_on: str, to: Correspondent) -> None:
    """Remembers an act that is being acknowledged."""
    database.execute(
        "INSERT INTO acts (act, siren, number, decided_on, application, addresses) VALUES (?, ?, ?, ?, ?, ?)",
        [act, to.sender.siren, number, decided_on, to.application, json.dumps(to.addresses)],
    )


def cancel_act(database: sqlite3.Connection, act: str) -> bool:
    """False when no such act was there to cancel."""
    changed = database.execute("UPDATE acts SET is_cancelled = 1 WHERE act = ? AND NOT is_cancelled", [act])
    return changed.rowcount > 0


def correspondent_of(database: sqlite3.Connection, act: str) -> Correspondent | None:
    """Who sent an act that stands acknowledged; None when there is no such act."""
    found = database.execute("SELECT * FROM acts WHERE act = ? AND NOT is_cancelled", [act]).fetchone()
    convention = sender(database, found["siren"]) if found else None
    if convention is None:
        return None
    return Correspondent(found["application"], convention, json.loads(found["addresses"]))


def keep_letter(database: sqlite3.Connection, act: str, kind: str, dated_on: str) -> None:
    database.execute("INSERT OR IGNORE INTO letters VALUES (?, ?, ?)", [act, kind, dated_on])


def wrote_letter(database: sqlite3.Connection, act: str, kind: str, dated_on: str) -> bool:
    """Whether such a letter was sent about the act."""
    key = [act, kind, dated_on]
    return (
        database.execute("SELECT 1 FROM letters WHERE act = ? AND kind = ? AND dated_on = ?", key).fetchone()
        is not None
    )


def keep_reply(
    database: sqlite3.Connection, act: str, letter: str, letter_on: str, kind: str, received_on: date
) -> None:
    """Remembers what answered a letter, a receipt included."""
    database.execute(
        "INSERT INTO replies (act, letter, letter_on, kind, received_on) VALUES (?, ?, ?, ?, ?)",
        [act, letter, letter_on, kind, received_on.isoformat()],
    )


def replies(database: sqlite3.Connection) -> list[dict[str, str]]:
    """What answered letters, the oldest first."""
    columns = "act, letter, letter_on, kind, received_on"
    return [dict(row) for row in database.execute(f"SELECT {columns} FROM replies ORDER BY id")]


def classification(database: sqlite3.Connection, department: str) -> Classification:
    """The one in force in a department: the national one until another is published."""
    found = database.execute("SELECT * FROM classifications WHERE department = ?", [department]).fetchone()
    if found is None:
        return national()
    return national().renewed(date.fromisoformat(found["dated_on"]), json.loads(found["matters"]))


def publish(
    database: sqlite3.Connection, department: str, dated_on: date, matters: Mapping[str, str]
) -> None:
    database.execute(
        "INSERT OR REPLACE INTO classifications VALUES (?, ?, ?)",
        [department, dated_on.isoformat(), json.dumps(dict(matters))],
    )
