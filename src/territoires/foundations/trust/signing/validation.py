"""What the signatures of a PDF file are worth: who, when, on what, and whether it was changed since (EN 319 102-1)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from asn1crypto.tsp import TSTInfo
from cryptography import x509
from django.utils.translation import gettext_noop as _
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESFailure, AdESIndeterminate, AdESSubIndic
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.general import NonexistentAttributeError, find_unique_cms_attribute
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.pdf_embedded import (
    EmbeddedPdfSignature,
    async_validate_pdf_signature,
    async_validate_pdf_timestamp,
)
from pyhanko.sign.validation.status import (
    DocumentTimestampStatus,
    PdfSignatureStatus,
    SignatureCoverageLevel,
)

from territoires.kernel.errors import Invalid, TerritoiresError

from . import slow_spots  # noqa: F401 (it changes what it imports)
from .certificates import CertificateCard, card_of, complete, validation_context

log = logging.getLogger(__name__)
# What it has to say about a file is in our findings; its warnings would put the names of signers in the logs.
logging.getLogger("pyhanko").setLevel(logging.CRITICAL)

SIGNATURES_LIMIT = 64
"""Signatures judged in one file: each is a walk through all of it, and an act has a handful."""


class Finding(StrEnum):
    """What speaks against a signature, or what its reader must know; each value is a sentence."""

    UNREADABLE = _("This signature is malformed: it proves nothing.")
    BROKEN = _("The signed content was changed: this signature is broken.")
    FORGED = _("The signature does not match the certificate that it shows.")
    NOT_COVERING = _("The signature does not cover the file as it should: parts were left out.")
    CHANGED = _("The document was changed after this signature.")
    CHANGED_LAWFULLY = _("Later signatures or entries were added, which this signature allows.")
    UNKNOWN_AUTHORITY = _("The certificate was not issued by an authority that this platform accepts.")
    EXPIRED = _("The certificate was not valid at the time of the signature.")
    REVOKED = _("The certificate was revoked.")
    NOT_FOR_SIGNING = _("The certificate is not meant for signing.")
    WEAK = _("The signature rests on an algorithm that is no longer safe.")
    NO_TIME_STAMP = _("No time-stamp proves the hour: it is only what the signer's machine said.")
    BAD_TIME_STAMP = _("The time-stamp is broken, or its authority is not accepted.")
    REVOCATION_UNKNOWN = _("Whether the certificate was revoked was not asked: nothing in the file says it.")


FATAL = frozenset(
    {
        Finding.UNREADABLE,
        Finding.BROKEN,
        Finding.FORGED,
        Finding.NOT_COVERING,
        Finding.CHANGED,
        Finding.UNKNOWN_AUTHORITY,
        Finding.EXPIRED,
        Finding.REVOKED,
        Finding.NOT_FOR_SIGNING,
        Finding.WEAK,
    }
)
"""The findings with which a signature must not be relied on."""


_DISTRUST: Mapping[AdESSubIndic | None, Finding] = {
    AdESFailure.REVOKED: Finding.REVOKED,
    AdESIndeterminate.REVOKED_NO_POE: Finding.REVOKED,
    AdESIndeterminate.OUT_OF_BOUNDS_NO_POE: Finding.EXPIRED,
    AdESIndeterminate.OUT_OF_BOUNDS_NOT_REVOKED: Finding.EXPIRED,
    AdESIndeterminate.CHAIN_CONSTRAINTS_FAILURE: Finding.NOT_FOR_SIGNING,
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE: Finding.WEAK,
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: Finding.WEAK,
}


@dataclass(frozen=True, slots=True)
class PdfSignature:
    """One signature (or document time-stamp) of a file, each property apart: none stands for another.

    ``claimed_at`` is what the signer's machine said, ``stamped_at`` what an accepted authority certified. ``is_intact``:
    the bytes that it covers are those that were signed, by the key of the certificate shown. ``covers_document``: it covers
    the file as it is now, or all but later additions that it allows. ``is_trusted``: its certificate led to an accepted
    authority at that time.
    """

    field: str
    signer: CertificateCard | None
    is_time_stamp: bool
    claimed_at: datetime | None
    stamped_at: datetime | None
    reason: str
    place: str
    is_intact: bool
    covers_document: bool
    is_trusted: bool
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether it may be relied on as what it is; the level and the qualification of its certificate are other matters."""
        return not FATAL.intersection(self.findings)


