"""What the publishers of notices and data share: HTTPS with a key, a memory, and behaviours asked for by the control API.

Control API, JSON: ``GET /`` tells the state, ``GET /received`` what came; ``POST /behaviours`` asks for one (see
``Behaviour``), ``POST /behaviours/clear`` for none, ``POST /settings`` sets ``delay`` in seconds between the steps of a
notice. Nothing of the platform is used: what is tried is the platform.
"""

from __future__ import annotations

import hmac
import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from . import certificates
from .control_api import Answer, Asked, Unfit, as_json, is_json, obeyed, password_in, replace
from .s2low import forms
from .servers import TlsServer, Turned, Visit, body_of
from .store import Store

RECEPTIONS = ("accept", "error", "cut", "lost")
STATUSES = (0, 400, 401, 403, 404, 409, 413, 422, 429, 500, 502, 503)
LARGEST = 64 * 1024 * 1024
TABLES = """
CREATE TABLE IF NOT EXISTS received (
    name TEXT PRIMARY KEY, folder TEXT NOT NULL, content BLOB NOT NULL, at REAL NOT NULL, delay REAL NOT NULL,
    outcome TEXT NOT NULL, words TEXT NOT NULL, stopped INTEGER NOT NULL DEFAULT 0, number INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS behaviours (id INTEGER PRIMARY KEY, asked TEXT NOT NULL, left INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value REAL NOT NULL);
"""
OUTCOMES = ("publish", "reject", "silence")


@dataclass(frozen=True, slots=True)
class Behaviour(Asked):
    """How the next calls are treated. ``call`` is their kind (submit, status, stop, upload, validate); ``times``: how many, 0 for
    all until cleared. ``reception`` is what HTTPS does: ``accept``; ``error`` (500, nothing done); ``cut`` (done, then
    the line is cut); ``lost`` (nothing done, and no answer ever). ``slow`` in seconds before the answer. ``status``
    answers that instead, with ``words``, nothing done. Of a notice that is taken: ``outcome`` publish, reject (for
    ``words``) or silence (never anything more); ``delay`` in seconds between its steps.
    """

    call: str = "submit"
    times: int = 1
    reception: str = "accept"
    slow: float = 0.0
    status: int = 0
    words: str = ""
    outcome: str = "publish"
    delay: float = -1.0

    def check(self) -> None:
        for value, allowed in (
            (self.reception, RECEPTIONS),
            (self.outcome, OUTCOMES),
            (self.status, STATUSES),
            (self.call, ("submit", "status", "stop", "upload", "records", "validate")),
        ):
            if value not in allowed:
                raise Unfit(f"{value}: one of {allowed} is expected")
        if self.times < 0 or not 0 <= self.slow <= 600 or self.delay > 1e8:
            raise Unfit("times, slow (up to 600 s) or delay is out of range")


@dataclass(frozen=True, slots=True)
class Request:
    """One call of the API: ``place`` is its path, ``query`` what follows the question mark, ``body`` what is no form."""

    method: str
    place: str
    query: str
    form: forms.Form
    behaviour: Behaviour
    body: bytes = b""


Served = tuple[int, Any]
"""Status and JSON, or the bytes of an XML."""


