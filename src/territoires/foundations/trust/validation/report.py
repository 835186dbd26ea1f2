"""What is said of a file's signatures: findings, and the indication that EN 319 102-1 (5.1.3) gives with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from django.utils.translation import gettext_noop as _

from territoires.foundations.trust.signing.certificates import CertificateCard

POLICY = "urn:territoires:signature-validation:1"
"""The rules by which this folder judges, as docs/operations/signatures.md states them; a change of them is a new number."""


class Finding(StrEnum):
    """What speaks against a signature, or what its reader must know; each value is a sentence."""

    UNREADABLE = _("This signature is malformed: it proves nothing.")
    BROKEN = _("The signed content was changed: this signature is broken.")
    FORGED = _("The signature does not match the certificate that it shows.")
    NOT_COVERING = _("The signature does not cover the file as it should: parts were left out.")
    CHANGED = _("The document was changed after this signature.")
    CHANGED_LAWFULLY = _("Later signatures or entries were added, which this signature allows.")
    NO_DOCUMENT = _("The signed document is not in this file: whether it was changed cannot be said.")
    FILES_MISSING = _("A signed file is missing from the container.")
    FILES_ADDED = _("The container holds files that this signature does not cover.")
    NO_CERTIFICATE = _("The file does not hold the very certificate that was used to sign.")
    CONTRADICTORY = _("The signature names algorithms that contradict each other: it cannot be judged.")
    UNKNOWN_AUTHORITY = _("The certificate was not issued by an authority that this platform accepts.")
    EXPIRED = _("The certificate was not valid at the time of the signature.")
    NOT_YET_VALID = _("The certificate was not valid yet at the time of the signature.")
    AUTHORITY_OUT_OF_DATE = _(
        "The certificate of an authority above the signer's was not valid at the time of the signature."
    )
    REVOKED = _("The certificate was revoked.")
    NOT_FOR_SIGNING = _("The certificate is not meant for signing.")
    WEAK = _("The signature rests on an algorithm that is no longer safe.")
    NO_TIME_STAMP = _("No time-stamp proves the hour: it is only what the signer's machine said.")
    BROKEN_TIME_STAMP = _("The time-stamp is broken, or is that of another signature.")
    BAD_TIME_STAMP = _("The time-stamp proves nothing: its authority is not accepted.")
    REVOCATION_UNKNOWN = _("Whether the certificate was revoked was not asked: nothing in the file says it.")
    COUNTERSIGNED = _("It bears counter-signatures, which are not judged here.")


FATAL = frozenset(
    {
        Finding.UNREADABLE,
        Finding.BROKEN,
        Finding.FORGED,
        Finding.NOT_COVERING,
        Finding.CHANGED,
        Finding.NO_DOCUMENT,
        Finding.FILES_MISSING,
        Finding.FILES_ADDED,
        Finding.NO_CERTIFICATE,
        Finding.CONTRADICTORY,
        Finding.UNKNOWN_AUTHORITY,
        Finding.EXPIRED,
        Finding.NOT_YET_VALID,
        Finding.AUTHORITY_OUT_OF_DATE,
        Finding.REVOKED,
        Finding.NOT_FOR_SIGNING,
        Finding.WEAK,
    }
)
"""The findings with which a signature must not be relied on."""


class Indication(StrEnum):
    """The three verdicts of EN 319 102-1."""

    PASSED = "TOTAL-PASSED"
    FAILED = "TOTAL-FAILED"
    INDETERMINATE = "INDETERMINATE"


class Format(StrEnum):
    """How a signature is written. The names of the standards are the same in every language."""

    PADES = "PAdES"
    PKCS7_IN_PDF = "PDF (PKCS#7)"
    DOCUMENT_TIME_STAMP = _("document time-stamp")
    CADES = "CAdES"
    CMS = "CMS (PKCS#7)"
    ASIC_S = "ASiC-S, CAdES"
    ASIC_E = "ASiC-E, CAdES"


class Trust(StrEnum):
    """On what the trust in a certificate rests; each value is a sentence."""

    PLATFORM = _("The authority of this platform itself.")
    ACCEPTED = _("An authority that the operator of this platform accepts.")
    UNKNOWN = _(
        "Unknown: its authority is neither that of this platform nor one that its operator accepts, and no trusted list is read."
    )


class Changes(StrEnum):
    """What became of the document after the signature; each value is a sentence."""

    NONE = _("Nothing was changed.")
    EVIDENCE = _("Only time-stamps or revocation data were added, to keep the proof.")
    FORMS = _("Form fields were filled in, or signatures were added, as this signature allows.")
    COMMENTS = _("Comments were added, as this signature allows.")
    DOCUMENT = _("The document itself was changed, or was given parts that cannot be compared.")
    UNKNOWN = _("It cannot be said.")


class Unjudged(StrEnum):
    """What a file holds that is not judged; each value is a sentence."""

    XML = _("This file holds an XML signature (XAdES), which this page does not judge yet.")
    OFFICE = _(
        "This document holds a signature made by an office program, which this page does not judge yet."
    )
    PROOFS = _("This container holds time-stamps or evidence records, which this page does not judge yet.")
    INSIDE = _("This archive holds files that bear signatures of their own: take them out and give each one.")
    TIME_STAMP = _("This file is a time-stamp alone: without the document, what it dates cannot be said.")
    MAIL = _("This file is a signed message, which this page does not judge yet.")


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature (or document time-stamp) of a file, each property apart: none stands for another.

    ``field`` is its field in a PDF, its file in a container, else empty. ``level`` is the baseline level that its form
    reaches (B-B to B-LTA), empty below; what it carries is judged apart. ``claimed_at`` is what the signer's machine said,
    ``stamped_at`` what an accepted authority certified, ``stamp_says`` what any time-stamp says, accepted or not.
    ``is_intact``: the bytes that it covers are those that were signed, by the key of the certificate shown.
    ``covers_document``: it covers the file as it is now, or all but later additions that it allows. ``is_trusted``: its
    certificate led to an accepted authority at that time. ``revision`` of ``revisions``: which state of a PDF it signed.
    """

    field: str
    format: Format
    findings: tuple[Finding, ...]
    level: str = ""
    signer: CertificateCard | None = None
    claimed_at: datetime | None = None
    stamped_at: datetime | None = None
    stamp_says: datetime | None = None
    reason: str = ""
    place: str = ""
    is_intact: bool = False
    covers_document: bool = False
    is_trusted: bool = False
    trust: Trust = Trust.UNKNOWN
    changes: Changes = Changes.UNKNOWN
    revision: int = 0
    revisions: int = 0

    @property
    def is_time_stamp(self) -> bool:
        return self.format is Format.DOCUMENT_TIME_STAMP

    @property
    def holds(self) -> bool:
        """Whether it may be relied on as what it is; the level and the qualification of its certificate are other matters."""
        return not FATAL.intersection(self.findings)

    @property
    def indication(self) -> Indication:
        return self._verdict[0]

    @property
    def sub_indication(self) -> str:
        """The reason in the words of the standard; empty when it passed."""
        return self._verdict[1]

    @property
    def _verdict(self) -> tuple[Indication, str]:
        """That of the gravest finding. Passed only when the file itself proves that the certificate was not revoked."""
        proven = _PROVEN if self.stamped_at else {}
        verdicts = {**_VERDICTS, **proven}
        return next((verdicts[one] for one in verdicts if one in self.findings), (Indication.PASSED, ""))


