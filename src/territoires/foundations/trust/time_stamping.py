"""The RFC 3161 authority: from a query to a TimeStampResp, in process. DER is written by hand, see docs/adr/0001.

All that does not change from one token to the next is encoded once per key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from . import der
from .serials import SerialNumbers
from .time_stamp_query import SHA256, FailInfo, Refused, TimeStampQuery, read_query

ID_SIGNED_DATA = der.oid("1.2.840.113549.1.7.2")
ID_TST_INFO = der.oid("1.2.840.113549.1.9.16.1.4")
CONTENT_TYPE = der.oid("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = der.oid("1.2.840.113549.1.9.4")
SIGNING_CERTIFICATE_V2 = der.oid("1.2.840.113549.1.9.16.2.47")
ECDSA_WITH_SHA256 = der.sequence(der.oid("1.2.840.10045.4.3.2"))
RSA_ENCRYPTION = der.sequence(der.oid("1.2.840.113549.1.1.1"), der.tlv(der.NULL))

GRANTED = der.sequence(der.integer(0))
ACCURACY_SECONDS = 1
_ACCURACY = der.sequence(der.integer(ACCURACY_SECONDS))
_DIGEST_PLACE = bytes(32)

SigningKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
Now = Callable[[], int]
"""The present instant in nanoseconds since 1970; raises Refused when it is not known."""


class TimeStampingAuthority:
    """Stamps with one key. ``chain`` is its certificate, then those that issued it, without the root."""

    def __init__(self, key: SigningKey, chain: Sequence[x509.Certificate], policy: str, now: Now) -> None:
        self._sign, self._signature_algorithm = _signer(key)
        self._policy = der.oid(policy)
        self._now = now
        self._serials = SerialNumbers()
        certificate = chain[0]
        self._signer_head = der.integer(1) + der.sequence(
            certificate.issuer.public_bytes(), der.integer(certificate.serial_number)
        )
        encoded = [one.public_bytes(Encoding.DER) for one in chain]
        self._certificates = der.tlv(der.CONTEXT_0, *sorted(encoded))
        self._attributes = _attributes(encoded[0])

    def answer(self, query: bytes) -> bytes:
        """The TimeStampResp to a TimeStampReq: a token, or a refusal that says why. Never raises on bad input."""
        try:
            return der.sequence(GRANTED, self.stamp(read_query(query)))
        except Refused as refusal:
            return refused(refusal)

    def stamp(self, query: TimeStampQuery) -> bytes:
        """The TimeStampToken for a query. Raises Refused on a foreign policy or when the time is not known."""
        if query.policy and query.policy != self._policy:
            raise Refused(
                FailInfo.UNACCEPTED_POLICY, "This authority has one policy, which is not the one asked for."
            )
        info = der.sequence(
            der.integer(1),
            self._policy,
            query.imprint,
            der.tlv(der.INTEGER, self._serials.next()),
            der.tlv(der.GENERALIZED_TIME, generalized_time(self._now())),
            _ACCURACY,
            query.nonce,
        )
        before, after = self._attributes
        attributes = before + hashlib.sha256(info).digest() + after
        signer = der.sequence(
            self._signer_head,
            SHA256,
            der.tlv(der.CONTEXT_0, attributes),
            self._signature_algorithm,
            der.tlv(der.OCTET_STRING, self._sign(der.tlv(der.SET, attributes))),
        )
        signed = der.sequence(
            der.integer(3),
            der.tlv(der.SET, SHA256),
            der.sequence(ID_TST_INFO, der.tlv(der.CONTEXT_0, der.tlv(der.OCTET_STRING, info))),
            self._certificates if query.with_certificates else b"",
            der.tlv(der.SET, signer),
        )
        return der.sequence(ID_SIGNED_DATA, der.tlv(der.CONTEXT_0, signed))


def refused(refusal: Refused) -> bytes:
    """The TimeStampResp that refuses: status rejection, the reason in words, its failInfo bit."""
    octet, bit = divmod(refusal.fail_info, 8)
    # A named BIT STRING: trailing zero bits are cut (X.690, 11.2.2).
    bits = bytes((7 - bit,)) + bytes(octet) + bytes((0x80 >> bit,))
    text = der.sequence(der.tlv(der.UTF8_STRING, str(refusal).encode()))
    return der.sequence(der.sequence(der.integer(2), text, der.tlv(der.BIT_STRING, bits)))


def generalized_time(nanoseconds: int) -> bytes:
    """An instant to the microsecond: no trailing zero, no point without a fraction (RFC 3161, section 2.4.2)."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    fraction = f"{rest // 1000:06d}".rstrip("0")
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y%m%d%H%M%S}{'.' if fraction else ''}{fraction}Z".encode()


def _signer(key: SigningKey) -> tuple[Callable[[bytes], bytes], bytes]:
    digest = hashes.SHA256()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        ecdsa = ec.ECDSA(digest)
        return lambda data: key.sign(data, ecdsa), ECDSA_WITH_SHA256
    pkcs1 = padding.PKCS1v15()
    return lambda data: key.sign(data, pkcs1, digest), RSA_ENCRYPTION


def _attributes(certificate: bytes) -> tuple[bytes, bytes]:
    """The signed attributes, sorted, cut where the digest of each token goes.

    ESSCertIDv2 without hashAlgorithm: SHA-256 is its DEFAULT (RFC 5816). No signingTime: genTime is the time.
    """
    identifier = der.sequence(der.tlv(der.OCTET_STRING, hashlib.sha256(certificate).digest()))
    attributes = (
        der.sequence(CONTENT_TYPE, der.set_of(ID_TST_INFO)),
        der.sequence(MESSAGE_DIGEST, der.set_of(der.tlv(der.OCTET_STRING, _DIGEST_PLACE))),
        der.sequence(SIGNING_CERTIFICATE_V2, der.set_of(der.sequence(der.sequence(identifier)))),
    )
    before, _, after = b"".join(sorted(attributes)).partition(_DIGEST_PLACE)
    return before, after