def validate_pdf(path: Path, *, at: datetime | None = None) -> list[PdfSignature]:
    """Every signature of the file in the order of signing, judged at its proven time, or at ``at`` (now) without one.

    Attacks are answers, not errors: an unreadable signature is one that proves nothing. Raises Invalid when the file itself
    cannot be read as a PDF, Unavailable when the accepted authorities cannot. The network is never asked.
    """
    now = at or datetime.now(UTC)
    with path.open("rb") as file, _readable():
        reader = _open(file)
        fields = list(islice(enumerate_sig_fields(reader, filled_status=True), SIGNATURES_LIMIT + 1))
        if len(fields) > SIGNATURES_LIMIT:
            raise Invalid(
                "too-many-signatures",
                _("This PDF carries more signatures than can be checked."),
                _("Ask its author for the file as it was first signed."),
            )
        judged = [_judge(reader, name, field, now) for name, _value, field in fields]
    return [signature for _revision, signature in sorted(judged, key=lambda pair: pair[0])]


def _open(file: BinaryIO) -> PdfFileReader:
    """A reader that takes the small faults of real files, and a reference to nothing for null (ISO 32000-1, 7.3.10)."""
    reader = PdfFileReader(file, strict=False)
    known = reader.xrefs.get_introducing_revision

    def revision(reference: generic.Reference) -> int:
        try:
            return int(known(reference))
        except KeyError:
            return 0

    reader.xrefs.get_introducing_revision = revision  # type: ignore[assignment,method-assign]
    return reader


def _judge(reader: PdfFileReader, name: str, field: Any, now: datetime) -> tuple[int, PdfSignature]:
    """The number of its revision, and the signature. Its library raises nearly anything on hostile input."""
    try:
        embedded = EmbeddedPdfSignature(reader, field, name)
        if embedded.sig_object_type == "/DocTimeStamp":
            return embedded.signed_revision, _judge_time_stamp(embedded)
        return embedded.signed_revision, _judge_signature(embedded, now)
    except (OSError, TerritoiresError):
        raise
    except Exception:
        log.info("trust: the signature %s cannot be judged", name, exc_info=True)
        return reader.xrefs.total_revisions, _unreadable(name)


def _judge_signature(embedded: EmbeddedPdfSignature, now: datetime) -> PdfSignature:
    certified = _time_in_token(embedded)
    status = _status(embedded, certified or now, certified)
    stamp = status.timestamp_validity
    is_stamped = bool(stamp and stamp.intact and stamp.valid and stamp.trusted)
    moment = certified if certified and is_stamped else now
    if certified and not is_stamped:
        status = _status(embedded, now, certified)  # what is not proven does not date the judgment
    settled = _status_by_evidence(embedded, moment, certified)
    findings = [
        *_integrity(status, embedded),
        *([] if settled and settled.trusted else _trust(settled or status)),
        *([] if is_stamped else [Finding.BAD_TIME_STAMP if certified else Finding.NO_TIME_STAMP]),
    ]
    entries = embedded.sig_object
    return PdfSignature(
        field=embedded.field_name,
        signer=_card(embedded),
        is_time_stamp=False,
        claimed_at=status.signer_reported_dt,
        stamped_at=certified if is_stamped else None,
        reason=_text(entries, "/Reason"),
        place=_text(entries, "/Location"),
        is_intact=status.intact and status.valid,
        covers_document=not {Finding.NOT_COVERING, Finding.CHANGED} & set(findings),
        is_trusted=(settled or status).trusted,
        findings=tuple(findings),
    )


