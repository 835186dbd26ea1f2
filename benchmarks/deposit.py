"""Deposits through the real server: 200 uploads at once, seals at 20 a second, and the rate of uploads beside tuspyserver.

The database is durable and the store is a folder on this machine's disk, as in production; everything shares its cores,
the clients too. The limits, in the same run: the same parts written and synced in a loop, and a page without data at the
rate of the seals. BENCH_TUS_PYTHON names a Python that has tuspyserver, fastapi and uvicorn, which is then measured too.
"""

from __future__ import annotations

import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

from benchmarks.database import fresh_database
from benchmarks.load import FLOOR, latencies, percentile, server
from benchmarks.report import Row, report

UPLOADS, CHUNKS = 200, 4
SEAL_RATE, ENTERPRISES = 20, 40
RATE_CHUNKS, LANES, ROUNDS = 150, 3, 3
MIB = 1 << 20
MOST_SEAL_MS = 300
LINE = 12.5
"""Megabytes a second of a line of 100 Mbit/s: slower, and a bidder with a good line would wait for us."""
TUS = """
import sys, uvicorn
from fastapi import FastAPI
from tuspyserver import create_tus_router
app = FastAPI()
app.include_router(create_tus_router(files_dir=sys.argv[1], max_size=1 << 40))
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error", workers=1)
"""


@dataclass(frozen=True)
class Seat:
    """One enterprise's browser: its bid's address, its headers, its block, and the bid as the tests know it."""

    path: str
    headers: dict[str, str]
    bid: Any
    block: UUID


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="bench-deposit-", dir=os.environ.get("BENCH_FOLDER")) as folder,
        fresh_database(Path(folder) / "postgres") as url,
        mock.patch.dict(os.environ, DATABASE_URL=url, TERRITOIRES_VAR=folder),
    ):
        import django

        django.setup()
        seats = make_seats()
        stored = [sealed(seats[0], CHUNKS * MIB - 4096) for _ in range(8)]
        from django.db import connection

        connection.close()
        with server(url, Path(folder)) as at:
            files, faults, seconds = all_at_once(at, seats, stored)
            manifests = [made(seats[n % ENTERPRISES], [entry]) for n, entry in enumerate(files)]
            connection.close()
            waits, refused = sealing(at, seats, manifests)
            floor = latencies(*at, FLOOR, rate=SEAL_RATE, seconds=UPLOADS / SEAL_RATE)
            ours = [rate_here(at, seats[0], stored[0][1]) for _ in range(ROUNDS)]
        disk = written(Path(folder) / "loop", stored[0][1][0])
        peers = beside(Path(folder) / "tus", stored[0][1])
    return report(
        "deposit",
        [
            uploads_row(faults, seconds, disk),
            seals_row(waits, refused, percentile(floor, 0.99)),
            *rate_rows(ours, disk, peers),
        ],
    )


def written(path: Path, part: bytes) -> float:
    """Megabytes a second of the limit: as many parts as one bidder sends, each written and synced."""
    begin = time.perf_counter()
    with path.open("wb", buffering=0) as file:
        for _ in range(RATE_CHUNKS):
            file.write(part)
            os.fsync(file.fileno())
    return RATE_CHUNKS * MIB / 1e6 / (time.perf_counter() - begin)


def uploads_row(faults: int, seconds: float, disk: float) -> Row:
    rate = UPLOADS * CHUNKS * MIB / 1e6 / seconds
    return Row(
        measure=f"{UPLOADS} uploads at once, {CHUNKS} parts of 1 MiB each: requests that failed",
        ours=f"{faults} ({rate:.0f} MB/s in all)",
        peer=f"{disk:.0f} MB/s (parts written and synced in a loop)",
        ratio=f"{rate / disk:.2f}",
        target="0",
        verdict="short" if faults else "ok",
    )


def seals_row(waits: Sequence[float], refused: int, floor: float) -> Row:
    p99 = percentile(waits, 0.99)
    return Row(
        measure=f"{len(waits)} seals at {SEAL_RATE}/s: p99 (median), from when each was due",
        ours=f"{p99:.0f} ms ({statistics.median(waits):.0f} ms), {refused} refused",
        peer=f"{floor:.0f} ms (page without data, p99 at the same rate)",
        ratio=f"{p99 / floor:.1f}",
        target=f"< {MOST_SEAL_MS} ms, none refused",
        verdict="ok" if p99 < MOST_SEAL_MS and not refused else "short",
    )


