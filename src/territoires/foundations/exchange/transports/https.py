"""HTTPS towards a partner: streamed, without redirects, proxies or addresses other than the operator's.

What matters is what is *known* when something breaks. A request that did not leave whole cannot have been accepted
(RFC 9112, section 8: the message is incomplete); one that did, and got no answer, may have been.
"""

from __future__ import annotations

import contextlib
import secrets
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from typing import Protocol
from urllib.parse import urlsplit

from territoires.kernel.errors import TerritoiresError

from ..channels import Accepted, Delivery, Doubtful, NotSent, Refused
from .tls import ClientIdentity, NotTrusted, Trust, UnusableIdentity, check, context

ANY_TYPE = "application/octet-stream"
MOST_ANSWERED = 1024 * 1024
CLOSED_FOR_THE_MOMENT = frozenset({408, 425, 429, 503, 507})
AMBIGUOUS = frozenset({502, 504})  # a gateway's: what stands behind it may have accepted
CONTENT_REFUSED = frozenset({400, 409, 410, 413, 415, 422})


class Payload(Protocol):
    """Bytes to send: an ``Outgoing`` is one."""

    @property
    def size(self) -> int: ...

    def chunks(self) -> Iterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file of a form: the field, the name that the partner sees, the bytes."""

    field: str
    name: str
    payload: Payload
    media_type: str = ANY_TYPE


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent as it is, in place of a form."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, and in all."""

    connect: float = 60
    total: float = 180


@dataclass(frozen=True, slots=True)
class Reply:
    """The partner's answer; ``is_whole`` is false when it came before our request had left whole."""

    status: int
    body: bytes
    is_whole: bool = True


class Unsettled(Exception):
    """No answer; ``delivery`` says what is known."""

    def __init__(self, delivery: NotSent | Doubtful) -> None:
        super().__init__(delivery.reason)
        self.delivery = delivery


def basic(user: str, password: str) -> dict[str, str]:
    """The header of HTTP basic authentication (RFC 7617), in UTF-8."""
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}


def post_file(
    url: str,
    *,
    file: Payload,
    name: str,
    trust: Trust,
    identity: ClientIdentity | None = None,
    accepted: frozenset[int] = frozenset({200}),
    timeouts: Timeouts = Timeouts(),
    headers: Mapping[str, str] | None = None,
    field: str = "file",
) -> Delivery:
    """Posts one file as a form with a single part; the partner takes it by answering one of ``accepted``."""
    part = FilePart(field, name, file, "application/gzip" if name.endswith(".gz") else ANY_TYPE)
    try:
        reply = request(
            "POST", url, files=[part], trust=trust, identity=identity, timeouts=timeouts, headers=headers
        )
    except Unsettled as unsettled:
        return unsettled.delivery
    return verdict(reply, accepted)


def verdict(reply: Reply, accepted: frozenset[int]) -> Delivery:
    """What an answer's status tells of the file that was posted."""
    said = f"HTTP {reply.status}"
    if reply.status in accepted and reply.is_whole:
        return Accepted(said)
    if reply.status in CONTENT_REFUSED:
        return Refused("refused", said)
    if reply.status in CLOSED_FOR_THE_MOMENT:
        return NotSent("not-available", said)
    if reply.status in AMBIGUOUS or reply.status < 300:
        return Doubtful("odd-answer", said)
    if reply.status >= 500:
        return NotSent("not-available", said)
    return NotSent("not-let-in", said)  # a redirect, a door that does not know us: the operator's to mend


def request(
    method: str,
    url: str,
    *,
    trust: Trust,
    fields: Sequence[tuple[str, str | bytes]] = (),
    files: Sequence[FilePart] = (),
    body: Body | None = None,
    identity: ClientIdentity | None = None,
    timeouts: Timeouts = Timeouts(),
    headers: Mapping[str, str] | None = None,
    most_answered: int = MOST_ANSWERED,
) -> Reply:
    """Sends one request, a multipart form when there are fields or files, else the body. Raises Unsettled without an
    answer.

    ``fields`` are sent in UTF-8; for a partner of another encoding they are bytes. At most ``most_answered`` bytes of
    the answer's body are kept. ``url`` is the operator's: never one that a person or a partner gave.
    """
    with _connected(url, trust, identity, timeouts) as connection:
        is_whole = True
        try:
            _send(connection, method, url, fields, files, body, headers or {})
        except (OSError, HTTPException) as failure:
            if not (fields or files or body):
                raise Unsettled(NotSent("cut-short", _words(failure))) from failure
            is_whole = False
        except TerritoiresError as failure:
            raise Unsettled(NotSent("our-file", failure.code)) from failure
        return _answer(connection, is_whole, most_answered)


