"""Certificates of persons and bodies: read, shown, and judged for what they are used for."""

from __future__ import annotations

import re
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

from asn1crypto import x509 as asn1
from asn1crypto.pem import armor, unarmor
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.conf import settings
from django.utils.translation import gettext_noop as _
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError

from territoires.foundations.trust.demonstration import WORD
from territoires.foundations.trust.material import material
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Invalid, Unavailable
from territoires.kernel.siret import is_siren

Result = TypeVar("Result")

LONGEST_CERTIFICATE = 64 * 1024
"""Bytes of a certificate: the longest ones in use hold some 4 KiB."""
PATHS_KEPT = 4096

_SIREN = re.compile(r"(?:0002|NTRFR-|SI:FR-)\s*(\d{9})(?:\d{5})?")


@dataclass(frozen=True, slots=True)
class CertificateCard:
    """What a certificate says. ``fingerprint`` is the SHA-256 of its DER, in hexadecimal; ``siren`` is that of the body
    for which its holder acts, empty when it names none; the last day of ``valid_until`` is still good."""

    fingerprint: str
    holder: str
    given_names: str
    surname: str
    organisation: str
    siren: str
    subject: str
    serial: str
    issuer: str
    valid_from: datetime
    valid_until: datetime
    is_demonstration: bool
    der: bytes = field(repr=False)

    @property
    def last_day(self) -> date:
        """The legal day on which it ends."""
        return legal_day(self.valid_until)


def read_certificate(data: bytes) -> CertificateCard:
    """The card of one certificate in PEM or DER. Raises Invalid when it is none."""
    try:
        if len(data) > LONGEST_CERTIFICATE:
            raise ValueError("too long")
        is_pem = data.lstrip().startswith(b"-----BEGIN")
        load = x509.load_pem_x509_certificate if is_pem else x509.load_der_x509_certificate
        return card_of(load(data))
    except ValueError as fault:
        raise Invalid(
            "not-a-certificate",
            _("This file is not a certificate that can be read."),
            _("Give the public certificate, in a file that ends in .pem, .crt, .cer or .der."),
        ) from fault


def card_of(certificate: x509.Certificate) -> CertificateCard:
    """The card of a certificate that is already open. Raises ValueError on one that is malformed inside."""
    subject, issuer = certificate.subject, certificate.issuer
    names = f"{subject.rfc4514_string()} {issuer.rfc4514_string()}"
    return CertificateCard(
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        holder=_first(subject, NameOID.COMMON_NAME),
        given_names=_first(subject, NameOID.GIVEN_NAME),
        surname=_first(subject, NameOID.SURNAME),
        organisation=_first(subject, NameOID.ORGANIZATION_NAME),
        siren=_siren(subject),
        subject=subject.rfc4514_string(),
        serial=f"{certificate.serial_number:x}",
        issuer=_first(issuer, NameOID.COMMON_NAME) or issuer.rfc4514_string(),
        valid_from=certificate.not_valid_before_utc,
        valid_until=certificate.not_valid_after_utc,
        is_demonstration=WORD in names.lower(),
        der=certificate.public_bytes(Encoding.DER),
    )


def judge_certificate(card: CertificateCard, at: datetime) -> None:
    """Whether a certificate may authenticate its holder at ``at`` (aware): in its time, under an accepted authority, and
    meant for it (RFC 5280, 4.2.1.12: clientAuth). Raises Invalid with the reason. Revocation is not asked here."""
    judge_dates(card, at)
    certificate = x509.load_der_x509_certificate(card.der)
    if ExtendedKeyUsageOID.CLIENT_AUTH not in _purposes(certificate):
        raise Invalid(
            "certificate-not-for-authentication",
            _("The certificate of %(holder)s is not meant to authenticate its holder."),
            _(
                "Use the certificate for authentication that your authority gave you, not the one for signing only."
            ),
            params={"holder": card.holder},
        )
    try:
        _require_path(card.der, at)
    except (PathBuildingError, PathValidationError) as fault:
        raise Invalid(
            "certificate-of-unknown-authority",
            _("The certificate of %(holder)s was issued by %(issuer)s, which this platform does not accept."),
            _(
                "Use a certificate of an accepted authority (RGS two stars, or equivalent), or ask the operator."
            ),
            params={"holder": card.holder, "issuer": card.issuer},
        ) from fault


def accepted_authorities() -> bytes:
    """The certificates of the authorities that are accepted, in PEM: what a TLS server compares with."""
    return b"".join(armor("CERTIFICATE", one.dump()) for group in _authorities() for one in group)


def judge_dates(card: CertificateCard, at: datetime) -> None:
    """Raises Invalid when the certificate is not valid at ``at``."""
    if at < card.valid_from:
        raise Invalid(
            "certificate-not-yet-valid",
            _("The certificate of %(holder)s is valid only from %(date)s."),
            _("Use the one that it replaces until then."),
            params={"holder": card.holder, "date": f"{card.valid_from:%Y-%m-%d %H:%M} UTC"},
        )
    if at > card.valid_until:
        raise Invalid(
            "certificate-expired",
            _("The certificate of %(holder)s expired on %(date)s."),
            _("Renew it with the authority that issued it, then enrol the new one."),
            params={"holder": card.holder, "date": f"{card.valid_until:%Y-%m-%d %H:%M} UTC"},
        )


