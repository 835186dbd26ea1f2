"""HPKE (RFC 9180), base mode, single shot, all context in ``info`` (TSB1, section 3). The policy fixes the suite."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from . import refusals

PrivateKey = ec.EllipticCurvePrivateKey | x25519.X25519PrivateKey
PublicKey = ec.EllipticCurvePublicKey | x25519.X25519PublicKey


class Suite(Protocol):
    """One row of section 3: how keys look, and the overhead of a wrap in bytes."""

    @property
    def overhead(self) -> int: ...

    def generate(self) -> PrivateKey: ...
    def read_public(self, data: bytes) -> PublicKey: ...
    def public_bytes(self, key: PrivateKey) -> bytes: ...
    def owns(self, key: Any) -> bool: ...

    @property
    def hpke(self) -> hpke.Suite: ...


@dataclass(frozen=True)
class _P256:
    overhead: int = 65 + 16

    @property
    def hpke(self) -> hpke.Suite:
        return hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)

    def generate(self) -> PrivateKey:
        return ec.generate_private_key(ec.SECP256R1())

    def read_public(self, data: bytes) -> PublicKey:
        if len(data) != 65:  # the uncompressed point alone
            raise ValueError
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), data)

    def public_bytes(self, key: PrivateKey) -> bytes:
        return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def owns(self, key: Any) -> bool:
        return isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1)


@dataclass(frozen=True)
class _X25519:
    overhead: int = 32 + 16

    @property
    def hpke(self) -> hpke.Suite:
        return hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)

    def generate(self) -> PrivateKey:
        return x25519.X25519PrivateKey.generate()

    def read_public(self, data: bytes) -> PublicKey:
        return x25519.X25519PublicKey.from_public_bytes(data)

    def public_bytes(self, key: PrivateKey) -> bytes:
        return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def owns(self, key: Any) -> bool:
        return isinstance(key, x25519.X25519PrivateKey)


_SUITES: dict[int, Suite] = {1: _P256(), 2: _X25519()}


def suite(number: int) -> Suite:
    """The suite of that number. Raises Invalid for one that is unknown or only reserved."""
    if number not in _SUITES:
        raise refusals.unknown_form(f"suite {number}")
    return _SUITES[number]


def read_public(number: int, data: bytes) -> PublicKey:
    """A public key in the suite's form. Raises Invalid for a wrong length or a point off the curve."""
    try:
        return suite(number).read_public(data)
    except ValueError:
        raise refusals.malformed("a public key of the suite") from None


def read_private(number: int, pkcs8: bytes) -> PrivateKey:
    """A private key from its PKCS#8 bytes. Raises Invalid for another kind of key."""
    try:
        key = load_der_private_key(pkcs8, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not suite(number).owns(key):
        raise refusals.malformed("a private key of the suite, in PKCS#8")
    return key  # type: ignore[return-value]


def private_bytes(key: PrivateKey) -> bytes:
    """The PKCS#8 bytes, not encrypted: they only ever go into a slot (slots.py)."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def seal(number: int, public: bytes, info: bytes, plaintext: bytes) -> bytes:
    """``enc`` and ciphertext, one after the other."""
    return suite(number).hpke.encrypt(plaintext, read_public(number, public), info)


def unseal(number: int, private: PrivateKey, info: bytes, wrap: bytes) -> bytes:
    """The plaintext. Raises Invalid for another key, another context or a changed wrap."""
    try:
        return suite(number).hpke.decrypt(wrap, private, info)
    except (InvalidTag, ValueError, TypeError):
        raise refusals.cannot_unwrap("HPKE") from None
