"""From a template and data to a PDF that archives keep (PDF/A-2b) and screen readers read (PDF/UA-1)."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.apps import apps
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from territoires.kernel.errors import Invalid

HERE = Path(__file__).parent
STANDARDS: list[typst.PDFStandard] = ["a-2b", "ua-1"]
DATA_LIMIT = 2_000_000
"""Characters of data for one document: some 500 pages."""

_TEMPLATE = re.compile(r"([a-z_]+)/([a-z_]+)")
# Letters that our fonts draw: Latin, Greek, Cyrillic, punctuation, currencies, arrows, mathematics, shapes.
_UNDRAWN = re.compile(
    r"[^\t\n\u0020-\u007e\u00a0-\u024f\u0370-\u03ff\u0400-\u04ff\u1e00-\u1eff\u2010-\u2027\u202f-\u205e\u20ac\u2116\u2122\u2190-\u2193]"
)

# A compiler keeps its last document and is no place for two threads.
_local = threading.local()


@dataclass(frozen=True, slots=True)
class Verification:
    """Where the printed paper is verified: a web address, and the short code to type there."""

    address: str
    code: str


def render(
    template: str,
    data: Mapping[str, Any],
    *,
    language: str,
    issuer: str = "",
    verification: Verification | None = None,
    at: datetime | None = None,
) -> bytes:
    """The PDF of ``<application>/<name>`` (``printing/certificate``, ``printing/letter``, or a service's own).

    ``data`` is plain JSON that the template documents at its head; ``issuer`` is the body whose name stands on top
    (the platform's without one);
    ``at`` dates the file. Data is only ever data: it reaches the template as JSON, never as source, and characters
    that the fonts cannot draw become ``□``. Raises Invalid when there is too much of it, LookupError for an
    unknown template.
    """
    given = json.dumps(_drawable(data), ensure_ascii=False)
    if len(given) > DATA_LIMIT:
        raise Invalid(
            "too-much-to-print",
            "This document is too long to be printed in one piece.",
            "Narrow the selection, or print it in parts.",
        )
    frame = json.dumps(
        _drawable(_frame(language, issuer or settings.PLATFORM_NAME, verification)), ensure_ascii=False
    )
    source = _template(template).read_bytes()
    pdf = _compiler().compile(
        source,
        format="pdf",
        sys_inputs={"data": given, "frame": frame},
        pdf_standards=STANDARDS,
        timestamp=(at or datetime.now(UTC)).replace(microsecond=0),  # typst takes whole seconds
    )
    if not isinstance(pdf, bytes):
        raise TypeError(f"{template} gave no PDF")
    return pdf


def _frame(language: str, issuer: str, verification: Verification | None) -> dict[str, Any]:
    with translation.override(language):
        words = {
            "verify": _("Verify this document at"),
            "code": _("with the code"),
            "page": _("Page {page} of {pages}"),
            "qr": _("QR code that leads to the verification page"),
        }
    shown = {**asdict(verification), "qr": qr_svg(verification.address)} if verification else None
    return {"language": language, "issuer": issuer, "verification": shown, "words": words}


def qr_svg(text: str) -> str:
    """The QR code of a text, as one SVG path: a square a dark module."""
    from qrcode.constants import ERROR_CORRECT_M  # brings an image library, which takes long to load
    from qrcode.main import QRCode

    code = QRCode(error_correction=ERROR_CORRECT_M, border=2)
    code.add_data(text)
    matrix = code.get_matrix()
    path = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, is_dark in enumerate(row) if is_dark
    )
    size = len(matrix)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"><path d="{path}"/></svg>'


def _drawable(value: Any) -> Any:
    """The same value, its texts without what the fonts cannot draw (PDF/A refuses a missing glyph)."""
    match value:
        case str():
            return _UNDRAWN.sub("□", value)
        case Mapping():
            return {key: _drawable(item) for key, item in value.items()}
        case list() | tuple():
            return [_drawable(item) for item in value]
    return value


@cache
def _template(name: str) -> Path:
    found = _TEMPLATE.fullmatch(name)
    if found is None:
        raise LookupError(f"{name} is not the name of a template")
    application, stem = found.groups()
    for config in apps.get_app_configs():
        path = Path(config.path) / "typst" / f"{stem}.typ"
        if config.name.rpartition(".")[2] == application and path.is_file():
            return path
    raise LookupError(f"there is no template {name}")


def _compiler() -> typst.Compiler:
    """This thread's compiler. Its root is the frame's folder: a template reads nothing else of the machine."""
    if not hasattr(_local, "compiler"):
        _local.compiler = typst.Compiler(
            b"",
            root=str(HERE / "typst"),
            font_paths=typst.Fonts(include_system_fonts=False, font_paths=[str(HERE / "fonts")]),
            ignore_system_fonts=True,
        )
    compiler: typst.Compiler = _local.compiler
    return compiler
