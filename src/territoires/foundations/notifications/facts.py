"""What the journal is told of mails: never an address, never a text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from territoires.kernel.fact import Fact


@dataclass(frozen=True, kw_only=True)
class MailSent(Fact):
    """The mail server accepted the message; ``message_sha256`` is the hash of the whole RFC 5322 text."""

    KIND: ClassVar[str] = "notifications.mail.sent"
    template: str
    message_id: str
    message_sha256: str
    accepted_at: datetime


@dataclass(frozen=True, kw_only=True)
class MailFailed(Fact):
    """The message could not be handed over; ``reason`` is a code."""

    KIND: ClassVar[str] = "notifications.mail.failed"
    template: str
    reason: str
