"""clamd as far as opened bids need it: VERSION and INSTREAM, with the limit on a stream that the real one has.

It finds EICAR's test file, and what its ``signatures`` name. Plain Python: ``with Clamd() as one: one.address``.
"""

from __future__ import annotations

import socketserver
import struct
import threading
from types import TracebackType

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + rb"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
VERSION = "ClamAV 1.4.6/27500/Mon Nov 30 08:00:00 2026"


class Clamd:
    """``largest`` is StreamMaxLength in bytes; ``scanned`` counts the bytes of each stream that was judged."""

    def __init__(self, *, largest: int = 1 << 32, signatures: dict[bytes, str] | None = None) -> None:
        self.largest = largest
        self.signatures = {EICAR: "Win.Test.EICAR_HDB-1", **(signatures or {})}
        self.scanned: list[int] = []
        simulator = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                command = self._until_zero()
                if command == b"zVERSION":
                    self.wfile.write(VERSION.encode() + b"\0")
                elif command == b"zINSTREAM":
                    self.wfile.write(simulator._judge(self.rfile) + b"\0")
                else:
                    self.wfile.write(b"UNKNOWN COMMAND\0")

            def _until_zero(self) -> bytes:
                said = b""
                while (one := self.rfile.read(1)) not in (b"", b"\0"):
                    said += one
                return said

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    def _judge(self, stream) -> bytes:  # type: ignore[no-untyped-def]
        longest = max(map(len, self.signatures))
        tail, size, found = b"", 0, ""
        while True:
            (length,) = struct.unpack("!I", stream.read(4))
            if length == 0:
                break
            size += length
            if size > self.largest:
                return b"INSTREAM size limit exceeded. ERROR"
            window = tail + stream.read(length)
            found = found or next((name for sign, name in self.signatures.items() if sign in window), "")
            tail = window[-longest:]
        self.scanned.append(size)
        return f"stream: {found} FOUND".encode() if found else b"stream: OK"

    def __enter__(self) -> Clamd:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
