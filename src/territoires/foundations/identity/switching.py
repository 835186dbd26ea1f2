"""Actions that switch services on and off for organisations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from django.utils.translation import gettext_noop

from territoires.contracts.identity import ServiceActivated, ServiceDeactivated
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict
from territoires.kernel.fact import Subject

from .models import Organisation, ServiceActivation
from .permissions import Identity
from .services import switchable_services, unknown_service


def _subject(organisation: Organisation) -> Subject:
    return Subject("identity.organisation", organisation.pk)


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
        ServiceActivated(subject=_subject(organisation), matter=organisation.pk, service=service),
    )


@action(Identity.ACTIVATE_SERVICE, on="organisation")
def deactivate_service(
    *, actor: Actor, organisation: Organisation, service: str
) -> Outcome[ServiceActivation]:
    """Switches a service off for an organisation, at once; what was done with it stays. Raises Conflict where it is off."""
    activation = ServiceActivation.objects.filter(
        organisation=organisation, service=service, until_at=None
    ).first()
    if activation is None:
        raise Conflict(
            "service-is-off",
            gettext_noop("This service is not switched on for %(name)s; nothing was done."),
            gettext_noop("Look at the list of what is switched on."),
            params={"name": organisation.name},
        )
    activation.until_at = actor.now()
    activation.save(update_fields=["until_at"])
    return Outcome(
        activation,
        ServiceDeactivated(subject=_subject(organisation), matter=organisation.pk, service=service),
    )


def switch_service(*, actor: Actor, organisations: Iterable[Organisation], service: str, on: bool) -> int:
    """Switches a service on or off where it is not so already; answers for how many organisations that was.

    Each is an action of its own: what stops in the middle is finished by asking again. Raises Invalid, Denied.
    """
    if service not in switchable_services():
        raise unknown_service(service)
    switched: set[UUID] = set(
        ServiceActivation.objects.filter(service=service, until_at=None).values_list(
            "organisation", flat=True
        )
    )
    verb = activate_service if on else deactivate_service
    changed = [row for row in organisations if (row.pk in switched) is not on]
    for row in changed:
        key = actor.idempotency_key and f"{actor.idempotency_key}:{row.reference}"
        verb(actor=replace(actor, idempotency_key=key), organisation=row, service=service)
    return len(changed)