def rate_rows(ours: Sequence[float], disk: float, peers: Sequence[float]) -> list[Row]:
    """Beside the disk, and beside tuspyserver where it was measured."""
    mine = statistics.median(ours)
    beside = {"parts written and synced in a loop": disk}
    if peers:
        beside["tuspyserver, one after the other as tus asks, not synced"] = statistics.median(peers)
    return [
        Row(
            measure=f"upload of {RATE_CHUNKS} MiB in parts of 1 MiB, ours {LANES} in flight, each part durable",
            ours=f"{mine:.0f} MB/s",
            peer=f"{peer:.0f} MB/s ({name})",
            ratio=f"{mine / peer:.2f}",
            target=f">= {LINE} MB/s: a line of 100 Mbit/s",
            verdict="ok" if mine >= LINE else "short",
        )
        for name, peer in beside.items()
    ]


def make_seats() -> list[Seat]:
    """One consultation, its policy, and enterprises with a session and a block each."""
    from django.conf import settings
    from django.test import Client

    from tests.services.procurement.bids.browsers import BACKEND, make_account
    from tests.services.procurement.bids.conftest import Limits, begin, lots_by_number, make_bidder, publish
    from tests.services.procurement.conftest import make_actor, make_body, make_consultation, rows

    consultation = make_consultation(make_actor(make_body()), "validated")
    publish(consultation, limits=Limits(file=1 << 33, bid=1 << 34, files=10_000))
    lot = lots_by_number(consultation)[1]
    found = []
    for number in range(ENTERPRISES):
        siren = f"{number:09}"
        firm = rows("identity.Organisation").create(
            reference=siren, siren=siren, siret=f"{siren}00011", name=f"Essai {number}", kind="enterprise"
        )
        client = Client()
        client.force_login(make_account(firm, f"essai{number}@exemple.test"), backend=BACKEND)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        bid = begin(make_bidder(firm), consultation)
        token = "t" * 32
        cookie = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={token}"
        headers = {"Cookie": cookie, "X-CSRFToken": token}
        path = f"/o/{siren}/procurement/bids/{bid.draft.pk}/"
        found.append(Seat(path, headers, bid, bid.block(lot)))
    return found


def sealed(seat: Seat, size: int) -> tuple[Any, list[bytes]]:
    return seat.bid.sealed(seat.block, "essai.pdf", os.urandom(size))  # type: ignore[no-any-return]


def made(seat: Seat, entries: list[Any]) -> bytes:
    return seat.bid.manifest(entries)  # type: ignore[no-any-return]


def all_at_once(
    at: tuple[str, int], seats: Sequence[Seat], stored: Sequence[tuple[Any, list[bytes]]]
) -> tuple[list[Any], int, float]:
    """Every upload begins at the same instant; the entries, the requests that failed, and the seconds."""
    from dataclasses import replace

    entries, faults = [], []
    gate = threading.Barrier(UPLOADS + 1)

    def upload(seat: Seat, entry: Any, chunks: list[bytes]) -> None:
        gate.wait()
        try:
            connection = http.client.HTTPConnection(*at, timeout=300)
            for index, chunk in enumerate(chunks):
                put(connection, seat, entry, index, chunk)
            connection.close()
        except (OSError, RuntimeError, http.client.HTTPException) as fault:
            faults.append(str(fault))

    threads = []
    for number in range(UPLOADS):
        seat = seats[number % ENTERPRISES]
        entry, chunks = stored[number % len(stored)]
        # The server never opens a chunk: the same ciphertext serves under another name.
        entries.append(replace(entry, file=uuid4(), block=seat.block))
        threads.append(threading.Thread(target=upload, args=(seat, entries[-1], chunks)))
    for thread in threads:
        thread.start()
    gate.wait()
    begin = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begin
    for fault in faults[:3]:
        print(fault, file=sys.stderr)
    return entries, len(faults), seconds


