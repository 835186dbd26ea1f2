"""What a file may be, by its first bytes: whether a process is worth starting to look for signatures in it."""

from __future__ import annotations

import zipfile
from base64 import b64decode
from enum import Enum, auto
from pathlib import Path

from .xml import MARK

HEAD = 1024
SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
"""The object identifier of CMS signed-data (RFC 5652), in DER."""
ARMOURS = (b"-----BEGIN PKCS7-----", b"-----BEGIN CMS-----", b"-----BEGIN PKCS #7")
MESSAGES = (b"application/pkcs7-mime", b"application/x-pkcs7-mime", b"multipart/signed")
MARKS = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<", b"\xfe\xff\x00<", b"<\x00", b"\x00<")


class Kind(Enum):
    """The forms in which signatures come."""

    PDF = auto()
    CMS = auto()
    ARCHIVE = auto()
    XML = auto()
    MESSAGE = auto()


def kind_of(path: Path) -> Kind | None:
    """None for what can hold no signature that we know of."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if b"%PDF-" in head:  # before an archive: a PDF may end with one
        return Kind.PDF
    if SIGNED_DATA in head[:64] or head.lstrip().startswith(ARMOURS) or SIGNED_DATA in _decoded(head):
        return Kind.CMS
    if zipfile.is_zipfile(path):
        return Kind.ARCHIVE
    if head.lstrip().startswith(MARKS) or MARK in head:
        return Kind.XML
    return Kind.MESSAGE if any(mark in head.lower() for mark in MESSAGES) else None


def _decoded(head: bytes) -> bytes:
    try:
        return b64decode(head[:64].translate(None, b"\r\n ")[:48], validate=True)
    except ValueError:
        return b""
