"""The CMS signature that a PAdES file holds (EN 319 142-1, 6.3; EN 319 122-1), written with our own DER: docs/adr/0003."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from territoires.foundations.trust import der
from territoires.foundations.trust.time_stamp_query import SHA256
from territoires.foundations.trust.time_stamping import (
    CONTENT_TYPE,
    ECDSA_WITH_SHA256,
    ID_SIGNED_DATA,
    MESSAGE_DIGEST,
    RSA_ENCRYPTION,
    SIGNING_CERTIFICATE_V2,
)

from .keys import SigningKey

CONTEXT_1 = 0xA1
ID_DATA = der.oid("1.2.840.113549.1.7.1")
SIGNATURE_TIME_STAMP = der.oid("1.2.840.113549.1.9.16.2.14")
STRUCTURE = 2048
"""Bytes, generously, of all that is neither a certificate nor the time-stamp: names, attributes, one signature."""


def sign_digest(digest: bytes, key: SigningKey, time_stamp: Callable[[bytes], bytes]) -> bytes:
    """The SignedData (DER) over a SHA-256 digest, detached, one signer, with its signature time-stamp: level B-T.

    No signing-time: PAdES has it in the PDF's own entry. ``time_stamp`` takes a SHA-256 imprint and gives a token.
    """
    attributes = _attributes(digest, key)
    signature = key.sign(der.tlv(der.SET, attributes))
    token = time_stamp(hashlib.sha256(signature).digest())
    algorithm = (
        ECDSA_WITH_SHA256 if isinstance(key.private_key, ec.EllipticCurvePrivateKey) else RSA_ENCRYPTION
    )
    certificate = key.certificate
    signer = der.sequence(
        der.integer(1),
        der.sequence(certificate.issuer.public_bytes(), der.integer(certificate.serial_number)),
        SHA256,
        der.tlv(der.CONTEXT_0, attributes),
        algorithm,
        der.tlv(der.OCTET_STRING, signature),
        der.tlv(CONTEXT_1, der.sequence(SIGNATURE_TIME_STAMP, der.set_of(token))),
    )
    signed = der.sequence(
        der.integer(1),
        der.tlv(der.SET, SHA256),
        der.sequence(ID_DATA),
        der.tlv(der.CONTEXT_0, *sorted(_certificates(key))),
        der.tlv(der.SET, signer),
    )
    return der.sequence(ID_SIGNED_DATA, der.tlv(der.CONTEXT_0, signed))


def room_for(key: SigningKey, token: int) -> int:
    """The bytes to keep free for what ``sign_digest`` will give with tokens of ``token`` bytes at most."""
    return sum(map(len, _certificates(key))) + token + STRUCTURE


def _attributes(digest: bytes, key: SigningKey) -> bytes:
    """The signed attributes, sorted. ESSCertIDv2 without hashAlgorithm: SHA-256 is its DEFAULT (RFC 5035)."""
    certificate = hashlib.sha256(key.card.der).digest()
    identifier = der.sequence(der.tlv(der.OCTET_STRING, certificate))
    return b"".join(
        sorted(
            (
                der.sequence(CONTENT_TYPE, der.set_of(ID_DATA)),
                der.sequence(MESSAGE_DIGEST, der.set_of(der.tlv(der.OCTET_STRING, digest))),
                der.sequence(SIGNING_CERTIFICATE_V2, der.set_of(der.sequence(der.sequence(identifier)))),
            )
        )
    )


def _certificates(key: SigningKey) -> list[bytes]:
    return [one.public_bytes(Encoding.DER) for one in (key.certificate, *key.chain)]
