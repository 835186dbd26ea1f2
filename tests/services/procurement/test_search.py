"""The search of the platform finds the consultations of one's own body, and no other's."""

from __future__ import annotations

from territoires.kernel.actor import Actor
from territoires.services.procurement.web.finding import ours

from .conftest import make_actor, make_body, make_consultation, mandated


def test_a_consultation_is_found_by_its_words(secretary: Actor) -> None:
    one = make_consultation(secretary, "validated")
    (hit,) = ours(secretary, "toiture", 5)
    assert str(one.pk) in hit.address and hit.title == f"2026-001 {one.title}"
    assert ours(secretary, "cantine", 5) == []


def test_nothing_of_another_body_nor_of_a_team_that_is_not_hers(secretary: Actor) -> None:
    make_consultation(secretary)
    elsewhere = make_body("Ailleurs", "217004999")
    assert ours(make_actor(elsewhere), "toiture", 5) == []
    assert ours(mandated(make_body("Tiers", "217104397")), "toiture", 5) == []
