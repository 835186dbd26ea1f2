"""The rounds of a consultation: the first is the call itself, each further one a round of negotiation."""

from __future__ import annotations

from datetime import datetime

from ..models import Consultation

FIRST = 1


def current_round(consultation: Consultation) -> int:
    """The round that receives bids now, or received the last ones."""
    return FIRST


def deadline_of(consultation: Consultation, round: int) -> datetime | None:
    """Until when the bids of a round are in time; None while no deadline is set."""
    return consultation.tenders_until if round == FIRST else None
