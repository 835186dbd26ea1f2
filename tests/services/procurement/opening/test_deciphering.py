"""Files deciphered some at a time: each judged by itself, all in their order, nothing left of what is not kept."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Sequence
from uuid import uuid4

import pytest

from territoires.foundations.documents.antivirus import EICAR, Infected, Scan, TestSignature
from territoires.kernel.errors import Corrupt, Unavailable
from territoires.services.procurement.domain.sealing import files
from territoires.services.procurement.domain.sealing.files import FileEntry, Header
from territoires.services.procurement.jobs.deciphering import Deciphering, deciphered

MASTER = os.urandom(32)


def sealed(position: int, content: bytes, *, damaged: bool = False) -> Deciphering:
    block, key = uuid4(), uuid4()
    header = files.sealed_header(
        MASTER, block, key, Header(f"{position}.bin", "application/pdf", len(content))
    )
    chunks = list(files.sealed_chunks(MASTER, block, key, io.BytesIO(content), len(content)))
    root = files.merkle_root(files.leaf(one) for one in chunks)
    entry = FileEntry(key, block, len(chunks), sum(map(len, chunks)), root, header)
    stored: Sequence[bytes] = [*chunks[:-1], _flipped(chunks[-1])] if damaged else chunks
    return Deciphering(position, entry, MASTER, stored)  # type: ignore[arg-type]


def _flipped(chunk: bytes) -> bytes:
    return chunk[:-1] + bytes([chunk[-1] ^ 1])


def test_files_come_in_their_order_each_with_its_own_verdict() -> None:
    contents = [os.urandom(size) for size in (0, 3_000_000, 10, 1 << 20, 5_000)]
    work = [sealed(place, content) for place, content in enumerate(contents)]
    work[2:2] = [sealed(90, EICAR), sealed(91, os.urandom(2_000_000), damaged=True)]
    found = list(deciphered(iter(work), TestSignature()))
    assert [one.position for one in found] == [0, 1, 90, 91, 2, 3, 4]
    clear = [one for one in found if one.fault is None]
    assert [one.draft and one.draft.path.read_bytes() for one in clear] == contents
    infected, damaged = found[2], found[3]
    assert isinstance(infected.fault, Infected)
    assert infected.draft is not None and not infected.draft.path.exists()
    assert infected.draft.sha256 == hashlib.sha256(EICAR).hexdigest()
    assert damaged.fault is not None and (damaged.header, damaged.draft) == (None, None)


def test_a_lost_chunk_is_a_fault_of_its_file_alone() -> None:
    class Lost(list[bytes]):
        def __iter__(self):  # type: ignore[no-untyped-def]
            raise Corrupt("chunk-lost", "A part is lost.", "Restore it.")

    lost = sealed(1, b"perdu")
    lost.stored = Lost()  # type: ignore[assignment]
    first, second = deciphered([lost, sealed(2, b"entier")], TestSignature())
    assert isinstance(first.fault, Corrupt)
    assert second.draft is not None and second.draft.path.read_bytes() == b"entier"


def test_an_antivirus_that_is_away_stops_all_and_leaves_nothing() -> None:
    class Away(TestSignature):
        def scan(self) -> Scan:
            raise Unavailable("antivirus-away", "The antivirus is away.", "Try again.")

    work = [sealed(place, b"offre") for place in range(6)]
    with pytest.raises(Unavailable):
        list(deciphered(iter(work), Away()))
    drafts = [one.draft for one in work if one.draft is not None]
    assert drafts and not any(one.path.exists() for one in drafts)


@pytest.mark.parametrize("size", [1, 7, 67, 68, 69, 1000])
@pytest.mark.parametrize("before", [0, 1, 68, 500])
def test_the_test_signature_is_found_wherever_chunks_are_cut(size: int, before: int) -> None:
    scan, content = TestSignature().scan(), b"x" * before + EICAR + b"y" * 300
    for at in range(0, len(content), size):
        scan.feed(content[at : at + size])
    with pytest.raises(Infected):
        scan.finish()
