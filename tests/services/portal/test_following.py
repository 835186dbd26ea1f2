"""A follower that is behind, or that refused facts, is told to the operator: by ``/health``, which stays 200, and the console."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from territoires.foundations.journal import api as journal
from territoires.foundations.registry import api as registry
from tests.foundations.journal.book import LetterSent, write
from tests.routes.world import build


def test_it_is_named_and_nothing_is_down(
    book: str, no_followers: None, client: Client, settings: Any
) -> None:
    def handle(fact: journal.Recorded) -> None:
        raise ValueError("the address is unreadable")

    settings.PARTS = []  # none runs here: what waits is no part's fault
    world = build()
    console = world.client(world.person(world.operator, "operator"))
    address = reverse("portal_desk:console", kwargs={"organisation": world.operator.reference})
    journal.subscribe(journal.Subscription("clerk", [LetterSent.KIND], handle))
    write(1)
    journal.sequence_once()
    assert "following" not in client.get("/health").json()["alarms"]

    settings.FACTS_FOLLOWED_WITHIN = timedelta(0)
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json()["alarms"]["following"] == (
        "followers-wait: Followers that are behind: clerk. Followers that refused facts: –."
    )
    assert "clerk" in console.get(address).content.decode()

    while journal.follow_once():
        pass
    alarms = registry.alarms()
    assert (
        alarms["following"]
        == "followers-wait: Followers that are behind: –. Followers that refused facts: clerk (1)."
    )
