"""A full disk, told as what it is: what fails on one fails in many ways, and its log cannot be written either."""

from __future__ import annotations

import shutil
from pathlib import Path

from territoires.kernel.errors import Unavailable

FULL_BYTES = 2_000_000


def is_full(folder: Path) -> bool:
    """Whether nothing more can be written where ``folder`` is; False when it is not there."""
    return folder.exists() and shutil.disk_usage(folder).free < FULL_BYTES


def full(folder: Path) -> Unavailable:
    """The refusal, with its remedy."""
    return Unavailable(
        "disk-full",
        "The disk that holds %(folder)s is full.",
        "Free some space, or choose another folder (VAR=), and start again.",
        params={"folder": str(folder)},
    )
