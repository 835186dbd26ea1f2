"""Serial numbers of time-stamps: 20 octets that no process, restart, clone or restore gives twice.

94 random bits drawn at the start of the process, then 64 bits of time that only grow. Nothing is stored, so nothing
can be restored to an earlier value.
"""

from __future__ import annotations

import os
import secrets
import threading
import time


class SerialNumbers:
    """Gives serials; safe among threads, drawn again in a forked child."""

    def __init__(self) -> None:
        self.draw()
        os.register_at_fork(after_in_child=self.draw)

    def draw(self) -> None:
        """Takes a new random prefix; its first octet, 0x40 to 0x7f, keeps serials positive and of one length."""
        prefix = bytearray(secrets.token_bytes(12))
        prefix[0] = 0x40 | prefix[0] & 0x3F
        self._prefix = bytes(prefix)
        self._last = 0
        self._lock = threading.Lock()

    def next(self) -> bytes:
        """A serial that was never given: 20 octets, the body of a DER INTEGER."""
        with self._lock:
            self._last = max(self._last + 1, time.time_ns())
            return self._prefix + self._last.to_bytes(8, "big")
