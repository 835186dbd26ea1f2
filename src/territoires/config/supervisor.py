"""One process that starts the parts of the platform, restarts the one that dies, and leaves none behind.

Each part is a function run in a forked child: the framework is loaded once for all of them. A part leads its own
process group, so that what it started ends with it, and the kernel ends it when the supervisor is killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

logger = logging.getLogger(__name__)

PR_SET_PDEATHSIG = 1
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
# A part that lived this long was well: its next failure is a first one again
WELL_SECONDS = 60.0
GRACE_SECONDS = 10.0
STOPPING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(slots=True)
class Part:
    """A long-lived function; when it returns or dies, it is started again after a growing pause."""

    name: str
    work: Callable[[], None]
    pid: int = 0
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = field(default=0.0)


class Supervisor:
    """Runs ``parts`` until a signal; ``tick`` is called at each look."""

    def __init__(self, parts: Sequence[Part], *, tick: Callable[[], None] = lambda: None) -> None:
        self.parts = parts
        self.tick = tick
        self.stopping = False

    def start(self) -> None:
        """Starts each part; the caller must hold no thread and no connection."""
        for number in STOPPING_SIGNALS:
            signal.signal(number, self._on_stop)
        for part in self.parts:
            self._start(part)

    def watch(self) -> None:
        """Restarts parts that die; returns after a stopping signal, when no part is left."""
        try:
            while not self.stopping:
                self.check()
                time.sleep(0.5)
        finally:
            self.stop()

    def check(self) -> None:
        """Looks once: starts again what died and has waited its pause."""
        self._reap()
        now = time.monotonic()
        for part in self.parts:
            if not part.pid and part.due <= now:
                self._start(part)
        self.tick()

    def stop(self) -> None:
        """Asks each part to end, then ends it; what it had started goes with it."""
        living = [part for part in self.parts if part.pid]
        for part in living:
            _signal_group(part.pid, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while any(part.pid for part in living) and time.monotonic() < deadline:
            self._reap()
            time.sleep(0.05)
        for part in living:
            if part.pid:
                _signal_group(part.pid, signal.SIGKILL)
                os.waitpid(part.pid, 0)
                part.pid = 0

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _start(self, part: Part) -> None:
        supervisor = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            _run_as_child(part, supervisor)
        part.pid, part.started = pid, time.monotonic()

    def _reap(self) -> None:
        for part in self.parts:
            if not part.pid:
                continue
            found, status = os.waitpid(part.pid, os.WNOHANG)
            if not found:
                continue
            _signal_group(part.pid, signal.SIGKILL)  # what it may have left behind
            lived = time.monotonic() - part.started
            part.pause = FIRST_PAUSE if lived > WELL_SECONDS else min(part.pause * 2, LONGEST_PAUSE)
            part.due = time.monotonic() + part.pause
            part.pid = 0
            if not self.stopping:
                code = os.waitstatus_to_exitcode(status)
                logger.error("%s stopped (%s); it starts again in %.1f s", part.name, code, part.pause)


def die_with_parent(parent: int) -> None:
    """Asks the kernel for SIGTERM when ``parent`` ends; ends at once when it already has."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(0)


def _run_as_child(part: Part, supervisor: int) -> None:
    status = 1
    try:
        os.setsid()
        for number in STOPPING_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        die_with_parent(supervisor)
        part.work()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        logger.exception("%s failed", part.name)
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _signal_group(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)
