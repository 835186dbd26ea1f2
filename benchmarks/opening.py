"""Opening: a whole session on real rows and files, beside decrypting, hashing and writing the same bytes in a loop.

The session is the worker's own: roots, keys, chunks, padding, the antivirus that is configured (none: the test signature),
two SHA-256, and the documents foundation with its flush to the disk. BENCH_OPENING_BIDS and BENCH_OPENING_BYTES change the
number of bids and the bytes of each; BENCH_FOLDER the place. What is scaled is said in the report.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

BIDS = int(os.environ.get("BENCH_OPENING_BIDS", "50"))
SIZE = int(os.environ.get("BENCH_OPENING_BYTES", "200000000"))
PROMISED, MOST_SECONDS = 50 * 200_000_000, 180


class Plain:
    """``size`` bytes that are read as a file is, without holding them."""

    def __init__(self, size: int) -> None:
        self.left = size
        self._block = os.urandom(1 << 20)

    def read(self, length: int) -> bytes:
        taken = min(length, self.left)
        self.left -= taken
        return self._block[:taken]


def store(world: Any, number: int) -> None:
    """One deposit whose file is written straight into the store: sending it is another measure."""
    from territoires.kernel.clock import system_clock
    from territoires.services.procurement.domain.sealing import files
    from territoires.services.procurement.domain.sealing.files import FileEntry, Header
    from territoires.services.procurement.models import SealedFile, StoredChunk, chunk_store
    from tests.services.procurement.bids.conftest import begin, make_bidder, make_enterprise
    from tests.services.procurement.opening.world import BEFORE

    enterprise = make_enterprise(f"{900000000 + number:09}00012", f"Travaux Modèle {number}")
    bidding = begin(make_bidder(enterprise, at=BEFORE), world.consultation)
    block = bidding.block(world.lot)
    master, key = bidding.masters[block], uuid4()
    header = files.sealed_header(master, block, key, Header("offre.bin", "application/octet-stream", SIZE))
    SealedFile.objects.create(id=key, block_id=block, begun_at=system_clock())
    leaves, rows, total = [], [], 0
    for index, chunk in enumerate(files.sealed_chunks(master, block, key, Plain(SIZE), SIZE)):  # type: ignore[arg-type]
        leaf, body = files.leaf(chunk), chunk[files.NONCE_BYTES :]
        written(chunk_store, bidding.draft.pk, key, index, leaf.hex(), body)
        rows.append(
            StoredChunk(
                file_id=key,
                index=index,
                nonce=chunk[: files.NONCE_BYTES],
                leaf=leaf.hex(),
                size=len(body),
                received_at=BEFORE,
            )
        )
        leaves.append(leaf)
        total += len(chunk)
    StoredChunk.objects.bulk_create(rows)
    entry = FileEntry(key, block, len(leaves), total, files.merkle_root(leaves), header)
    bidding.deposit(bidding.manifest([entry]))


def written(chunk_store: Any, draft: UUID, file: UUID, index: int, leaf: str, body: bytes) -> None:
    from django.core.files.storage import default_storage

    path = Path(default_storage.path(chunk_store._name(draft, file, index, leaf)))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


def loop(folder: Path) -> float:
    """Seconds of the limit for one bid: two SHA-256, one decryption, one durable file."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    key, nonce = AESGCM(os.urandom(32)), os.urandom(12)
    sealed, path = key.encrypt(nonce, os.urandom(1 << 20), None), folder / "loop"
    first, second = hashlib.sha256(), hashlib.sha256()
    begin = time.perf_counter()
    with path.open("wb", buffering=0) as file:
        for _ in range(SIZE >> 20):
            first.update(sealed)
            plain = key.decrypt(nonce, sealed, None)
            second.update(plain)
            file.write(plain)
        os.fsync(file.fileno())
    taken = time.perf_counter() - begin
    path.unlink()
    return taken


def main() -> int:
    from benchmarks.database import fresh_database

    folder = Path(tempfile.mkdtemp(prefix="bench-opening-", dir=os.environ.get("BENCH_FOLDER")))
    try:
        need = 2.2 * BIDS * SIZE
        if shutil.disk_usage(folder).free < need:
            print(
                f"not measured: {need / 1e9:.0f} GB are needed in {folder}; lower BENCH_OPENING_BYTES",
                file=sys.stderr,
            )
            return 1
        os.environ["TERRITOIRES_VAR"] = str(folder)
        with fresh_database(folder / "postgres") as url:
            os.environ["DATABASE_URL"] = url
            os.environ["DJANGO_SETTINGS_MODULE"] = "territoires.config.settings"
            import django

            django.setup()
            return measure(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(folder: Path) -> int:
    from benchmarks.report import Row, report
    from territoires.services.procurement.domain import session
    from territoires.services.procurement.models import OpenedFile
    from tests.services.procurement.conftest import make_body
    from tests.services.procurement.opening.world import make_world

    world = make_world(make_body(), folder).ready().published()
    for number in range(BIDS):
        store(world, number)
    order = world.closed().ask()
    world.keeper.work_once()
    for officer in world.officers:
        officer.give(order)
    limit = loop(folder) * BIDS
    begin, worked = time.perf_counter(), time.process_time()
    world.opener.work_once()
    taken, worked = time.perf_counter() - begin, time.process_time() - worked
    order.refresh_from_db()
    clear = OpenedFile.objects.filter(order=order, verdict="clear").count()
    if (order.state, clear) != (session.OPENED, BIDS):
        print(f"the session is {order.state} with {clear} clear files: {order.ended_reason}", file=sys.stderr)
        return 1
    whole = taken * PROMISED / (BIDS * SIZE)
    scaled = "" if BIDS * SIZE == PROMISED else f", scaled: {whole:.0f} s for 50 of 200 MB"
    row = Row(
        f"opening {BIDS} bids of {SIZE / 1e6:.0f} MB, minutes included",
        f"{taken:.1f} s ({BIDS * SIZE / taken / 1e6:.0f} MB/s), {worked:.1f} s of processor{scaled}",
        f"{limit:.1f} s: decrypt, two SHA-256, write",
        f"{limit / taken:.2f}",
        f"under {MOST_SECONDS} s for 50 bids of 200 MB",
        "ok" if whole < MOST_SECONDS else "short",
    )
    return report("opening", [row])


if __name__ == "__main__":
    sys.exit(main())
