"""What was received: the archive opened without trusting it. Nothing of it is ever written to a path of its choice."""

from __future__ import annotations

import tarfile
import zlib
from dataclasses import dataclass
from typing import IO

from .norm import Unreadable

LARGEST_MESSAGE = 8 * 1024 * 1024
MOST_OPENED = 1024 * 1024 * 1024
MOST_FILES = 1000
HEAD = 1024


@dataclass(frozen=True, slots=True)
class File:
    """A file of an archive: its first bytes, its size, and for XML of up to 8 MiB all of it."""

    head: bytes
    size: int
    content: bytes | None


def files_of(archive: IO[bytes]) -> dict[str, File]:
    """The files at the root of a tar.gz that is read from where it stands, by name. Raises Unreadable, in the words of the answer."""
    files: dict[str, File] = {}
    opened = 0
    try:
        with tarfile.open(fileobj=archive, mode="r|gz") as members:
            for member in members:
                opened += member.size
                if opened > MOST_OPENED or len(files) == MOST_FILES:
                    raise Unreadable("l'archive contient trop de données")
                if not member.isreg() or "/" in member.name or "\\" in member.name:
                    raise Unreadable(f"l'archive contient un dossier ou un lien : {member.name}")
                if member.name in files:
                    raise Unreadable(f"l'archive contient deux fois le fichier {member.name}")
                source = members.extractfile(member)
                assert source is not None  # a regular file has content
                files[member.name] = _read(source, member)
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError) as failure:
        raise Unreadable("l'archive n'est pas un tar.gz lisible") from failure
    return files


def _read(source: IO[bytes], member: tarfile.TarInfo) -> File:
    if member.name.endswith(".xml") and member.size <= LARGEST_MESSAGE:
        content = source.read()
        return File(content[:HEAD], member.size, content)
    return File(source.read(HEAD), member.size, None)
