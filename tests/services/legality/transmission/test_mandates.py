"""A person of elsewhere who holds a mandate of the body prepares and sends its acts, until the mandate ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.apps import apps

from territoires.foundations.identity import api as identity
from territoires.kernel.actor import Actor, Assurance
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Denied
from territoires.services.legality.actions import transmitting
from territoires.services.legality.models import Transmission

from .conftest import Town, certificate, person, with_certificate


def rows(label: str) -> Any:
    return apps.get_model(label)._default_manager


@pytest.fixture
def mandated(town: Town) -> tuple[Any, Any, Any]:
    """A person without any role in the body, the certificate that she was given for it, and her mandate."""
    _unused, row = person(town.clerk, "Léa")
    rows("identity.ServiceActivation").create(
        organisation=town.body, service="legality", since_at=system_clock()
    )
    der = certificate("Léa", town.body.siren)
    mandate = rows("identity.Mandate").create(
        principal=town.body,
        representative=row,
        role="secretary",
        since_on=date(2026, 1, 5),
        instrument="Délibération DEL_2026_001",
    )
    return row, der, mandate


def acting(row: Any, body: Any) -> Actor:
    """As a request builds it, from what is in force now."""
    present = Assurance(level=2, methods=("password", "mfa"), proved_at=system_clock())
    return identity.actor_for_person(row, body, assurance=present)


def test_it_serves_to_prepare_and_to_send_and_the_actor_says_so(town: Town, mandated: Any) -> None:
    row, der, mandate = mandated
    actor = with_certificate(acting(row, town.body), row, der)
    act = town.act()
    transmitting.prepare_transmission(actor=actor, act=act)
    transmitting.confirm_transmission(actor=actor, act=act)
    assert Transmission.objects.get(act=act).state == "confirmed"
    assert actor.mandate == mandate.pk
    assert {(grant.through, grant.reference) for grant in actor.grants.values()} == {("mandate", mandate.pk)}


def test_one_that_ended_sends_nothing(town: Town, mandated: Any) -> None:
    row, der, mandate = mandated
    shown = with_certificate(acting(row, town.body), row, der)
    act = town.act()
    transmitting.prepare_transmission(actor=shown, act=act)
    mandate.ended_at = system_clock()
    mandate.save()
    late = replace(acting(row, town.body), assurance=shown.assurance)
    with pytest.raises(Denied):
        transmitting.confirm_transmission(actor=late, act=act)
    assert Transmission.objects.get(act=act).state == "to_confirm"
