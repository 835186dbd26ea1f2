"""Upload: one gigabyte through the real server into the store, beside writing and hashing the same bytes in a loop.

In a file system of memory where there is room: a shared disk's mood would hide what the platform itself costs.
BENCH_FOLDER, BENCH_UPLOAD_BYTES and BENCH_ROUNDS change place, size and rounds.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.database import fresh_database
from benchmarks.load import server
from benchmarks.report import Row, report

SIZE = int(os.environ.get("BENCH_UPLOAD_BYTES", 1_000_000_000))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
CHUNK = 1 << 20
BLOCK = os.urandom(CHUNK)
TOKEN = "t" * 32
BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW0"  # as long as a browser's
MEMORY_LIMIT = 200
SHARE = 0.7


def chunks(number: int) -> Iterator[bytes]:
    """``SIZE`` bytes, others at each round, so that nothing is deduplicated."""
    sent = 0
    head = number.to_bytes(8, "big")
    while sent < SIZE:
        block = head + BLOCK[len(head) :] if sent == 0 else BLOCK
        block = block[: SIZE - sent]
        sent += len(block)
        yield block


def loop(folder: Path, number: int) -> float:
    """Bytes a second of the limit: hash each chunk, write it, flush the file to the disk."""
    path, digest = folder / "loop", hashlib.sha256()
    begin = time.perf_counter()
    with path.open("wb", buffering=0) as file:
        for chunk in chunks(number):
            digest.update(chunk)
            file.write(chunk)
        os.fsync(file.fileno())
    taken = time.perf_counter() - begin
    path.unlink()
    return SIZE / taken


def upload(host: str, port: int, number: int, *, form: bool) -> float:
    """Bytes a second through the server; raises unless it answers the right hash."""
    digest = hashlib.sha256()
    begin_part = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="file.bin"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    end_part = f"\r\n--{BOUNDARY}--\r\n".encode()

    def sent() -> Iterator[bytes]:
        if form:
            yield begin_part
        yield from chunks(number)
        if form:
            yield end_part

    headers = {"Content-Length": str(SIZE + (len(begin_part) + len(end_part) if form else 0))}
    if form:
        headers |= {
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Cookie": f"csrftoken={TOKEN}",
            "X-CSRFToken": TOKEN,
        }
    connection = http.client.HTTPConnection(host, port, timeout=600)
    begin = time.perf_counter()
    connection.request("POST", "/api/form" if form else "/api/body", body=sent(), headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    taken = time.perf_counter() - begin
    connection.close()
    for chunk in chunks(number):
        digest.update(chunk)
    if answer.status != 200 or json.loads(content)["sha256"] != digest.hexdigest():
        raise RuntimeError(f"the server answered {answer.status}: {content[:300]!r}")
    download(host, port, json.loads(content)["id"], digest.hexdigest())
    return SIZE / taken


def download(host: str, port: int, key: str, sha256: str) -> None:
    """Takes the file back; raises unless it is the same, since speed without it would mean nothing."""
    digest = hashlib.sha256()
    connection = http.client.HTTPConnection(host, port, timeout=600)
    connection.request("GET", f"/api/file/{key}")
    answer = connection.getresponse()
    while chunk := answer.read(CHUNK):
        digest.update(chunk)
    connection.close()
    if digest.hexdigest() != sha256:
        raise RuntimeError("what came back is not what was sent")


def roomy_folder() -> str | None:
    """The memory's file system when it holds all that a run writes, else the usual temporary folder."""
    memory = Path("/dev/shm")
    needed = SIZE * (2 * ROUNDS + 2)
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > needed else None


def peak_megabytes(port: int) -> float:
    """The highest resident memory of any process that serves on ``port``."""
    peaks = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"--port\0{port}\0".encode() in (process / "cmdline").read_bytes() or _is_child(process, port):
                status = (process / "status").read_text()
                peaks.append(int(status.split("VmHWM:")[1].split()[0]) / 1024)
        except (OSError, IndexError):
            continue
    return max(peaks)


def _is_child(process: Path, port: int) -> bool:
    parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
    return f"--port\0{port}\0".encode() in Path("/proc", parent, "cmdline").read_bytes()


def main() -> int:
    with tempfile.TemporaryDirectory(
        prefix="bench-upload-", dir=os.environ.get("BENCH_FOLDER", roomy_folder())
    ) as folder:
        var = Path(folder)
        with (
            fresh_database(var / "postgres") as url,
            server(url, var, application="benchmarks.upload_server:application") as (host, port),
        ):
            ways = {
                "loop": lambda number: loop(var, number),
                "body": lambda number: upload(host, port, number, form=False),
                "form": lambda number: upload(host, port, number, form=True),
            }
            at_rest = peak_megabytes(port)
            speeds: dict[str, list[float]] = {way: [] for way in ways}
            for number in range(ROUNDS * len(ways)):
                # each round in another order, so that none always comes first
                way = list(ways)[(number + number // len(ways)) % len(ways)]
                speeds[way].append(ways[way](number))
            peak = peak_megabytes(port)
    rows = [
        _row(f"raw body of {SIZE / 1e9:g} GB", speeds["body"], speeds["loop"]),
        _row(f"form with a file of {SIZE / 1e9:g} GB", speeds["form"], speeds["loop"]),
        Row(
            measure="memory of the server at its peak",
            ours=f"{peak:.0f} MB",
            peer=f"{at_rest:.0f} MB (the same before the first upload)",
            ratio=f"{peak / at_rest:.2f}",
            target=f"< {MEMORY_LIMIT} MB",
            verdict="ok" if peak < MEMORY_LIMIT else "short",
        ),
    ]
    return report("upload", rows)


def _row(measure: str, ours: Sequence[float], limits: Sequence[float]) -> Row:
    """The median of the rounds' ratios: the disk's mood changes between rounds, hardly within one."""
    ratio = statistics.median(own / limit for own, limit in zip(ours, limits, strict=True))
    return Row(
        measure=measure,
        ours=f"{statistics.median(ours) / 1e6:.0f} MB/s",
        peer=f"{statistics.median(limits) / 1e6:.0f} MB/s (write and hash in a loop)",
        ratio=f"{ratio:.2f}",
        target=f">= {SHARE:.2f}",
        verdict="ok" if ratio >= SHARE else "short",
    )


if __name__ == "__main__":
    sys.exit(main())
