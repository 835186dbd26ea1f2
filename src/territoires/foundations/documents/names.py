"""File names as people gave them, made harmless."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

from territoires.kernel.text import clean

from .models import NAME_LENGTH

UNNAMED = "document"
_FORBIDDEN = re.compile(r'[<>:"|?*\\/]')
_EXTENSION_LENGTH = 16


def safe_name(name: str) -> str:
    """The last part of the path, NFC, without controls, direction marks or characters that a system reserves.

    Quotes become typographic ones; the extension survives when a long name is cut. Idempotent.
    """
    last = re.split(r"[\\/]", name)[-1].replace('"', "”")
    visible = "".join(" " if unicodedata.category(c) in ("Zl", "Zp", "Zs", "Cc") else c for c in clean(last))
    known = "".join(c for c in visible if unicodedata.category(c)[0] != "C")
    words = " ".join(_FORBIDDEN.sub("_", unicodedata.normalize("NFC", known)).split()).strip(". ")
    return _shortened(words) or UNNAMED


def extension(name: str) -> str:
    """The extension in lower case with its dot, or an empty string."""
    return PurePosixPath(name.strip()).suffix.lower()


def _shortened(name: str) -> str:
    if len(name) <= NAME_LENGTH:
        return name
    suffix = extension(name)[:_EXTENSION_LENGTH]
    return name[: NAME_LENGTH - len(suffix)].rstrip(". ") + suffix
