"""How keys are named and written in signed notes (C2SP signed-note): of logs, and of the witnesses that cosign."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode

ED25519 = b"\x01"
COSIGNATURE = b"\x04"  # Ed25519 with a time (C2SP tlog-cosignature)


def key_id(name: str, public_key: bytes, kind: bytes = ED25519) -> bytes:
    """The four bytes that name an Ed25519 key in a signature line."""
    return hashlib.sha256(name.encode() + b"\n" + kind + public_key).digest()[:4]


def verifier_key(name: str, public_key: bytes) -> str:
    """A log's key as one gives it to a witness (C2SP signed-note): name+id+base64(0x01 || key)."""
    return f"{name}+{key_id(name, public_key).hex()}+{b64encode(ED25519 + public_key).decode()}"


def read_cosigner(text: str) -> tuple[str, bytes]:
    """The name and the Ed25519 key of a witness, from its verifier key. Raises ValueError."""
    name, identifier, encoded = [*text.split("+", 2), "", ""][:3]
    raw = b64decode(encoded, validate=True)
    if (
        raw[:1] != COSIGNATURE
        or len(raw) != 33
        or not name
        or any(one.isspace() for one in name)
        or bytes.fromhex(identifier) != key_id(name, raw[1:], COSIGNATURE)
    ):
        raise ValueError("a key is not of the form NAME+ID+KEY of an Ed25519 cosigner")
    return name, raw[1:]
