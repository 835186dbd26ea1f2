"""Manifests that were received and not settled yet."""

from __future__ import annotations

from datetime import datetime

from ..models import SealIntent


def intents_waiting(before: datetime) -> list[SealIntent]:
    """What a crash left half done: received before an instant, and neither deposited nor refused."""
    rows = SealIntent.objects.filter(outcome=SealIntent.Outcome.WAITING, completed_at__lt=before)
    return list(rows.select_related("draft").order_by("completed_at")[:200])