def validation_context(at: datetime, evidence: DocumentSecurityStore | None = None) -> ValidationContext:
    """What path validation stands on at ``at``: the accepted authorities, no network.

    With ``evidence``, the certificates and the revocation data that a file carries, revocation must be settled by it;
    without, it is not asked.
    """
    roots, intermediates = _authorities()
    terms: dict[str, Any] = {
        "trust_roots": list(roots),
        "other_certs": list(intermediates),
        "moment": at,
        "allow_fetching": False,
        "revocation_mode": "require" if evidence else "soft-fail",
        "retroactive_revinfo": True,  # a list made later tells what was revoked before
        "time_tolerance": timedelta(seconds=1),
    }
    return evidence.as_validation_context(terms) if evidence else ValidationContext(**terms)


def complete(work: Coroutine[Any, Any, Result]) -> Result:
    """The result of a coroutine that waits for nothing, whether this thread runs an event loop or not."""
    try:
        work.send(None)
    except StopIteration as done:
        return cast(Result, done.value)
    raise RuntimeError("the coroutine waits for something")


def _require_path(der: bytes, at: datetime) -> None:
    """Raises PathBuildingError or PathValidationError unless the certificate leads to an accepted authority at ``at``.

    Where revocation is not asked, a path that holds does so as long as all its certificates do: it is built once.
    """
    sources = _sources()
    begin, end = _paths.get((der, sources), (at, at - timedelta.resolution))
    if begin <= at <= end:
        return
    validator = CertificateValidator(asn1.Certificate.load(der), validation_context=validation_context(at))
    path = complete(validator.async_validate_usage({"digital_signature"}))
    certificates = list(path.iter_certs(include_root=True))
    if len(_paths) >= PATHS_KEPT:
        _paths.clear()
    _paths[der, sources] = (
        max(one.not_valid_before for one in certificates),
        min(one.not_valid_after for one in certificates),
    )


@dataclass(frozen=True, slots=True)
class AuthoritySources:
    """The authorities that are accepted, in PEM: the platform's own, and those of the operator's file."""

    own: str
    accepted: str


def authority_sources() -> AuthoritySources:
    """For a process that has no settings. Raises Unavailable when the operator's file cannot be read."""
    _authorities()
    own, file, changed = _sources()
    return AuthoritySources(own.decode(), file.read_text() if changed is not None else "")


def use_authorities(given: AuthoritySources) -> None:
    """These and no settings, from now on: for a process that judges one file and ends."""
    global _given
    _given = given


def is_own_root(certificate: asn1.Certificate) -> bool:
    """Whether it is of the platform's own chain, not one that the operator accepts."""
    own = _given.own.encode() if _given else _sources()[0]
    return certificate.dump() in {der for _type, _headers, der in unarmor(own, multiple=True)}


_given: AuthoritySources | None = None
_Sources = tuple[bytes, Path, int | None]
"""What decides which authorities are accepted: the platform's own, the operator's file, when it changed."""
_paths: dict[tuple[bytes, _Sources], tuple[datetime, datetime]] = {}
"""Between which instants the path of a certificate holds."""


def _sources() -> _Sources:
    file = settings.ENVIRONMENT.keys / "authorities.pem"
    chain = material().chain
    own = chain.root_pem + chain.untrusted_pem
    return own, file, file.stat().st_mtime_ns if file.exists() else None


def _authorities() -> tuple[tuple[asn1.Certificate, ...], tuple[asn1.Certificate, ...]]:
    """Roots and intermediates: the platform's own, and those that the operator accepts."""
    if _given:
        return _split(_given.own.encode() + b"\n" + _given.accepted.encode())
    return _read_authorities(*_sources())


@lru_cache(maxsize=4)
def _read_authorities(
    own: bytes, file: Path, changed: int | None
) -> tuple[tuple[asn1.Certificate, ...], tuple[asn1.Certificate, ...]]:
    try:
        return _split(own + (b"\n" + file.read_bytes() if changed is not None else b""))
    except (OSError, ValueError) as fault:
        raise Unavailable(
            "authorities-unreadable",
            _("The certificates of the accepted authorities cannot be read: %(file)s."),
            _("Put the file right, as docs/operations/trust.md says."),
            params={"file": str(file)},
        ) from fault


def _split(pem: bytes) -> tuple[tuple[asn1.Certificate, ...], tuple[asn1.Certificate, ...]]:
    """Roots and intermediates. Raises ValueError."""
    every = [
        asn1.Certificate.load(one.public_bytes(Encoding.DER)) for one in x509.load_pem_x509_certificates(pem)
    ]
    if len(every) != pem.count(b"-----BEGIN CERTIFICATE"):
        raise ValueError("a certificate is cut")
    roots = tuple(one for one in every if one.self_issued)
    return roots, tuple(one for one in every if not one.self_issued)


def _purposes(certificate: x509.Certificate) -> tuple[x509.ObjectIdentifier, ...]:
    try:
        return tuple(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        return ()


def _first(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    found = name.get_attributes_for_oid(oid)
    return str(found[0].value) if found else ""


def _siren(subject: x509.Name) -> str:
    """From organizationIdentifier (EN 319 412-1, 5.1.4) or the unit "0002 SIREN" of French certificates (RGS A4)."""
    for oid in (NameOID.ORGANIZATION_IDENTIFIER, NameOID.ORGANIZATIONAL_UNIT_NAME):
        for attribute in subject.get_attributes_for_oid(oid):
            found = _SIREN.fullmatch(str(attribute.value).strip())
            if found and is_siren(found[1]):
                return found[1]
    return ""
