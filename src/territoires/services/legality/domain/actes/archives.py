"""The archive of an envelope: a tar compressed by gzip, files at its root, at most 150 MiB."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, cast

from territoires.kernel.errors import Invalid

SIZE_LIMIT = 150 * 1024 * 1024
ENTRY_LIMIT = 500
_HEADERS = 4096  # bytes of headers and padding for one file, at most


@dataclass(frozen=True, slots=True)
class Entry:
    """A file to pack: its name in the archive, its size in bytes, its bytes in pieces."""

    name: str
    size: int
    chunks: Iterable[bytes]


def pack(entries: Iterable[Entry], target: IO[bytes], *, at: datetime) -> None:
    """Writes the archive into ``target``, streaming.

    The same entries at the same instant give the same bytes, so that an archive made again after a crash is the one
    that may have left before it. Raises Invalid past ``SIZE_LIMIT``.
    """
    bounded = _Bounded(target)
    seconds = int(at.astimezone(UTC).timestamp())
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=bounded, mtime=seconds) as compressed,
        tarfile.open(fileobj=compressed, mode="w|", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for entry in entries:
            header = tarfile.TarInfo(entry.name)
            header.size, header.mtime, header.mode = entry.size, seconds, 0o644
            archive.addfile(header, cast(IO[bytes], io.BufferedReader(_Pieces(entry.chunks))))


def unpack(data: IO[bytes], *, limit: int = SIZE_LIMIT) -> Iterator[tuple[str, bytes]]:
    """The files of an archive that came from outside, one by one.

    Raises Invalid for folders, links, paths, doubles, more than ``ENTRY_LIMIT`` files, more than ``limit`` opened
    bytes, and for what is no archive: nothing is written anywhere.
    """
    names: set[str] = set()
    left = limit
    try:
        opened = _Opened(gzip.GzipFile(fileobj=data), limit + ENTRY_LIMIT * _HEADERS)
        with tarfile.open(fileobj=cast(IO[bytes], opened), mode="r|") as archive:
            for header in archive:
                left -= header.size
                if left < 0 or len(names) >= ENTRY_LIMIT:
                    raise _refused("it opens into too much")
                if not header.isreg() or header.name in names or not _is_plain(header.name):
                    raise _refused("it holds a link, a folder, a path or the same name twice")
                names.add(header.name)
                content = archive.extractfile(header)
                yield header.name, content.read() if content else b""
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError) as error:
        raise _refused(str(error)[:100] or "it is cut short") from error


def _is_plain(name: str) -> bool:
    return bool(name) and not set(name) & set("/\\\0") and name not in (".", "..")


def _refused(reason: str) -> Invalid:
    return Invalid(
        "actes-archive",
        "This archive is not accepted: %(reason)s.",
        "It is kept aside: the operator decides what to do with it.",
        params={"reason": reason},
    )


class _Bounded(io.RawIOBase):
    """Refuses the byte that makes the archive larger than the ministry takes."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._left = SIZE_LIMIT

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        chunk = memoryview(cast(bytes, data))
        self._left -= len(chunk)
        if self._left < 0:
            raise Invalid(
                "actes-archive-size",
                "The archive of this act is larger than 150 MiB, the most that the State takes.",
                "Compress the scans (300 dpi in black and white is enough) or leave an annex out.",
            )
        return self._target.write(chunk)


class _Opened(io.RawIOBase):
    """Stops a bomb where it opens, headers included."""

    def __init__(self, source: IO[bytes] | gzip.GzipFile, limit: int) -> None:
        self._source = source
        self._left = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        data = self._source.read(len(view))
        self._left -= len(data)
        if self._left < 0:
            raise _refused("it opens into too much")
        view[: len(data)] = data
        return len(data)


class _Pieces(io.RawIOBase):
    """Pieces of bytes, read as a file."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        while not self._rest:
            piece = next(self._chunks, None)
            if piece is None:
                return 0
            self._rest = piece
        taken = self._rest[: len(view)]
        view[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)
