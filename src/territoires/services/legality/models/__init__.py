"""Acts, their files, their notifications and their way to the State; what the law demands, the database demands."""

from __future__ import annotations

from .act import DRAFT_NUMBER_LENGTH, DRAFT_OBJECT_LENGTH, Act, Annex, PrecedingLink, Signatory, known
from .effect import Means, Notification, PaperMode, Posting, PublicationChoice, PublicationMode
from .history import FormerStatus, FormerTransmission, HistoryImport
from .letters import LetterReply, ReplyFile, StateLetter
from .sitting import Sitting, SittingKind, SittingSecretary, Vote, VoteOutcome
from .transmission import (
    ChannelCode,
    ClassificationVersion,
    Convention,
    Envelope,
    Route,
    Transmission,
)
from .versions import SentVersion

__all__ = [
    "DRAFT_NUMBER_LENGTH",
    "DRAFT_OBJECT_LENGTH",
    "Act",
    "Annex",
    "ChannelCode",
    "ClassificationVersion",
    "Convention",
    "Envelope",
    "FormerStatus",
    "FormerTransmission",
    "HistoryImport",
    "LetterReply",
    "Means",
    "Notification",
    "PaperMode",
    "Posting",
    "PrecedingLink",
    "PublicationChoice",
    "PublicationMode",
    "ReplyFile",
    "Route",
    "SentVersion",
    "Signatory",
    "Sitting",
    "SittingKind",
    "SittingSecretary",
    "StateLetter",
    "Transmission",
    "Vote",
    "VoteOutcome",
    "known",
]
