"""Keys, certificates and time-stamps: the door of the foundation ``trust``."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from django.conf import settings

from .authority import answer_time_stamp_query, time_stamp
from .clock_mark import clear_clock, clock_fault
from .material import LogKey, TrustChain, material, usable_material
from .outside import OutsideAuthority
from .views import time_stamp_view

__all__ = [
    "LogKey",
    "TrustChain",
    "answer_time_stamp_query",
    "clear_clock",
    "clock_fault",
    "demonstration_material",
    "fact_mac",
    "fact_mac_holds",
    "log_key",
    "outside_time_stamp",
    "time_stamp",
    "time_stamp_view",
    "trust_chain",
]


def log_key() -> LogKey:
    """The key that signs the journal's checkpoints. Raises Unavailable without keys fit for this mode."""
    return usable_material().log


def trust_chain() -> TrustChain:
    """The certificates that a reader needs, whatever they are worth: ``is_demonstration`` says it."""
    return material().chain


def demonstration_material() -> list[str]:
    """The subject names of the demonstration's certificates in use; production starts only when it is empty."""
    return list(material().demonstration_names)


def outside_time_stamp(imprint: bytes) -> bytes | None:
    """The verified TimeStampToken of the outside authority for a SHA-256 digest; None when none is configured.

    Takes up to ten seconds: call it outside any transaction. Raises Unavailable when it fails.
    """
    authority: Any = settings.OUTSIDE_TIME_STAMPING
    return OutsideAuthority(**authority).stamp(imprint) if authority else None


def fact_mac(body: bytes) -> bytes:
    """HMAC-SHA-256 of a fact under a key that PostgreSQL never sees: what tells our facts from rows slipped in."""
    return hmac.digest(usable_material().facts_key, body, hashlib.sha256)


def fact_mac_holds(body: bytes, mac: bytes) -> bool:
    """Whether ``mac`` is ours for ``body``; takes the same time whatever differs."""
    return hmac.compare_digest(fact_mac(body), mac)
