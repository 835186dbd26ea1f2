"""The report on the signatures of a file that anybody may have sent: made in a process of its own, or not at all."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

from django.utils.translation import gettext_noop as _
from pydantic import TypeAdapter

from territoires.foundations.trust.signing.certificates import AuthoritySources, authority_sources

from .kinds import kind_of
from .report import FileReport, Problem

log = logging.getLogger(__name__)

TIMEOUT = 10
READER = "territoires.foundations.trust.validation"


def judge_file(path: Path) -> FileReport | None:
    """What the signatures of a file are worth, within ten seconds; None when it is of no kind that holds any.

    Whatever the file, it is an answer. Raises Unavailable when the accepted authorities cannot be read.
    """
    if kind_of(path) is None:
        return None
    given = TypeAdapter(AuthoritySources).dump_json(authority_sources())
    command = [sys.executable, "-P", "-m", READER, str(path)]
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
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