def _judge_time_stamp(embedded: EmbeddedPdfSignature) -> PdfSignature:
    content = embedded.signed_data["encap_content_info"]["content"].parsed
    assert isinstance(content, TSTInfo)
    certified = content["gen_time"].native
    status = complete(async_validate_pdf_timestamp(embedded, validation_context(certified)))
    findings = [*_integrity(status, embedded), *_trust(status)]
    return PdfSignature(
        field=embedded.field_name,
        signer=_card(embedded),
        is_time_stamp=True,
        claimed_at=None,
        stamped_at=certified if status.intact and status.valid and status.trusted else None,
        reason="",
        place="",
        is_intact=status.intact and status.valid,
        covers_document=not {Finding.NOT_COVERING, Finding.CHANGED} & set(findings),
        is_trusted=status.trusted,
        findings=tuple(findings),
    )


def _status(
    embedded: EmbeddedPdfSignature,
    moment: datetime,
    certified: datetime | None,
    evidence: DocumentSecurityStore | None = None,
) -> PdfSignatureStatus:
    return complete(
        async_validate_pdf_signature(
            embedded,
            signer_validation_context=validation_context(moment, evidence),
            ts_validation_context=validation_context(certified or moment),
        )
    )


def _status_by_evidence(
    embedded: EmbeddedPdfSignature, moment: datetime, certified: datetime | None
) -> PdfSignatureStatus | None:
    """The status when the revocation data that the file carries settle it: revoked, or not. None when they do not."""
    try:
        evidence = DocumentSecurityStore.read_dss(embedded.reader)
    except NoDSSFoundError:
        return None
    status = _status(embedded, moment, certified, evidence)
    return status if status.trusted or status.revoked else None


def _integrity(
    status: PdfSignatureStatus | DocumentTimestampStatus, embedded: EmbeddedPdfSignature
) -> Iterator[Finding]:
    if not status.intact:
        yield Finding.BROKEN
    elif not status.valid:
        yield Finding.FORGED
    if status.coverage is None or status.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        yield Finding.NOT_COVERING
    level = status.modification_level
    if level in (None, ModificationLevel.OTHER) or status.docmdp_ok is False or _is_obscure(status, embedded):
        yield Finding.CHANGED
    elif level != ModificationLevel.NONE:
        yield Finding.CHANGED_LAWFULLY


def _is_obscure(status: PdfSignatureStatus | DocumentTimestampStatus, embedded: EmbeddedPdfSignature) -> bool:
    """Whether something was added of which the analysis of differences says nothing, or nothing sure."""
    if status.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return False
    revisions = embedded.reader.xrefs
    # Bytes after the last revision; or a hybrid file, of which readers do not show the same.
    is_last = embedded.signed_revision == revisions.total_revisions - 1
    return is_last or revisions.hybrid_xrefs_present


def _trust(status: PdfSignatureStatus | DocumentTimestampStatus) -> Iterator[Finding]:
    if status.trusted:
        yield Finding.REVOCATION_UNKNOWN
    else:
        yield _DISTRUST.get(status.trust_problem_indic, Finding.UNKNOWN_AUTHORITY)


def _time_in_token(embedded: EmbeddedPdfSignature) -> datetime | None:
    """The time that the signature's own token claims, not yet judged."""
    try:
        attributes = embedded.signer_info["unsigned_attrs"]
        token = find_unique_cms_attribute(attributes, "signature_time_stamp_token")["content"]
    except NonexistentAttributeError:
        return None
    content = token["encap_content_info"]["content"].parsed
    moment = content["gen_time"].native
    assert isinstance(moment, datetime)
    return moment


def _card(embedded: EmbeddedPdfSignature) -> CertificateCard | None:
    try:
        return card_of(x509.load_der_x509_certificate(embedded.signer_cert.dump()))
    except ValueError:
        return None  # malformed inside, although it verifies


def _text(entries: generic.DictionaryObject, name: str) -> str:
    return str(entries.get(name, ""))[:500]


def _unreadable(name: str) -> PdfSignature:
    return PdfSignature(
        field=name,
        signer=None,
        is_time_stamp=False,
        claimed_at=None,
        stamped_at=None,
        reason="",
        place="",
        is_intact=False,
        covers_document=False,
        is_trusted=False,
        findings=(Finding.UNREADABLE,),
    )


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (OSError, TerritoiresError):
        raise
    except Exception as fault:
        raise Invalid(
            "pdf-unreadable",
            _("This file cannot be read as a PDF: its signatures cannot be checked."),
            _("Open it in the program that made it and export it again as PDF."),
        ) from fault
