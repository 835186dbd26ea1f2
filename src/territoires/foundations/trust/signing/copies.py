"""Copies that carry the stamp of an acknowledgement. The signed file is read, never touched; its copy claims no signature."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pikepdf
from django.utils.translation import gettext_noop as _

from territoires.kernel.errors import Invalid

from .drawing import drawing
from .geometry import Page, page_frame
from .pades import refuse_same_file

MARGIN = 12.0
WIDTH, LINE = 200.0, 11.5


def stamp_copy(source: Path, target: Path, *, lines: Sequence[str], at: datetime) -> None:
    """Writes to ``target`` a copy of ``source`` with ``lines`` at the top right of every page as it is seen.

    What the source's signatures look like stays drawn, their values go: in a copy that was written anew they could only
    look broken. ``at`` (aware) dates the copy. Raises Invalid on a locked or damaged file; ``target`` then does not exist.
    """
    refuse_same_file(source, target)
    height = LINE * len(lines) + 10
    try:
        with (
            pikepdf.open(source) as pdf,
            pikepdf.open(io.BytesIO(drawing(lines, WIDTH, height))) as stamp,
        ):
            _drop_signatures(pdf)
            form = pdf.copy_foreign(stamp.pages[0].as_form_xobject())
            for page in pdf.pages:
                _draw(pdf, page, form, height)
            if "/Info" in pdf.trailer:
                pdf.docinfo["/ModDate"] = f"D:{at.astimezone():%Y%m%d%H%M%S%z}"
            pdf.save(target)
    except pikepdf.PasswordError as fault:
        raise Invalid(
            "pdf-encrypted",
            _("This PDF is locked by a password: it cannot be copied with a stamp."),
            _("Give the file without its protection; the act itself stays as it is."),
        ) from fault
    except (pikepdf.PdfError, ValueError, TypeError) as fault:
        target.unlink(missing_ok=True)
        raise Invalid(
            "pdf-unreadable",
            _("This PDF is damaged: it cannot be copied with a stamp."),
            _("Open it in the program that made it and export it again as PDF."),
        ) from fault


def _drop_signatures(pdf: pikepdf.Pdf) -> None:
    """Turns every form field into a drawing, and forgets what signatures leave in the catalogue."""
    if "/AcroForm" in pdf.Root:
        pdf.flatten_annotations("print")
        for page in pdf.pages:
            if "/Annots" in page:
                page.Annots = pikepdf.Array(one for one in page.Annots if one.get("/Subtype") != "/Widget")
    for name in ("/AcroForm", "/Perms", "/DSS"):
        if name in pdf.Root:
            del pdf.Root[name]


def _draw(pdf: pikepdf.Pdf, page: pikepdf.Page, form: pikepdf.Object, height: float) -> None:
    """Over what the page shows, whatever state its own content leaves; an artefact for screen readers (14.8.2.2)."""
    frame = page_frame(_entries(page))
    scale = min(1.0, (frame.width - 2 * MARGIN) / WIDTH, (frame.height - 2 * MARGIN) / height)
    if scale <= 0:
        return  # a page too small to be read
    name = page.add_resource(form, pikepdf.Name.XObject)
    matrix = _matrix(frame, scale, height)
    page.contents_add(pdf.make_stream(b"q\n"), prepend=True)
    page.contents_add(
        pdf.make_stream(f"Q\n/Artifact BMC q {matrix} cm {name} Do Q EMC\n".encode()), prepend=False
    )


def _matrix(frame: Page, scale: float, height: float) -> str:
    x = frame.width - MARGIN - WIDTH * scale
    y = frame.height - MARGIN - height * scale
    a, b, c, d, left, bottom = frame.matrix_at(x, y)
    return " ".join(f"{value:.4f}" for value in (a * scale, b * scale, c * scale, d * scale, left, bottom))


def _entries(page: pikepdf.Page) -> Mapping[str, Any]:
    """The entries of the page that may be inherited from its parents."""
    found: dict[str, Any] = {}
    node: pikepdf.Object | None = page.obj
    depth = 0
    while node is not None and depth < 64:
        for name in ("/MediaBox", "/CropBox", "/Rotate", "/UserUnit"):
            if name in node and name not in found:
                found[name] = node[name]
        node, depth = node.get("/Parent"), depth + 1
    return found