def put(connection: http.client.HTTPConnection, seat: Seat, entry: Any, index: int, chunk: bytes) -> None:
    from territoires.services.procurement.domain.sealing import documents as doc
    from territoires.services.procurement.domain.sealing import files

    headers = {
        **seat.headers,
        "Sealing-Nonce": doc.base64url(chunk[: files.NONCE_BYTES]),
        "Sealing-Leaf": doc.base64url(files.leaf(chunk)),
        "Sealing-Block": str(entry.block),
        "Content-Type": "application/octet-stream",
    }
    connection.request(
        "PUT", f"{seat.path}files/{entry.file}/chunks/{index}", chunk[files.NONCE_BYTES :], headers
    )
    answer = connection.getresponse()
    said = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status}: {said[:200]!r}")


def sealing(
    at: tuple[str, int], seats: Sequence[Seat], manifests: Sequence[bytes]
) -> tuple[list[float], int]:
    """Seals at a steady rate: milliseconds from the instant at which each was due, and how many were refused."""
    begin, waits, refused = time.perf_counter() + 0.5, [], []

    def seal(number: int) -> None:
        seat = seats[number % ENTERPRISES]
        due = begin + number / SEAL_RATE
        connection = http.client.HTTPConnection(*at, timeout=60)
        connection.connect()
        time.sleep(max(0.0, due - time.perf_counter()))
        headers = {**seat.headers, "Content-Type": "application/octet-stream"}
        connection.request("POST", f"{seat.path}seal", manifests[number], headers)
        answer = connection.getresponse()
        said = answer.read()
        waits.append((time.perf_counter() - due) * 1000)
        if answer.status != 201:
            refused.append(said)
        connection.close()

    threads = []
    for number in range(len(manifests)):
        time.sleep(max(0.0, begin + number / SEAL_RATE - 0.4 - time.perf_counter()))
        threads.append(threading.Thread(target=seal, args=(number,)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    for said in refused[:3]:
        print(said[:300], file=sys.stderr)
    return waits, len(refused)


def rate_here(at: tuple[str, int], seat: Seat, chunks: Sequence[bytes]) -> float:
    """Megabytes a second of one bidder, as the browser sends: some parts in flight."""
    from dataclasses import replace

    entry = replace(sealed(seat, 10)[0], file=uuid4())

    def lane(first: int) -> None:
        connection = http.client.HTTPConnection(*at, timeout=60)
        for index in range(first, RATE_CHUNKS, LANES):
            put(connection, seat, entry, index, chunks[0])
        connection.close()

    return timed([threading.Thread(target=lane, args=(first,)) for first in range(LANES)])


def timed(threads: Sequence[threading.Thread]) -> float:
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return RATE_CHUNKS * MIB / 1e6 / (time.perf_counter() - begin)


def beside(folder: Path, chunks: Sequence[bytes]) -> list[float]:
    """The same bytes to tuspyserver, as tus asks: one part after the other."""
    python = os.environ.get("BENCH_TUS_PYTHON")
    if not python:
        return []
    folder.mkdir()
    with running(python, folder) as at:
        return [timed([threading.Thread(target=lambda: tus_upload(at, chunks[0]))]) for _ in range(ROUNDS)]


def tus_upload(at: tuple[str, int], chunk: bytes) -> None:
    connection = http.client.HTTPConnection(*at, timeout=60)
    common = {"Tus-Resumable": "1.0.0"}
    length = RATE_CHUNKS * MIB
    connection.request(
        "POST", "/files/", headers={**common, "Upload-Length": str(length), "Upload-Metadata": ""}
    )
    answer = connection.getresponse()
    answer.read()
    place = "/files/" + (answer.headers["Location"] or "").rpartition("/")[2]
    for index in range(RATE_CHUNKS):
        sent = {
            **common,
            "Upload-Offset": str(index * MIB),
            "Content-Type": "application/offset+octet-stream",
        }
        connection.request("PATCH", place, chunk[:MIB], sent)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 204:
            raise RuntimeError(f"tuspyserver: {answer.status}")


@contextmanager
def running(python: str, folder: Path) -> Any:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([python, "-c", TUS, str(folder), str(port)])
    try:
        until_open(port, lambda: process.poll() is None)
        yield "127.0.0.1", port
    finally:
        process.terminate()
        process.wait(timeout=20)


def until_open(port: int, lives: Callable[[], bool]) -> None:
    while lives():
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("tuspyserver stopped while it started")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "territoires.config.settings")
    sys.exit(main())
