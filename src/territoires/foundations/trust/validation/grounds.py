"""What every format of signature shares: its certificate, its time-stamp, its level, and on what the trust in it rests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from asn1crypto import cms, core
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from pyhanko.sign.ades.report import AdESFailure, AdESIndeterminate, AdESSubIndic
from pyhanko.sign.general import NonexistentAttributeError, find_unique_cms_attribute
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import get_signing_cert_attr
from pyhanko.sign.validation.status import SignatureStatus

from territoires.foundations.trust.signing.certificates import CertificateCard, card_of, is_own_root

from .report import Finding, Trust

_DISTRUST: Mapping[AdESSubIndic | None, Finding] = {
    AdESFailure.REVOKED: Finding.REVOKED,
    AdESIndeterminate.REVOKED_NO_POE: Finding.REVOKED,
    AdESIndeterminate.OUT_OF_BOUNDS_NO_POE: Finding.EXPIRED,
    AdESIndeterminate.OUT_OF_BOUNDS_NOT_REVOKED: Finding.EXPIRED,
    AdESIndeterminate.CHAIN_CONSTRAINTS_FAILURE: Finding.NOT_FOR_SIGNING,
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE: Finding.WEAK,
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: Finding.WEAK,
}


def trust_findings(status: SignatureStatus, moment: datetime) -> Iterator[Finding]:
    """What the certificate's path, judged at ``moment``, lacks; nothing of a path that was not built, since the signature is
    not of that key."""
    is_own_authority = status.validation_path is None and status.signing_cert.self_signed != "no"
    if status.trust_problem_indic is None:
        yield from [Finding.REVOCATION_UNKNOWN] if status.validation_path else []
    elif is_own_authority:
        yield Finding.UNKNOWN_AUTHORITY  # it vouches for itself: its usage is no matter
    elif status.trust_problem_indic is AdESIndeterminate.CERTIFICATE_CHAIN_GENERAL_FAILURE:
        yield _date_finding(status, moment) or Finding.UNKNOWN_AUTHORITY
    else:
        yield _DISTRUST.get(status.trust_problem_indic, Finding.UNKNOWN_AUTHORITY)


def _date_finding(status: SignatureStatus, moment: datetime) -> Finding | None:
    """The dates for which a path failed: the library tells them from other failures for a signer that expired only.

    Of a certificate that the one above did not sign, no date is told: it is of no authority that we know.
    """
    path = status.validation_path.iter_certs(include_root=True) if status.validation_path else ()
    for above, one in pairwise(path):
        if not _has_issued(above, one):
            return None
        if not one.not_valid_before <= moment <= one.not_valid_after:
            if one.dump() != status.signing_cert.dump():
                return Finding.AUTHORITY_OUT_OF_DATE
            return Finding.NOT_YET_VALID if moment < one.not_valid_before else Finding.EXPIRED
    return None


def _has_issued(above: Any, one: Any) -> bool:
    try:
        issuer = x509.load_der_x509_certificate(above.dump())
        x509.load_der_x509_certificate(one.dump()).verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def integrity_findings(status: SignatureStatus, signer: cms.SignerInfo) -> Iterator[Finding]:
    """Whether the digest is that of the document, and the signature that of the certificate's key."""
    if not status.intact:
        yield Finding.BROKEN
    elif not status.valid:
        yield Finding.CONTRADICTORY if _contradicts_itself(signer) else Finding.FORGED


def time_finding(stamp: SignatureStatus | None) -> Iterator[Finding]:
    """What is missing to the time-stamp of a signature; nothing when it proves the hour."""
    if stamp is None:
        yield Finding.NO_TIME_STAMP
    elif not (stamp.intact and stamp.valid):
        yield Finding.BROKEN_TIME_STAMP
    elif not stamp.trusted:
        yield Finding.BAD_TIME_STAMP


def _contradicts_itself(signer: cms.SignerInfo) -> bool:
    """Whether its signature algorithm implies another digest than the one it names: programs then differ in judging it."""
    try:
        implied = signer["signature_algorithm"].hash_algo
    except ValueError:
        return False  # it implies none
    return bool(implied != signer["digest_algorithm"]["algorithm"].native)


def trust_of(status: SignatureStatus) -> Trust:
    """On what the path stands, whether it holds or not."""
    if status.validation_path is None:
        return Trust.UNKNOWN
    anchor = next(iter(status.validation_path.iter_certs(include_root=True)))
    return Trust.PLATFORM if is_own_root(anchor) else Trust.ACCEPTED


def finding_of(fault: Exception) -> Finding:
    """What the library's refusal to judge says of a signature; malformed, when it says nothing."""
    is_certificate = (
        isinstance(fault, SignatureValidationError)
        and fault.ades_subindication is AdESIndeterminate.NO_SIGNING_CERTIFICATE_FOUND
    )
    return Finding.NO_CERTIFICATE if is_certificate else Finding.UNREADABLE


def signer_card(certificate: Any) -> CertificateCard | None:
    try:
        return card_of(x509.load_der_x509_certificate(certificate.dump()))
    except ValueError:
        return None  # malformed inside, although it verifies


def time_in_token(signer: cms.SignerInfo) -> datetime | None:
    """The time that the signature's own token claims, not yet judged."""
    try:
        token = find_unique_cms_attribute(signer["unsigned_attrs"], "signature_time_stamp_token")["content"]
    except NonexistentAttributeError:
        return None
    moment = token["encap_content_info"]["content"].parsed["gen_time"].native
    assert isinstance(moment, datetime)
    return moment


def names_certificate(signer: cms.SignerInfo) -> bool:
    """Whether the signed attributes name the signer's certificate: without it, it is no AdES signature (EN 319 122-1, 5.2.2)."""
    attributes = signer["signed_attrs"]
    return attributes is not core.VOID and get_signing_cert_attr(attributes) is not None


def level_of(*, is_stamped: bool, has_values: bool, is_kept: bool) -> str:
    """The baseline level: each one holds the one below."""
    if not is_stamped:
        return "B-B"
    if not has_values:
        return "B-T"
    return "B-LTA" if is_kept else "B-LT"