@contextlib.contextmanager
def _connected(
    url: str, trust: Trust, identity: ClientIdentity | None, timeouts: Timeouts
) -> Iterator[HTTPSConnection]:
    address = urlsplit(url)
    if address.scheme != "https" or not address.hostname or address.username is not None:
        raise Unsettled(NotSent("not-configured", "the address is not https://host/path"))
    try:
        connection = HTTPSConnection(
            address.hostname, address.port, timeout=timeouts.connect, context=context(trust, identity)
        )
    except UnusableIdentity as failure:
        raise Unsettled(NotSent("our-certificate", _words(failure))) from failure
    except (OSError, ValueError) as failure:
        raise Unsettled(NotSent("not-configured", _words(failure))) from failure
    try:
        connection.connect()
        check(trust, connection.sock)
        connection.sock.settimeout(timeouts.total)
    except (NotTrusted, ssl.SSLCertVerificationError) as failure:
        connection.close()
        raise Unsettled(NotSent("not-trusted", _words(failure))) from failure
    except (OSError, UnicodeError) as failure:
        connection.close()
        raise Unsettled(NotSent("unreachable", _words(failure))) from failure
    # Each read may come within its time and the whole never end: at the hour the line is cut, whatever it is doing.
    end = threading.Timer(timeouts.total, _hang_up, [connection.sock])
    end.daemon = True
    end.start()
    try:
        yield connection
    finally:
        end.cancel()
        connection.close()


def _send(
    connection: HTTPSConnection,
    method: str,
    url: str,
    fields: Sequence[tuple[str, str | bytes]],
    files: Sequence[FilePart],
    body: Body | None,
    headers: Mapping[str, str],
) -> None:
    address = urlsplit(url)
    connection.putrequest(method, (address.path or "/") + (f"?{address.query}" if address.query else ""))
    connection.putheader("User-Agent", "Territoires")
    for name, value in headers.items():
        connection.putheader(name, value)
    if not fields and not files:
        if body is not None:
            connection.putheader("Content-Type", body.media_type)
            connection.putheader("Content-Length", str(len(body.content)))
        connection.endheaders(body.content if body is not None else None)
        return
    boundary = secrets.token_hex(16)
    pieces = [
        *(_field_piece(boundary, *field) for field in fields),
        *(_file_piece(boundary, f) for f in files),
    ]
    closing = f"--{boundary}--\r\n".encode()
    length = sum(len(head) + size + 2 for head, size, _chunks in pieces) + len(closing)
    connection.putheader("Content-Type", f"multipart/form-data; boundary={boundary}")
    connection.putheader("Content-Length", str(length))
    connection.endheaders()
    for head, size, chunks in pieces:
        connection.send(head)
        left = size
        for chunk in chunks:
            left -= len(chunk)
            connection.send(chunk)
        if left:
            raise HTTPException("the file has not the announced size")
        connection.send(b"\r\n")
    connection.send(closing)


def _field_piece(boundary: str, name: str, value: str | bytes) -> tuple[bytes, int, Iterable[bytes]]:
    content = value.encode() if isinstance(value, str) else value
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n'
    return head.encode(), len(content), [content]


def _file_piece(boundary: str, file: FilePart) -> tuple[bytes, int, Iterable[bytes]]:
    head = (
        f"--{boundary}\r\nContent-Disposition: form-data;"
        f' name="{_quoted(file.field)}"; filename="{_quoted(file.name)}"\r\n'
        f"Content-Type: {file.media_type}\r\n\r\n"
    )
    return head.encode(), file.payload.size, file.payload.chunks()


def _quoted(name: str) -> str:
    """As browsers write a name in a form (WHATWG HTML, multipart/form-data)."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _answer(connection: HTTPSConnection, is_whole: bool, most: int) -> Reply:
    try:
        response = connection.getresponse() if is_whole else _early_answer(connection)
        return Reply(response.status, response.read(most), is_whole)
    except (OSError, HTTPException) as failure:
        words = _words(failure)
        if isinstance(failure, ssl.SSLError) and "ALERT" in (failure.reason or ""):
            # TLS 1.3 refuses our certificate only now, and before it reads anything
            raise Unsettled(NotSent("not-let-in", words)) from failure
        if not is_whole:
            raise Unsettled(NotSent("cut-short", words)) from failure
        raise Unsettled(Doubtful("no-answer", words)) from failure


def _early_answer(connection: HTTPSConnection) -> HTTPResponse:
    """A partner may refuse, and close, before it has read everything: its words are then already here."""
    response = HTTPResponse(connection.sock, method="POST")
    response.begin()
    return response


def _hang_up(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _words(failure: Exception) -> str:
    return f"{type(failure).__name__}: {failure}"
