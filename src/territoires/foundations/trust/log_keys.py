"""The keys that sign the journal's checkpoints, and their certificates.

``log.key`` with ``log.pem`` in the folder of keys, then ``log-2.*``, ``log-3.*``: one pair each rotation. They are read
again when they change, since a rotation stops no process. Which of them signs is said by the journal.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from django.conf import settings

from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Conflict, Unavailable

from . import demonstration
from .material import material, trust_folder, usable_material

LOG_SCHEME = "tlog:"
_NAME = re.compile(r"log(?:-([0-9]{1,4}))?\.pem")


@dataclass(frozen=True)
class LogCertificate:
    """What ties an Ed25519 key (32 bytes) to the ``origin`` of a log."""

    origin: str
    public_key: bytes
    certificate: x509.Certificate = field(compare=False, repr=False)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, in hexadecimal."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    @property
    def text(self) -> str:
        """The certificate as a fact holds it: DER in base64."""
        return b64encode(self.der).decode()

    @classmethod
    def from_text(cls, text: str) -> LogCertificate:
        """Reads what ``text`` wrote. Raises ValueError."""
        return _read_certificate(x509.load_der_x509_certificate(b64decode(text, validate=True)))


@dataclass(frozen=True)
class LogKey:
    """A private key of the log with its certificate."""

    certificate: LogCertificate
    private_key: ed25519.Ed25519PrivateKey = field(repr=False)

    @property
    def origin(self) -> str:
        return self.certificate.origin

    @property
    def public_key(self) -> bytes:
        """The 32 bytes of the Ed25519 public key."""
        return self.certificate.public_key

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature (RFC 8032) of a message: 64 bytes."""
        return self.private_key.sign(message)


def log_keys() -> tuple[LogKey, ...]:
    """The keys in the folder that can sign, oldest first. Raises Unavailable without keys fit for this mode."""
    usable_material()
    if not settings.ENVIRONMENT.is_demonstration and any(map(is_demonstration, log_certificates())):
        raise Unavailable(
            "demonstration-certificates",
            "The keys and certificates are those of the demonstration: they prove nothing.",
            "Put your own keys in the folder keys/trust, as docs/operations/trust.md says.",
        )
    return tuple(key for _, key in _present() if key is not None)


def log_certificates() -> tuple[LogCertificate, ...]:
    """The certificates in the folder, oldest first, whatever they are worth, those whose key is gone too."""
    return tuple(certificate for certificate, _ in _present())


def is_demonstration(found: LogCertificate) -> bool:
    return demonstration.WORD in found.certificate.subject.rfc4514_string().lower()


def certificate_fault(found: LogCertificate) -> str:
    """Why a certificate cannot serve this platform's log, in words; empty when it can.

    It must be under our root and made for signing alone: a verifier asks for no less.
    """
    certificate = found.certificate
    if not _is_under_root(certificate):
        return "it is not under the root of this platform"
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    except x509.ExtensionNotFound:
        return "it has no key usage"
    if not usage.critical or usage.value != demonstration.usage_of(digital_signature=True):
        return "its key usage is not digitalSignature alone, critical"
    if any(one.oid == x509.ExtendedKeyUsage.oid for one in certificate.extensions):
        return "it has an extended key usage"
    return ""


def is_in_time(found: LogCertificate) -> bool:
    """Whether a certificate may be used now."""
    certificate = found.certificate
    return certificate.not_valid_before_utc <= system_clock() <= certificate.not_valid_after_utc


