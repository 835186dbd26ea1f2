"""Visitors without account: a pseudonym of their network address, and how often they may do a thing."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

HOUR = 3600


def address_hash(request: HttpRequest) -> str:
    """32 hexadecimal digits: the address under a key of the platform, so that nobody reads it back from the register."""
    found = get_adapter(request).get_client_ip(request)
    return salted_hmac("procurement.withdrawal", found, algorithm="sha256").hexdigest()[:32]


def may_again(request: HttpRequest, what: str, *, an_hour: int) -> bool:
    """Counts one more; False when the same address did ``what`` more than so many times within the hour."""
    key = f"procurement:{what}:{address_hash(request)}"
    if cache.add(key, 1, HOUR):
        return True
    try:
        return bool(cache.incr(key) <= an_hour)
    except ValueError:  # it expired between the two
        return True
