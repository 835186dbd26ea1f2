"""How the platform reaches the approved third party (S2LOW), and what it waits for there.

A file of the operator's, read whenever it is needed; in demonstration the simulator writes it, with a new port at each
start. See docs/operations/s2low.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q

from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange.transports.https import basic
from territoires.foundations.exchange.transports.tls import ClientIdentity, Trust

from ..domain import letters
from ..domain import transmission as rules
from ..models import ChannelCode, Envelope, Route, Transmission

EVERYBODY = "*"


@dataclass(frozen=True, slots=True)
class ThirdParty:
    """The way there; ``accounts`` are the headers by which a body is known, by its SIREN."""

    url: str
    identity: ClientIdentity
    trust: Trust
    accounts: Mapping[str, Mapping[str, str]]

    @classmethod
    def read(cls, said: dict[str, Any]) -> ThirdParty:
        return cls(
            said["url"].rstrip("/"),
            ClientIdentity(Path(said["certificate"]), Path(said["key"]), said.get("key_password")),
            Trust(said.get("pinned"), Path(said["authority"]) if "authority" in said else None),
            {siren: dict(account) for siren, account in said["accounts"].items()},
        )

    def headers_for(self, siren: str) -> dict[str, str] | None:
        """What makes the third party know the body; None when it has no account there."""
        account = self.accounts.get(siren) or self.accounts.get(EVERYBODY)
        if account is None:
            return None
        return basic(account.get("user", siren), account["password"])


def third_party() -> ThirdParty | None:
    """The way to the third party; None while there is no file, or one that cannot be read."""
    try:
        return ThirdParty.read(json.loads(settings.S2LOW_CONNECTION.read_text()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def serves(siren: str) -> bool:
    """Whether the body has an account at the third party."""
    way = third_party()
    return way is not None and way.headers_for(siren) is not None


def awaited(asked_since: datetime) -> Iterator[Envelope]:
    """The envelopes that an answer of the third party is owed to, body by body, the oldest first.

    A request for a classification is among them from ``asked_since`` on: nothing tells when it was answered.
    """
    owed = (
        Q(kind=Envelope.Kind.ACT, transmission__state__in=[rules.CONFIRMED, rules.SENT])
        | Q(kind=Envelope.Kind.CANCELLATION, transmission__state=rules.CANCELLING)
        | Q(kind__in=letters.ACKNOWLEDGED_BY, reply__state__in=letters.UNDER_WAY)
        # Nothing acknowledges it: a refusal behind the door is looked for as long as answers usually take.
        | Q(kind=Envelope.Kind.SIMPLE_REPLY, reply__state__in=letters.UNDER_WAY, made_at__gt=asked_since)
        | Q(kind=Envelope.Kind.CLASSIFICATION, made_at__gt=asked_since)
    )
    rows = Envelope.objects.filter(owed, route__channel=ChannelCode.S2LOW, archive__isnull=False)
    return (
        rows.select_related("organisation", "transmission", "reply", "route")
        .order_by("organisation_id", "made_at", "id")
        .iterator()
    )


def correspondents(now: datetime) -> list[str]:
    """The SIREN of the bodies that have ever sent by the third party: the prefecture may still write to them there."""
    routes = Route.objects.filter(channel=ChannelCode.S2LOW, from_at__lte=now)
    return sorted(set(routes.values_list("organisation__siren", flat=True)))


def transaction_of(envelope: Envelope) -> int:
    """The number that the third party gave to what an envelope became; 0 while it is unknown."""
    parcel = exchange.parcel_of(channel=ChannelCode.S2LOW, key=envelope.archive_name)
    if parcel is None or parcel.state != "sent" or not parcel.detail.isdecimal():
        return 0
    return int(parcel.detail)


def transactions_of(transmission: Transmission) -> set[int]:
    """Every number that we know for the act of a transmission, of whatever became of it."""
    envelopes = Envelope.objects.filter(
        transmission__act=transmission.act_id, route__channel=ChannelCode.S2LOW
    ).select_related("route")
    return {number for envelope in envelopes if (number := transaction_of(envelope))}
