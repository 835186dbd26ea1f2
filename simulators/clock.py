"""The time of the outside world: the machine's, or ahead of it by the seconds in the file that ``SIMULATORS_CLOCK`` names."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path


def now() -> datetime:
    file = Path(os.environ.get("SIMULATORS_CLOCK", os.devnull))
    ahead = file.read_text() if file.exists() else ""
    return datetime.now(UTC) + timedelta(seconds=float(ahead or 0))
