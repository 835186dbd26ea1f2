"""A witness of transparency logs as another body runs one (C2SP tlog-witness): it cosigns what continues what it saw.

``POST <prefix>/add-checkpoint`` on a port of its own. ``logs.txt`` in its folder lists the keys of the logs that it
trusts (C2SP verifier keys, one a line), read at each call: whoever runs a log asks to be put there. ``connection.json``
beside it tells its address and its key. It remembers one size and root a log, and never goes back.

Control API: ``GET /`` tells what it saw of each log; ``POST /behaviours`` asks it to misbehave (see ``Behaviour``),
``/behaviours/clear`` ends that; ``/forget`` makes another witness of it, which saw nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
import socket
import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from . import clock
from .control_api import Answer, Asked, Unfit, as_json, is_json, obeyed, replace
from .store import Store

SUMMARY = "A witness of transparency logs (C2SP tlog-witness): POST add-checkpoint on a port of its own."
NAME = "temoin.demonstration.example/1"
LOG_KEY, COSIGNATURE_KEY = b"\x01", b"\x04"
LARGEST = 64 * 1024
MOST_LINES = 63
SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
TABLES = """
CREATE TABLE IF NOT EXISTS latest (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS behaviours (id INTEGER PRIMARY KEY, asked TEXT NOT NULL, left INTEGER NOT NULL);
"""


class Refused(Exception):
    """The status that the protocol gives, and the known size where it gives one."""

    def __init__(self, status: int, known: int | None = None) -> None:
        super().__init__(status)
        self.status, self.known = status, known


@dataclass(frozen=True, slots=True)
class Behaviour(Asked):
    """How the next calls are treated. ``times``: how many, 0 for all until cleared. ``status`` answers that and does
    nothing; ``reception`` is ``accept``, or ``cut`` (done, then the line is cut) or ``lost`` (nothing done, no answer);
    ``slow`` in seconds before the answer; ``form`` of a cosignature: ``usual``, ``forged`` (a bit of it is false),
    ``stranger`` (by another key) or ``late`` (an hour old).
    """

    times: int = 1
    status: int = 0
    reception: str = "accept"
    slow: float = 0.0
    form: str = "usual"

    def check(self) -> None:
        if self.reception not in ("accept", "cut", "lost"):
            raise Unfit(f"{self.reception}: accept, cut or lost is expected")
        if self.form not in ("usual", "forged", "stranger", "late"):
            raise Unfit(f"{self.form}: usual, forged, stranger or late is expected")
        if self.times < 0 or not 0 <= self.slow <= 600 or not (self.status == 0 or 300 <= self.status <= 599):
            raise Unfit("times, slow (up to 600 s) or status is out of range")


@dataclass(frozen=True, slots=True)
class Submission:
    """What add-checkpoint brings: the old size, the consistency proof, and the checkpoint with its signatures."""

    old: int
    proof: Sequence[bytes]
    origin: str
    size: int
    root: bytes
    text: bytes
    signatures: Sequence[tuple[str, bytes]]

    @classmethod
    def read(cls, body: bytes) -> Submission:
        """Raises Refused (400)."""
        try:
            head, empty, note = body.decode().partition("\n\n")
            old, *proof = head.split("\n")
            text, again, signatures = note.partition("\n\n")
            origin, size, root, *extensions = text.split("\n")
            word, _, number = old.partition(" ")
            if (
                word != "old"
                or not (empty and again and origin)
                or not SIZE.fullmatch(number)
                or not SIZE.fullmatch(size)
                or len(proof) > MOST_LINES
                or not signatures.endswith("\n")
                or "" in extensions
            ):
                raise ValueError("form")
            return cls(
                int(number),
                [_hash(one) for one in proof],
                origin,
                int(size),
                _hash(root),
                f"{text}\n".encode(),
                [_signature(line) for line in signatures.split("\n")[:-1]],
            )
        except ValueError as fault:
            raise Refused(400) from fault


class Witness:
    """One witness with its key, its memory and the logs that it trusts."""

    def __init__(self, folder: Path) -> None:
        self.logs = folder / "logs.txt"
        self.store = Store(folder / "memory.db", TABLES)
        secret = folder / "key"
        if not secret.exists():
            replace(secret, Ed25519PrivateKey.generate().private_bytes_raw().hex())
        self.key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret.read_text()))

    @property
    def verifier_key(self) -> str:
        public = COSIGNATURE_KEY + self.key.public_key().public_bytes_raw()
        return f"{NAME}+{key_id(NAME, public).hex()}+{b64encode(public).decode()}"

    def add(self, body: bytes, behaviour: Behaviour) -> bytes:
        """Checks a submission and remembers it, at one stroke; then the line of its cosignature. Raises Refused."""
        asked = Submission.read(body)
        self._require_signature(asked)
        if asked.old > asked.size:
            raise Refused(400)
        with self.store.transaction() as database:
            row = database.execute(
                "SELECT size, root FROM latest WHERE origin = ?", [asked.origin]
            ).fetchone()
            size, root = (row["size"], row["root"]) if row else (0, b"")
            if asked.old != size:
                raise Refused(409, size)
            if asked.size == size and size and asked.root != root:
                raise Refused(409, size)
            if not is_continued(size, root, asked.size, asked.root, asked.proof):
                raise Refused(422)
            database.execute(
                "INSERT INTO latest VALUES (?, ?, ?)"
                " ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root",
                [asked.origin, asked.size, asked.root],
            )
        return self._cosignature(asked.text, behaviour)

    def _require_signature(self, asked: Submission) -> None:
        keys = self._trusted().get(asked.origin)
        if not keys:
            raise Refused(404)
        for name, signed in asked.signatures:
            for key in keys:
                if name == asked.origin and signed[:4] == key_id(name, LOG_KEY + key.public_bytes_raw()):
                    with suppress(InvalidSignature):
                        key.verify(signed[4:], asked.text)
                        return
        raise Refused(403)

    def _trusted(self) -> dict[str, list[Ed25519PublicKey]]:
        """The keys of each origin. Lines that are no keys are the operator's notes."""
        found: dict[str, list[Ed25519PublicKey]] = {}
        for line in self.logs.read_text().splitlines() if self.logs.exists() else ():
            origin, _, rest = line.partition("+")
            with suppress(ValueError):
                raw = b64decode(rest.partition("+")[2], validate=True)
                if raw[:1] == LOG_KEY:
                    found.setdefault(origin, []).append(Ed25519PublicKey.from_public_bytes(raw[1:]))
        return found

    def _cosignature(self, text: bytes, behaviour: Behaviour) -> bytes:
        at = int(clock.now().timestamp()) - (3600 if behaviour.form == "late" else 0)
        key = Ed25519PrivateKey.generate() if behaviour.form == "stranger" else self.key
        public = COSIGNATURE_KEY + key.public_key().public_bytes_raw()
        signature = key.sign(f"cosignature/v1\ntime {at}\n".encode() + text)
        if behaviour.form == "forged":
            signature = signature[:-1] + bytes([signature[-1] ^ 1])
        line = b64encode(key_id(NAME, public) + at.to_bytes(8, "big") + signature).decode()
        return f"— {NAME} {line}\n".encode()

    # its control API

    def told(self) -> dict[str, Any]:
        with self.store.transaction() as database:
            rows = database.execute("SELECT origin, size, root FROM latest").fetchall()
        return {row["origin"]: {"size": row["size"], "root": row["root"].hex()} for row in rows}

    def behave(self, asked: Mapping[str, Any]) -> None:
        behaviour = Behaviour.read(asked)
        with self.store.transaction() as database:
            database.execute(
                "INSERT INTO behaviours (asked, left) VALUES (?, ?)",
                [json.dumps(dict(asked)), behaviour.times or 1 << 40],
            )

    def clear(self, asked: Mapping[str, Any]) -> None:
        with self.store.transaction() as database:
            database.execute("DELETE FROM behaviours")

    def forget(self, asked: Mapping[str, Any]) -> None:
        with self.store.transaction() as database:
            database.execute("DELETE FROM latest")

    def next_behaviour(self) -> Behaviour:
        with self.store.transaction() as database:
            row = database.execute("SELECT * FROM behaviours WHERE left > 0 ORDER BY id LIMIT 1").fetchone()
            if row is None:
                return Behaviour()
            database.execute("UPDATE behaviours SET left = left - 1 WHERE id = ?", [row["id"]])
            return Behaviour.read(json.loads(row["asked"]))


def key_id(name: str, typed_key: bytes) -> bytes:
    """The four bytes that name a key in a signature line (C2SP signed-note)."""
    return hashlib.sha256(name.encode() + b"\n" + typed_key).digest()[:4]


def is_continued(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof leads from the tree of ``old`` leaves to that of ``size`` (RFC 9162, section 2.1.4.2)."""
    if old == 0 or old == size:
        return not proof
    steps = list(proof)
    if old & (old - 1) == 0:  # an exact power of two is itself the first node
        steps.insert(0, old_root)
    if not steps:
        return False
    first, last = old - 1, size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    seen_old = seen_new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            seen_old, seen_new = _node(step, seen_old), _node(step, seen_new)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            seen_new = _node(seen_new, step)
        first, last = first >> 1, last >> 1
    return last == 0 and seen_old == old_root and seen_new == root


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _hash(text: str) -> bytes:
    found = b64decode(text, validate=True)
    if len(found) != 32:
        raise ValueError("not a hash")
    return found


def _signature(line: str) -> tuple[str, bytes]:
    dash, name, value = line.split(" ")
    if dash != "—":
        raise ValueError("not a signature line")
    return name, b64decode(value, validate=True)


class Door(BaseHTTPRequestHandler):
    """The protocol."""

    protocol_version = "HTTP/1.1"  # lines are kept open, as the protocol recommends

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LARGEST:
            self.close_connection = True
            self._send(413 if length.isdecimal() else 411)
            return
        body = self.rfile.read(int(length))
        witness = _WITNESSES[0]
        behaviour = witness.next_behaviour()
        time.sleep(behaviour.slow)
        if behaviour.reception == "lost":
            self._hang_up()
        elif behaviour.status:
            self._send(behaviour.status)
        elif self.path != "/add-checkpoint":
            self._send(404)
        else:
            try:
                line = witness.add(body, behaviour)
            except Refused as refusal:
                known = b"" if refusal.known is None else f"{refusal.known}\n".encode()
                self._send(refusal.status, known, "text/x.tlog.size" if known else "text/plain")
            else:
                self._hang_up() if behaviour.reception == "cut" else self._send(200, line)

    def log_message(self, format: str, *arguments: object) -> None:
        """Silent: the control API tells what was seen."""

    def _send(self, status: int, content: bytes = b"", media_type: str = "text/plain") -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


_WITNESSES: list[Witness] = []


def start(folder: Path) -> None:
    """Starts listening, and writes how to be reached in ``connection.json``."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    witness = Witness(folder)
    _WITNESSES[:] = [witness]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    reached = {"url": f"http://127.0.0.1:{server.server_port}", "key": witness.verifier_key}
    replace(folder / "connection.json", json.dumps({"witnesses": [reached]}))


def answer(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """The control API."""
    if not _WITNESSES:
        return as_json(503, {"error": "not started"})
    witness = _WITNESSES[0]
    if method == "GET":
        return as_json(200, witness.told()) if path == "/" else as_json(404, {"error": path})
    if not is_json(headers):
        return as_json(415, {"error": "Content-Type: application/json"})
    orders = {"/behaviours": witness.behave, "/behaviours/clear": witness.clear, "/forget": witness.forget}
    order = orders.get(path)
    return obeyed(partial(order), body) if order else as_json(404, {"error": path})
