"""The forms that clients post (RFC 7578), read from a file without holding the files of the form in memory."""

from __future__ import annotations

import mmap
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from typing import IO, TypeVar
from urllib.parse import parse_qsl

from ..servers import Turned

Value = TypeVar("Value")
LONGEST_FIELD = 64 * 1024
MOST_PARTS = 600
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=?-]{1,70}", re.ASCII)  # RFC 2046, section 5.1.1
_NAME = re.compile(rb'(?:^|[;\s])name="([^"\r\n]*)"', re.IGNORECASE)
_FILE_NAME = re.compile(rb'filename="([^"\r\n]*)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Posted:
    """A file of a form."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """What was posted; values are in ISO-8859-1, the encoding of the API, whatever the client believed."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[str, Sequence[Posted]] = field(default_factory=dict)

    def first(self, name: str) -> str:
        """The first value of a field; empty without one."""
        return next(iter(self.fields.get(name, [])), "")

    def file(self, name: str) -> Posted | None:
        """The first file of a field that is not an empty one."""
        return next((posted for posted in self.files.get(name, []) if posted.name), None)


def read(headers: Message, body: IO[bytes]) -> Form:
    """Raises Turned for what is no form."""
    kind = headers.get_content_type()
    if kind == "application/x-www-form-urlencoded":
        return Form(_gathered(parse_qsl(body.read(LONGEST_FIELD).decode("latin-1"), encoding="latin-1")))
    boundary = headers.get_param("boundary")
    if kind != "multipart/form-data" or not isinstance(boundary, str):
        raise Turned(415, "multipart/form-data")
    if _BOUNDARY.fullmatch(boundary) is None:
        raise Turned(400, "boundary")
    with mmap.mmap(body.fileno(), 0, access=mmap.ACCESS_READ) as form:
        return _read_parts(form, b"--" + boundary.encode())


def _read_parts(form: mmap.mmap, mark: bytes) -> Form:
    fields: list[tuple[str, str]] = []
    files: list[tuple[str, Posted]] = []
    start = len(mark)
    if form[:start] != mark:
        raise Turned(400, "the form does not begin with its boundary")
    while form[start : start + 2] == b"\r\n":
        head_end = form.find(b"\r\n\r\n", start)
        end = form.find(b"\r\n" + mark, head_end + 2)
        if head_end < 0 or end < 0 or len(fields) + len(files) == MOST_PARTS:
            raise Turned(400, "the form is cut, or has too many parts")
        _take(form[start:head_end], form[head_end + 4 : end], fields, files)
        start = end + 2 + len(mark)
    if form[start : start + 2] != b"--":
        raise Turned(400, "the form does not end")
    return Form(_gathered(fields), _gathered(files))


def _take(
    head: bytes, content: bytes, fields: list[tuple[str, str]], files: list[tuple[str, Posted]]
) -> None:
    named, file_name = _NAME.search(head), _FILE_NAME.search(head)
    if named is None:
        raise Turned(400, "a part without a name")
    name = named[1].decode("latin-1")
    if file_name is not None:
        files.append((name, Posted(file_name[1].decode("latin-1"), content)))
    elif len(content) > LONGEST_FIELD:
        raise Turned(413, "field")
    else:
        fields.append((name, content.decode("latin-1")))


def _gathered(pairs: Sequence[tuple[str, Value]]) -> dict[str, list[Value]]:
    gathered: dict[str, list[Value]] = {}
    for name, value in pairs:
        gathered.setdefault(name, []).append(value)
    return gathered
