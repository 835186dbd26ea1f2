"""Whether a document is a PDF that can be relied on, and what in it deserves a warning."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_noop

from territoires.kernel.errors import Fault

from . import storage
from .media_types import PDF, disguise_fault, has_second_face
from .models import Document

TIMEOUT = 30
INSPECTOR = Path(__file__).with_name("pdf_inspector.py")

_PROBLEMS = {
    "encrypted": (
        "pdf-encrypted",
        gettext_noop("“%(name)s” is locked by a password or by restrictions."),
        gettext_noop(
            "Remove the protection in the program that made it (save without password), then send it again."
        ),
    ),
    "broken": (
        "pdf-broken",
        gettext_noop("“%(name)s” is damaged: it cannot be read to the end."),
        gettext_noop("Open it in the program that made it and export it again as PDF."),
    ),
    "no-page": (
        "pdf-without-page",
        gettext_noop("“%(name)s” has no page."),
        gettext_noop("Open it and check that it is the right file, then export it again as PDF."),
    ),
    "too-complex": (
        "pdf-too-complex",
        gettext_noop("“%(name)s” could not be checked in a reasonable time."),
        gettext_noop("Print it to a new PDF, or scan it, and send that file."),
    ),
}
_WARNINGS = {
    "script": (
        "pdf-script",
        gettext_noop("“%(name)s” contains a script; readers may refuse to open it."),
        gettext_noop("Print it to a new PDF if the script is not needed."),
    ),
    "launch": (
        "pdf-launch",
        gettext_noop("“%(name)s” asks the reader's program to start something or to send data."),
        gettext_noop("Print it to a new PDF."),
    ),
    "embedded-file": (
        "pdf-embedded-file",
        gettext_noop("“%(name)s” carries other files inside it."),
        gettext_noop("Send each of those files as an annex."),
    ),
    "dynamic-form": (
        "pdf-dynamic-form",
        gettext_noop("“%(name)s” is a dynamic form that most programs cannot show."),
        gettext_noop("Print it to a new PDF."),
    ),
    "not-wholly-read": (
        "pdf-not-wholly-read",
        gettext_noop("“%(name)s” is so large that only a part of it was checked for scripts."),
        gettext_noop("Split it, if you can."),
    ),
}


@dataclass(frozen=True, slots=True)
class PdfInspection:
    """``faults`` forbid to use the file as an act, ``warnings`` are for the person to judge."""

    pages: int
    faults: Sequence[Fault] = ()
    warnings: Sequence[Fault] = ()


def check_pdf(document: Document) -> list[Fault]:
    """What forbids to take the document as the PDF of an act: empty, disguised, locked, broken, without page."""
    return list(inspect_pdf(document).faults)


def inspect_pdf(document: Document) -> PdfInspection:
    """Looks into the document in a bounded process. Raises Gone or Corrupt when its bytes cannot be had."""
    name = document.name
    if document.size == 0:
        return _refused(
            Fault(
                "file",
                "file-empty",
                "“%(name)s” is empty: it holds no byte.",
                "Check that the scan or the export ended well, then send it again.",
                {"name": name},
            )
        )
    if document.media_type != PDF:
        return _refused(disguise_fault(name, document.media_type))
    with storage.local_path(document.organisation_id, document.sha256) as path:
        if has_second_face(PDF, _tail(path)):
            return _refused(disguise_fault(name, "application/zip"))
        found = _run_inspector(path)
    problem = [_fault(_PROBLEMS[found["problem"]], name)] if found["problem"] else []
    return PdfInspection(found["pages"], problem, [_fault(_WARNINGS[w], name) for w in found["warnings"]])


def _run_inspector(path: Path) -> dict[str, Any]:
    command = [sys.executable, "-I", str(INSPECTOR), str(path)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=True, env={})
        return dict(json.loads(done.stdout))
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError, ValueError):
        # Killed by its limits: what it read was made to exhaust them, or is beyond an act's size.
        return {"problem": "too-complex", "pages": 0, "warnings": []}


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - storage.TAIL))
        return file.read()


def _refused(fault: Fault) -> PdfInspection:
    return PdfInspection(0, [fault])


def _fault(words: tuple[str, str, str], name: str) -> Fault:
    code, message, remedy = words
    return Fault("file", code, message, remedy, {"name": name})
