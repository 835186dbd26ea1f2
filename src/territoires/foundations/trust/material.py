"""The platform's keys and certificates: files of ``keys/trust``, read once, made at first start in a demonstration.

The folder, all files in mode 600: ``root.pem``; ``issuing.pem`` (intermediates); ``time-stamping.key`` and
``time-stamping.pem``; ``facts.key`` (32 bytes in hexadecimal); and the keys of the log (``log_keys``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from django.conf import settings

from territoires.kernel.errors import Unavailable

from . import demonstration


@dataclass(frozen=True, slots=True)
class TrustChain:
    """What a reader needs to check our signatures. ``root_fingerprint`` is the SHA-256 of the root, in hexadecimal;
    ``untrusted_pem`` holds the signers and the intermediates, the log's certificate apart."""

    root_pem: bytes
    untrusted_pem: bytes
    root_fingerprint: str
    is_demonstration: bool


@dataclass(frozen=True)
class Material:
    """Everything that was read from the folder."""

    stamping_key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = field(repr=False)
    stamping_chain: Sequence[x509.Certificate]
    facts_key: bytes = field(repr=False)
    chain: TrustChain
    demonstration_names: tuple[str, ...]


def material() -> Material:
    """The keys and certificates of this installation, whatever they are worth.

    Raises Unavailable when they are missing in production, or cannot be read.
    """
    folder = trust_folder()
    if not folder.exists():
        if not settings.ENVIRONMENT.is_demonstration:
            raise Unavailable(
                "trust-keys-missing",
                "The keys and certificates of this platform are not there: %(folder)s is missing.",
                "Put them there as docs/operations/trust.md says; production makes none by itself.",
                params={"folder": str(folder)},
            )
        demonstration.make(folder, f"{settings.ENVIRONMENT.host}/journal/1")
    return _read(folder)


def trust_folder() -> Path:
    """Where the platform's own keys are."""
    folder: Path = settings.ENVIRONMENT.keys / "trust"
    return folder


def revocation_lists() -> bytes:
    """The lists that our authorities published last (PEM), as the operator keeps them in ``crls.pem``; often none.

    Raises Unavailable when they cannot be read: evidence that hides a revocation would be worse than none.
    """
    file = trust_folder() / "crls.pem"
    try:
        content = file.read_bytes()
        for one in split_lists(content):
            x509.load_pem_x509_crl(one)
    except FileNotFoundError:
        return b""
    except (OSError, ValueError) as fault:
        raise Unavailable(
            "revocation-lists-unreadable",
            "The revocation lists in %(file)s cannot be used: %(fault)s.",
            "Fetch them again from your certification authority (docs/operations/trust.md).",
            params={"file": str(file), "fault": str(fault) or type(fault).__name__},
        ) from fault
    return content


def split_lists(content: bytes) -> list[bytes]:
    """Each list of a PEM file. Raises ValueError when there is none."""
    found = re.findall(rb"-----BEGIN X509 CRL-----.+?-----END X509 CRL-----", content, re.DOTALL)
    if not found:
        raise ValueError("no X509 CRL in it")
    return found


def usable_material() -> Material:
    """The same, for whoever signs. Raises Unavailable in production on what the demonstration made."""
    found = material()
    if found.demonstration_names and not settings.ENVIRONMENT.is_demonstration:
        raise Unavailable(
            "demonstration-certificates",
            "The keys and certificates are those of the demonstration: they prove nothing.",
            "Put your own keys in the folder keys/trust, as docs/operations/trust.md says.",
        )
    return found


@cache
def _read(folder: Path) -> Material:
    try:
        return _parse({path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()})
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise Unavailable(
            "trust-keys-unreadable",
            "The keys and certificates in %(folder)s cannot be used: %(fault)s.",
            "Compare the folder with docs/operations/trust.md, or restore it from its backup.",
            params={"folder": str(folder), "fault": str(fault) or type(fault).__name__},
        ) from fault


def _parse(files: dict[str, bytes]) -> Material:
    root, stamping = (
        x509.load_pem_x509_certificate(files[f"{name}.pem"]) for name in ("root", "time-stamping")
    )
    issuing = x509.load_pem_x509_certificates(files["issuing.pem"])
    stamping_key = load_pem_private_key(files["time-stamping.key"], None)
    if (
        not isinstance(stamping_key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey)
        or stamping_key.public_key() != stamping.public_key()
    ):
        raise ValueError("time-stamping.key is not the RSA or elliptic curve key of time-stamping.pem")
    facts_key = bytes.fromhex(files["facts.key"].decode().strip())
    if len(facts_key) != 32:
        raise ValueError("facts.key has not 32 bytes")
    names = tuple(
        one.subject.rfc4514_string()
        for one in (root, *issuing, stamping)
        if demonstration.WORD in one.subject.rfc4514_string().lower()
    )
    untrusted = b"".join(one.public_bytes(Encoding.PEM) for one in (stamping, *issuing))
    return Material(
        stamping_key=stamping_key,
        stamping_chain=(stamping, *issuing),
        facts_key=facts_key,
        chain=TrustChain(
            root_pem=root.public_bytes(Encoding.PEM),
            untrusted_pem=untrusted,
            root_fingerprint=root.fingerprint(hashes.SHA256()).hex(),
            is_demonstration=bool(names),
        ),
        demonstration_names=names,
    )
