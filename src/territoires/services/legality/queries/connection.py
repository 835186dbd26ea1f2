"""How the platform reaches the State's service: a file of the operator's, read whenever it is needed.

In demonstration the simulator writes it, with new ports at each start. In production nothing leaves before it holds
the ``homologation``, the reference by which the ministry approved the platform. See docs/operations/actes.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from territoires.foundations.exchange.transports.mailbox import Account
from territoires.foundations.exchange.transports.tls import ClientIdentity, Trust
from territoires.kernel.errors import Conflict

from ..domain.actes.authenticity import StateMail
from ..domain.actes.names import PRODUCTION, TEST
from ..models import ChannelCode
from .third_party import serves


@dataclass(frozen=True, slots=True)
class Connection:
    """``accepted`` are the HTTP statuses that mean "taken". Without ``state_mail`` whoever can write into the mailbox is
    believed: that is for the simulator's alone.
    """

    url: str
    identity: ClientIdentity
    trust: Trust
    accepted: frozenset[int]
    account: Account
    state_mail: StateMail | None

    @classmethod
    def read(cls, said: dict[str, Any]) -> Connection:
        trust = Trust(said.get("pinned"), Path(said["authority"]) if "authority" in said else None)
        mail, imap = said.get("state_mail"), {"authority": said.get("authority"), **said["imap"]}
        return cls(
            said["url"],
            ClientIdentity(Path(said["certificate"]), Path(said["key"]), said.get("password")),
            trust,
            frozenset(said.get("accepted", [200])),
            Account(
                imap["host"],
                imap["user"],
                imap["password"],
                imap.get("port", 993),
                imap.get("folder", "INBOX"),
                Trust(imap.get("pinned"), Path(imap["authority"]) if imap["authority"] else None),
            ),
            StateMail(mail["server"], frozenset(mail["domains"])) if mail else None,
        )


def connection() -> Connection | None:
    """The way to the ministry; None while it is closed: no file, one that cannot be read, or no homologation."""
    try:
        said = json.loads(settings.ACTES_CONNECTION.read_text())
        found = Connection.read(said)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    is_safe = bool(said.get("homologation")) and found.state_mail is not None
    return found if is_safe or settings.ENVIRONMENT.is_demonstration else None


def require_open(channel: str, siren: str) -> None:
    """Raises Conflict when nothing may leave by the channel for a body: the operator has not opened the way."""
    if channel == ChannelCode.S2LOW and not serves(siren):
        raise Conflict(
            "no-account",
            "Your body has no account at the third party that sends its acts; nothing was sent and nothing is lost.",
            "Ask the operator of the platform, who enters it.",
        )
    if channel == ChannelCode.MINISTRY and connection() is None:
        raise Conflict(
            "channel-closed",
            "The way to the State is not open on this platform yet; nothing was sent and nothing is lost.",
            "The operator opens it once the ministry has approved the platform: ask when.",
        )


def application() -> str:
    """The four letters of the application in envelopes' names: a demonstration never writes as production."""
    return TEST if settings.ENVIRONMENT.is_demonstration else PRODUCTION
