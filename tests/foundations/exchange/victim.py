"""A process to be killed: delivers, absorbs or receives, and dies at a chosen point.

The ledger is the other side's own file: a line for each parcel that it got.
"""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path
from typing import Any

from django.db import connection

from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange import arrivals, channels, parcels

POINTS = {
    # where a delivery is cut: (function of ``parcels``, before or after its work)
    "before-claim": ("claim", "before"),
    "claimed": ("claim", "after"),
    "delivered": ("_attempt", "after"),
    "recording": ("_fact", "after"),
    "recorded": ("_record", "after"),
}
ARRIVAL_POINTS = {
    "kept": ("record_received", "before"),
    "received": ("record_received", "after"),
    "reading": ("_unread", "after"),
    "read": ("_read", "after"),
    "absorbed": ("absorb", "after"),
}


class Ledger:
    """The other side: it writes down what it got, whatever happens to us next."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def deliver(self, outgoing: Any) -> Any:
        with self.path.open("ab") as book:
            book.write(outgoing.key.encode() + b"\n")
        return exchange.Accepted(outgoing.key)

    def absorb(self, incoming: Any) -> None:
        with connection.cursor() as cursor:  # no unique key: a double would be seen
            cursor.execute("INSERT INTO absorbed (content) VALUES (%s)", [b"".join(incoming.chunks())])

    def keys(self) -> list[str]:
        return self.path.read_text().split() if self.path.exists() else []


def declare(ledger: Ledger) -> None:
    exchange.declare_channels(
        [exchange.Channel(code="test", label="Test", deliver=ledger.deliver, absorb=ledger.absorb)]
    )


def run(role: str, ledger: Path, point: str = "") -> None:
    channels._channels.clear()  # the services' own: the first step of one of these is not the one to die at
    declare(Ledger(ledger))
    if point in POINTS:
        kill_at(parcels, *POINTS[point])
    if point in ARRIVAL_POINTS:
        kill_at(arrivals, *ARRIVAL_POINTS[point])
    if role == "receiver":
        exchange.receive(channel="test", origin="mail", name="a.xml", chunks=[b"an answer"])
    if role == "unlucky":
        any_time(parcels)
    while True:
        exchange.move_once()


def kill_at(module: Any, name: str, when: str) -> None:
    """Makes a function of a module fatal, before or after its work."""
    work = getattr(module, name)

    def fatal(*arguments: Any, **named: Any) -> Any:
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = work(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(module, name, fatal)


def any_time(module: Any) -> None:
    """Makes every step of a delivery fatal once in a while."""
    for name, when in POINTS.values():
        work = getattr(module, name)

        def risky(*arguments: Any, _work: Any = work, _when: str = when, **named: Any) -> Any:
            doomed = random.random() < 0.04
            if doomed and _when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            answer = _work(*arguments, **named)
            if doomed:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        setattr(module, name, risky)
