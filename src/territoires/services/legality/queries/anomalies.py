"""The State's anomalies, explained: the pack in force on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from territoires.foundations.packs import api as packs


def anomalies(on: date) -> Sequence[Any]:
    """The lines of ``actes-anomalies``; see ``domain.transmission.explanation_of``."""
    return packs.pack("actes-anomalies", on=on).entries
