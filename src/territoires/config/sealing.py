"""Seals a few kilobytes under a passphrase: scrypt (RFC 7914) and ChaCha20-Poly1305 (RFC 8439)."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from territoires.kernel.errors import Invalid

MAGIC = b"territoires-sealed-1\n"
SALT_BYTES, NONCE_BYTES = 16, 12
# 128 MiB and about half a second for each guess
COST, BLOCK, PARALLEL = 2**17, 8, 1
SHORTEST_PASSPHRASE = 12


def seal(plain: bytes, passphrase: str) -> bytes:
    """Raises Invalid on a passphrase of less than 12 characters."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise Invalid(
            "short-passphrase",
            "The passphrase has less than %(least)s characters.",
            "Take a longer one, such as five words drawn at random, and keep it apart from the backups.",
            params={"least": SHORTEST_PASSPHRASE},
        )
    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    sealed = ChaCha20Poly1305(_key(passphrase, salt)).encrypt(nonce, plain, MAGIC)
    return MAGIC + salt + nonce + sealed


def unseal(sealed: bytes, passphrase: str) -> bytes:
    """Raises Invalid when the passphrase is not the one, or when a byte was changed."""
    head, body = sealed[: len(MAGIC)], sealed[len(MAGIC) :]
    salt, nonce = body[:SALT_BYTES], body[SALT_BYTES : SALT_BYTES + NONCE_BYTES]
    try:
        if head != MAGIC:
            raise InvalidTag
        return ChaCha20Poly1305(_key(passphrase, salt)).decrypt(
            nonce, body[SALT_BYTES + NONCE_BYTES :], MAGIC
        )
    except (InvalidTag, ValueError):
        raise Invalid(
            "not-unsealed",
            "The sealed keys do not open: the passphrase is another one, or the file was changed.",
            "Try the passphrase of the day of that backup, or another copy of it.",
        ) from None


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=COST, r=BLOCK, p=PARALLEL).derive(passphrase.encode())
