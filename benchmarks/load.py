"""A real server on a real database, asked at a steady rate: latency is counted from the instant a request was due."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.report import Row

RATE = 50
SECONDS = 10
FLOOR = ["/accessibilite/"]
"""A page that reads no data: what a page costs before it shows anything."""

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def server(
    database_url: str,
    var: Path,
    *,
    workers: int = 2,
    application: str = "territoires.config.wsgi:application",
) -> Iterator[tuple[str, int]]:
    """Serves the platform with Granian on a free port, as production does; yields host and port."""
    port = _free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "TERRITOIRES_VAR": str(var),
        "TERRITOIRES_PORT": str(port),
        "DJANGO_SETTINGS_MODULE": "territoires.config.settings",
    }
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    command += ["--workers", str(workers), "--blocking-threads", "4", "--log-level", "error"]
    command += ["--http1-buffer-size", str(1024 * 1024)]
    process = subprocess.Popen([*command, application], env=environment, cwd=ROOT, start_new_session=True)
    try:
        _wait_for("127.0.0.1", port, process)
        yield "127.0.0.1", port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)


def latencies(
    host: str,
    port: int,
    paths: Sequence[str],
    *,
    rate: float,
    seconds: float,
    clients: int = 8,
    headers: Mapping[str, str] | None = None,
) -> list[float]:
    """Milliseconds of each answer to GET requests due at ``rate`` a second. Any answer but 200 or 302 raises."""
    total = int(rate * seconds)
    begin = time.perf_counter() + 0.2
    found: list[float] = []
    faults: list[str] = []
    turn = iter(range(total))
    lock = threading.Lock()
    sent = {"Accept-Language": "fr", **(headers or {})}

    def client() -> None:
        connection = http.client.HTTPConnection(host, port, timeout=30)
        while True:
            with lock:
                number = next(turn, None)
            if number is None:
                return connection.close()
            due = begin + number / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            connection.request("GET", paths[number % len(paths)], headers=sent)
            answer = connection.getresponse()
            answer.read()
            if answer.status not in (200, 302):
                faults.append(f"{paths[number % len(paths)]}: {answer.status}")
            found.append((time.perf_counter() - due) * 1000)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise RuntimeError(f"{len(faults)} requests failed, first: {faults[0]}")
    return found


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of the values lie."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def steady_p95(host: str, port: int, paths: Sequence[str], headers: Mapping[str, str] | None = None) -> float:
    """The 95th percentile, in milliseconds, of ``SECONDS`` seconds at ``RATE`` requests a second."""
    return percentile(latencies(host, port, paths, rate=RATE, seconds=SECONDS, headers=headers), 0.95)


def page_row(what: str, ours: float, floor: float, target: float) -> Row:
    """A page's p95 beside that of the page without data, in milliseconds."""
    return Row(
        measure=f"{what}, at {RATE}/s: p95",
        ours=f"{ours:.1f} ms",
        peer=f"page without data: {floor:.1f} ms",
        ratio=f"{ours / floor:.2f}",
        target=f"< {target:.0f} ms",
        verdict="ok" if ours < target else "short",
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(host: str, port: int, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("the server stopped before it answered")
        try:
            with socket.create_connection((host, port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not answer in time")
