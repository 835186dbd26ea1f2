"""The keys of opened blocks, kept encrypted for the judge: under a key of this installation that is not in the database."""

from __future__ import annotations

import hashlib
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from territoires.kernel.errors import Corrupt

NONCE_BYTES = 12


def sealed_master(block: UUID, master: bytes) -> bytes:
    """Nonce, ciphertext and tag."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher().encrypt(nonce, master, block.bytes)


def opened_master(block: UUID, sealed: bytes) -> bytes:
    """Raises Corrupt when the installation's key is another one."""
    try:
        return _cipher().decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], block.bytes)
    except (InvalidTag, ValueError):
        raise Corrupt(
            "master-key-lost",
            "The kept key of an opened bid cannot be read: the installation's key changed.",
            "Tell the operator: the keys folder must be restored from a backup.",
        ) from None


def _cipher() -> AESGCM:
    secret = hashlib.sha256(settings.CREDENTIAL_KEYS.encode()).digest()
    return AESGCM(HKDF(SHA256(), 32, None, b"procurement.opened-blocks").derive(secret))
