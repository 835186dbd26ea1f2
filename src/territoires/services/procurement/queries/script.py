"""The script that browsers are served to seal and to release, by one digest: the journal says which it was."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings


@cache
def served_script() -> str:
    """The digest of this installation's; empty where nothing is built, as while it is developed."""
    return script_digest(Path(str(settings.DJANGO_VITE["default"]["manifest_path"])).parent)


def script_digest(folder: Path) -> str:
    """The SHA-256 of what ``sha256sum`` writes of the scripts under a folder, by name: anybody makes it again."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for path in sorted(folder.rglob("*.js"))
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest() if lines else ""
