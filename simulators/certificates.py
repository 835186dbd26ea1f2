"""The demonstration certificates of a simulator: its authority, its servers', and the transmitter's.

They prove nothing to anybody, and say so in their names.
"""

from __future__ import annotations

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

YEARS = timedelta(days=3650)
AUTHORITY, SERVER, TRANSMITTER = "authority", "server", "transmitter"


def ensure(folder: Path, whose: str) -> None:
    """Makes ``<name>.pem`` and ``<name>.key`` for each of them, unless they are there; ``whose`` is in their names."""
    if folder.exists():
        return
    with tempfile.TemporaryDirectory(dir=folder.parent) as draft:
        made = Path(draft, "made")
        made.mkdir(mode=0o700)
        _make(made, whose)
        made.rename(folder)  # whole or not at all


def server_context(folder: Path, *, asks_for_certificate: bool) -> ssl.SSLContext:
    """TLS for a server of the simulator; with ``asks_for_certificate`` it lets in whom its authority knows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(folder / f"{SERVER}.pem", folder / f"{SERVER}.key")
    if asks_for_certificate:
        context.load_verify_locations(folder / f"{AUTHORITY}.pem")
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _make(folder: Path, whose: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    authority = _certificate(f"Autorité du simulateur {whose} (demonstration)", key, None)
    _write(folder, AUTHORITY, authority, key)
    for name, title, usage in (
        (SERVER, f"Simulateur {whose} (demonstration)", ExtendedKeyUsageOID.SERVER_AUTH),
        (TRANSMITTER, "Transmetteur (demonstration)", ExtendedKeyUsageOID.CLIENT_AUTH),
    ):
        own = ec.generate_private_key(ec.SECP256R1())
        _write(folder, name, _certificate(title, own, (authority, key), usage), own)


def _certificate(
    title: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None,
    usage: x509.ObjectIdentifier | None = None,
) -> x509.Certificate:
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)])
    issuer_name, issuer_key = (issuer[0].subject, issuer[1]) if issuer else (named, key)
    now, is_authority = datetime.now(UTC), issuer is None
    builder = (
        x509.CertificateBuilder()
        .subject_name(named)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + YEARS)
        .add_extension(x509.BasicConstraints(is_authority, 0 if is_authority else None), critical=True)
        .add_extension(_key_usage(is_authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
    )
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if usage == ExtendedKeyUsageOID.SERVER_AUTH:
        hosts = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
        builder = builder.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _key_usage(is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(folder: Path, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    (folder / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret = folder / f"{name}.key"
    secret.touch(mode=0o600)
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