_FAILED, _OPEN = Indication.FAILED, Indication.INDETERMINATE
_VERDICTS: Mapping[Finding, tuple[Indication, str]] = {
    Finding.UNREADABLE: (_FAILED, "FORMAT_FAILURE"),
    Finding.BROKEN: (_FAILED, "HASH_FAILURE"),
    Finding.FORGED: (_FAILED, "SIG_CRYPTO_FAILURE"),
    Finding.NOT_COVERING: (_FAILED, "FORMAT_FAILURE"),
    Finding.CHANGED: (_FAILED, "FORMAT_FAILURE"),
    Finding.REVOKED: (_OPEN, "REVOKED_NO_POE"),
    Finding.NO_CERTIFICATE: (_OPEN, "NO_SIGNING_CERTIFICATE_FOUND"),
    Finding.NO_DOCUMENT: (_OPEN, "SIGNED_DATA_NOT_FOUND"),
    Finding.FILES_MISSING: (_OPEN, "SIGNED_DATA_NOT_FOUND"),
    Finding.FILES_ADDED: (_OPEN, "SIG_CONSTRAINTS_FAILURE"),
    Finding.CONTRADICTORY: (_OPEN, "CRYPTO_CONSTRAINTS_FAILURE"),
    Finding.WEAK: (_OPEN, "CRYPTO_CONSTRAINTS_FAILURE"),
    Finding.NOT_FOR_SIGNING: (_OPEN, "CHAIN_CONSTRAINTS_FAILURE"),
    Finding.EXPIRED: (_OPEN, "OUT_OF_BOUNDS_NO_POE"),
    Finding.NOT_YET_VALID: (_OPEN, "OUT_OF_BOUNDS_NO_POE"),
    Finding.AUTHORITY_OUT_OF_DATE: (_OPEN, "CERTIFICATE_CHAIN_GENERAL_FAILURE"),
    Finding.UNKNOWN_AUTHORITY: (_OPEN, "NO_CERTIFICATE_CHAIN_FOUND"),
    Finding.REVOCATION_UNKNOWN: (_OPEN, "TRY_LATER"),
}
"""The gravest first. What is not here does not decide."""
_PROVEN: Mapping[Finding, tuple[Indication, str]] = {
    Finding.REVOKED: (_FAILED, "REVOKED"),
    Finding.EXPIRED: (_FAILED, "EXPIRED"),
    Finding.NOT_YET_VALID: (_FAILED, "NOT_YET_VALID"),
}
"""Where an accepted time-stamp proves that it was so when the signature was made."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file could not be judged: what happened, and what to do."""

    code: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class FileReport:
    """All that is said of one file. Without signature, note and problem, none was found in it."""

    __pydantic_config__: ClassVar[Any] = {"ser_json_bytes": "base64", "val_json_bytes": "base64"}
    """How it passes from one process to another."""

    signatures: tuple[Signature, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()
    problem: Problem | None = None
