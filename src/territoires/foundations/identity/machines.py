"""Actions on keys of machines and on services."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import cast
from uuid import UUID

from django.utils.translation import gettext_noop

from territoires.contracts.identity import ApiKeyIssued, ApiKeyRevoked, ServiceActivated
from territoires.foundations.actions.api import Outcome, StepUp, action
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Denied, Invalid
from territoires.kernel.fact import Subject
from territoires.kernel.text import clean

from .keys import draw
from .models import ApiKey, Organisation, ServiceActivation
from .permissions import Identity
from .services import switchable_services, unknown_service

LONGEST_LIFE = timedelta(days=366)
PRESENCE = StepUp(level=1, within=timedelta(minutes=15))


def issue_api_key(
    *,
    actor: Actor,
    organisation: Organisation,
    label: str,
    permissions: Collection[str],
    days: int = 365,
) -> tuple[ApiKey, str]:
    """A key for a machine of the organisation, owned by the actor; its text is told here, once, and kept nowhere.

    Raises Denied for a permission that the actor does not hold, Invalid without label or beyond 366 days.
    """
    text, prefix, salt, kept = draw()
    key = _keep_key(
        actor=actor,
        organisation=organisation,
        label=label,
        permissions=sorted(set(permissions)),
        days=days,
        columns={"prefix": prefix, "salt": salt, "digest": kept},
    )
    return key, text


@action(Identity.ISSUE_KEY, on="organisation", step_up=PRESENCE)
def _keep_key(
    *,
    actor: Actor,
    organisation: Organisation,
    label: str,
    permissions: list[str],
    days: int,
    columns: dict[str, bytes | str],
) -> Outcome[ApiKey]:
    life, named = timedelta(days=days), clean(label)[:120]
    if not named or not permissions or not timedelta(0) < life <= LONGEST_LIFE:
        raise Invalid(
            "incomplete-key",
            gettext_noop("A key needs a name, permissions and an end within a year; none was made."),
            gettext_noop("Complete the form."),
        )
    if not set(permissions) <= actor.grants.keys():
        raise Denied(
            "key-above-own",
            gettext_noop("A key cannot do more than its owner; none was made."),
            gettext_noop("Leave out what you may not do yourself."),
        )
    key = ApiKey.objects.create(
        organisation=organisation,
        label=named,
        permissions=permissions,
        owner_id=cast(UUID, actor.person),  # the right asks for a role, which a person holds
        created_at=actor.now(),
        expires_at=actor.now() + life,
        **columns,
    )
    return Outcome(
        key,
        ApiKeyIssued(
            subject=Subject("identity.api_key", key.pk),
            organisation=organisation.pk,
            permissions=tuple(permissions),
            until=legal_day(key.expires_at),
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


@action(Identity.ACTIVATE_SERVICE, on="organisation")
def activate_service(*, actor: Actor, organisation: Organisation, service: str) -> Outcome[ServiceActivation]:
    """Switches a service on for an organisation. Twice is the same. Raises Invalid for an unknown service."""
    if service not in switchable_services():
        raise unknown_service(service)
    activation, _made = ServiceActivation.objects.get_or_create(
        organisation=organisation, service=service, until_at=None, defaults={"since_at": actor.now()}
    )
    return Outcome(
        activation,
        ServiceActivated(subject=Subject("identity.organisation", organisation.pk), service=service),
    )
