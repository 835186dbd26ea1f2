"""What is done with foreign bytes before anybody has them: clamd where the operator has one, else the test signature alone.

clamd's INSTREAM (clamd(8)): ``zINSTREAM\\0``, then each chunk with its length in four bytes, then a length of zero; the
answer is ``stream: OK``, ``stream: <name> FOUND`` or an error.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Protocol

from django.conf import settings

from territoires.kernel.errors import Unavailable

from .models import Document
from .receiving import open_stream

TIMEOUT_SECONDS = 60
LONGEST_ANSWER = 4096
# The antivirus test file (EICAR, 2003): harmless, and known to every antivirus. Cut, so that this source is not one.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + rb"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
WITHOUT = "signature"


class Infected(Exception):
    """The antivirus found something; ``name`` is what it calls it."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)


class Scan(Protocol):
    """One file on its way."""

    def feed(self, chunk: bytes) -> None: ...

    def finish(self) -> None:
        """Raises Infected, Unavailable when the antivirus did not judge."""


class Antivirus(Protocol):
    """``name`` stands in the minutes."""

    name: str

    def scan(self) -> Scan: ...


def antivirus() -> Antivirus:
    """The one that the operator configured."""
    return Clamd(settings.CLAMD) if settings.CLAMD else TestSignature()


def scanned(chunks: Iterable[bytes], judge: Antivirus) -> Iterator[bytes]:
    """The same chunks; the last step raises Infected or Unavailable, so that whoever writes them keeps nothing."""
    scan = judge.scan()
    for chunk in chunks:
        scan.feed(chunk)
        yield chunk
    scan.finish()


def infection_of(document: Document, judge: Antivirus | None = None) -> str:
    """What the antivirus calls what it finds in a document; empty when it finds nothing. Raises Unavailable, Gone."""
    try:
        for _chunk in scanned(open_stream(document), judge or antivirus()):
            pass
    except Infected as found:
        return found.name
    return ""


class TestSignature:
    """No antivirus at all: it knows the test file and says so."""

    __test__ = False
    name = WITHOUT

    def scan(self) -> Scan:
        return _SignatureScan()


class _SignatureScan:
    def __init__(self) -> None:
        self._tail = b""
        self._found = False

    def feed(self, chunk: bytes) -> None:
        seam = self._tail + chunk[: len(EICAR)]
        self._found = self._found or EICAR in seam or EICAR in chunk
        self._tail = (seam if len(chunk) < len(EICAR) else chunk)[-len(EICAR) :]

    def finish(self) -> None:
        if self._found:
            raise Infected("EICAR-Test-File")


class Clamd:
    """``address`` is ``unix:/path`` or ``host:port``."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.name = f"clamd {self._asked(b'zVERSION' + bytes(1)).partition('/')[0]}"[:100]

    def scan(self) -> Scan:
        return _ClamdScan(self._connected())

    def _asked(self, command: bytes) -> str:
        with closing(self._connected()) as line:
            try:
                line.sendall(command)
                return _answer(line)
            except OSError as fault:
                raise _away(fault) from fault

    def _connected(self) -> socket.socket:
        try:
            if self.address.startswith("unix:"):
                line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                line.settimeout(TIMEOUT_SECONDS)
                line.connect(self.address.removeprefix("unix:"))
                return line
            host, _, port = self.address.rpartition(":")
            return socket.create_connection((host.strip("[]"), int(port)), TIMEOUT_SECONDS)
        except (OSError, ValueError) as fault:
            raise _away(fault) from fault


class _ClamdScan:
    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._send(b"zINSTREAM\0")

    def feed(self, chunk: bytes) -> None:
        if chunk:
            self._send(struct.pack("!I", len(chunk)))
            self._send(chunk)

    def finish(self) -> None:
        with closing(self._line):
            self._send(struct.pack("!I", 0))
            try:
                said = _answer(self._line)
            except OSError as fault:
                raise _away(fault) from fault
        if said.endswith(" FOUND"):
            raise Infected(said.removeprefix("stream: ").removesuffix(" FOUND"))
        if not said.endswith(": OK"):
            raise _away(said)

    def _send(self, data: bytes) -> None:
        try:
            self._line.sendall(data)
        except OSError as fault:
            self._line.close()
            raise _away(fault) from fault


def _answer(line: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0") and len(said) < LONGEST_ANSWER:
        part = line.recv(LONGEST_ANSWER)
        if not part:
            break
        said += part
    return said.rstrip(b"\0\n").decode("utf-8", "replace")


def _away(fault: object) -> Unavailable:
    return Unavailable(
        "antivirus-away",
        "The antivirus does not judge: %(fault)s.",
        "Check clamd and its limits (StreamMaxLength), then try again: nothing is lost.",
        params={"fault": str(fault) or type(fault).__name__},
    )
