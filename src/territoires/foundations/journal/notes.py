"""Checkpoints as signed notes (C2SP tlog-checkpoint and signed-note): origin, size, root, Ed25519 signatures."""

from __future__ import annotations

import binascii
import hashlib
from base64 import b64decode, b64encode
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from territoires.foundations.trust import api as trust

ED25519 = b"\x01"


@dataclass(frozen=True, slots=True)
class Note:
    """A checkpoint as issued: ``text`` is what is signed, ``signatures`` are (name, key id || signature)."""

    origin: str
    size: int
    root: bytes
    text: bytes
    signatures: tuple[tuple[str, bytes], ...]


def key_id(name: str, public_key: bytes) -> bytes:
    """The four bytes that name an Ed25519 key in a signature line."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public_key).digest()[:4]


def sign(size: int, root: bytes) -> bytes:
    """The platform's note for a tree. Ed25519 is deterministic: signing again gives the same bytes."""
    key = trust.log_key()
    text = f"{key.origin}\n{size}\n{b64encode(root).decode()}\n".encode()
    signature = b64encode(key_id(key.origin, key.public_key) + key.sign(text)).decode()
    return text + f"\n— {key.origin} {signature}\n".encode()


def read(note: bytes) -> Note:
    """Reads a note. Raises ValueError when it is malformed."""
    text, separator, lines = note.partition(b"\n\n")
    parts = text.decode().split("\n")
    if not separator or len(parts) != 3 or not parts[1].isascii() or not parts[1].isdigit():
        raise ValueError("not a checkpoint")
    try:
        signatures = tuple(_signature(line) for line in lines.decode().splitlines())
        root = b64decode(parts[2], validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    return Note(parts[0], int(parts[1]), root, text + b"\n", signatures)


def is_ours(note: Note) -> bool:
    """Whether the platform's log key signed this note."""
    key = trust.log_key()
    wanted = key_id(key.origin, key.public_key)
    public = Ed25519PublicKey.from_public_bytes(key.public_key)
    return note.origin == key.origin and any(
        name == key.origin and signed[:4] == wanted and _holds(public, signed[4:], note.text)
        for name, signed in note.signatures
    )


def _signature(line: str) -> tuple[str, bytes]:
    dash, name, signature = line.split(" ")
    if dash != "—":
        raise ValueError("not a signature line")
    return name, b64decode(signature, validate=True)


def _holds(key: Ed25519PublicKey, signature: bytes, text: bytes) -> bool:
    try:
        key.verify(signature, text)
    except InvalidSignature:
        return False
    return True
