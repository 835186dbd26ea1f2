"""Actions on keys of machines."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import cast
from uuid import UUID

from django.utils.translation import gettext_noop

from territoires.contracts.identity import ApiKeyIssued, ApiKeyRevoked
from territoires.foundations.actions.api import Outcome, StepUp, action
from territoires.kernel.actor import Actor
from territoires.kernel.clock import first_instant, legal_day
from territoires.kernel.errors import Denied, Invalid
from territoires.kernel.fact import Subject
from territoires.kernel.text import clean

from .keys import draw
from .models import ApiKey, Organisation
from .permissions import Identity
from .roles import permissions_for_programs

LONGEST_KEY_LIFE = timedelta(days=366)
PRESENCE_FOR_KEYS = StepUp(level=1, within=timedelta(minutes=15))


def issue_api_key(
    *,
    actor: Actor,
    organisation: Organisation,
    label: str,
    permissions: Collection[str],
    until: date,
) -> tuple[ApiKey, str]:
    """A key for a program of the organisation, good through the day ``until``; its text is told here, once, and kept
    nowhere. The actor answers for it.

    Raises Denied for a permission that no program may have there (``permissions_for_programs``), Invalid without
    label, without permission, or for an end in the past or beyond 366 days.
    """
    text, prefix, salt, kept = draw()
    key = _keep_key(
        actor=actor,
        organisation=organisation,
        label=label,
        permissions=sorted(set(permissions)),
        until=until,
        columns={"prefix": prefix, "salt": salt, "digest": kept},
    )
    return key, text


@action(Identity.ISSUE_KEY, on="organisation", step_up=PRESENCE_FOR_KEYS)
def _keep_key(
    *,
    actor: Actor,
    organisation: Organisation,
    label: str,
    permissions: list[str],
    until: date,
    columns: dict[str, bytes | str],
) -> Outcome[ApiKey]:
    named, today = clean(label)[:120], legal_day(actor.now())
    if not named or not permissions or not today <= until <= today + LONGEST_KEY_LIFE:
        raise Invalid(
            "incomplete-key",
            gettext_noop("A key needs a name, permissions and an end within a year; none was made."),
            gettext_noop("Complete the form."),
        )
    if not permissions_for_programs(organisation, actor).issuperset(permissions):
        raise Denied(
            "not-for-programs",
            gettext_noop("A key does what agents do, or what you may do yourself; none was made."),
            gettext_noop("Choose among the permissions of the form."),
        )
    key = ApiKey.objects.create(
        organisation=organisation,
        label=named,
        permissions=permissions,
        owner_id=cast(UUID, actor.person),  # a key gives no keys, so a person acts
        created_at=actor.now(),
        expires_at=first_instant(until + timedelta(days=1)),
        **columns,
    )
    return Outcome(
        key,
        ApiKeyIssued(
            subject=Subject("identity.api_key", key.pk),
            organisation=organisation.pk,
            permissions=tuple(permissions),
            until=until,
        ),
    )


@action(Identity.REVOKE_KEY, on="key")
def revoke_api_key(*, actor: Actor, key: ApiKey) -> Outcome[ApiKey]:
    """Kills a key at once. Twice is the same."""
    key.revoked_at = key.revoked_at or actor.now()
    key.save(update_fields=["revoked_at"])
    return Outcome(
        key, ApiKeyRevoked(subject=Subject("identity.api_key", key.pk), organisation=key.organisation_id)
    )