def make_demonstration_log_key(origin: str) -> None:
    """A further key of the log, in a demonstration. Raises Conflict in production, which makes none."""
    folder = trust_folder()
    if not settings.ENVIRONMENT.is_demonstration or not (folder / "issuing.key").exists():
        raise Conflict(
            "no-next-log-key",
            "No new key of the log waits in %(folder)s.",
            "Put its files there under the next number (log-2.key, log-2.pem), as docs/operations/trust.md says.",
            params={"folder": str(folder)},
        )
    number = 1 + max(number for number, _ in filter(None, map(_numbered, folder.iterdir())))
    key = ed25519.Ed25519PrivateKey.generate()
    certificate = demonstration.DemonstrationAuthority.load(folder).issue_to_log(key, origin)
    # The certificate comes last: a key without one is not looked at, and a certificate alone would look like a loss.
    demonstration.write(folder / f"log-{number}.key", demonstration.pem(key))
    demonstration.write(folder / f"log-{number}.pem", certificate.public_bytes(Encoding.PEM))


def _numbered(path: Path) -> tuple[int, str] | None:
    found = _NAME.fullmatch(path.name)
    return (int(found[1] or 1), path.stem) if found else None


_Found = tuple[LogCertificate, LogKey | None]


def _present() -> tuple[_Found, ...]:
    material()  # makes them at a first start
    folder = trust_folder()
    names = [name for _, name in sorted(filter(None, map(_numbered, folder.iterdir())))]
    files = [folder / f"{name}{suffix}" for name in names for suffix in (".pem", ".key")]
    return _read(folder, tuple((file.name, file.stat().st_mtime_ns) for file in files if file.exists()))


@cache
def _read(folder: Path, state: tuple[tuple[str, int], ...]) -> tuple[_Found, ...]:
    files = {name for name, _ in state}
    name = ""
    try:
        found: list[_Found] = []
        for name in (name for name, _ in state if name.endswith(".pem")):
            certificate = _read_certificate(x509.load_pem_x509_certificate((folder / name).read_bytes()))
            key = (folder / name).with_suffix(".key")
            found.append((certificate, _pair(certificate, key) if key.name in files else None))
        if not found:
            raise ValueError("there is none")
        if len({certificate.origin for certificate, _ in found}) > 1:
            raise ValueError("they name several origins")
    except (OSError, ValueError, TypeError, x509.ExtensionNotFound) as fault:
        raise Unavailable(
            "log-keys-unreadable",
            "The keys of the log in %(folder)s cannot be used (%(name)s): %(fault)s.",
            "Compare the folder with docs/operations/trust.md, or restore it from its backup.",
            params={"folder": str(folder), "name": name, "fault": str(fault) or type(fault).__name__},
        ) from fault
    return tuple(found)


def _pair(certificate: LogCertificate, file: Path) -> LogKey:
    key = load_pem_private_key(file.read_bytes(), None)
    if (
        not isinstance(key, ed25519.Ed25519PrivateKey)
        or key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw) != certificate.public_key
    ):
        raise ValueError(f"{file.name} is not the Ed25519 key of its certificate")
    return LogKey(certificate, key)


def _read_certificate(certificate: x509.Certificate) -> LogCertificate:
    key = certificate.public_key()
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise ValueError("it is not the certificate of an Ed25519 key")
    return LogCertificate(_origin(certificate), key.public_bytes(Encoding.Raw, PublicFormat.Raw), certificate)


def _origin(certificate: x509.Certificate) -> str:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    origins = [
        uri.removeprefix(LOG_SCHEME)
        for uri in names.get_values_for_type(x509.UniformResourceIdentifier)
        if uri.startswith(LOG_SCHEME)
    ]
    if len(origins) != 1:
        raise ValueError("the certificate does not name one origin (URI:tlog:...)")
    return origins[0]


def _is_under_root(certificate: x509.Certificate) -> bool:
    chain = material().chain
    root = x509.load_pem_x509_certificate(chain.root_pem)
    issuers = [root, *x509.load_pem_x509_certificates(chain.untrusted_pem)]
    found = certificate
    for _ in issuers:
        issuer = next((one for one in issuers if _issued(one, found)), None)
        if issuer is None or issuer == root:
            return issuer is not None
        found = issuer
    return False


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return constraints.ca
