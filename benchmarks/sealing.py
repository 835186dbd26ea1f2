"""Sealing: the browser's protocol beside raw WebCrypto, the renderer's memory over 4 GiB, and opening beside its primitives.

The source is a file with holes: what a disk gives is not what is measured. Nothing is uploaded: a network would hide the
rest, and Playwright's ear on it slows bodies down. BENCH_SEALING_BYTES and BENCH_ROUNDS change size and rounds.
"""

from __future__ import annotations

import hashlib
import io
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.report import Row, report
from territoires.services.procurement.domain.sealing import documents as doc
from territoires.services.procurement.domain.sealing import files
from tests.browser import CHROMIUM, FLAGS
from tests.services.procurement.sealing import page as trial
from tests.services.procurement.sealing.cast import Cast

LARGE = int(os.environ.get("BENCH_SEALING_BYTES", 4 << 30))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
USUAL = 200_000_000
SHARE, MOST_MEGABYTES = 0.40, 100
BIDS, MOST_SECONDS = 50, 180


@contextmanager
def trial_page(folder: Path) -> Iterator[tuple[Browser, Page]]:
    """The browser's end, in a fresh Chromium."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright, trial.serving(trial.build(folder)) as site:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.set_default_timeout(600_000)
        page.goto(site.page)
        page.wait_for_function("window.trials")
        yield browser, page
        browser.close()


def sparse(path: Path, size: int) -> Path:
    with path.open("wb") as file:
        file.truncate(size)
    return path


def sealed_rate(page: Page, source: Path) -> float:
    """Bytes a second of the whole protocol; raises unless every chunk was made."""
    page.set_input_files("input", source)
    answer: dict[str, Any] = page.evaluate(
        "policy => window.trials.protocol(policy)", doc.base64url(Cast().policy.written())
    )
    if answer["chunks"] != files.chunk_count(files.padded_size(source.stat().st_size)):
        raise RuntimeError("chunks are missing")
    return float(answer["rate"])


def raw_rate(page: Page) -> float:
    return float(page.evaluate("total => window.trials.raw(total)", USUAL))


class Memory:
    """The highest number of megabytes of any renderer (own and shared pages, no files), above what there was at the start."""

    def __init__(self, browser: Browser) -> None:
        session = browser.new_browser_cdp_session()
        known = session.send("SystemInfo.getProcessInfo")["processInfo"]
        self.renderers = [int(one["id"]) for one in known if one["type"] == "renderer"]
        self.over = threading.Event()

    def __enter__(self) -> Memory:
        self.start = self.peak = self._now()
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.over.set()
        self.thread.join()

    @property
    def growth(self) -> float:
        if self.peak <= self.start:
            raise RuntimeError("no renderer moved: another browser was measured")
        return self.peak - self.start

    def _watch(self) -> None:
        while not self.over.wait(0.02):
            self.peak = max(self.peak, self._now())

    def _now(self) -> float:
        found = []
        for renderer in self.renderers:
            try:
                status = Path(f"/proc/{renderer}/status").read_text()
            except OSError:
                continue
            own = (int(status.split(f"{kind}:")[1].split()[0]) for kind in ("RssAnon", "RssShmem"))
            found.append(sum(own) / 1024)
        return max(found, default=0)


def in_the_browser(folder: Path) -> list[Row]:
    source, large = sparse(folder / "usual.bin", USUAL), sparse(folder / "large.bin", LARGE)
    with trial_page(folder / "page") as (browser, page):
        sealed_rate(page, source)  # the engine warms up
        ours, peers = [], []
        for _ in range(ROUNDS):
            peers.append(raw_rate(page))
            ours.append(sealed_rate(page, source))
        with Memory(browser) as alone:
            raw_rate(page)
        with Memory(browser) as memory:
            whole = sealed_rate(page, large)
    share = statistics.median(own / peer for own, peer in zip(ours, peers, strict=True))
    growth, peer = memory.growth, alone.growth
    return [
        Row(
            measure="browser, whole protocol, 200 MB, no upload",
            ours=f"{statistics.median(ours) / 1e6:.0f} MB/s",
            peer=f"{statistics.median(peers) / 1e6:.0f} MB/s (WebCrypto AES-256-GCM alone, one buffer)",
            ratio=f"{share:.2f}",
            target=f">= {SHARE:.2f}",
            verdict="ok" if share >= SHARE else "short",
        ),
        Row(
            measure=f"renderer's growth over {LARGE / (1 << 30):g} GiB, at {whole / 1e6:.0f} MB/s",
            ours=f"{growth:.0f} MB",
            peer=f"{peer:.0f} MB (WebCrypto alone, one buffer of 200 MB)",
            ratio=f"{growth / peer:.2f}",
            target=f"< {MOST_MEGABYTES} MB",
            verdict="ok" if growth < MOST_MEGABYTES else "short",
        ),
    ]


def opening(folder: Path) -> Row:
    """Root, decryption, padding and the clear file's hash, fifty times 200 MB from the page cache, on one core."""
    master, block, file = os.urandom(32), uuid4(), uuid4()
    path, plain = folder / "stored", os.urandom(1 << 20) * (USUAL // (1 << 20) + 1)
    leaves, size = [], 0
    with path.open("wb") as stored:
        for chunk in files.sealed_chunks(master, block, file, io.BytesIO(plain), USUAL):
            leaves.append(files.leaf(chunk))
            size += stored.write(chunk)
    header = files.Header("offre.zip", "application/zip", USUAL)
    sealed = files.sealed_header(master, block, file, header)
    entry = files.FileEntry(file, block, len(leaves), size, files.merkle_root(leaves), sealed)
    expected = hashlib.sha256(plain[:USUAL]).digest()
    begin = time.perf_counter()
    for _ in range(BIDS):
        with path.open("rb") as stored:
            files.check_root(entry, files.stored_chunks(stored))
            stored.seek(0)
            digest = hashlib.sha256()
            for part in files.opened_chunks(
                master, entry, files.opened_header(master, entry), files.stored_chunks(stored)
            ):
                digest.update(part)
        if digest.digest() != expected:
            raise RuntimeError("what was opened is not what was sealed")
    taken = time.perf_counter() - begin
    rate, limit = BIDS * USUAL / taken, _primitives()
    return Row(
        measure=f"opening {BIDS} bids of 200 MB, one core, without antivirus or disk",
        ours=f"{taken:.1f} s ({rate / 1e6:.0f} MB/s)",
        peer=f"{limit / 1e6:.0f} MB/s (SHA-256 twice and AES-256-GCM alone)",
        ratio=f"{rate / limit:.2f}",
        target=f"< {MOST_SECONDS} s",
        verdict="ok" if taken < MOST_SECONDS else "short",
    )


def _primitives() -> float:
    """Bytes a second of what the protocol cannot do without, on one chunk."""
    key, nonce, chunk = AESGCM(os.urandom(32)), os.urandom(12), os.urandom(1 << 20)
    sealed = key.encrypt(nonce, chunk, None)
    begin = time.perf_counter()
    for _ in range(500):
        hashlib.sha256(sealed)
        hashlib.sha256(key.decrypt(nonce, sealed, None))
    return 500 * len(chunk) / (time.perf_counter() - begin)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="bench-sealing-", dir=os.environ.get("BENCH_FOLDER")) as folder:
        rows = [*in_the_browser(Path(folder)), opening(Path(folder))]
    return report("sealing", rows)


if __name__ == "__main__":
    sys.exit(main())
