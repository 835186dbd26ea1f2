"""Whether a validated consultation may be published now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings

from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day

from ..domain.findings import Finding, Severity, msgid
from ..models import Consultation
from .quorum import quorum_obstacles
from .sheets import checked_for_publication


def publication_obstacles(
    consultation: Consultation, actor: Actor, *, at: datetime | None = None
) -> list[Finding]:
    """What stops the publication now, or ``at`` an instant to come; empty when nothing does."""
    today = legal_day(actor.now())
    check = checked_for_publication(consultation, today, legal_day(at) if at else today)
    return [
        *_no_outside_time(),
        *_no_support(),
        *(one.finding for one in check.standings if one.stops),
        *quorum_obstacles(consultation),
    ]


def _no_outside_time() -> Iterator[Finding]:
    """In production the hour of a bid is told by an outside, qualified authority."""
    if settings.ENVIRONMENT.is_demonstration or settings.OUTSIDE_TIME_STAMPING:
        return
    yield Finding(
        code="no-qualified-time-stamp",
        step="check",
        field="",
        severity=Severity.MISSING,
        message=msgid(
            "No qualified time-stamping authority is connected: the hour of a bid could be contested."
        ),
        remedy=msgid("Ask the operator of the platform to connect one."),
    )


def _no_support() -> Iterator[Finding]:
    """In production somebody answers an enterprise that cannot deposit: its number is on every page of a deposit."""
    if settings.ENVIRONMENT.is_demonstration or settings.SUPPORT_TELEPHONE.strip():
        return
    yield Finding(
        code="no-support-telephone",
        step="check",
        field="",
        severity=Severity.MISSING,
        message=msgid("No telephone number is set for the enterprises that have trouble with a deposit."),
        remedy=msgid("Ask the operator of the platform to set it."),
    )
