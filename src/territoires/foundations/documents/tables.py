"""A table that was handed over, alone or in an archive beside the files that its lines name."""

from __future__ import annotations

import contextlib
import hashlib
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Sequence

from territoires.kernel.errors import Invalid

from .archives import ArchiveLimits, open_archive
from .media_types import media_type_of
from .models import Document
from .receiving import open_stream

LARGEST_TABLE = 64 * 1024 * 1024
PIECE = 1024 * 1024
HEAD, TAIL = 8 * 1024, 66 * 1024
UNREADABLE = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError)
"""What zipfile raises for a damaged entry."""


class TableBundle:
    """``entries`` are the files beside the table, by their path from it as ``find`` compares it."""

    def __init__(
        self, document: Document, archive: zipfile.ZipFile | None = None, suffixes: Sequence[str] = ()
    ) -> None:
        self.document, self.archive = document, archive
        self.entries: dict[str, zipfile.ZipInfo] = {}
        self.table_entry: zipfile.ZipInfo | None = None
        if archive is not None:
            self._sort(archive, tuple(suffixes))

    def _sort(self, archive: zipfile.ZipFile, suffixes: tuple[str, ...]) -> None:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        shallow = min((entry.filename.count("/") for entry in entries), default=0)
        tables = [
            entry
            for entry in entries
            if entry.filename.lower().endswith(suffixes) and entry.filename.count("/") == shallow
        ]
        if len(tables) != 1:
            raise Invalid(
                "tables-in-archive",
                "The archive must hold one table beside its folders; it holds %(count)s.",
                "Put one table in it, with the files that it names.",
                params={"count": len(tables)},
            )
        self.table_entry = tables[0]
        folder = tables[0].filename.rpartition("/")[0]
        start = f"{folder}/" if folder else ""
        for entry in entries:
            if entry is not tables[0]:
                self.entries[_comparable(entry.filename.removeprefix(start))] = entry

    def table(self) -> bytes:
        """The bytes of the table. Raises Invalid past ``LARGEST_TABLE``."""
        size = self.table_entry.file_size if self.table_entry else self.document.size
        if size > LARGEST_TABLE:
            raise Invalid("table-too-large", "The table is too large.", "Send it in several.")
        if self.archive is None or self.table_entry is None:
            return b"".join(open_stream(self.document))
        try:
            return self.archive.read(self.table_entry)
        except UNREADABLE as error:
            raise Invalid("archive-broken", "The archive is damaged.", "Make it again.") from error

    def find(self, name: str) -> zipfile.ZipInfo | None:
        """The entry that a line means by a name: by its path from the table, letters and accents written anyhow."""
        return self.entries.get(_comparable(name))

    def stream(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        """The bytes of an entry, by pieces; zipfile checks their sum at the end."""
        assert self.archive is not None
        with self.archive.open(entry) as source:
            while piece := source.read(PIECE):
                yield piece

    def digest(self, entry: zipfile.ZipInfo) -> tuple[str, str]:
        """SHA-256 and media type of an entry, read to its end. Raises one of UNREADABLE for a damaged one."""
        sha256, head, tail = hashlib.sha256(), b"", b""
        for piece in self.stream(entry):
            sha256.update(piece)
            head = head or piece[:HEAD]
            tail = (tail + piece)[-TAIL:]
        return sha256.hexdigest(), media_type_of(head, tail)


@contextlib.contextmanager
def open_table(document: Document, limits: ArchiveLimits, suffixes: Sequence[str]) -> Iterator[TableBundle]:
    """What was handed over, ready to read; a table in an archive has one of the ``suffixes``.

    Raises Invalid for an archive that is none, leads outside, is a bomb, or has not exactly one table.
    """
    if document.media_type != "application/zip":
        yield TableBundle(document)
        return
    with open_archive(document, limits) as archive:
        yield TableBundle(document, archive, suffixes)


def _comparable(name: str) -> str:
    return unicodedata.normalize("NFC", name).removeprefix("./").casefold()
