"""The demonstration authority: keys and certificates made at first start, which prove nothing to anybody.

Each subject says so in its name. Production refuses them.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

WORD = "demonstration"
ORGANISATION = "Démonstration, sans valeur"
CA_LIFE = timedelta(days=20 * 365)
# A time-stamping key is used for one year of a certificate of six: five are left to renew its tokens.
SIGNER_LIFE = timedelta(days=6 * 365)

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def make(folder: Path, origin: str) -> None:
    """Makes the authority in ``folder`` unless another process has: the first to rename its draft wins."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, content in _material(origin).items():
            write(draft / name, content)
        _publish(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def is_of_demonstration(certificate: x509.Certificate) -> bool:
    """Whether a certificate, or who issued it, says that it is one of these."""
    names = f"{certificate.subject.rfc4514_string()} {certificate.issuer.rfc4514_string()}"
    return WORD in names.lower()


class DemonstrationAuthority:
    """A certification authority whose certificates all carry the word: ``parent`` None makes a root."""

    def __init__(self, title: str, parent: DemonstrationAuthority | None = None) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.parent = parent
        usage = usage_of(key_cert_sign=True, crl_sign=True)
        basic = x509.BasicConstraints(ca=True, path_length=0 if parent else 1)
        issuer = parent or self
        self.name = _name(title)
        self.certificate = issuer.issue(title, self.key.public_key(), CA_LIFE, (usage, True), (basic, True))

    @classmethod
    def load(cls, folder: Path) -> DemonstrationAuthority:
        """The authority that issues, from the folder of keys. Raises OSError or ValueError when it is not there."""
        found = cls.__new__(cls)
        key = load_pem_private_key((folder / "issuing.key").read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("issuing.key is not an elliptic curve key")
        found.key, found.parent = key, None
        found.certificate = x509.load_pem_x509_certificate((folder / "issuing.pem").read_bytes())
        found.name = found.certificate.subject
        return found

    def issue(
        self,
        title: str | x509.Name,
        public_key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey,
        life: timedelta,
        *extensions: tuple[x509.ExtensionType, bool],
    ) -> x509.Certificate:
        """A certificate for a key; each extension comes with whether it is critical. ``title`` is that of one of our
        own units, or the whole name of somebody else."""
        now = datetime.now(UTC).replace(microsecond=0)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(title) if isinstance(title, str) else title)
            .issuer_name(self.name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=5))
            .not_valid_after(now + life)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(self.key, hashes.SHA256())

    def issue_to_log(self, key: ed25519.Ed25519PrivateKey, origin: str) -> x509.Certificate:
        """The certificate that ties a log key to its origin: without it, evidence can be forged."""
        names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(f"tlog:{origin}")])
        return self.issue("journal", key.public_key(), SIGNER_LIFE, *_SIGNER, (names, False))

    def issue_to_time_stamping(self, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> x509.Certificate:
        """The certificate of a time-stamping unit: critical extended usage, timeStamping alone (RFC 3161, 2.3)."""
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        return self.issue("time-stamping", key.public_key(), SIGNER_LIFE, *_SIGNER, (purpose, True))


def pem(key: PrivateKey) -> bytes:
    """A private key as PKCS #8 in PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _material(origin: str) -> dict[str, bytes]:
    root = DemonstrationAuthority("root")
    issuing = DemonstrationAuthority("issuing authority", root)
    log_key = ed25519.Ed25519PrivateKey.generate()
    stamping_key = ec.generate_private_key(ec.SECP256R1())
    return {
        "root.pem": root.certificate.public_bytes(Encoding.PEM),
        "issuing.pem": issuing.certificate.public_bytes(Encoding.PEM),
        "issuing.key": pem(issuing.key),
        "log.pem": issuing.issue_to_log(log_key, origin).public_bytes(Encoding.PEM),
        "log.key": pem(log_key),
        "time-stamping.pem": issuing.issue_to_time_stamping(stamping_key).public_bytes(Encoding.PEM),
        "time-stamping.key": pem(stamping_key),
        "facts.key": secrets.token_hex(32).encode(),
    }


def usage_of(**granted: bool) -> x509.KeyUsage:
    """The key usage that grants these bits and no other (RFC 5280, 4.2.1.3)."""
    every = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement"
        " key_cert_sign crl_sign encipher_only decipher_only"
    )
    return x509.KeyUsage(**{name: granted.get(name, False) for name in every.split()})


_SIGNER: tuple[tuple[x509.ExtensionType, bool], ...] = (
    (x509.BasicConstraints(ca=False, path_length=None), True),
    (usage_of(digital_signature=True), True),
)


def _name(title: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Territoires {WORD}: {title}"),
        ]
    )


def write(path: Path, content: bytes) -> None:
    """Writes a new file that others cannot read, and waits until it is on the disk."""
    path.touch(mode=0o600, exist_ok=False)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _publish(draft: Path, folder: Path) -> None:
    try:
        draft.rename(folder)
    except OSError as error:
        # A folder that holds files cannot be renamed onto: another process was first, its keys serve.
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
            raise
