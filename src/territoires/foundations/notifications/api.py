"""The door of ``notifications``."""

from .facts import MailFailed, MailSent
from .telling import (
    Recipient,
    Told,
    bell,
    mark_read,
    notifications_of,
    notify,
    prefer,
    preference_of,
)
from .wording import Words

__all__ = [
    "MailFailed",
    "MailSent",
    "Recipient",
    "Told",
    "Words",
    "bell",
    "mark_read",
    "notifications_of",
    "notify",
    "prefer",
    "preference_of",
]
