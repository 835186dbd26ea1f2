"""What a change of a published consultation leaves to compare: the digests of its new documents, the hash of its opening rules."""

from __future__ import annotations

from dataclasses import dataclass

from ..models import Amendment, Consultation, Piece, PolicyVersion
from .publication import amendments_of
from .quorum import whole_seconds
from .rounds import FIRST


@dataclass(frozen=True, slots=True)
class Change:
    """``documents`` came with it; ``policy_sha256`` is that of the opening rules which a later deadline wrote, or empty."""

    amendment: Amendment
    documents: list[Piece]
    policy_sha256: str


def change_of(amendment: Amendment) -> Change:
    """One change with its proofs."""
    pieces = Piece.objects.filter(
        consultation=amendment.consultation_id, since_version=amendment.version
    ).select_related("document")
    return Change(amendment, list(pieces.order_by("position")), _policy_hash(amendment))


def changes_of(consultation: Consultation) -> list[Change]:
    """All of them, in their order."""
    return [change_of(one) for one in amendments_of(consultation)]


def _policy_hash(amendment: Amendment) -> str:
    """A policy holds the deadline: one that moves writes the next version, at once."""
    deadline = amendment.applications_after or amendment.tenders_after
    if not amendment.moves_deadline or deadline is None:
        return ""
    rows = PolicyVersion.objects.filter(
        consultation=amendment.consultation_id,
        round=FIRST,
        deadline_at=whole_seconds(deadline),
        made_at__gte=amendment.made_at,
    )
    return rows.order_by("version").values_list("sha256", flat=True).first() or ""
