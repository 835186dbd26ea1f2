"""What the signatures of a PDF file are worth: who, when, on what, and whether it was changed since."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from asn1crypto.tsp import TSTInfo
from django.utils.translation import gettext_noop as _
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.crypt import AuthStatus
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import enumerate_sig_fields
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

from territoires.foundations.trust.signing import slow_spots  # noqa: F401 (it changes what it imports)
from territoires.foundations.trust.signing.certificates import complete, validation_context
from territoires.kernel.errors import Invalid, TerritoiresError

from .grounds import (
    finding_of,
    integrity_findings,
    level_of,
    names_certificate,
    signer_card,
    time_finding,
    time_in_token,
    trust_findings,
    trust_of,
)
from .report import Changes, Finding, Format, Signature

log = logging.getLogger(__name__)
# What it has to say about a file is in our findings; its warnings would put the names of signers in the logs.
logging.getLogger("pyhanko").setLevel(logging.CRITICAL)

SIGNATURES_LIMIT = 64
"""Signatures judged in one file: each is a walk through all of it, and an act has a handful."""


Status = PdfSignatureStatus | DocumentTimestampStatus
_CHANGES: Mapping[ModificationLevel, Changes] = {
    ModificationLevel.NONE: Changes.NONE,
    ModificationLevel.LTA_UPDATES: Changes.EVIDENCE,
    ModificationLevel.FORM_FILLING: Changes.FORMS,
    ModificationLevel.ANNOTATIONS: Changes.COMMENTS,
}


def validate_pdf(path: Path, *, at: datetime | None = None) -> list[Signature]:
    """Every signature of the file in the order of signing, judged at its proven time, or at ``at`` (now) without one.

    Attacks are answers, not errors: an unreadable signature is one that proves nothing. Raises Invalid when the file itself
    cannot be read as a PDF, Unavailable when the accepted authorities cannot. The network is never asked.
    """
    now = at or datetime.now(UTC)
    with path.open("rb") as file, _readable():
        reader = _open(file)
        _unlock(reader)
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


def _unlock(reader: PdfFileReader) -> None:
    """Opens what needs no password to be read. Raises Invalid where one is asked."""
    if reader.encrypted and not _opens(reader):
        raise Invalid(
            "pdf-encrypted",
            _("This PDF is locked by a password: its signatures cannot be read."),
            _("Ask whoever gave it to you for the file without password, as it was signed."),
        )


def _opens(reader: PdfFileReader) -> bool:
    try:
        return reader.decrypt(b"").status is not AuthStatus.FAILED
    except Exception:
        return False  # locked by certificates, or by what its library does not know


def _judge(reader: PdfFileReader, name: str, field: Any, now: datetime) -> tuple[int, Signature]:
    """The number of its revision, and the signature. Its library raises nearly anything on hostile input."""
    try:
        embedded = EmbeddedPdfSignature(reader, field, name)
        if embedded.sig_object_type == "/DocTimeStamp":
            return embedded.signed_revision, _judge_time_stamp(embedded)
        return embedded.signed_revision, _judge_signature(embedded, now)
    except (OSError, TerritoiresError):
        raise
    except Exception as fault:
        log.info("trust: the signature %s cannot be judged", name, exc_info=True)
        finding = finding_of(fault)
        return reader.xrefs.total_revisions, Signature(name, Format.PKCS7_IN_PDF, (finding,))


def _judge_signature(embedded: EmbeddedPdfSignature, now: datetime) -> Signature:
    certified = time_in_token(embedded.signer_info)
    status = _status(embedded, certified or now, certified)
    stamp = status.timestamp_validity
    is_stamped = bool(stamp and stamp.intact and stamp.valid and stamp.trusted)
    moment = certified if certified and is_stamped else now
    if certified and not is_stamped:
        status = _status(embedded, now, certified)  # what is not proven does not date the judgment
    settled = _status_by_evidence(embedded, moment, certified)
    findings = (
        *_integrity(status, embedded),
        *([] if settled and settled.trusted else trust_findings(settled or status, moment)),
        *time_finding(stamp),
    )
    entries = embedded.sig_object
    is_pades = str(entries.get("/SubFilter", "")) == "/ETSI.CAdES.detached" and names_certificate(
        embedded.signer_info
    )
    return Signature(
        field=embedded.field_name,
        format=Format.PADES if is_pades else Format.PKCS7_IN_PDF,
        findings=findings,
        level=_level(embedded, is_stamped=certified is not None) if is_pades else "",
        signer=signer_card(embedded.signer_cert),
        claimed_at=status.signer_reported_dt,
        stamped_at=certified if is_stamped else None,
        stamp_says=certified,
        reason=_text(entries, "/Reason"),
        place=_text(entries, "/Location"),
        is_trusted=(settled or status).trusted,
        trust=trust_of(settled or status),
        **_extent(status, embedded, findings),
    )


def _judge_time_stamp(embedded: EmbeddedPdfSignature) -> Signature:
    content = embedded.signed_data["encap_content_info"]["content"].parsed
    assert isinstance(content, TSTInfo)
    certified = content["gen_time"].native
    status = complete(async_validate_pdf_timestamp(embedded, validation_context(certified)))
    findings = (*_integrity(status, embedded), *trust_findings(status, certified))
    return Signature(
        field=embedded.field_name,
        format=Format.DOCUMENT_TIME_STAMP,
        findings=findings,
        signer=signer_card(embedded.signer_cert),
        stamped_at=certified if status.intact and status.valid and status.trusted else None,
        stamp_says=certified,
        is_trusted=status.trusted,
        trust=trust_of(status),
        **_extent(status, embedded, findings),
    )


def _extent(status: Status, embedded: EmbeddedPdfSignature, findings: tuple[Finding, ...]) -> dict[str, Any]:
    """What the signature covers, and what became of the rest."""
    covers = not {Finding.NOT_COVERING, Finding.CHANGED} & set(findings)
    is_intact = status.intact and status.valid
    level = status.modification_level
    changes = Changes.DOCUMENT if not covers or level is None else _CHANGES.get(level, Changes.DOCUMENT)
    return {
        "is_intact": is_intact,
        "covers_document": covers,
        "changes": changes if is_intact else Changes.UNKNOWN,
        "revision": embedded.signed_revision + 1,
        "revisions": embedded.reader.xrefs.total_revisions,
    }


def _level(embedded: EmbeddedPdfSignature, *, is_stamped: bool) -> str:
    """The level that the form reaches (EN 319 142-1, 6.1): a document time-stamp made later stands for the signature's own."""
    later = any(
        str(value.get_object().get("/Type", "")) == "/DocTimeStamp"
        and EmbeddedPdfSignature(embedded.reader, field, name).signed_revision > embedded.signed_revision
        for name, value, field in enumerate_sig_fields(embedded.reader, filled_status=True)
    )
    try:
        store = DocumentSecurityStore.read_dss(embedded.reader)
        has_values = bool(store.crls or store.ocsps)
    except NoDSSFoundError:
        has_values = False
    return level_of(is_stamped=is_stamped or later, has_values=has_values, is_kept=later)


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


def _integrity(status: Status, embedded: EmbeddedPdfSignature) -> Iterator[Finding]:
    yield from integrity_findings(status, embedded.signer_info)
    if status.coverage is None or status.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        yield Finding.NOT_COVERING
    level = status.modification_level
    if level in (None, ModificationLevel.OTHER) or status.docmdp_ok is False or _is_obscure(status, embedded):
        yield Finding.CHANGED
    elif level != ModificationLevel.NONE:
        yield Finding.CHANGED_LAWFULLY


def _is_obscure(status: Status, embedded: EmbeddedPdfSignature) -> bool:
    """Whether something was added of which the analysis of differences says nothing, or nothing sure."""
    if status.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return False
    revisions = embedded.reader.xrefs
    # Bytes after the last revision; or a hybrid file, of which readers do not show the same.
    is_last = embedded.signed_revision == revisions.total_revisions - 1
    return is_last or revisions.hybrid_xrefs_present


def _text(entries: generic.DictionaryObject, name: str) -> str:
    return str(entries.get(name, ""))[:500]


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
