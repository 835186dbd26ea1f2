"""The two loops that a process runs: numbering and sealing, and following. Both may run anywhere, any number of times."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable

from django.db import connection

from . import checkpoints, failures, subscriptions
from .sequencer import Sequencer

PAUSE = 0.1  # seconds, when little came: an idle poll costs 0.2 ms
MANY = 50
SEAL_EVERY = 1.0  # seconds between two checkpoints, at least
THIN_EVERY = 3600.0
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
    """Sequences until ``stop`` is set; seals at most once a second; asks the outside authority when its time came; thins
    old checkpoints once an hour."""
    sequencer = Sequencer()
    sealed_at = thinned_at = -THIN_EVERY  # the clock may be younger than an hour

    def turn() -> float:
        nonlocal sealed_at, thinned_at
        came = sequencer.batch() or 0
        if time.monotonic() - sealed_at >= SEAL_EVERY:
            sealed_at = time.monotonic()
            checkpoints.issue()
            checkpoints.anchor()
        if time.monotonic() - thinned_at >= THIN_EVERY:
            thinned_at = time.monotonic()
            checkpoints.thin()
        return _pause_after(came)

    _repeat("sequencer", turn, stop)


def run_followers(stop: threading.Event) -> None:
    """Hands facts to every follower until ``stop`` is set."""

    def turn() -> float:
        came, failed = subscriptions.follow_all()
        return AFTER_FAILURE if failed else _pause_after(came)

    _repeat("followers", turn, stop)


def until_signalled() -> threading.Event:
    """An event that SIGTERM or SIGINT sets: a process stops after the turn at hand."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    return stop


def _pause_after(came: int) -> float:
    return 0.0 if came >= MANY else PAUSE


def _repeat(part: str, turn: Callable[[], float], stop: threading.Event) -> None:
    """Runs turns, each followed by the pause that it answers; a failure is logged, kept for health and tried again."""
    while not stop.is_set():
        try:
            pause = turn()
        except Exception as failure:
            log.exception("journal: a turn failed and will be tried again")
            connection.close()
            failures.note(part, failure)
            pause = AFTER_FAILURE
        stop.wait(pause)
