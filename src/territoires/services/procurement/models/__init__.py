"""Consultations and what belongs to them."""

from __future__ import annotations

from .consultation import (
    LONGEST_REASON,
    LONGEST_TEXT,
    Consultation,
    Criterion,
    DocumentKind,
    Lot,
    Member,
    Override,
    Participant,
    Piece,
    Regime,
    SignatureTime,
    TeamRole,
    Technique,
)

__all__ = [
    "LONGEST_REASON",
    "LONGEST_TEXT",
    "Consultation",
    "Criterion",
    "DocumentKind",
    "Lot",
    "Member",
    "Override",
    "Participant",
    "Piece",
    "Regime",
    "SignatureTime",
    "TeamRole",
    "Technique",
]
