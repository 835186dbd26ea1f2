"""Whether a TimeStampToken holds: signature, chain and imprint, at its own time, under given roots.

The first token of each signer is judged whole by rfc3161-client, which builds its chain. Those that follow with the same
certificates only need their own signature checked, some ten times quicker: a book holds one token a checkpoint.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import rfc3161_client
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from . import der
from .time_stamp_query import imprint_of
from .time_stamping import GRANTED, MESSAGE_DIGEST

WHOLE_SECONDS = len("YYYYMMDDHHMMSS")
Key = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


class TokenRefused(Exception):
    """A token does not hold; the sentence says why."""


@dataclass(frozen=True, slots=True)
class _Signer:
    """A signer whose chain was found good for every instant between two."""

    key: Key
    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class _Signed:
    """The parts of a token that its signature concerns."""

    info: bytes
    certificates: bytes
    signer: bytes
    attributes: bytes
    signature: bytes


class TokenChecker:
    """Judges tokens under ``roots``; remembers the signers that it has met."""

    def __init__(self, roots: Sequence[x509.Certificate]) -> None:
        self._roots = tuple(roots)
        self._verifier = rfc3161_client.VerifierBuilder(roots=list(roots)).build()
        self._signers: dict[tuple[bytes, bytes], _Signer] = {}

    def time_of(self, token: bytes, imprint: bytes) -> datetime:
        """The instant that a token certifies for a SHA-256 digest. Raises TokenRefused."""
        try:
            signed = _read(token)
            stamped, at = _said(signed.info)
            if stamped != imprint_of(imprint):
                raise TokenRefused("it stamps something else")
            who = signed.certificates, signed.signer
            known = self._signers.get(who)
            if known is None or not known.valid_from <= at <= known.valid_until:
                self._judge_whole(token, imprint, signed)
            elif not _signature_holds(signed, known.key):
                raise TokenRefused("its signature does not hold")
        except (ValueError, StopIteration, rfc3161_client.VerificationError) as fault:
            raise TokenRefused(str(fault).partition("ErrorStack")[0].strip(" :")) from fault
        return at

    def _judge_whole(self, token: bytes, imprint: bytes, signed: _Signed) -> None:
        """Judges signature, chain and usage, and remembers the signer when the quick way comes to the same key."""
        response = rfc3161_client.decode_timestamp_response(der.sequence(GRANTED, token))
        self._verifier.verify(response, imprint)
        chain = [x509.load_der_x509_certificate(one) for one in response.signed_data.certificates]
        key = next(one for one in chain if _names(one) == signed.signer).public_key()
        # Certificates travel unsigned: one that only bears the signer's name must not be remembered.
        if not isinstance(key, Key) or not _signature_holds(signed, key):
            return
        every = [*chain, *self._roots]
        self._signers[signed.certificates, signed.signer] = _Signer(
            key,
            max(one.not_valid_before_utc for one in every),
            min(one.not_valid_after_utc for one in every),
        )


def _read(token: bytes) -> _Signed:
    """Takes a token apart (RFC 5652, section 5). Raises Malformed."""
    content = der.Reader(_only(token, der.SEQUENCE))
    content.read_oid()
    data = der.Reader(_only(content.read(der.CONTEXT_0).body, der.SEQUENCE))
    data.read_integer()
    data.read(der.SET)
    encapsulated = der.Reader(data.read(der.SEQUENCE).body)
    encapsulated.read_oid()
    info = _only(encapsulated.read(der.CONTEXT_0).body, der.OCTET_STRING)
    certificates = data.read(der.CONTEXT_0).encoding
    signer = der.Reader(_only(data.read(der.SET).body, der.SEQUENCE))
    signer.read_integer()
    named = signer.read(der.SEQUENCE).encoding
    signer.read(der.SEQUENCE)
    attributes = signer.read(der.CONTEXT_0).body
    signer.read(der.SEQUENCE)
    return _Signed(info, certificates, named, attributes, signer.read(der.OCTET_STRING).body)


def _said(info: bytes) -> tuple[bytes, datetime]:
    """The MessageImprint and the time of a TSTInfo (RFC 3161, section 2.4.2)."""
    fields = der.Reader(_only(info, der.SEQUENCE))
    fields.read_integer()
    fields.read_oid()
    stamped = fields.read(der.SEQUENCE).encoding
    fields.read_integer()
    text = fields.read(der.GENERALIZED_TIME).body.decode("ascii")
    seconds, fraction = text[:WHOLE_SECONDS], text[WHOLE_SECONDS:-1]
    at = datetime.strptime(seconds, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return stamped, at + timedelta(seconds=float(f"0{fraction}"))


def _signature_holds(signed: _Signed, key: Key) -> bool:
    """Whether the signature covers the TSTInfo, with SHA-256: what our own units use."""
    digest = der.sequence(
        MESSAGE_DIGEST, der.set_of(der.tlv(der.OCTET_STRING, hashlib.sha256(signed.info).digest()))
    )
    if digest not in signed.attributes:
        return False
    data = der.tlv(der.SET, signed.attributes)
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signed.signature, data, padding.PKCS1v15(), hashes.SHA256())
        else:
            key.verify(signed.signature, data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _names(certificate: x509.Certificate) -> bytes:
    """How a SignerInfo names a certificate: IssuerAndSerialNumber."""
    return der.sequence(certificate.issuer.public_bytes(), der.integer(certificate.serial_number))


def _only(data: bytes, tag: int) -> bytes:
    """The body of the one element that ``data`` is."""
    reader = der.Reader(data)
    body = reader.read(tag).body
    reader.finish()
    return body
