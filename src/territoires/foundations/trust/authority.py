"""The platform's own authority, wired: this installation's key, policy and guarded clock."""

from __future__ import annotations

import logging
from functools import cache

from django.conf import settings

from territoires.kernel.errors import Unavailable

from .clock_guard import ClockGuard, ClockRefused
from .clock_mark import DatabaseMark
from .material import Material, usable_material
from .synchronisation import synchronisation_fault
from .time_stamp_query import FailInfo, Refused, TimeStampQuery, imprint_of
from .time_stamping import TimeStampingAuthority, refused

log = logging.getLogger(__name__)


def time_stamp(imprint: bytes) -> bytes:
    """The TimeStampToken (DER, certificates included) of our own authority for a SHA-256 digest.

    Raises Unavailable when the clock is refused, or when production has no keys of its own.
    """
    query = TimeStampQuery(imprint_of(imprint), with_certificates=True)
    try:
        return _authority().stamp(query)
    except Refused as refusal:
        raise Unavailable(
            "time-stamp-refused",
            "The time-stamping authority gives no time-stamp: %(reason)s",
            "Check the machine's clock, then run: territoires trust clear-clock.",
            params={"reason": str(refusal)},
        ) from refusal


def answer_time_stamp_query(query: bytes) -> bytes:
    """The TimeStampResp to a TimeStampReq, both in DER: granted, or refused with its reason (RFC 3161)."""
    try:
        authority = _authority()
    except Unavailable as fault:
        log.error("trust: no time-stamp can be given: %s", fault)
        return refused(Refused(FailInfo.SYSTEM_FAILURE, "The authority has no key to stamp with."))
    return authority.answer(query)


def _authority() -> TimeStampingAuthority:
    return _build(usable_material())


@cache
def _build(material: Material) -> TimeStampingAuthority:
    production = not settings.ENVIRONMENT.is_demonstration
    # A demonstration on a laptop or in a container is seldom synchronised; production must be.
    guard = ClockGuard(DatabaseMark(), synchronised=synchronisation_fault if production else lambda: "")

    def now() -> int:
        try:
            return guard.now()
        except ClockRefused as fault:
            raise Refused(FailInfo.TIME_NOT_AVAILABLE, str(fault)) from fault

    return TimeStampingAuthority(
        material.stamping_key, material.stamping_chain, settings.TIME_STAMPING_POLICY, now
    )
