"""Checkpoints as signed notes (C2SP tlog-checkpoint and signed-note): origin, size, root, Ed25519 signatures."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from territoires.foundations.trust import api as trust

from .keys import KeySpan, signers
from .note_keys import key_id


@dataclass(frozen=True, slots=True)
class Note:
    """A checkpoint as issued: ``text`` is what is signed, ``signatures`` are (name, key id || signature)."""

    origin: str
    size: int
    root: bytes
    text: bytes
    signatures: tuple[tuple[str, bytes], ...]


def sign(size: int, root: bytes) -> bytes:
    """The platform's note for a tree, by every key that signs it. Ed25519 is deterministic: the bytes are always the
    same. Raises Unavailable when a key is not here."""
    keys = signers(size)
    text = f"{keys[0].origin}\n{size}\n{b64encode(root).decode()}\n".encode()
    return text + b"\n" + b"".join(_line(key, text) for key in keys)


def read(note: bytes) -> Note:
    """Reads a note. Raises ValueError when it is malformed."""
    text, separator, lines = note.partition(b"\n\n")
    parts = text.decode().split("\n")
    if not separator or len(parts) != 3 or not parts[1].isascii() or not parts[1].isdigit():
        raise ValueError("not a checkpoint")
    try:
        signatures = tuple(read_signature(line) for line in lines.decode().splitlines())
        root = b64decode(parts[2], validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    return Note(parts[0], int(parts[1]), root, text + b"\n", signatures)


def is_ours(note: Note, spans: Sequence[KeySpan]) -> bool:
    """Whether every key of the log that was in use at the note's size signed it; ``spans`` as ``key_spans`` gives them.

    One that was retired before, or came after, counts for nothing.
    """
    keys = [span.certificate for span in spans if span.signs(note.size)]
    return bool(keys) and all(
        key.origin == note.origin and _is_signed_by(note, key.public_key) for key in keys
    )


def _line(key: trust.LogKey, text: bytes) -> bytes:
    signature = b64encode(key_id(key.origin, key.public_key) + key.sign(text)).decode()
    return f"— {key.origin} {signature}\n".encode()


def _is_signed_by(note: Note, key: bytes) -> bool:
    wanted = key_id(note.origin, key)
    public = Ed25519PublicKey.from_public_bytes(key)
    return any(
        name == note.origin and signed[:4] == wanted and _holds(public, signed[4:], note.text)
        for name, signed in note.signatures
    )


def read_signature(line: str) -> tuple[str, bytes]:
    """The name, and key id || signature, of a signature line. Raises ValueError."""
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
