"""The door of the ministry: one archive by HTTPS POST, from a holder of a certificate that it knows."""

from __future__ import annotations

import hashlib
import mmap
import re
import socket
import threading
from email.message import Message
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import IO

from ..servers import Turned, Visit, body_of
from .desk import Desk
from .norm import LARGEST_ARCHIVE

ROOM_FOR_THE_FORM = 64 * 1024
PATH = "/actes"
_FILE_NAME = re.compile(rb'Content-Disposition:[^\r\n]*;[ \t]*filename="([^"\r\n]*)"', re.IGNORECASE)
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=?-]{1,70}", re.ASCII)  # RFC 2046, section 5.1.1


def door(desk: Desk, folder: Path) -> type[BaseHTTPRequestHandler]:
    """The handler of requests; bodies are put down in ``folder`` while they are looked at."""

    class Door(Visit):
        server_version = "ACTES-simulateur"

        def do_POST(self) -> None:  # noqa: N802
            self.close_connection = True
            try:
                if self.path != PATH:
                    raise Turned(404, f"POST {PATH}")
                with body_of(self, folder, LARGEST_ARCHIVE + ROOM_FOR_THE_FORM) as body:
                    name = _cut_out(self.headers, body)
                    start = body.tell()
                    digest = hashlib.file_digest(body, "sha256").hexdigest()  # type: ignore[arg-type]
                    body.seek(start)
                    behaviour = desk.receive(name, body, digest)
            except Turned as turned:
                self.answer(turned.status, str(turned).encode())
                self.linger()
                return
            threading.Event().wait(behaviour.slow)
            if behaviour.reception == "cut":
                self.connection.shutdown(socket.SHUT_RDWR)
            elif behaviour.reception == "lost":
                self.rfile.read(1)  # until the other side has had enough
            elif behaviour.reception == "error":
                self.answer(500, b"incident")
            else:
                self.answer(desk.settings().success_status, b"")

    return Door


def _cut_out(headers: Message, body: IO[bytes]) -> str:
    """The name of the one file of a form (RFC 7578); ``body`` is left at its first byte and ends with its last."""
    boundary = headers.get_param("boundary")
    if headers.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise Turned(415, "multipart/form-data")
    if _BOUNDARY.fullmatch(boundary) is None:
        raise Turned(400, "boundary")
    mark = b"--" + boundary.encode()
    with mmap.mmap(body.fileno(), 0, access=mmap.ACCESS_READ) as form:
        start = form.find(b"\r\n\r\n", 0, ROOM_FOR_THE_FORM) + 4
        end = form.find(b"\r\n" + mark, start)
        if form[: len(mark)] != mark or start < 4 or form[end:].strip() != mark + b"--":
            raise Turned(400, "one file, and nothing else")
        named = _FILE_NAME.search(form[:start])
    if named is None:
        raise Turned(400, "filename")
    if end - start > LARGEST_ARCHIVE:
        raise Turned(413, "150 Mio")
    body.truncate(end)
    body.seek(start)
    return named[1].decode("ascii", "replace")
