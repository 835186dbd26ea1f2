"""What waits for the operator though every part is up stands on the console, in the reader's words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.urls import reverse

from territoires.foundations.registry import api as registry
from territoires.foundations.registry import health
from territoires.kernel.errors import Conflict
from tests.routes.world import build


def late() -> str:
    raise Conflict(
        "acknowledgements-late",
        "For more than four hours, %(acts)s acts sent, %(cancellations)s cancellations and %(replies)s answers to letters"
        " have waited for the State's answer, and %(unmade)s envelopes for their making; the oldest for %(hours)s hours.",
        "See on the console whether the answers can be fetched, and in the worker's log what fails; else ask the ministry.",
        params={"acts": 3, "cancellations": 1, "replies": 0, "unmade": 2, "hours": 7},
    )


@pytest.mark.django_db
def test_the_console_never_says_that_all_is_well_while_acts_wait(monkeypatch: Any, settings: Any) -> None:
    settings.PARTS = []
    world = build()
    operator = world.client(world.person(world.operator, "operator"))
    address = reverse("portal_desk:console", kwargs={"organisation": world.operator.reference})
    acts = registry.manifest_of("legality")
    check = registry.HealthCheck("acknowledgements", "Accusés de réception des actes", late)
    monkeypatch.setattr(health, "manifests", lambda: {"legality": replace(acts, alarms=[], health=[])})
    french = {"Accept-Language": "fr"}
    assert "Tout est en marche</" in operator.get(address, headers=french).content.decode()
    monkeypatch.setattr(health, "manifests", lambda: {"legality": replace(acts, alarms=[check], health=[])})
    said = operator.get(address, headers=french).content.decode()
    assert "Tout est en marche</" not in said
    assert "Accusés de réception des actes" in said
    assert "3 actes envoyés" in said and "7 heures" in said
