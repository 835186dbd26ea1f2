"""The courier: takes from the outbox what is due, to a mail server and to the mailbox."""

from __future__ import annotations

import email
import smtplib
import threading
import time

from ..store import Store
from . import mailbox, memory
from .desk import Desk

SECONDS_BEFORE_AGAIN = 5
LONGEST_SLEEP = 60
MOST_AT_ONCE = 100


class Courier:
    """Delivers at least once: killed between the mail server and its own note of it, it brings the mail again."""

    def __init__(self, store: Store, desk: Desk) -> None:
        self._store = store
        self._desk = desk

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            self._desk.posted.clear()
            self._deliver_due()
            self._desk.posted.wait(self._seconds_until_next())

    def _deliver_due(self) -> None:
        with self._store.transaction() as database:
            settings = memory.settings(database)
            due = database.execute(
                "SELECT id, mail FROM outbox WHERE due_at <= ? ORDER BY due_at, id LIMIT ?",
                [time.time(), MOST_AT_ONCE],
            ).fetchall()
        for row in due:
            if settings.smtp and not _sent(settings.smtp, row["mail"]):
                with self._store.transaction() as database:
                    database.execute(
                        "UPDATE outbox SET due_at = ? WHERE id = ?",
                        [time.time() + SECONDS_BEFORE_AGAIN, row["id"]],
                    )
                continue
            with self._store.transaction() as database:
                if settings.mailbox:
                    mailbox.put(database, row["mail"])
                database.execute("DELETE FROM outbox WHERE id = ?", [row["id"]])

    def _seconds_until_next(self) -> float:
        with self._store.transaction() as database:
            (next_at,) = database.execute("SELECT min(due_at) FROM outbox").fetchone()
        if next_at is None:
            return LONGEST_SLEEP
        return min(max(float(next_at) - time.time(), 0), LONGEST_SLEEP)


def _sent(address: str, mail: bytes) -> bool:
    host, _colon, port = address.rpartition(":")
    message = email.message_from_bytes(mail)
    try:
        with smtplib.SMTP(host, int(port), timeout=30) as server:
            server.send_message(message)
    except (OSError, smtplib.SMTPException):
        return False
    return True
