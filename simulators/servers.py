"""What the servers share: TLS on a loopback port, one thread a visitor."""

from __future__ import annotations

import contextlib
import socketserver
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import IO, Any

SECONDS = 180
SECONDS_TO_LINGER = 5
PIECE = 1024 * 1024


class TlsServer(socketserver.ThreadingTCPServer):
    """Listens on a port that the system chooses; the handshake is each visitor's own, so that none holds the rest."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, handler: type[socketserver.BaseRequestHandler], context: ssl.SSLContext) -> None:
        self.context = context
        super().__init__(("127.0.0.1", 0), handler)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def start(self) -> None:
        """Serves in a thread of its own until the process ends."""
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.settimeout(SECONDS)
        with self.context.wrap_socket(request, server_side=True) as line:
            super().finish_request(line, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Silent: a visitor that breaks off is a visitor's affair, and tests break off on purpose."""


class Turned(Exception):
    """The request goes no further: the status to answer."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Visit(BaseHTTPRequestHandler):
    """One request by HTTPS."""

    server: TlsServer
    sys_version = ""

    def answer(self, status: int, content: bytes, media_type: str = "text/plain") -> None:
        """Answers, and ends the line."""
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def linger(self) -> None:
        """Closed at once on bytes that still come, the line would break before our answer is read."""
        self.connection.settimeout(SECONDS_TO_LINGER)
        with contextlib.suppress(OSError):
            while self.rfile.read1(PIECE):
                continue

    def log_message(self, format: str, *arguments: object) -> None:
        """Silent: the control API tells what was received."""


@contextmanager
def body_of(request: BaseHTTPRequestHandler, folder: Path, limit: int) -> Iterator[IO[bytes]]:
    """The body of a request, put down in ``folder`` while it is looked at. Raises Turned."""
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal():
        raise Turned(411, "Content-Length")
    left = int(length)
    if not left:
        raise Turned(400, "empty")
    if left > limit:
        raise Turned(413, f"at most {limit} bytes")
    with tempfile.TemporaryFile(dir=folder) as body:
        while left:
            piece = request.rfile.read(min(left, PIECE))
            if not piece:
                raise Turned(400, "incomplete")
            body.write(piece)
            left -= len(piece)
        body.flush()
        body.seek(0)
        yield body
