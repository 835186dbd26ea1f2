"""Revocation is judged on what the file carries (PAdES B-LT), at the time that its time-stamp proves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from asn1crypto import crl
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.validation.dss import DocumentSecurityStore

from territoires.foundations.trust import api as trust
from territoires.foundations.trust import demonstration
from territoires.foundations.trust.api import Finding, Indication
from territoires.foundations.trust.demonstration import DemonstrationAuthority, usage_of
from territoires.foundations.trust.signing.keys import signing_key
from territoires.kernel.errors import Unavailable
from tests.foundations.trust.conftest import AT

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)


@pytest.fixture
def authorities(installation) -> tuple[DemonstrationAuthority, DemonstrationAuthority]:
    """A root of elsewhere and who issues under it, accepted by the operator."""
    root = DemonstrationAuthority("root of elsewhere")
    issuing = DemonstrationAuthority("issuing elsewhere", root)
    installation.ENVIRONMENT.keys.mkdir(parents=True)
    accepted = installation.ENVIRONMENT.keys / "authorities.pem"
    accepted.write_bytes(root.certificate.public_bytes(Encoding.PEM))
    return root, issuing


def revocations(authority: DemonstrationAuthority, serial: int, at: datetime) -> crl.CertificateList:
    """The list of an authority: one certificate, revoked at ``at``."""
    entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    found = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.name)
        .last_update(NOW - timedelta(minutes=1))
        .next_update(NOW + timedelta(days=1))
        .add_revoked_certificate(entry)
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(issuer, critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return crl.CertificateList.load(found.public_bytes(Encoding.DER))


def key_under(issuing: DemonstrationAuthority, at: datetime | None = None) -> trust.SigningKey:
    private = ec.generate_private_key(ec.SECP256R1())
    certificate = issuing.issue(
        "somebody",
        private.public_key(),
        timedelta(days=9),
        (usage_of(content_commitment=True), True),
    )
    return signing_key(private, certificate, [issuing.certificate], at=at)


@pytest.mark.parametrize(
    ("of_signer", "at", "finding"),
    [
        (True, NOW - timedelta(hours=1), Finding.REVOKED),
        (False, NOW - timedelta(hours=1), None),
        (True, NOW + timedelta(hours=1), None),
    ],
    ids=["before", "somebody else", "after the signature"],
)
def test_what_the_file_carries_settles_it(authorities, act, tmp_path, of_signer, at, finding) -> None:
    root, issuing = authorities
    key = key_under(issuing)
    signed = trust.sign_pdf(act, tmp_path / "signed.pdf", key=key, reason="", place="", at=AT).path
    (found,) = trust.validate_pdf(signed)
    assert found.findings == (Finding.REVOCATION_UNKNOWN,)
    serial = key.certificate.serial_number if of_signer else 1
    lists = [revocations(issuing, serial, at), revocations(root, 1, at)]
    with signed.open("r+b") as file:
        DocumentSecurityStore.add_dss(file, sig_contents=None, crls=lists)
    (found,) = trust.validate_pdf(signed)
    assert found.is_intact and found.covers_document
    assert found.holds is (finding is None)
    assert set(found.findings) - {Finding.CHANGED_LAWFULLY} == ({finding} if finding else set())
    assert (found.indication, found.sub_indication) == (
        (Indication.FAILED, "REVOKED") if finding else (Indication.PASSED, "")
    )


def issued_at(moment: datetime) -> Any:
    return mock.patch.object(demonstration, "datetime", SimpleNamespace(now=lambda _zone: moment))


def tampered(certificate: x509.Certificate) -> x509.Certificate:
    der = certificate.public_bytes(Encoding.DER)
    return x509.load_der_x509_certificate(der[:-1] + bytes([der[-1] ^ 1]))


@pytest.mark.parametrize(
    ("of_authority", "of_signer", "change", "finding", "sub_indication"),
    [
        (NOW, NOW + HOUR, None, Finding.NOT_YET_VALID, "NOT_YET_VALID"),
        (NOW - 2 * HOUR, NOW, None, Finding.AUTHORITY_OUT_OF_DATE, "CERTIFICATE_CHAIN_GENERAL_FAILURE"),
        (NOW + HOUR, NOW, None, Finding.AUTHORITY_OUT_OF_DATE, "CERTIFICATE_CHAIN_GENERAL_FAILURE"),
        (NOW - 2 * HOUR, NOW, tampered, Finding.UNKNOWN_AUTHORITY, "NO_CERTIFICATE_CHAIN_FOUND"),
    ],
    ids=["signer too early", "authority expired", "authority too early", "authority forged"],
)
def test_dates_are_told_of_whose_certificate_they_are(
    authorities, act, tmp_path, of_authority, of_signer, change, finding, sub_indication
) -> None:
    root, issuing = authorities
    usage, basic = usage_of(key_cert_sign=True, crl_sign=True), x509.BasicConstraints(True, 0)
    with issued_at(of_authority):
        public = issuing.key.public_key()
        issuing.certificate = root.issue("issuing elsewhere", public, HOUR, (usage, True), (basic, True))
    if change:
        issuing.certificate = change(issuing.certificate)
    with issued_at(of_signer):
        key = key_under(issuing, of_signer)
    signed = trust.sign_pdf(act, tmp_path / "signed.pdf", key=key, reason="", place="", at=AT).path
    (found,) = trust.validate_pdf(signed)
    assert found.is_intact and not found.holds and found.findings == (finding,)
    assert found.sub_indication == sub_indication


def test_an_authority_that_is_accepted_no_more_is_read_again(
    authorities, act, tmp_path, installation
) -> None:
    signed = trust.sign_pdf(
        act, tmp_path / "s.pdf", key=key_under(authorities[1]), reason="", place="", at=AT
    ).path
    assert trust.validate_pdf(signed)[0].holds
    (installation.ENVIRONMENT.keys / "authorities.pem").unlink()
    assert Finding.UNKNOWN_AUTHORITY in trust.validate_pdf(signed)[0].findings
    (installation.ENVIRONMENT.keys / "authorities.pem").write_bytes(b"-----BEGIN CERTIFICATE-----")
    with pytest.raises(Unavailable):
        trust.validate_pdf(signed)
