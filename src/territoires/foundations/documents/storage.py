"""Where the bytes lie: Django's default storage, one object a content and an organisation, written once.

A draft is always a local file: inside the store's own folder when the store is one (keeping it is a rename), in the
machine's temporary folder when the store is remote (keeping it is one upload).
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from uuid import UUID

from django.core.files import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext_noop

from territoires.kernel.errors import Corrupt, Invalid, Unavailable
from territoires.kernel.ids import new_id

CHUNK = 1024 * 1024
HEAD = 8 * 1024
TAIL = 66 * 1024  # a ZIP's end record may lie behind a comment of 64 KiB
STORE = "documents"
INCOMING = "incoming"
OWNED = "="
"""Between a draft's owner and its id, in its name."""


class TooBig(Invalid):
    """More bytes than the place takes; ``limit`` in bytes."""

    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__(
            "file-too-big",
            gettext_noop(
                "This file is larger than %(megabytes)s MB, the most that is taken here; it was not kept."
            ),
            gettext_noop("Send a lighter version: scan in black and white at 200 dpi, or split it."),
            params={"limit": limit, "megabytes": max(1, limit // 1_000_000)},
        )


class Draft:
    """Bytes on their way in: hashed while they are written, invisible until ``keep``.

    ``write`` raises TooBig past ``limit`` bytes and Unavailable when the disk is full; the draft is then gone.
    ``owner`` names work of which there is one in the installation: ``drop_drafts`` finds what it left when it was killed.
    """

    def __init__(self, limit: int, owner: str = "") -> None:
        self.limit = limit
        self.size = 0
        self.head = b""
        self.path = _incoming() / f"{owner}{OWNED if owner else ''}{new_id()}"
        self._digest = hashlib.sha256()
        self._file: int | None = None
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)

    def __repr__(self) -> str:
        # Stable for equal bytes: the fingerprint of an idempotent call is made of it.
        return f"Draft({self.sha256}, {self.size})"

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self, chunk: bytes) -> None:
        if self.size + len(chunk) > self.limit:
            self.discard()
            raise TooBig(self.limit)
        if len(self.head) < HEAD:
            self.head += bytes(chunk[: HEAD - len(self.head)])
        self._digest.update(chunk)
        self.size += len(chunk)
        try:
            self._write_all(chunk)
        except OSError as error:
            self.discard()
            raise _unwritable(error) from error

    def tail(self) -> bytes:
        """The last bytes, at most ``TAIL``."""
        return os.pread(self._descriptor(), TAIL, max(0, self.size - TAIL))

    def keep(self, organisation: UUID) -> None:
        """Makes the bytes durable under their hash; the same content twice is one object."""
        key = key_of(organisation, self.sha256)
        try:
            os.fsync(self._descriptor())
            if _folder() is not None:
                self._rename(Path(default_storage.path(key)))
            elif not default_storage.exists(key):
                with self.path.open("rb") as file:
                    default_storage.save(key, File(file))
        except OSError as error:
            raise _unwritable(error) from error
        finally:
            self.discard()

    def discard(self) -> None:
        """Forgets the bytes unless kept; may be called twice."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        self.path.unlink(missing_ok=True)

    def __del__(self) -> None:
        self.discard()

    def _descriptor(self) -> int:
        if self._file is None:
            raise ValueError("the draft is closed")
        return self._file

    def _write_all(self, chunk: bytes) -> None:
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(self._descriptor(), rest) :]

    def _rename(self, target: Path) -> None:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Over an object of the same name too: the bytes are the same, and damaged ones are healed.
        self.path.replace(target)
        for folder in (target.parent, target.parent.parent):
            sync_folder(folder)


def key_of(organisation: UUID, sha256: str) -> str:
    """The object's name. The organisation leads it: equal bytes of two organisations never meet."""
    return f"{STORE}/{organisation}/{sha256[:2]}/{sha256}"


def open_object(organisation: UUID, sha256: str) -> IO[bytes]:
    """The object, open for reading. Raises Corrupt when it is not there."""
    try:
        return default_storage.open(key_of(organisation, sha256), "rb")
    except FileNotFoundError as error:
        raise Corrupt(
            "file-lost",
            "The file that bears this hash is no longer in the store.",
            "Tell the operator: the file must be restored from a backup.",
            params={"sha256": sha256},
        ) from error


def delete_object(organisation: UUID, sha256: str) -> None:
    """Removes the object; removing what is not there is no error."""
    default_storage.delete(key_of(organisation, sha256))


def read(file: IO[bytes], start: int = 0, length: int | None = None) -> Iterator[bytes]:
    """``length`` bytes (all by default) from ``start``, by chunks; closes the file at the end."""
    with file:
        file.seek(start)
        while length is None or length > 0:
            chunk = file.read(CHUNK if length is None else min(CHUNK, length))
            if not chunk:
                return
            if length is not None:
                length -= len(chunk)
            yield chunk


@contextlib.contextmanager
def local_path(organisation: UUID, sha256: str) -> Iterator[Path]:
    """The object as a file on this machine: itself when the store is a folder, else a temporary copy."""
    source = open_object(organisation, sha256)
    if _folder() is not None:
        source.close()
        yield Path(default_storage.path(key_of(organisation, sha256)))
        return
    with tempfile.NamedTemporaryFile(prefix="territoires-") as copy:
        for chunk in read(source):
            copy.write(chunk)
        copy.flush()
        yield Path(copy.name)


def stored_objects() -> Iterator[tuple[UUID, str]]:
    """Every object of the store, as organisation and hash."""
    if not default_storage.exists(STORE):
        return
    for organisation in default_storage.listdir(STORE)[0]:
        if organisation == INCOMING:
            continue
        for shard in default_storage.listdir(f"{STORE}/{organisation}")[0]:
            for sha256 in default_storage.listdir(f"{STORE}/{organisation}/{shard}")[1]:
                yield UUID(organisation), sha256


def drop_drafts(owner: str) -> int:
    """Removes the drafts of an owner that has none in work: what it left when it was killed. Returns how many."""
    left = list(_incoming().glob(f"{owner}{OWNED}*"))
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def sweep_drafts(older_than_seconds: float) -> int:
    """Removes what killed processes left on their way in; returns how many."""
    limit = time.time() - older_than_seconds
    left = [path for path in _incoming().iterdir() if path.stat().st_mtime < limit]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def _folder() -> Path | None:
    try:
        return Path(default_storage.path(STORE))
    except NotImplementedError:
        return None


def _incoming() -> Path:
    root = _folder() or Path(tempfile.gettempdir()) / f"territoires-{os.getuid()}"
    incoming = root / INCOMING
    try:
        incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(error) from error
    return incoming


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_full(error: OSError) -> bool:
    """Whether a store has no room left."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def _unwritable(error: OSError) -> Unavailable:
    if is_full(error):
        return Unavailable(
            "storage-full",
            "The platform has no room left for files; nothing was kept.",
            "Tell the operator, then send the file again.",
        )
    return Unavailable(
        "storage-unwritable",
        "The platform cannot write files at present; nothing was kept.",
        "Try again in a few minutes; tell the operator if it lasts.",
    )
