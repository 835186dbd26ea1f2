"""Visitors without account: a pseudonym of their network address, and how often they may do a thing."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address
from typing import ClassVar

from django.core.cache import cache
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_noop

from territoires.kernel.actor import Actor
from territoires.kernel.errors import Denied

from ..models import Consultation

HOUR = 3600
DAY = 24 * HOUR
HOUSEHOLD = 64
"""Bits of an IPv6 address that a line is given: behind them, one visitor has as many addresses as it likes."""
REHEARSE, FOLLOW, SAVE_SEARCH = "rehearse", "follow", "save-search"
AN_HOUR = 20
QUESTIONS_AN_HOUR, QUESTIONS_A_DAY = 10, 20


class TooOften(Denied):
    """From one line, a thing was done so many times within the hour that it is not done again now."""

    status: ClassVar[int] = 429


def hash_of(address: str) -> str:
    """32 hexadecimal digits: the address under a key of the platform, so that nobody reads it back from the register."""
    return salted_hmac("procurement.withdrawal", address, algorithm="sha256").hexdigest()[:32]


def require_seldom(address: str, what: str) -> None:
    """Counts one more ``what`` of an address. Raises TooOften above so many within the hour."""
    if not _counted(address, what, AN_HOUR, HOUR):
        raise _too_often()


def require_few_questions(actor: Actor, consultation: Consultation, address: str) -> None:
    """Without an account, so many questions an hour from one line, and so many a day in one consultation.

    Whoever has an account is counted by it, and suffers nothing from who else is behind the same address. Raises TooOften.
    """
    if actor.person is not None:
        return
    if not (
        _counted(address, "ask", QUESTIONS_AN_HOUR, HOUR)
        and _counted(address, f"ask:{consultation.pk}", QUESTIONS_A_DAY, DAY)
    ):
        raise _too_often()


def takes_whole(method: str | None, headers: Mapping[str, str]) -> bool:
    """Whether a request takes a file from its beginning: no look at its headers, nor the rest of a download."""
    is_rest = not headers.get("Range", "bytes=0-").startswith("bytes=0-")
    return method == "GET" and not is_rest and not headers.get("If-None-Match")


def line_of(address: str) -> str:
    """The line of a visitor: its IPv4 address, or the network that its line has in IPv6."""
    found = ip_address(address)
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(IPv6Address(int(found) >> HOUSEHOLD << HOUSEHOLD))
    return str(found)


def _counted(address: str, what: str, limit: int, seconds: int) -> bool:
    key = f"procurement:{what}:{hash_of(line_of(address))}"
    if cache.add(key, 1, seconds):
        return True
    try:
        return bool(cache.incr(key) <= limit)
    except ValueError:  # it expired between the two
        return True


def _too_often() -> TooOften:
    return TooOften(
        "too-often",
        gettext_noop(
            "From your network, this was done many times within the hour: nothing was sent this time."
        ),
        gettext_noop("Go back with your browser, what you typed is still there; send it again in an hour."),
    )
