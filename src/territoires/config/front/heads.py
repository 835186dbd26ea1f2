"""Heads of HTTP/1.1 messages, read without tolerance: what two readers could read in two ways is refused (RFC 9112)."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from territoires.foundations.identity.api import CERTIFICATE_FIELD, SECRET_FIELD

END = b"\r\n\r\n"
LONGEST_HEAD = 32 * 1024
MOST_FIELDS = 100
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REASONS = {
    400: "Bad Request",
    405: "Method Not Allowed",
    408: "Request Timeout",
    411: "Length Required",
    417: "Expectation Failed",
    431: "Request Header Fields Too Large",
    502: "Bad Gateway",
    505: "HTTP Version Not Supported",
}

_REQUEST_LINE = re.compile(r"([A-Z]{1,16}) (/[\x21\x22\x24-\x7e]*) HTTP/([0-9]\.[0-9])")
_STATUS_LINE = re.compile(r"HTTP/1\.[01] ([1-5][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?")
# A name as RFC 9110 has it, without the underscore: gateways confuse it with the hyphen.
_NAME = re.compile(r"[!#$%&'*+.^`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_HOST = re.compile(r"[0-9A-Za-z.\[\]:-]+")
_LENGTH = re.compile(r"[0-9]{1,15}")

_OF_ONE_HOP = frozenset(
    [
        "connection",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "expect",
        "content-length",
        "host",
    ]
)
# What the platform believes from its front alone: whatever a client says of it is dropped.
_FROM_THE_FRONT = (CERTIFICATE_FIELD.lower(), SECRET_FIELD.lower(), "forwarded", "x-forwarded-")

Fields = tuple[tuple[str, str], ...]


class Refused(Exception):
    """The request goes no further; ``status`` is what its sender is answered."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(REASONS[status])


@dataclass(frozen=True, slots=True)
class Request:
    """``fields`` are those that may be forwarded; ``length`` is that of the body in bytes, None without one."""

    method: str
    target: str
    host: str
    fields: Fields
    length: int | None
    expects_continue: bool
    stays: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """``length`` is that of the body in bytes, None when the answer does not tell it."""

    status: int
    start: str
    fields: Fields
    length: int | None
    is_chunked: bool

    @property
    def is_interim(self) -> bool:
        return self.status < 200


def read_request(head: bytes) -> Request:
    """The request whose head, up to and with its empty line, is given. Raises Refused for whatever is not plain."""
    start, fields = _lines(head)
    found = _REQUEST_LINE.fullmatch(start)
    if not found:
        raise Refused(400)
    method, target, version = found.groups()
    if version != "1.1":
        raise Refused(505)
    if method not in METHODS:
        raise Refused(405)
    host = _only(fields, "host")
    if not host or not _HOST.fullmatch(host):
        raise Refused(400)
    options = _options(fields)
    expectation = _only(fields, "expect")
    if expectation is not None and expectation.lower() != "100-continue":
        raise Refused(417)
    return Request(
        method=method,
        target=target,
        host=host,
        fields=tuple(
            (name, value)
            for name, value in fields
            if name.lower() not in _OF_ONE_HOP | options and not name.lower().startswith(_FROM_THE_FRONT)
        ),
        length=_length_of_request(fields),
        expects_continue=expectation is not None,
        stays="close" not in options,
    )


def forwarded(request: Request, *, secret: str, certificate: bytes | None) -> bytes:
    """The head that the platform receives: ``certificate`` is in DER, and goes as RFC 9440 says (section 2.2)."""
    fields = [("Host", request.host), *request.fields, ("Connection", "close")]
    if request.length is not None:
        fields.append(("Content-Length", str(request.length)))
    fields += [("X-Forwarded-Proto", "https"), (SECRET_FIELD, secret)]
    if certificate:
        fields.append((CERTIFICATE_FIELD, f":{base64.b64encode(certificate).decode()}:"))
    return _head(f"{request.method} {request.target} HTTP/1.1", fields)


def read_answer(head: bytes) -> Answer:
    """The answer whose head is given. Raises Refused (502) for one that cannot be handed over."""
    try:
        start, fields = _lines(head)
        found = _STATUS_LINE.fullmatch(start)
        length = _only(fields, "content-length")
        coding = _only(fields, "transfer-encoding")
    except Refused as fault:
        raise Refused(502) from fault
    if not found or (length is not None and (coding is not None or not _LENGTH.fullmatch(length))):
        raise Refused(502)
    return Answer(
        status=int(found[1]),
        start=start,
        fields=tuple(
            (name, value) for name, value in fields if name.lower() not in ("connection", "keep-alive")
        ),
        length=None if length is None else int(length),
        is_chunked=coding is not None and coding.lower() == "chunked",
    )


def handed_over(answer: Answer, *, stays: bool) -> bytes:
    """The head that the client receives."""
    return _head(answer.start, [*answer.fields, ("Connection", "keep-alive" if stays else "close")])


def refusal(status: int) -> bytes:
    """A whole answer, in both languages of the platform, after which the connection ends."""
    said = (
        "La plateforme ne répond pas : réessayez dans un instant.\nThe platform does not answer: try again in a moment.\n"
        if status == 502
        else "Cette demande ne peut pas être lue ; rien n'a été fait.\nThis request cannot be read; nothing was done.\n"
    ).encode()
    fields = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(said))),
        ("Cache-Control", "no-store"),
        ("Connection", "close"),
    ]
    return _head(f"HTTP/1.1 {status} {REASONS[status]}", fields) + said


def _head(start: str, fields: list[tuple[str, str]]) -> bytes:
    return "\r\n".join([start, *(f"{name}: {value}" for name, value in fields), "", ""]).encode("latin-1")


def _lines(head: bytes) -> tuple[str, Fields]:
    start, *lines = head.removesuffix(END).decode("latin-1").split("\r\n")
    if len(lines) > MOST_FIELDS:
        raise Refused(431)
    return start, tuple(_field(line) for line in lines)


def _field(line: str) -> tuple[str, str]:
    """A folded line (obs-fold) begins with a space, which no name holds."""
    name, colon, value = line.partition(":")
    if not colon or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
        raise Refused(400)
    return name, value.strip(" \t")


def _only(fields: Fields, name: str) -> str | None:
    """The value of a field that may be there once: twice, even with the same value, is refused."""
    values = [value for found, value in fields if found.lower() == name]
    if len(values) > 1:
        raise Refused(400)
    return values[0] if values else None


def _options(fields: Fields) -> frozenset[str]:
    said = ",".join(value for name, value in fields if name.lower() == "connection")
    return frozenset(option.strip().lower() for option in said.split(",")) - {""}


def _length_of_request(fields: Fields) -> int | None:
    length, coding = _only(fields, "content-length"), _only(fields, "transfer-encoding")
    if coding is not None:
        # The platform reads bodies of a known length only; a length and a coding together are an attack.
        raise Refused(411 if length is None else 400)
    if length is None:
        return None
    if not _LENGTH.fullmatch(length):
        raise Refused(400)
    return int(length)
