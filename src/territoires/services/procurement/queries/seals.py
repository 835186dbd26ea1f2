"""Manifests that were received and not settled yet."""

from __future__ import annotations

from datetime import datetime

from ..models import Consultation, SealIntent
from .rounds import deadline_of


def intents_waiting(before: datetime) -> list[SealIntent]:
    """What a crash left half done: received before an instant, and neither deposited nor refused."""
    rows = SealIntent.objects.filter(outcome=SealIntent.Outcome.WAITING, completed_at__lt=before)
    return list(rows.select_related("draft").order_by("completed_at")[:200])


def waits_in_time(consultation: Consultation, round: int) -> bool:
    """Whether a bid received until the deadline is neither deposited nor refused yet: it may be one of those to open."""
    deadline = deadline_of(consultation, round)
    return (
        deadline is not None
        and SealIntent.objects.filter(
            draft__consultation=consultation,
            draft__round=round,
            outcome=SealIntent.Outcome.WAITING,
            completed_at__lte=deadline,
        ).exists()
    )
