"""Whether a validated consultation may be published now."""

from __future__ import annotations

from territoires.kernel.actor import Actor

from ..domain.findings import Finding
from ..models import Consultation
from .quorum import quorum_obstacles


def publication_obstacles(consultation: Consultation, actor: Actor) -> list[Finding]:
    """What stops the publication; empty when nothing does."""
    return quorum_obstacles(consultation)
