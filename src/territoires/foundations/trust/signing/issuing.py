"""Certificates that the demonstration authority issues to persons and bodies, and the seals of bodies."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.conf import settings
from django.utils.translation import gettext_noop as _

from territoires.foundations.trust.demonstration import WORD, DemonstrationAuthority, pem, usage_of
from territoires.foundations.trust.material import material
from territoires.kernel.errors import Unavailable
from territoires.kernel.siret import is_siren, is_siret

from .keys import SigningKey, signing_key

Usage = Literal["person", "seal", "transmitter"]
Extensions = tuple[tuple[x509.ExtensionType, bool], ...]
LIFE = timedelta(days=3 * 365)
SERVER_LIFE, SERVER_RENEWED = timedelta(days=397), timedelta(days=90)
DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336


def issue_demonstration_certificate(
    *,
    given_names: str,
    usual_name: str,
    organisation_name: str,
    siren: str,
    usage: Usage = "person",
    until: datetime | None = None,
) -> tuple[bytes, str]:
    """A key file (PKCS #12) and the password that opens it: to sign, to seal for a body, or to transmit (TLS client).

    ``until`` ends it earlier than three years. Raises Unavailable outside a demonstration: production's certificates
    come from a certification authority.
    """
    key, certificate, chain = _issue(
        _subject(organisation_name, siren, given_names, usual_name, usage), _EXTENSIONS[usage], until
    )
    password = secrets.token_urlsafe(12)
    file = pkcs12.serialize_key_and_certificates(
        f"{given_names} {usual_name}".strip().encode(),
        key,
        certificate,
        list(chain),
        BestAvailableEncryption(password.encode()),
    )
    return file, password


def body_seal(reference: str, *, name: str = "") -> SigningKey:
    """The seal of a body (SIREN or SIRET): ``keys/seals/<reference>.pem``, its key, its certificate, then intermediates.

    A demonstration makes it at first use, in the body's ``name``. A seal protects a copy: it is nobody's signature.
    Raises Unavailable when production has none, or when it cannot serve; Invalid when it has expired.
    """
    if not (is_siren(reference) or is_siret(reference)):
        raise ValueError(f"{reference!r} is no reference of a body")
    file = settings.ENVIRONMENT.keys / "seals" / f"{reference}.pem"
    if not file.exists():
        _make_seal(file, reference, name or reference)
    return _read_seal(file, file.stat().st_mtime_ns)


def server_key_file(names: Sequence[str]) -> Path:
    """Key and certificate of the demonstration's TLS server, under ``names`` (hosts, addresses): ``keys/front.pem``.

    The same one for a year, since browsers remember which one they were told to accept; made anew when it is about to
    end or bears other names. Raises Unavailable outside a demonstration.
    """
    file = settings.ENVIRONMENT.keys / "front.pem"
    wanted = x509.SubjectAlternativeName([_general_name(name) for name in names])
    if not _serves(file, wanted):
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Territoires {WORD}: {names[0]}"[:64])])
        key, certificate, chain = _issue(
            subject, (*_SERVER, (wanted, False)), datetime.now(UTC) + SERVER_LIFE
        )
        _draft(file, key, (certificate, *chain)).replace(file)
    return file


def _serves(file: Path, wanted: x509.SubjectAlternativeName) -> bool:
    try:
        certificate = x509.load_pem_x509_certificates(file.read_bytes())[0]
        named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        issuer = x509.load_pem_x509_certificate(
            (settings.ENVIRONMENT.keys / "trust" / "issuing.pem").read_bytes()
        )
        certificate.verify_directly_issued_by(issuer)
    except (OSError, ValueError, TypeError, x509.ExtensionNotFound, InvalidSignature):
        return False
    return named == wanted and certificate.not_valid_after_utc - datetime.now(UTC) > SERVER_RENEWED


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _make_seal(file: Path, reference: str, name: str) -> None:
    key, certificate, chain = _issue(_subject(name, reference[:9], "", "", "seal"), _EXTENSIONS["seal"], None)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    draft = _draft(file, key, (certificate, *chain))
    try:
        os.link(draft, file)
    except FileExistsError:
        pass  # another process was first: its seal serves
    finally:
        draft.unlink()


@lru_cache(maxsize=2048)
def _read_seal(file: Path, changed: int) -> SigningKey:
    """``changed`` is only there to read again a file that was replaced."""
    try:
        content = file.read_bytes()
        certificate, *chain = x509.load_pem_x509_certificates(content)
        return signing_key(load_pem_private_key(content, None), certificate, chain)
    except (OSError, ValueError, TypeError) as fault:
        raise Unavailable(
            "seal-unreadable",
            _("The seal of the body cannot be used: %(file)s."),
            _("Put its key and its certificate there, as docs/operations/trust.md says."),
            params={"file": str(file)},
        ) from fault


def _draft(file: Path, key: ec.EllipticCurvePrivateKey, chain: Sequence[x509.Certificate]) -> Path:
    """A key, its certificate and the intermediates, beside the file whose place they are to take."""
    draft = file.with_name(f".{file.name}-{secrets.token_hex(4)}")
    draft.touch(mode=0o600, exist_ok=False)
    draft.write_bytes(pem(key) + b"".join(one.public_bytes(Encoding.PEM) for one in chain))
    return draft


def _issue(
    subject: x509.Name, extensions: Extensions, until: datetime | None
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate, Sequence[x509.Certificate]]:
    material()  # makes the authority at a first start
    folder = settings.ENVIRONMENT.keys / "trust"
    if not settings.ENVIRONMENT.is_demonstration or not (folder / "issuing.key").exists():
        raise Unavailable(
            "no-demonstration-authority",
            _("This platform issues no certificates."),
            _("Ask a certification authority (RGS two stars, or qualified) for one."),
        )
    issuing = DemonstrationAuthority.load(folder)
    key = ec.generate_private_key(ec.SECP256R1())
    life = until - datetime.now(UTC) if until else LIFE
    certificate = issuing.issue(subject, key.public_key(), life, *extensions)
    return key, certificate, (issuing.certificate,)


def _subject(organisation: str, siren: str, given_names: str, usual_name: str, usage: Usage) -> x509.Name:
    """As French authorities write it (RGS A4): the body by its name and SIREN, then the holder."""
    holder = organisation if usage == "seal" else f"{given_names} {usual_name}"
    parts = [
        (NameOID.COUNTRY_NAME, "FR"),
        (NameOID.ORGANIZATION_NAME, organisation[:64]),
        (NameOID.ORGANIZATION_IDENTIFIER, f"NTRFR-{siren}"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, f"0002 {siren}"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, f"Territoires {WORD}"),
        (NameOID.COMMON_NAME, holder[:64]),
    ]
    if usage != "seal":
        parts += [(NameOID.GIVEN_NAME, given_names[:64]), (NameOID.SURNAME, usual_name[:64])]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


_LEAF = (x509.BasicConstraints(ca=False, path_length=None), True)
_SIGNS = (
    _LEAF,
    (usage_of(content_commitment=True), True),
    (x509.ExtendedKeyUsage([DOCUMENT_SIGNING]), False),
)
_SERVER: Extensions = (
    _LEAF,
    (usage_of(digital_signature=True), True),
    (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
)
_EXTENSIONS: dict[Usage, Extensions] = {
    "person": _SIGNS,
    "seal": _SIGNS,
    "transmitter": (
        _LEAF,
        (usage_of(digital_signature=True), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False),
    ),
}
