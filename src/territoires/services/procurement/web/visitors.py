"""Visitors without account: a pseudonym of their network address, and how often they may do a thing."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

HOUR = 3600
DAY = 24 * HOUR
HOUSEHOLD = 64
"""Bits of an IPv6 address that a line is given: behind them, one visitor has as many addresses as it likes."""


def address_hash(request: HttpRequest) -> str:
    """32 hexadecimal digits: the address under a key of the platform, so that nobody reads it back from the register."""
    return _hashed(get_adapter(request).get_client_ip(request))


def _hashed(address: str) -> str:
    return salted_hmac("procurement.withdrawal", address, algorithm="sha256").hexdigest()[:32]


def may_again(request: HttpRequest, what: str, *, an_hour: int) -> bool:
    """Counts one more; False when the same address did ``what`` more than so many times within the hour."""
    return _counted(request, what, an_hour, HOUR)


def may_again_today(request: HttpRequest, what: str, *, a_day: int) -> bool:
    """The same within a day."""
    return _counted(request, what, a_day, DAY)


def line_of(address: str) -> str:
    """The line of a visitor: its IPv4 address, or the network that its line has in IPv6."""
    found = ip_address(address)
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(IPv6Address(int(found) >> HOUSEHOLD << HOUSEHOLD))
    return str(found)


def _counted(request: HttpRequest, what: str, limit: int, seconds: int) -> bool:
    line = _hashed(line_of(get_adapter(request).get_client_ip(request)))
    key = f"procurement:{what}:{line}"
    if cache.add(key, 1, seconds):
        return True
    try:
        return bool(cache.incr(key) <= limit)
    except ValueError:  # it expired between the two
        return True
