"""The drawing of a stamp: a small PDF page with its fonts inside, made by typst."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path

import typst

TEMPLATE = Path(__file__).with_name("stamp.typ")

# A compiler keeps its last document and is no place for two threads.
_local = threading.local()


def drawing(lines: Sequence[str], width: float, height: float) -> bytes:
    """A PDF of one page of ``width`` by ``height`` points: a thin frame, the lines inside, the first in bold.

    Lines are only ever data; they are made smaller until they fit. A letter that the font has not is drawn as a box.
    """
    if not hasattr(_local, "compiler"):
        _local.compiler = typst.Compiler(
            TEMPLATE.read_bytes(),
            root=str(TEMPLATE.parent),
            font_paths=typst.Fonts(include_system_fonts=False, font_paths=[]),
            ignore_system_fonts=True,
        )
    data = json.dumps({"lines": list(lines), "width": width, "height": height}, ensure_ascii=False)
    pdf = _local.compiler.compile(
        TEMPLATE.read_bytes(), format="pdf", sys_inputs={"data": data}, pdf_tags=False
    )
    if not isinstance(pdf, bytes):
        raise TypeError("the stamp gave no PDF")
    return pdf
