"""Only the worker says that a mail left; each person reads what he or she was told."""

from __future__ import annotations

from enum import StrEnum

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from territoires.foundations.actions.api import Ground, Right, declare
from territoires.kernel.actor import Actor


class Notifications(StrEnum):
    RECORD = "notifications:mail:record"


def _worker(actor: Actor, permission: str) -> Q | None:
    return Q() if actor.machine and actor.person is None and actor.organisation is None else None


declare(
    Right(
        Notifications.RECORD,
        _("record the sending of a mail"),
        (Ground("platform", _("the platform itself"), _worker),),
        on="notifications.Mail",
    )
)
