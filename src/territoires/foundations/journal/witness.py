"""The witness file: every checkpoint, outside the database, one JSON line each, only ever longer.

In production it stands on storage with object lock. Without it, whoever rewrites the database and its checkpoints with
the platform's own key would not be found.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings

_TAIL = 64 * 1024  # far more than one line


def path() -> Path:
    """The witness file of this installation."""
    return settings.ENVIRONMENT.var / "witness" / "checkpoints.jsonl"


def keep(note: bytes) -> None:
    """Appends a note and waits until it is on the disk."""
    file = path()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    line = json.dumps({"note": note.decode()}, ensure_ascii=False).encode() + b"\n"
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        if _ends_within_a_line(descriptor):
            line = b"\n" + line
        os.write(descriptor, line)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def last(file: Path | None = None) -> bytes | None:
    """The note kept last; None when there is none."""
    try:
        with (file or path()).open("rb") as lines:
            lines.seek(max(0, lines.seek(0, os.SEEK_END) - _TAIL))
            notes = list(_notes(lines.read().split(b"\n")))
    except FileNotFoundError:
        return None
    return notes[-1] if notes else None


def kept(file: Path) -> Iterator[bytes]:
    """Every note of a witness file, oldest first."""
    with file.open("rb") as lines:
        yield from _notes(lines)


def _notes(lines: Iterable[bytes]) -> Iterator[bytes]:
    for line in lines:
        try:
            yield json.loads(line)["note"].encode()
        except (ValueError, KeyError, TypeError):
            continue  # a line cut by a crash: its checkpoint was not issued


def _ends_within_a_line(descriptor: int) -> bool:
    end = os.lseek(descriptor, 0, os.SEEK_END)
    return end > 0 and os.pread(descriptor, 1, end - 1) != b"\n"
