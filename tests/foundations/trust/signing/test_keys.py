"""Key files: opened in memory, or refused with the reason."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    pkcs12,
)

from territoires.foundations.trust import api as trust
from territoires.foundations.trust.demonstration import DemonstrationAuthority, usage_of
from territoires.foundations.trust.signing.keys import ITERATIONS_LIMIT
from territoires.kernel.errors import Invalid, Unavailable
from tests.foundations.trust.conftest import SIREN

SIGNS = (usage_of(content_commitment=True), True)


def issue(**options) -> tuple[bytes, str]:
    return trust.issue_demonstration_certificate(
        given_names="Camille",
        usual_name="Exemple",
        organisation_name="Commune d’Essai",
        siren=SIREN,
        **options,
    )


def file_of(key, *extensions: tuple[x509.ExtensionType, bool]) -> bytes:
    certificate = DemonstrationAuthority("essai").issue(
        "Essai", key.public_key(), timedelta(days=9), *extensions
    )
    return pkcs12.serialize_key_and_certificates(b"", key, certificate, None, BestAvailableEncryption(b"mot"))


def test_a_key_file_opens_and_says_whose_it_is(installation) -> None:
    key = trust.open_key_file(*issue())
    assert (key.card.given_names, key.card.surname, key.card.siren) == ("Camille", "Exemple", SIREN)
    assert key.card.is_demonstration
    assert "private_key" not in repr(key)
    assert [one.subject for one in key.chain] == [key.certificate.issuer]


def test_a_wrong_password_is_told_from_a_file_that_is_no_key(installation) -> None:
    data, password = issue()
    with pytest.raises(Invalid) as wrong:
        trust.open_key_file(data, password + "x")
    assert wrong.value.code == "key-file-password"
    for other in (b"", b"%PDF-1.7", data[:-20], data * 200):
        with pytest.raises(Invalid) as none:
            trust.open_key_file(other, password)
        assert none.value.code == "not-a-key-file"


def test_a_certificate_expired_a_minute_ago_does_not_sign(installation) -> None:
    now = datetime.now(UTC)
    data, password = issue(until=now + timedelta(minutes=1))
    assert trust.open_key_file(data, password, at=now)
    with pytest.raises(Invalid) as late:
        trust.open_key_file(data, password, at=now + timedelta(minutes=2))
    assert late.value.code == "certificate-expired"


def test_only_what_is_meant_for_signing_signs(installation) -> None:
    with pytest.raises(Invalid) as other:
        trust.open_key_file(*issue(usage="transmitter"))
    assert other.value.code == "certificate-not-for-signing"


@pytest.mark.parametrize(
    ("key", "extensions", "code"),
    [
        (rsa.generate_private_key(65537, 1024), (SIGNS,), "key-not-accepted"),
        (ec.generate_private_key(ec.SECP224R1()), (SIGNS,), "key-not-accepted"),
        (ec.generate_private_key(ec.SECP256R1()), (), "certificate-not-for-signing"),
    ],
)
def test_weak_or_unmarked_keys_are_refused(key, extensions, code) -> None:
    with pytest.raises(Invalid) as refused:
        trust.open_key_file(file_of(key, *extensions), "mot")
    assert refused.value.code == code


def test_a_file_without_its_private_key_is_said(installation) -> None:
    key = trust.open_key_file(*issue())
    alone = pkcs12.serialize_key_and_certificates(
        b"", None, key.certificate, None, BestAvailableEncryption(b"mot")
    )
    with pytest.raises(Invalid) as refused:
        trust.open_key_file(alone, "mot")
    assert refused.value.code == "key-file-without-key"


def test_a_seal_is_made_once_closed_and_read_again_when_replaced(installation) -> None:
    first = trust.body_seal(SIREN, name="Commune d’Essai")
    assert trust.body_seal(SIREN) is first
    assert first.card.holder == "Commune d’Essai"
    assert not first.card.surname
    file = installation.ENVIRONMENT.keys / "seals" / f"{SIREN}.pem"
    assert file.stat().st_mode & 0o777 == 0o600
    file.unlink()
    assert trust.body_seal(SIREN).card.fingerprint != first.card.fingerprint
    with pytest.raises(ValueError, match="reference"):
        trust.body_seal("../trust/log")


def test_production_issues_nothing(installation) -> None:
    issue()
    installation.ENVIRONMENT = dataclasses.replace(installation.ENVIRONMENT, mode="production")
    for refused in (issue, lambda: trust.body_seal(SIREN)):
        with pytest.raises(Unavailable):
            refused()


def test_certificates_are_judged_for_authentication(installation) -> None:
    now = datetime.now(UTC)
    data, password = issue(usage="transmitter", until=now + timedelta(minutes=1))
    der = pkcs12.load_pkcs12(data, password.encode()).cert.certificate.public_bytes(Encoding.DER)
    card = trust.read_certificate(der)
    assert card.siren == SIREN
    trust.judge_certificate(card, now)
    for moment, code in (
        (now + timedelta(minutes=2), "certificate-expired"),
        (now - timedelta(days=1), "certificate-not-yet-valid"),
    ):
        with pytest.raises(Invalid) as refused:
            trust.judge_certificate(card, moment)
        assert refused.value.code == code
    signs_only = trust.open_key_file(*issue()).card
    stranger = DemonstrationAuthority("ailleurs").issue(
        "Essai",
        ec.generate_private_key(ec.SECP256R1()).public_key(),
        timedelta(days=9),
        (usage_of(digital_signature=True), True),
        (x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH]), False),
    )
    for other, code in (
        (signs_only, "certificate-not-for-authentication"),
        (trust.read_certificate(stranger.public_bytes(Encoding.PEM)), "certificate-of-unknown-authority"),
    ):
        with pytest.raises(Invalid) as refused:
            trust.judge_certificate(other, now)
        assert refused.value.code == code


@pytest.mark.parametrize(
    "data", [b"", b"essai", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_what_is_no_certificate_is_said(data) -> None:
    with pytest.raises(Invalid) as refused:
        trust.read_certificate(data)
    assert refused.value.code == "not-a-certificate"


@pytest.mark.parametrize(
    ("name", "siren"), [("real-qcert.cer", ""), ("some-chain.cert.pem", "")], ids=["qualified", "chain"]
)
def test_certificates_of_elsewhere_are_read(shared_data, name, siren) -> None:
    card = trust.read_certificate((shared_data / "exchange-signature/pyhanko/crypto" / name).read_bytes())
    assert len(card.fingerprint) == 64
    assert card.siren == siren


def test_a_key_file_that_asks_for_too_much_work_is_refused_at_once(installation) -> None:
    key = trust.open_key_file(*issue())
    slow = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(ITERATIONS_LIMIT + 1)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .build(b"mot")
    )
    data = pkcs12.serialize_key_and_certificates(b"", key.private_key, key.certificate, None, slow)
    with pytest.raises(Invalid) as refused:
        trust.open_key_file(data, "mot")
    assert refused.value.code == "key-file-too-slow"
