"""Who opens the bids of a consultation, and whether they are ready."""

from __future__ import annotations

from ..domain.findings import Finding
from ..models import Consultation


def quorum_obstacles(consultation: Consultation) -> list[Finding]:
    """What is missing before bids can be sealed to the opening officers; empty when they are ready."""
    return []
