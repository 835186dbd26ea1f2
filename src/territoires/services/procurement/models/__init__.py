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
from .notices import (
    BuyerProfile,
    Notice,
    NoticeChannel,
    OpenFile,
    OpenImport,
    OpenRecord,
    RecordKind,
    RecordSource,
    Release,
)

__all__ = [
    "LONGEST_REASON",
    "LONGEST_TEXT",
    "BuyerProfile",
    "Consultation",
    "Criterion",
    "DocumentKind",
    "Lot",
    "Member",
    "Notice",
    "NoticeChannel",
    "OpenFile",
    "OpenImport",
    "OpenRecord",
    "Override",
    "Participant",
    "Piece",
    "RecordKind",
    "RecordSource",
    "Regime",
    "Release",
    "SignatureTime",
    "TeamRole",
    "Technique",
]
