"""The two loops that a process runs: numbering and sealing, and following. Both may run anywhere, any number of times."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable

from django.db import connection

from . import checkpoints, subscriptions
from .sequencer import Sequencer

PAUSE = 0.1  # seconds, when little came: an idle poll costs 0.2 ms
MANY = 50
SEAL_EVERY = 1.0  # seconds between two checkpoints, at least
AFTER_FAILURE = 2.0

log = logging.getLogger(__name__)


def sequence_once() -> int:
    """Sequences and seals all that is committed; answers how many entries got a number."""
    sequencer, total = Sequencer(), 0
    while came := sequencer.batch():
        total += came
    checkpoints.issue()
    return total


def run_sequencer(stop: threading.Event) -> None:
    """Sequences until ``stop`` is set; seals at most once a second; asks the outside authority when its time came."""
    sequencer = Sequencer()
    sealed_at = 0.0

    def turn() -> bool:
        nonlocal sealed_at
        came = sequencer.batch() or 0
        if time.monotonic() - sealed_at >= SEAL_EVERY:
            sealed_at = time.monotonic()
            checkpoints.issue()
            checkpoints.anchor()
        return came >= MANY

    _repeat(turn, stop)


def run_followers(stop: threading.Event) -> None:
    """Hands facts to every follower until ``stop`` is set."""
    _repeat(lambda: subscriptions.follow_once() >= MANY, stop)


def until_signalled() -> threading.Event:
    """An event that SIGTERM or SIGINT sets: a process stops after the turn at hand."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    return stop


def _repeat(turn: Callable[[], bool], stop: threading.Event) -> None:
    """Runs turns; pauses when a turn says that little is left, longer after a failure, which is logged."""
    while not stop.is_set():
        try:
            pause = 0.0 if turn() else PAUSE
        except Exception:
            log.exception("journal: a turn failed and will be tried again")
            connection.close()
            pause = AFTER_FAILURE
        stop.wait(pause)
