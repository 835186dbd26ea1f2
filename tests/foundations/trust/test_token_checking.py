"""A kept token is judged by its signature and chain at its own time, the first of a signer and those that follow."""

from __future__ import annotations

import hashlib
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from territoires.foundations.trust import der
from territoires.foundations.trust.demonstration import DemonstrationAuthority
from territoires.foundations.trust.time_stamp_query import TimeStampQuery, imprint_of
from territoires.foundations.trust.time_stamping import TimeStampingAuthority
from territoires.foundations.trust.token_checking import TokenChecker, TokenRefused

IMPRINT = hashlib.sha256(b"note").digest()


class Unit:
    """A time-stamping unit under a root of its own, or under a given authority; its clock is moved by hand."""

    def __init__(self, issuing: DemonstrationAuthority | None = None) -> None:
        self.issuing = issuing or DemonstrationAuthority("issuing authority", DemonstrationAuthority("root"))
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self.issuing.issue_to_time_stamping(self.key)
        self.moved = 0
        self.authority = self.signing_with(self.key)

    def signing_with(self, key: ec.EllipticCurvePrivateKey) -> TimeStampingAuthority:
        chain = (self.certificate, self.issuing.certificate)
        return TimeStampingAuthority(key, chain, "2.999.1", lambda: time.time_ns() + self.moved)

    def stamp(self, imprint: bytes = IMPRINT) -> bytes:
        return self.authority.stamp(TimeStampQuery(imprint_of(imprint), with_certificates=True))

    def checker(self) -> TokenChecker:
        return TokenChecker([self.issuing.parent.certificate])


@pytest.fixture(scope="module")
def unit() -> Unit:
    return Unit()


@pytest.fixture(params=["first", "later"])
def checker(request, unit) -> TokenChecker:
    """A checker that has not met the unit yet, and one that has."""
    found = unit.checker()
    if request.param == "later":
        found.time_of(unit.stamp(), IMPRINT)
    return found


def test_a_sound_token_gives_its_time(unit, checker) -> None:
    at = checker.time_of(unit.stamp(), IMPRINT)
    assert abs(at - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize("place", [-1, -20, 80, 150])
def test_a_bit_flipped_anywhere_is_refused(unit, checker, place) -> None:
    token = bytearray(unit.stamp())
    token[place] ^= 1
    with pytest.raises(TokenRefused):
        checker.time_of(bytes(token), IMPRINT)


def test_a_token_of_something_else_is_refused(unit, checker) -> None:
    with pytest.raises(TokenRefused, match="something else"):
        checker.time_of(unit.stamp(hashlib.sha256(b"other").digest()), IMPRINT)


@pytest.mark.parametrize("token", [b"", b"x", b"\x30\x00", b"\x30\x82\xff\xff"])
def test_bytes_that_are_no_token_are_refused(checker, token) -> None:
    with pytest.raises(TokenRefused):
        checker.time_of(token, IMPRINT)


def test_another_key_under_the_true_certificate_is_refused(unit, checker) -> None:
    forged = unit.signing_with(ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(TokenRefused):
        checker.time_of(forged.stamp(TimeStampQuery(imprint_of(IMPRINT), with_certificates=True)), IMPRINT)


def test_an_authority_under_another_root_is_refused(checker) -> None:
    with pytest.raises(TokenRefused):
        checker.time_of(Unit().stamp(), IMPRINT)


@pytest.mark.parametrize("years", [-1, 7])
def test_a_time_outside_the_life_of_the_certificate_is_refused(years) -> None:
    unit = Unit()
    checker = unit.checker()
    checker.time_of(unit.stamp(), IMPRINT)
    unit.moved = years * 365 * 24 * 3600 * 1_000_000_000
    with pytest.raises(TokenRefused):
        checker.time_of(unit.stamp(), IMPRINT)


def test_the_certificate_of_the_log_stamps_nothing(unit, checker) -> None:
    """Same authority, a key of its own, but no usage timeStamping."""
    other = Unit(unit.issuing)
    other.certificate = unit.issuing.issue("journal", other.key.public_key(), timedelta(days=1))
    other.authority = other.signing_with(other.key)
    with pytest.raises(TokenRefused):
        checker.time_of(other.stamp(), IMPRINT)


@pytest.mark.parametrize("true_first", [True, False])
def test_a_certificate_that_borrows_the_name_of_the_signer_is_never_remembered(unit, true_first) -> None:
    """Certificates travel unsigned in a token: a false one beside the true must not lend its key to later tokens."""
    forger = Unit(unit.issuing)
    now = datetime.now(UTC)
    forger.certificate = (
        x509.CertificateBuilder(unit.certificate.issuer, unit.certificate.subject, forger.key.public_key())
        .serial_number(unit.certificate.serial_number)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(forger.key, hashes.SHA256())
    )
    forger.authority = forger.signing_with(forger.key)
    both = [one.public_bytes(Encoding.DER) for one in (unit.certificate, forger.certificate)]
    certificates = (
        *(both if true_first else both[::-1]),
        unit.issuing.certificate.public_bytes(Encoding.DER),
    )
    checker = unit.checker()
    with suppress(TokenRefused):
        checker.time_of(_with_certificates(unit.stamp(), certificates), IMPRINT)
    with pytest.raises(TokenRefused):
        checker.time_of(_with_certificates(forger.stamp(), certificates), IMPRINT)


def _with_certificates(token: bytes, certificates: tuple[bytes, ...]) -> bytes:
    """The token with other certificates in it: nothing signs them."""
    content = der.Reader(der.Reader(token).read(der.SEQUENCE).body)
    kind = content.read_oid().encoding
    data = der.Reader(der.Reader(content.read(der.CONTEXT_0).body).read(der.SEQUENCE).body)
    head = [data.read_integer().encoding, data.read(der.SET).encoding, data.read(der.SEQUENCE).encoding]
    data.read(der.CONTEXT_0)
    signers = data.read(der.SET).encoding
    signed = der.sequence(*head, der.tlv(der.CONTEXT_0, *certificates), signers)
    return der.sequence(kind, der.tlv(der.CONTEXT_0, signed))
