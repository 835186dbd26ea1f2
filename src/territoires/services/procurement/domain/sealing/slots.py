"""Slots: a holder's private key at rest, wrapped by AES-256-GCM under a key that only the holder can make (section 11).

The browser makes and opens slots; this end serves tests, and the custodian off line. Passkeys are the browser's alone.
"""

from __future__ import annotations

import base64
import binascii
import os
import unicodedata
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from . import documents as doc
from . import refusals
from .block import derived

PASSKEY, RECOVERY, PASSPHRASE = "passkey", "recovery", "passphrase"
RECOVERY_BYTES = 20
SALT_BYTES = 16
NONCE_BYTES = 12
MEMORY_KIB, PASSES, LANES = 64 * 1024, 3, 1


@dataclass(frozen=True, slots=True)
class Slot:
    """``wrapped`` is nonce, encrypted PKCS#8 and tag; ``credential`` the passkey's, where it is one."""

    holder: UUID
    slot: UUID
    kind: str
    salt: bytes
    credential: bytes | None
    wrapped: bytes

    def written(self) -> bytes:
        return doc.written(
            "slot",
            {
                "holder": str(self.holder),
                "slot": str(self.slot),
                "kind": self.kind,
                "salt": doc.base64url(self.salt),
                "credential": self.credential and doc.base64url(self.credential),
                "wrapped": doc.base64url(self.wrapped),
            },
        )


_SHAPE = {
    "holder": doc.identifier,
    "slot": doc.identifier,
    "kind": doc.one_of(PASSKEY, RECOVERY, PASSPHRASE),
    "salt": doc.octets,
    "credential": doc.optional(doc.octets),
    "wrapped": doc.octets,
}


def read_slot(data: bytes) -> Slot:
    """The slot of these bytes. Raises Invalid."""
    made = Slot(**doc.read(data, "slot", _SHAPE))
    if len(made.salt) != SALT_BYTES or (made.credential is None) == (made.kind == PASSKEY):
        raise refusals.malformed("a slot's salt or credential")
    return made


def make_slot(holder: UUID, slot: UUID, kind: str, secret: bytes, pkcs8: bytes) -> Slot:
    """A slot under a recovery code or a pass-phrase (``secret``: see ``recovery_secret``, ``phrase_secret``)."""
    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    wrapped = AESGCM(argon2_key(secret, salt)).encrypt(nonce, pkcs8, slot_data(holder, slot))
    return Slot(holder, slot, kind, salt, None, nonce + wrapped)


def open_slot(slot: Slot, key: bytes) -> bytes:
    """The private key's PKCS#8. Raises Invalid for another code, phrase or passkey."""
    try:
        return AESGCM(key).decrypt(
            slot.wrapped[:NONCE_BYTES], slot.wrapped[NONCE_BYTES:], slot_data(slot.holder, slot.slot)
        )
    except (InvalidTag, ValueError):
        raise refusals.cannot_unwrap(f"slot {slot.kind}") from None


def argon2_key(secret: bytes, salt: bytes) -> bytes:
    """Argon2id (RFC 9106): 64 MiB, three passes, one lane, 32 bytes."""
    return Argon2id(salt=salt, length=32, iterations=PASSES, lanes=LANES, memory_cost=MEMORY_KIB).derive(
        secret
    )


def passkey_key(output: bytes, salt: bytes) -> bytes:
    """The key of a passkey's slot from the PRF's output for the input ``TSB1/vault`` (a label)."""
    return derived(output, salt, "TSB1/vault")


def recovery_code(secret: bytes) -> str:
    """160 bits as eight groups of four letters and digits (base32)."""
    written = base64.b32encode(secret).decode("ascii")
    return "-".join(written[at : at + 4] for at in range(0, len(written), 4))


def recovery_secret(code: str) -> bytes:
    """The 160 bits of a code as typed. Raises Invalid."""
    try:
        secret = base64.b32decode("".join(code.upper().replace("-", " ").split()))
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != RECOVERY_BYTES:
        raise refusals.malformed("a recovery code of 32 letters and digits")
    return secret


def phrase_secret(phrase: str) -> bytes:
    return unicodedata.normalize("NFKC", phrase).encode()


def slot_data(holder: UUID, slot: UUID) -> bytes:
    return doc.label("TSB1/slot") + holder.bytes + slot.bytes
