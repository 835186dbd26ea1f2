"""Reading a TimeStampReq (RFC 3161, section 2.4.1), strictly; every refusal has its failInfo bit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from . import der

LARGEST_QUERY = 64 * 1024
LONGEST_NONCE = 64
DIGEST_SIZES = {
    der.oid("2.16.840.1.101.3.4.2.1"): 32,
    der.oid("2.16.840.1.101.3.4.2.2"): 48,
    der.oid("2.16.840.1.101.3.4.2.3"): 64,
}
SHA256 = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"), der.tlv(der.NULL))


class FailInfo(IntEnum):
    """PKIFailureInfo bits (RFC 3161, section 2.4.2)."""

    BAD_ALG = 0
    BAD_REQUEST = 2
    BAD_DATA_FORMAT = 5
    TIME_NOT_AVAILABLE = 14
    UNACCEPTED_POLICY = 15
    UNACCEPTED_EXTENSION = 16
    SYSTEM_FAILURE = 25


class Refused(Exception):
    """The query gets no time-stamp, for a reason that the answer states."""

    def __init__(self, fail_info: FailInfo, reason: str) -> None:
        self.fail_info = fail_info
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class TimeStampQuery:
    """What is asked. ``imprint``, ``policy`` and ``nonce`` are encodings, echoed as they came (or empty)."""

    imprint: bytes
    policy: bytes = b""
    nonce: bytes = b""
    with_certificates: bool = False

    def encoding(self) -> bytes:
        """The query as a TimeStampReq."""
        asked = der.tlv(der.BOOLEAN, b"\xff") if self.with_certificates else b""
        return der.sequence(der.integer(1), self.imprint, self.policy, self.nonce, asked)


def imprint_of(digest: bytes) -> bytes:
    """The MessageImprint of a SHA-256 digest."""
    if len(digest) != 32:
        raise ValueError("a SHA-256 digest has 32 bytes")
    return der.sequence(SHA256, der.tlv(der.OCTET_STRING, digest))


def read_query(data: bytes) -> TimeStampQuery:
    """Reads a TimeStampReq. Raises Refused."""
    if len(data) > LARGEST_QUERY:
        raise Refused(FailInfo.BAD_REQUEST, "The query is too large.")
    try:
        return _read(data)
    except der.Malformed as fault:
        raise Refused(
            FailInfo.BAD_DATA_FORMAT, f"The query is not a TimeStampReq in DER: {fault}."
        ) from fault


def _read(data: bytes) -> TimeStampQuery:
    outer = der.Reader(data)
    fields = der.Reader(outer.read(der.SEQUENCE).body)
    outer.finish()
    version = fields.read_integer().body
    imprint = fields.read(der.SEQUENCE)
    policy = fields.read_oid().encoding if fields.next_tag == der.OID else b""
    nonce = fields.read_integer() if fields.next_tag == der.INTEGER else None
    with_certificates = fields.read_boolean() if fields.next_tag == der.BOOLEAN else False
    extensions = fields.read(der.CONTEXT_0) if fields.next_tag == der.CONTEXT_0 else None
    fields.finish()
    if version != b"\x01":
        raise Refused(FailInfo.BAD_REQUEST, "Only version 1 of the query exists.")
    _check_imprint(imprint.body)
    if nonce is not None and len(nonce.body) > LONGEST_NONCE:
        raise Refused(FailInfo.BAD_REQUEST, f"The nonce is longer than {LONGEST_NONCE} bytes.")
    if extensions is not None:
        raise Refused(FailInfo.UNACCEPTED_EXTENSION, "This authority knows no extension.")
    return TimeStampQuery(imprint.encoding, policy, nonce.encoding if nonce else b"", with_certificates)


def _check_imprint(body: bytes) -> None:
    fields = der.Reader(body)
    algorithm = der.Reader(fields.read(der.SEQUENCE).body)
    digest = fields.read(der.OCTET_STRING).body
    fields.finish()
    name = algorithm.read_oid().encoding
    parameters = algorithm.next_tag
    size = DIGEST_SIZES.get(name)
    if size is None or parameters not in (None, der.NULL):
        raise Refused(FailInfo.BAD_ALG, "The digest must be SHA-256, SHA-384 or SHA-512.")
    if parameters == der.NULL and algorithm.read(der.NULL).body:
        raise der.Malformed("a null is not empty")
    algorithm.finish()
    if len(digest) != size:
        raise der.Malformed("the digest has not the length of its algorithm")