@dataclass
class Publisher:
    """One publisher. ``kind_of`` names a call for behaviours; ``serve`` answers it; ``shows_key`` tells whether the
    headers hold its key; ``connection`` is what the platform must know besides the address."""

    name: str
    kind_of: Callable[[str, str], str]
    serve: Callable[[Publisher, Request], Served]
    shows_key: Callable[[Mapping[str, str], str], bool]
    connection: Mapping[str, Any]
    is_open: Callable[[str], bool] = field(default=lambda place: False)
    store: Store | None = None
    key: str = ""

    def start(self, folder: Path) -> None:
        """Listens, and writes how to be reached in ``connection.json``."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        keys = folder / "certificates"
        certificates.ensure(keys, self.name)
        self.store = Store(folder / "memory.db", TABLES)
        self.key = password_in(folder / "key")
        server = TlsServer(_door(self, folder), certificates.server_context(keys, asks_for_certificate=False))
        server.start()
        said = {
            "url": f"https://127.0.0.1:{server.port}",
            "authority": str(keys / "authority.pem"),
            "key": self.key,
            **self.connection,
        }
        replace(folder / "connection.json", json.dumps(said))

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """One call of the control API."""
        if self.store is None:
            return as_json(503, {"error": "not started"})
        if method == "GET":
            if path == "/received":
                return as_json(200, self.received())
            return as_json(200, {"delay": self.delay()}) if path == "/" else as_json(404, {"error": path})
        if not is_json(headers):
            return as_json(415, {"error": "Content-Type: application/json"})
        orders = {
            "/behaviours": self._behave,
            "/behaviours/clear": self._clear,
            "/settings": self._set_up,
        }
        order = orders.get(path)
        return obeyed(partial(order), body) if order else as_json(404, {"error": path})

    # what it remembers

    def keep(self, name: str, folder: str, content: bytes, behaviour: Behaviour) -> bool:
        """Keeps what was received; False when the name is taken."""
        with self._database() as database:
            if database.execute("SELECT 1 FROM received WHERE name = ?", [name]).fetchone():
                return False
            number = database.execute("SELECT count(*) FROM received").fetchone()[0] + 1
            delay = behaviour.delay if behaviour.delay >= 0 else self._delay(database)
            database.execute(
                "INSERT INTO received VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)",
                [name, folder, content, time.time(), delay, behaviour.outcome, behaviour.words, number],
            )
        return True

    def put(self, name: str, content: bytes) -> None:
        """Keeps a file in the place of the one before it."""
        with self._database() as database:
            database.execute("DELETE FROM received WHERE name = ?", [name])
            database.execute(
                "INSERT INTO received VALUES (?, '', ?, ?, 0, 'publish', '', 0, 1)",
                [name, content, time.time()],
            )

    def found(self, name: str) -> dict[str, Any] | None:
        with self._database() as database:
            row = database.execute("SELECT * FROM received WHERE name = ?", [name]).fetchone()
        return dict(row) if row else None

    def stop(self, name: str) -> None:
        with self._database() as database:
            database.execute("UPDATE received SET stopped = 1 WHERE name = ?", [name])

    def received(self) -> list[dict[str, Any]]:
        with self._database() as database:
            rows = database.execute("SELECT * FROM received ORDER BY at").fetchall()
        return [
            {
                "name": row["name"],
                "size": len(row["content"]),
                "step": step_of(dict(row)),
                "number": row["number"],
            }
            for row in rows
        ]

    def delay(self) -> float:
        with self._database() as database:
            return self._delay(database)

    def behaviour_for(self, call: str) -> Behaviour:
        """The one asked for this call, used up by it."""
        with self._database() as database:
            for row in database.execute("SELECT * FROM behaviours ORDER BY id").fetchall():
                asked = Behaviour.read(json.loads(row["asked"]))
                if asked.call != call:
                    continue
                if row["left"] == 1:
                    database.execute("DELETE FROM behaviours WHERE id = ?", [row["id"]])
                elif row["left"] > 1:
                    database.execute("UPDATE behaviours SET left = left - 1 WHERE id = ?", [row["id"]])
                return asked
        return Behaviour(call=call if call != "other" else "status")

    def _delay(self, database: Any) -> float:
        row = database.execute("SELECT value FROM settings WHERE name = 'delay'").fetchone()
        return float(row["value"]) if row else 20.0

    def _database(self) -> Any:
        assert self.store is not None
        return self.store.transaction()

    def _behave(self, asked: Mapping[str, Any]) -> None:
        behaviour = Behaviour.read(asked)
        with self._database() as database:
            database.execute(
                "INSERT INTO behaviours (asked, left) VALUES (?, ?)",
                [json.dumps(asdict(behaviour)), behaviour.times],
            )

    def _clear(self, asked: Mapping[str, Any]) -> None:
        with self._database() as database:
            database.execute("DELETE FROM behaviours")

    def _set_up(self, asked: Mapping[str, Any]) -> None:
        delay = asked.get("delay", 20.0)
        if not isinstance(delay, int | float) or not 0 <= delay <= 1e8:
            raise Unfit("delay is a number of seconds")
        with self._database() as database:
            database.execute("INSERT OR REPLACE INTO settings VALUES ('delay', ?)", [float(delay)])


def step_of(row: Mapping[str, Any]) -> str:
    """Where a notice stands: received, accepted after one delay, published after two; or rejected, stopped, silent."""
    if row["stopped"]:
        return "stopped"
    age, delay = time.time() - row["at"], row["delay"]
    if row["outcome"] == "silence" or age < delay:
        return "received"
    if row["outcome"] == "reject":
        return "rejected"
    return "accepted" if age < 2 * delay else "published"


def _door(publisher: Publisher, folder: Path) -> type[Visit]:
    class Door(Visit):
        server_version = f"{publisher.name}-simulateur"

        def do_GET(self) -> None:  # noqa: N802
            self.close_connection = True
            self._serve(forms.Form())

        def do_POST(self) -> None:  # noqa: N802
            self.close_connection = True
            try:
                with body_of(self, folder, LARGEST) as body:
                    if self.headers.get_content_type() == "application/json":
                        form, content = forms.Form(), body.read()
                    else:
                        form, content = forms.read(self.headers, body), b""
            except Turned as turned:
                self.answer(turned.status, str(turned).encode())
                self.linger()
                return
            self._serve(form, content)

        def _serve(self, form: forms.Form, content: bytes = b"") -> None:
            address = urlsplit(self.path)
            if not publisher.is_open(address.path) and not publisher.shows_key(self.headers, publisher.key):
                self._tell(401, {"message": "Unauthorized"})
                return
            behaviour = publisher.behaviour_for(publisher.kind_of(self.command, address.path))
            threading.Event().wait(behaviour.slow)
            if behaviour.reception == "lost":
                self.rfile.read(1)  # until the other side has had enough
                return
            if behaviour.reception == "error":
                self._tell(500, {"message": "incident"})
                return
            if behaviour.status:
                self._tell(behaviour.status, {"message": behaviour.words or "refused"})
                return
            request = Request(self.command, address.path, address.query, form, behaviour, content)
            status, served = publisher.serve(publisher, request)
            if behaviour.reception == "cut":
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self._tell(status, served)

        def _tell(self, status: int, content: Any) -> None:
            if isinstance(content, bytes):
                self.answer(status, content, "application/xml")
                return
            self.answer(status, json.dumps(content, ensure_ascii=False).encode(), "application/json")

    return Door


def has_header(name: str, prefix: str = "") -> Callable[[Mapping[str, str], str], bool]:
    """Whether a header holds the key after a prefix."""

    def shows(headers: Mapping[str, str], key: str) -> bool:
        shown = (headers.get(name) or "").removeprefix(prefix)
        return hmac.compare_digest(shown.encode(), key.encode())

    return shows
