"""Where the bytes of sealed files lie: Django's default storage, one object a chunk, written once.

An object's name holds its leaf: a chunk that is sent again, encrypted anew, never overwrites the one before.
"""

from __future__ import annotations

import os
from pathlib import Path
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from territoires.foundations.documents import api as documents
from territoires.kernel.errors import Corrupt, Unavailable
from territoires.kernel.ids import new_id

STORE = "bids"


def write_object(draft: UUID, file: UUID, index: int, leaf: str, body: bytes) -> None:
    """Makes ciphertext and tag durable before it returns. Raises Unavailable when the store cannot write."""
    name = _name(draft, file, index, leaf)
    try:
        path = Path(default_storage.path(name))
    except NotImplementedError:
        _save_remotely(name, body)
        return
    try:
        _write_durably(path, body)
    except OSError as error:
        raise _unwritable(error) from error


def read_object(draft: UUID, file: UUID, index: int, leaf: str) -> bytes:
    """Ciphertext and tag. Raises Corrupt when they are no longer there."""
    try:
        with default_storage.open(_name(draft, file, index, leaf), "rb") as stored:
            return bytes(stored.read())
    except FileNotFoundError as error:
        raise Corrupt(
            "chunk-lost",
            "A part of a sealed file is no longer in the store.",
            "Tell the operator: it must be restored from a replica; the safety copy may serve meanwhile.",
        ) from error


def delete_object(draft: UUID, file: UUID, index: int, leaf: str) -> None:
    """Removes a chunk; removing what is not there is no error."""
    default_storage.delete(_name(draft, file, index, leaf))


def _name(draft: UUID, file: UUID, index: int, leaf: str) -> str:
    return f"{STORE}/{draft}/{file}/{index}-{leaf[:32]}"


def _save_remotely(name: str, body: bytes) -> None:
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(body))


def _write_durably(path: Path, body: bytes) -> None:
    """Beside its place, synced, then renamed: a killed process leaves no half chunk under a chunk's name."""
    is_new = _made(path.parent)
    part = path.with_name(f"{new_id()}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            rest = memoryview(body)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent)[: 3 if is_new else 1]:
        documents.sync_folder(folder)


def _made(folder: Path) -> bool:
    """Makes the folder; answers whether it was new."""
    if folder.is_dir():
        return False
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return True


def _unwritable(error: OSError) -> Unavailable:
    if documents.is_full(error):
        return Unavailable(
            "storage-full",
            "The platform has no room left for files; this part was not kept, those before it are safe.",
            "Tell the support at once, then go on: only what is missing is sent.",
        )
    return Unavailable(
        "storage-unwritable",
        "The platform cannot write files at present; this part was not kept, those before it are safe.",
        "Go on in a few minutes: only what is missing is sent. Tell the support if it lasts.",
    )
