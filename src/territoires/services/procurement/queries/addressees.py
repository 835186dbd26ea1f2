"""Who is told in an enterprise or a body: people who can sign in, and the addresses of those who cannot."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Q

from territoires.foundations.identity import api as identity
from territoires.foundations.notifications.api import Recipient

MOST = 20


def people_of(organisation: UUID, at: datetime, first: UUID | None = None) -> list[Recipient]:
    """The members who can sign in, ``first`` before all others (who deposited the bid); empty: nobody can be told."""
    accounts: Any = apps.get_model("identity.Account")._default_manager
    member = Q(person__memberships__organisation=organisation) & identity.in_force(
        at, "person__memberships__"
    )
    rows = accounts.filter(member, is_active=True, suspended_at=None).select_related("person").distinct()
    found = sorted(rows[:MOST], key=lambda one: (one.person_id != first, one.email))
    return [Recipient(one.person_id, one.email, one.person.language) for one in found]


def mails_of(notifications: Iterable[UUID]) -> dict[UUID, Any]:
    """The mail of each notification that has one: its state, and when the mail server took it."""
    rows: Any = apps.get_model("notifications.Mail")._default_manager
    return {one.notification_id: one for one in rows.filter(notification__in=list(notifications))}
