"""Looks into one PDF in a process of its own, with bounded memory and processor: what it meets may be hostile.

Run as a script with a path; writes one JSON object: ``problem`` (or null), ``pages``, ``warnings``. Stands alone, so
that starting it costs no framework.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

MEMORY = 1 << 30
SECONDS = 20
OBJECTS = 300_000


def limit_resources() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def inspect(path: str) -> dict[str, Any]:
    import pikepdf

    answer: dict[str, Any] = {"problem": None, "pages": 0, "warnings": []}
    try:
        # Without recovery: a file that needs mending is a broken file, and other readers may mend it otherwise.
        with pikepdf.open(path, attempt_recovery=False, access_mode=pikepdf.AccessMode.stream) as pdf:
            answer["pages"] = len(pdf.pages)
            if pdf.is_encrypted:
                answer["problem"] = "encrypted"
            elif not pdf.pages:
                answer["problem"] = "no-page"
            else:
                answer["warnings"] = warnings_of(pdf)
    except pikepdf.PasswordError:
        answer["problem"] = "encrypted"
    except (pikepdf.PdfError, ValueError, RuntimeError, KeyError, TypeError):
        answer["problem"] = "broken"
    except MemoryError:
        answer["problem"] = "too-complex"
    return answer


def warnings_of(pdf: Any) -> list[str]:
    """Scripts, launched programs and files inside: lawful in PDF, unwelcome in an act."""
    import pikepdf

    found = set()
    for number, item in enumerate(pdf.objects):
        if number >= OBJECTS:
            found.add("not-wholly-read")
            break
        if not isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
            continue
        found |= marks_of(item)
    return sorted(found)


def marks_of(item: Any) -> set[str]:
    """The warnings that one dictionary, and those directly inside it, deserve."""
    import pikepdf

    marks = set()
    values = [value for _key, value in item.items()] if isinstance(item, pikepdf.Dictionary) else []
    for one in (item, *(value for value in values if isinstance(value, pikepdf.Dictionary))):
        action = str(one.get("/S", ""))
        if action in ("/JavaScript", "/Rendition") or "/JS" in one:
            marks.add("script")
        if action in ("/Launch", "/ImportData", "/SubmitForm"):
            marks.add("launch")
        if str(one.get("/Type", "")) == "/EmbeddedFile" or "/EmbeddedFiles" in one:
            marks.add("embedded-file")
        if "/XFA" in one:
            marks.add("dynamic-form")
    return marks


if __name__ == "__main__":
    limit_resources()
    json.dump(inspect(sys.argv[1]), sys.stdout)
