"""The report on the signatures of a file that anybody may have sent: made in a process of its own, or not at all."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore

from django.utils.translation import gettext_noop as _
from pydantic import TypeAdapter

from territoires.foundations.trust.signing.certificates import AuthoritySources, authority_sources
from territoires.kernel.errors import Unavailable

from .kinds import kind_of
from .report import FileReport, Problem

log = logging.getLogger(__name__)

TIMEOUT = 10
READER = "territoires.foundations.trust.validation"
PLACES = 2
"""Files judged at once by one process of the server, which has more threads: each may take a gigabyte."""
PATIENCE = 3
"""Seconds that one more waits: nearly all are judged in one."""
_places = BoundedSemaphore(PLACES)


@contextmanager
def judging() -> Iterator[None]:
    """One of the places of those who have a file of anybody's judged. Raises Unavailable when none is free soon."""
    if not _places.acquire(timeout=PATIENCE):
        raise Unavailable(
            "judges-busy",
            _("Too many files are being verified at this moment: yours was not judged."),
            _("Give it again in half a minute."),
        )
    try:
        yield
    finally:
        _places.release()


def judge_file(path: Path) -> FileReport | None:
    """What the signatures of a file are worth, within ten seconds; None when it is of no kind that holds any.

    Whatever the file, it is an answer. Raises Unavailable when the accepted authorities cannot be read, or too many files
    are judged at once.
    """
    if kind_of(path) is None:
        return None
    given = TypeAdapter(AuthoritySources).dump_json(authority_sources())
    command = [sys.executable, "-P", "-m", READER, str(path)]
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        with judging():
            done = subprocess.run(
                command, input=given, capture_output=True, timeout=TIMEOUT, check=True, env=environment
            )
        return TypeAdapter(FileReport).validate_json(done.stdout)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError, ValueError) as fault:
        # Stopped by its limits: what it read was made to exhaust them, or is beyond what they allow.
        log.warning("trust: signatures of a file could not be judged: %s", type(fault).__name__)
        return FileReport(
            problem=Problem(
                "signatures-too-complex",
                _(
                    "The signatures of this file could not be judged in a reasonable time: nothing is said of them."
                ),
                _("Ask whoever gave it to you for a simpler file, or judge it with another program."),
            )
        )
