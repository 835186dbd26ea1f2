"""Several documents as one ZIP that is written while it is sent: neither memory nor disk ever holds it whole."""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import IO, cast

from .models import Document
from .names import safe_name
from .receiving import open_stream, require_bytes


def zip_stream(files: Sequence[tuple[str, Document]]) -> Iterator[bytes]:
    """The bytes of a ZIP (stored, ZIP64 where needed) with each document under its name, in chunks of at most 1 MiB.

    A name may have folders (``lot 1/enterprise/offer.pdf``). One given twice gets a number, so that nothing hides another
    file; names are made safe, each part apart. Raises Gone before the first byte when one of the documents was purged.
    """
    for _name, document in files:
        require_bytes(document)
    return _written(list(zip(_distinct(name for name, _document in files), files, strict=True)))


def _written(members: Iterable[tuple[str, tuple[str, Document]]]) -> Iterator[bytes]:
    sink = _Sink()
    with zipfile.ZipFile(cast(IO[bytes], sink), "w", zipfile.ZIP_STORED, allowZip64=True) as whole:
        for name, (_asked, document) in members:
            at = document.received_at.timetuple()[:6]
            info = zipfile.ZipInfo(name, max(at, (1980, 1, 1, 0, 0, 0)))
            with whole.open(info, "w", force_zip64=True) as member:
                for chunk in open_stream(document):
                    member.write(chunk)
                    yield sink.drained()
    yield sink.drained()


def _distinct(names: Iterable[str]) -> list[str]:
    """Safe names, each once as Windows and macOS compare them."""
    taken: set[str] = set()
    found = []
    for name in names:
        path = PurePosixPath(*(safe_name(part) for part in name.split("/")))
        candidate, number = str(path), 1
        while (key := unicodedata.normalize("NFC", candidate).casefold()) in taken:
            number += 1
            candidate = str(path.with_name(f"{path.stem} ({number}){path.suffix}"))
        taken.add(key)
        found.append(candidate)
    return found


class _Sink:
    """Where the ZIP is written: forward only, emptied as it grows."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        self._waiting += data
        return len(data)

    def flush(self) -> None:
        pass

    def drained(self) -> bytes:
        found = bytes(self._waiting)
        self._waiting.clear()
        return found
