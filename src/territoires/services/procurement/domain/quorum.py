"""How many holders are needed, and the limits of a bid: what a policy says beside its keys."""

from __future__ import annotations

from .findings import Finding, Severity
from .sealing.policy import Limits

LEAST_OFFICERS = 2
MOST_OFFICERS = 11
GIB = 1024**3
# The whole of a bid in the browser is bounded by these alone; they are shown before any upload.
LIMITS = Limits(file=4 * GIB, bid=16 * GIB, files=2_000)
SUITE = 1
CANDIDATURE, TENDER = "candidature", "tender"


def envelopes_of(round: int, *, has_two_stages: bool) -> tuple[str, ...]:
    """What is sealed apart: the call takes both, or candidatures alone where it has two stages; later rounds tenders."""
    if round > 1:
        return (TENDER,)
    return (CANDIDATURE,) if has_two_stages else (CANDIDATURE, TENDER)


def proposed_threshold(officers: int) -> int:
    """How many holders open, the custodian counting as one: two, and three from four officers on.

    One lost key then loses nothing, and nobody opens alone.
    """
    return 3 if officers > 3 else LEAST_OFFICERS


def missing(code: str, message: str, remedy: str, about: str = "", **params: object) -> Finding:
    """Something without which bids cannot be sealed."""
    return Finding(
        code=code,
        step="opening",
        field="",
        severity=Severity.MISSING,
        message=message,
        remedy=remedy,
        about=about,
        params=params,
    )
