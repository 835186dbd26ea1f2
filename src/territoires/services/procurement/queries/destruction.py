"""When the keys of a consultation and what was never opened in it may be destroyed, and what is left to destroy."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Missing, TooLate

from ..domain import life, session
from ..models import (
    Consultation,
    Deposit,
    Destruction,
    Dispute,
    HolderKey,
    OpenedBlock,
    OpeningOrder,
    Package,
    PackageOrigin,
    SealedBlock,
    TimeKey,
)
from .packages import keeping_of

# Nothing more is opened, evaluated or carried out.
OVER = (life.ENDED, life.ARCHIVED, life.WITHDRAWN, life.ABANDONED, life.UNSUCCESSFUL)


def destruction_of(consultation: Consultation) -> Destruction | None:
    return Destruction.objects.filter(consultation=consultation).select_related("ordered_by").first()


def disputes_of(consultation: Consultation) -> list[Dispute]:
    return list(Dispute.objects.filter(consultation=consultation).select_related("noted_by"))


def dispute_of(consultation: Consultation, key: UUID) -> Dispute:
    """Raises Missing."""
    found = Dispute.objects.filter(consultation=consultation, pk=key).first()
    if found is None:
        raise Missing("no-dispute", "There is no such dispute here.", "Go back to the closed bids.")
    return found


def legal_end(consultation: Consultation) -> tuple[date, str]:
    """The last legal day on which its file is due, and the article: what its kept file says, else from its end."""
    kept = Package.objects.filter(consultation=consultation, origin=PackageOrigin.MADE).first()
    if kept is not None and kept.keep_until is not None:
        return kept.keep_until, kept.keep_article
    return keeping_of(consultation, legal_day(consultation.ended_at or consultation.changed_at))


def require_destroyable(consultation: Consultation, today: date) -> None:
    """Raises Conflict while the procedure, a session or a dispute lasts or its file is kept, TooLate before the legal end."""
    if consultation.state not in OVER:
        raise Conflict(
            "not-over",
            "This consultation is not over: its keys and closed bids are still needed.",
            "Come back once its contract has ended, or once it ended without one.",
        )
    if Dispute.objects.filter(consultation=consultation, ended_at=None).exists():
        raise Conflict(
            "dispute-runs",
            "A dispute or an inspection is noted and has not ended: nothing is destroyed.",
            "Note its end first.",
        )
    end, article = legal_end(consultation)
    if today <= end:
        raise TooLate(
            "retention-runs",
            "The closed bids must be kept until %(until)s (%(article)s): nothing is destroyed.",
            "Come back after that day.",
            params={"until": end, "article": article},
        )
    if Package.objects.filter(consultation=consultation, destroyed_at=None).exists():
        raise Conflict(
            "file-still-kept",
            "The kept file of this consultation holds the closed bids and the keys too: nothing is destroyed.",
            "Destroy the kept file first, with the same visa; its page is among the kept files.",
        )
    if OpeningOrder.objects.filter(consultation=consultation, state__in=session.UNDER_WAY).exists():
        raise Conflict("session-under-way", "A session is under way.", "End it first.")


def unopened(consultation: Consultation) -> QuerySet[SealedBlock]:
    """The blocks whose key was never put together, deposited or not, that still have their wraps."""
    opened = OpenedBlock.objects.filter(block=OuterRef("pk"), master__isnull=False)
    rows = SealedBlock.objects.filter(draft__consultation=consultation, destroyed_at=None)
    return rows.exclude(Exists(opened)).order_by("pk")


def closed_deposits(consultation: Consultation) -> list[Deposit]:
    """The deposits of which nothing was opened, in the order of the register."""
    opened = OpenedBlock.objects.filter(deposit=OuterRef("pk"), master__isnull=False)
    rows = Deposit.objects.filter(consultation=consultation).exclude(state=Deposit.State.COPY)
    return list(rows.exclude(Exists(opened)).select_related("bidder").order_by("round", "number"))


def holding_keys(consultation: Consultation) -> int:
    """How many officers still have a way to their key."""
    return HolderKey.objects.filter(consultation=consultation, slots__isnull=False).distinct().count()


def time_keys_of(consultation: Consultation) -> list[TimeKey]:
    return list(TimeKey.objects.filter(consultation=consultation).order_by("round"))


def under_way() -> list[Destruction]:
    """Ordered and not done, oldest first."""
    rows = Destruction.objects.filter(done_at=None).select_related("consultation__organisation")
    return list(rows.order_by("ordered_at"))
