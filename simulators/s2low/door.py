"""The door of the third party: HTTPS with a client certificate, a login that says which body is served."""

from __future__ import annotations

import hmac
import socket
import sqlite3
import threading
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from ..ministry.checks import Sender
from ..ministry.norm import LARGEST_ARCHIVE, is_siren
from ..servers import Turned, Visit, body_of
from ..store import Store
from . import forms, memory
from .behaviours import Behaviour
from .calls import CALLS, PAGE, PARIS, Call, Question, Reply, ko
from .creation import Counter
from .memory import Account

ROOM_FOR_THE_FORM = 1024 * 1024
STRANGER = ko("Échec de l'authentification")


def door(
    store: Store, folder: Path, password: str, now: Callable[[], datetime]
) -> type[BaseHTTPRequestHandler]:
    """The handler of requests; bodies are put down in ``folder`` while they are looked at. ``password`` opens every
    account, whose login is its SIREN.
    """

    class Door(Visit):
        server_version = "S2LOW-simulateur"

        def do_GET(self) -> None:  # noqa: N802
            self.close_connection = True
            self._serve(forms.Form())

        def do_POST(self) -> None:  # noqa: N802
            self.close_connection = True
            try:
                with body_of(self, folder, LARGEST_ARCHIVE + ROOM_FOR_THE_FORM) as body:
                    form = forms.read(self.headers, body)
            except Turned as turned:
                self.answer(turned.status, str(turned).encode())
                self.linger()
                return
            self._serve(form)

        def _serve(self, form: forms.Form) -> None:
            address = urlsplit(self.path)
            call = CALLS.get((self.command, address.path))
            if call is None:
                self.answer(404, PAGE, "text/html")
                return
            question = Question(dict(parse_qsl(address.query)), form)
            reply, behaviour = _answered(store, self._siren(), call, question, now())
            threading.Event().wait(behaviour.slow)
            if behaviour.reception == "cut":
                self.connection.shutdown(socket.SHUT_RDWR)
            elif behaviour.reception == "lost":
                self.rfile.read(1)  # until the other side has had enough
            elif behaviour.reception == "error":
                self.answer(500, b"incident")
            else:
                self.answer(200, _written(reply, behaviour.form), reply.media_type)

        def _siren(self) -> str:
            """Whose login came with the right password; empty otherwise."""
            scheme, _blank, encoded = self.headers.get("Authorization", "").partition(" ")
            try:
                login, _colon, shown = b64decode(encoded, validate=True).decode().partition(":")
            except ValueError:
                return ""
            holds = hmac.compare_digest(shown.encode(), password.encode())
            return login if holds and scheme.lower() == "basic" and is_siren(login) else ""

    return Door


def _answered(
    store: Store, siren: str, call: Call, question: Question, at: datetime
) -> tuple[Reply, Behaviour]:
    with store.transaction() as database:
        served = _account(database, siren)
        if served is None:
            return STRANGER, Behaviour()
        about = memory.transaction(database, siren, question.number(*call.about)) if call.about else None
        number = about.act_number if about else question.form.first("number")
        behaviour = memory.behaviour_for(database, call.kind, siren, number)
        if behaviour.reception in ("error", "lost"):
            return Reply(b""), behaviour
        if behaviour.refusal:
            memory.note_call(database, call.kind, siren, number, behaviour.refusal)
            return ko(behaviour.refusal), behaviour
        counter = Counter(database, served, behaviour, at.astimezone(PARIS).date())
        return call.answer(counter, question), behaviour


def _account(database: sqlite3.Connection, siren: str) -> Account | None:
    """The body's; opened on the spot where the register is open and the SIREN tells its department."""
    found = memory.account(database, siren)
    if found or not siren or not memory.settings(database).open_register:
        return found
    if siren[:2] not in ("21", "24", "25", "26") or siren[2:4] in ("00", "97"):
        return None
    department = f"0{siren[2:4]}"
    memory.declare(database, Sender(siren, department, "0", "31"))
    return memory.account(database, siren)


def _written(reply: Reply, form: str) -> bytes:
    match form:
        case "page":
            return PAGE
        case "empty":
            return b""
        case "no-number":
            return reply.content.partition(b"\n")[0] + b"\n"
        case "utf-8":
            return b"\xef\xbb\xbf" + reply.content.decode("latin-1").encode()
        case "crlf":
            return b" \r\n".join(reply.content.split(b"\n"))
        case "twice-encoded":
            return reply.content.decode("unicode_escape").encode().decode("latin-1").encode()
    return reply.content
