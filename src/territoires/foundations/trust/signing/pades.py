"""Signing PDF files: PAdES B-T (EN 319 142-1), always by an incremental update, so that no earlier byte changes."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

from django.utils.translation import gettext_noop as _
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import SignatureObject
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.validation.pdf_embedded import read_certification_data

from territoires.foundations.trust.authority import time_stamp
from territoires.foundations.trust.material import material
from territoires.kernel.errors import Invalid, TerritoiresError

from . import cms
from .appearance import Place, VisibleStamp, draw, place_for
from .keys import SigningKey

TOKEN_STRUCTURE = 2048
"""Bytes of a time-stamp token apart from its certificates, generously."""


@dataclass(frozen=True, slots=True)
class SignedPdf:
    """What was made: ``field`` is the name of the signature's field, unique in the file, ``at`` the time claimed."""

    path: Path
    field: str
    at: datetime
    size: int


def sign_pdf(
    source: Path,
    target: Path,
    *,
    key: SigningKey,
    reason: str,
    place: str,
    at: datetime,
    stamp: VisibleStamp | None = None,
) -> SignedPdf:
    """Signs ``source`` into ``target`` with ``key``; earlier signatures stay as good as they were.

    ``reason`` and ``place`` are what the signer declares, ``at`` (aware) the time claimed; the time-stamp of our own
    authority certifies the real one. ``stamp`` is drawn on its page; without one the signature is not seen.
    Memory does not grow with the pages' content. Raises Invalid when the file cannot be signed without harm, Unavailable
    when no time-stamp can be given; ``target`` then does not exist.
    """
    refuse_same_file(source, target)
    field = f"Signature-{uuid4()}"
    try:
        shutil.copyfile(source, target)
        with target.open("r+b") as file:
            with _explained():
                steps, digest = _prepare(file, field, key, reason, place, at, stamp)
            steps.send(cms.sign_digest(digest, key, time_stamp))
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return SignedPdf(target, field, at, target.stat().st_size)


def _prepare(
    file: BinaryIO,
    field: str,
    key: SigningKey,
    reason: str,
    place: str,
    at: datetime,
    stamp: VisibleStamp | None,
) -> tuple[Generator[Any, Any, None], bytes]:
    """Writes the update with room for a signature: what takes that signature, and the digest to sign."""
    writer = IncrementalPdfFileWriter(file)
    _refuse_unfit(writer)
    spot = place_for(writer, stamp) if stamp else None
    steps = PdfCMSEmbedder(_field(field, key, spot)).write_cms(field, writer)
    widget = next(steps).get_object()
    if spot and stamp:
        draw(writer, widget, spot, stamp)
    holder = SignatureObject(
        timestamp=at,
        subfilter=SigSeedSubFilter.PADES,
        name=key.card.holder,
        location=place,
        reason=reason,
        bytes_reserved=2 * cms.room_for(key, _token_size()),  # in hexadecimal
    )
    steps.send(SigObjSetup(sig_placeholder=holder))
    prepared, _output = steps.send(SigIOSetup(md_algorithm="sha256", in_place=True))
    return steps, prepared.document_digest


def refuse_same_file(source: Path, target: Path) -> None:
    """Raises ValueError when the target is the source: what fails removes its target."""
    if target.exists() and target.samefile(source):
        raise ValueError("a file is never signed or stamped in its own place")


def _field(name: str, key: SigningKey, spot: Place | None) -> SigFieldSpec:
    return SigFieldSpec(
        name,
        on_page=spot.page if spot else 0,
        box=spot.box if spot else None,  # type: ignore[arg-type]  # it takes fractions, too
        readable_field_name=f"Signature : {key.card.holder}",
    )


def _token_size() -> int:
    return len(material().chain.untrusted_pem) + TOKEN_STRUCTURE


def _refuse_unfit(writer: IncrementalPdfFileWriter) -> None:
    """Raises Invalid on what would make a signature that some reader refuses, or that breaks one."""
    reader = writer.prev
    if reader.encrypted:
        raise Invalid(
            "pdf-encrypted",
            _("This PDF is locked by a password or by restrictions: it cannot be signed."),
            _("Remove the protection in the program that made it, then sign the new file."),
        )
    if reader.xrefs.hybrid_xrefs_present:
        raise _unusual()  # programs old and new do not show the same document
    if "/AcroForm" in reader.root and "/XFA" in reader.root["/AcroForm"]:
        raise Invalid(
            "pdf-dynamic-form",
            _("This PDF is a dynamic form: what it shows may change after the signature."),
            _("Print it to a new PDF, then sign that one."),
        )
    certification = read_certification_data(reader)
    if certification is not None and certification.permission == MDPPerm.NO_CHANGES:
        raise Invalid(
            "pdf-closed-by-its-author",
            _("The first signature of this PDF forbids any other: one more would break it."),
            _("Ask its author for a file that may still be signed."),
        )


@contextmanager
def _explained() -> Iterator[None]:
    """What the PDF library meets in a damaged file becomes one sentence; it raises nearly anything."""
    try:
        yield
    except (OSError, TerritoiresError):
        raise
    except Exception as fault:
        raise _unusual() from fault


def _unusual() -> Invalid:
    return Invalid(
        "pdf-not-signable",
        _("This PDF is damaged or of an unusual making: it cannot be signed without changing it."),
        _("Open it in the program that made it and export it again as PDF, then sign that file."),
    )
