"""ZIP archives that people send: judged whole before an entry is read (bombs, traversal, doubles, links, locks)."""

from __future__ import annotations

import contextlib
import re
import stat
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from territoires.kernel.errors import Invalid
from territoires.kernel.text import clean

from . import storage
from .models import Document
from .receiving import require_bytes

_END = struct.Struct("<4sHHHHIIH")  # end of central directory record, APPNOTE 4.3.16
_DRIVE = re.compile(r"^[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may weigh once opened. ``ratio`` is opened bytes for one packed byte, above 1 MiB."""

    entries: int = 2_000
    opened_bytes: int = 2_000_000_000
    ratio: int = 200
    depth: int = 8
    directory_bytes: int = 4 * 1024 * 1024


DEFAULT_LIMITS = ArchiveLimits()


@contextlib.contextmanager
def open_archive(document: Document, limits: ArchiveLimits = DEFAULT_LIMITS) -> Iterator[zipfile.ZipFile]:
    """The document as an archive that passed ``check_archive``. Raises Invalid, Gone or Corrupt."""
    with storage.local_path(document.organisation_id, document.sha256) as path:
        check_archive(path, limits)
        with zipfile.ZipFile(path) as archive:
            yield archive


@contextlib.contextmanager
def local_file(document: Document) -> Iterator[Path]:
    """The document as a file of this machine, to be read and left as it is. Raises Gone once purged."""
    require_bytes(document)
    with storage.local_path(document.organisation_id, document.sha256) as path:
        yield path


def check_archive(path: Path, limits: ArchiveLimits = DEFAULT_LIMITS) -> None:
    """Raises Invalid, with what is wrong, before anything is unpacked.

    Announced sizes can be trusted afterwards: ``zipfile`` never reads an entry beyond its own.
    """
    size = path.stat().st_size
    _check_directory(path, size, limits)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OSError) as error:
        raise _broken() from error
    if len(entries) > limits.entries:
        raise _too_much("archive-entries")
    opened = sum(entry.file_size for entry in entries)
    if opened > limits.opened_bytes or (opened > 1024 * 1024 and opened > limits.ratio * size):
        raise _too_much("archive-bomb")
    seen: set[str] = set()
    for entry in entries:
        _check_entry(entry, limits, seen)


def _check_directory(path: Path, size: int, limits: ArchiveLimits) -> None:
    """The table of contents is loaded whole by every reader: its size is judged from its own record first."""
    with path.open("rb") as file:
        file.seek(max(0, size - storage.TAIL))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise _broken()
    _magic, _disk, _first, _here, entries, directory, _offset, _comment = _END.unpack_from(tail, at)
    if entries > limits.entries or directory > limits.directory_bytes:
        raise _too_much("archive-entries")


def _check_entry(entry: zipfile.ZipInfo, limits: ArchiveLimits, seen: set[str]) -> None:
    name = entry.filename
    parts = name.rstrip("/").split("/")
    if (
        not is_plain_path(entry.orig_filename)
        or not is_plain_path(name)
        or stat.S_ISLNK(entry.external_attr >> 16)
    ):
        raise Invalid(
            "archive-name",
            "The archive holds an entry whose name leads outside it or cannot be read: %(entry)s.",
            "Make the archive again with plain file names.",
            params={"entry": clean(name)[:100]},
        )
    if entry.flag_bits & 0x1:
        raise Invalid(
            "archive-encrypted",
            "The archive is locked by a password.",
            "Make it again without password.",
            params={"entry": clean(name)[:100]},
        )
    if len(parts) > limits.depth:
        raise _too_much("archive-depth")
    folded = clean(name).casefold()
    if folded in seen:
        raise Invalid(
            "archive-double",
            "The archive holds two entries of the same name: %(entry)s.",
            "Rename one of the files and make the archive again.",
            params={"entry": clean(name)[:100]},
        )
    seen.add(folded)


def is_plain_path(name: str) -> bool:
    """True for a relative path without ``..``, backslash, drive, empty part or control character."""
    parts = name.removesuffix("/").split("/")
    return (
        bool(name)
        and len(name.encode(errors="replace")) <= 1_000
        and "\\" not in name
        and not _DRIVE.match(name)
        and clean(name) == name.strip()
        and all(part not in ("", ".", "..") for part in parts)
        and name.isprintable()
    )


def _too_much(code: str) -> Invalid:
    return Invalid(
        code,
        "Once opened, the archive would hold more than is taken here; nothing was unpacked.",
        "Send fewer or smaller files, without an archive inside the archive.",
    )


def _broken() -> Invalid:
    return Invalid(
        "archive-broken", "The archive is damaged or is not a ZIP.", "Make it again, then send it again."
    )
