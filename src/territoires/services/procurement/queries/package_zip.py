"""The first format behind the port of the archives: one ZIP, judged whole before any of it is used."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import ClassVar

from territoires.contracts.archives import Kept, Piece
from territoires.foundations.documents import api as documents

from ..domain.packages import LARGEST_MANIFEST, MANIFEST, Listed, read_manifest, refused, written

CHUNK = 1024 * 1024
LIMITS = documents.ArchiveLimits(
    entries=60_000, opened_bytes=512 * 1024**3, directory_bytes=32 * 1024 * 1024, depth=12
)
_UNREADABLE = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError, KeyError)


class ZipPackages:
    """``PackageFormat`` as one ZIP without compression."""

    media_type: ClassVar[str] = "application/zip"
    suffix: ClassVar[str] = ".zip"

    def write(self, pieces: Iterable[Piece]) -> Iterator[bytes]:
        return written(pieces)

    def read(self, file: Path) -> list[Kept]:
        documents.check_archive(file, LIMITS)
        try:
            archive = zipfile.ZipFile(file)  # stays open as long as what it gives is read
            kept = [
                Kept(one.path, one.size, one.sha256, _reader(archive, one.path))
                for one in self._listed(archive)
            ]
            self._require_same(file, kept)
        except _UNREADABLE as error:
            raise refused("package-broken") from error
        return kept

    def _listed(self, archive: zipfile.ZipFile) -> list[Listed]:
        names = archive.namelist()
        if not names or names[-1] != MANIFEST or archive.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
            raise refused("package-manifest")
        listed = read_manifest(archive.read(MANIFEST))
        if names[:-1] != [one.path for one in listed]:
            raise refused("package-entries")
        return listed

    def _require_same(self, file: Path, kept: list[Kept]) -> None:
        """What these pieces give is this very file: nothing hides before, between or behind them."""
        made = hashlib.sha256()
        for chunk in written(Piece(one.path, one.read) for one in kept):
            made.update(chunk)
        given = hashlib.sha256()
        with file.open("rb") as source:
            while chunk := source.read(CHUNK):
                given.update(chunk)
        if made.digest() != given.digest():
            raise refused("package-altered")


ARCHIVES = ZipPackages()


def _reader(archive: zipfile.ZipFile, path: str) -> Callable[[], Iterable[bytes]]:
    def read() -> Iterator[bytes]:
        with archive.open(path) as source:
            while chunk := source.read(CHUNK):
                yield chunk

    return read
