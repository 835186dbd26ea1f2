"""Sealed files to the clear, some at a time: hashes and the disk leave the interpreter free, so both cores work.

The threads have no database and no key but that of their file, and nothing leaves the opening worker's process.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from territoires.foundations.documents import api as documents
from territoires.kernel.errors import Corrupt, Invalid

from ..domain.sealing import files
from ..domain.sealing.files import FileEntry, Header
from ..queries.sealed_chunks import StoredFile

LANES = 2
OWNER = "opener"
"""Whose drafts the clear bytes are."""


@dataclass(slots=True)
class Deciphering:
    """One file on its way: ``header`` and ``draft`` as far as it came, ``fault`` what stopped it.

    ``draft`` is whole when there is no fault, else only its hash is left. Nobody can read it until it is kept, and it
    vanishes with this object.
    """

    position: int
    entry: FileEntry
    master: bytes
    stored: StoredFile
    header: Header | None = None
    draft: documents.Draft | None = None
    fault: Invalid | Corrupt | documents.Infected | None = None

    def run(self, judge: documents.Antivirus) -> Deciphering:
        """The root first, then the header, chunks and padding, and the antivirus. Raises Unavailable."""
        try:
            files.check_root(self.entry, self.stored)
            self.header = files.opened_header(self.master, self.entry)
            self.draft = documents.Draft(self.header.size, OWNER)
            clear = files.opened_chunks(self.master, self.entry, self.header, self.stored)
            for chunk in documents.scanned(clear, judge):
                self.draft.write(chunk)
        except Exception as fault:
            if self.draft is not None:
                self.draft.discard()
            if not isinstance(fault, (Invalid, Corrupt, documents.Infected)):
                raise
            self.fault = fault.with_traceback(None)
        return self


def deciphered(sealed: Iterable[Deciphering], judge: documents.Antivirus) -> Iterator[Deciphering]:
    """The same files, done, in their order. Raises Unavailable when the machine or the antivirus fails."""
    lanes = ThreadPoolExecutor(LANES, "deciphering")
    running: deque[Future[Deciphering]] = deque()
    try:
        for one in sealed:
            running.append(lanes.submit(one.run, judge))
            if len(running) > LANES:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:
        lanes.shutdown(cancel_futures=True)
