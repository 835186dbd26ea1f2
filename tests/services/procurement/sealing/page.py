"""The browser's end of TSB1 on a page of its own: built by vite, served under the platform's content policy.

The server takes chunks as the platform will: it computes each leaf again, and refuses one that is not the announced one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

from territoires.services.procurement.domain.sealing import documents as doc
from territoires.services.procurement.domain.sealing import files
from territoires.ui.security import HEADER, POLICY, header

ROOT = Path(__file__).resolve().parents[4]
# Argon2id is WebAssembly: the pages of officers will widen the policy by this word, and by nothing else.
CONTENT_POLICY = header({**POLICY, "script-src": ("'self'", "'wasm-unsafe-eval'")})
TYPES = {".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm"}
CHUNK = re.compile(r"/files/([0-9a-f-]{36})/chunks/(\d+)")


@dataclass
class Site:
    """The served page, and what was sent to it: stored chunks by file and index."""

    folder: Path
    received: dict[UUID, dict[int, bytes]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    failing: set[int] = field(default_factory=set)
    closed: bool = False
    port: int = 0
    in_hand: set[int] = field(default_factory=set)
    """The threads that are taking a chunk: a browser that left may still have one on its way."""

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}/"

    @property
    def page(self) -> str:
        return f"{self.address}sealing.html"

    def stored(self, file: UUID) -> list[bytes]:
        return [chunk for _, chunk in sorted(self.received[file].items())]

    def take(self, file: UUID, index: int, nonce: str, leaf: str, body: bytes) -> int:
        """The status for one chunk. An index in ``failing`` fails once, as a proxy would; ``closed`` refuses."""
        if self.closed:
            return 403
        if index in self.failing:
            self.failing.discard(index)
            return 503
        chunk = doc.octets(nonce) + body
        if files.leaf(chunk) != doc.octets(leaf):
            self.refused.append(f"{file} {index}")
            return 422
        self.received.setdefault(file, {})[index] = chunk
        return 204


def build(folder: Path) -> Path:
    """Builds the page into ``folder``, with the node that the platform was built with."""
    node = shutil.which("node", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert node, "node is absent: make install brings it"
    vite = ["node_modules/vite/bin/vite.js", "build", "--config", "trials/vite.config.ts", "--logLevel=error"]
    subprocess.run(
        [node, *vite, "--outDir", str(folder)], cwd=ROOT / "frontend", check=True, capture_output=True
    )
    return folder


@contextmanager
def serving(folder: Path) -> Iterator[Site]:
    """Serves a built page until the end of the block."""
    site = Site(folder)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = (folder / self.path.lstrip("/")).resolve()
            found = path.is_relative_to(folder) and path.is_file()
            self.answer(
                200 if found else 404, path.read_bytes() if found else b"", TYPES.get(path.suffix, "")
            )

        def do_PUT(self) -> None:
            site.in_hand.add(threading.get_ident())
            try:
                self.put()
            finally:
                site.in_hand.discard(threading.get_ident())

        def put(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            file, index = CHUNK.fullmatch(self.path).groups()  # type: ignore[union-attr]
            proof = self.headers["Sealing-Nonce"], self.headers["Sealing-Leaf"]
            self.answer(site.take(UUID(file), int(index), *proof, body))

        def answer(self, status: int, body: bytes = b"", kind: str = "text/plain") -> None:
            self.send_response(status)
            self.send_header(HEADER, CONTENT_POLICY)
            self.send_header("Content-Type", kind or "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
