"""The invented acts reach the states that they are meant to show."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from territoires.contracts.governance import Demonstration
from territoires.services.legality.management.demonstration import TOWN, VILLAGE, fill
from territoires.services.legality.models import Act, Sitting

from .conftest import make_actor, make_body


def test_the_village_and_the_town_have_acts_in_every_state(body: Any) -> None:
    town = make_body("Ville d'Exemple", "217004999")
    present = datetime(2026, 11, 24, 9, tzinfo=UTC)
    actors = {
        "village.secretary": make_actor(body).at(present),
        "town.secretary": make_actor(town).at(present),
        "operator.operator": make_actor(body, "operator", is_operator=True).at(present),
    }
    fill(Demonstration(organisations={"village": body.pk, "town": town.pk}, actors=actors))
    made = {(act.number, act.state) for act in Act.objects.all()}
    assert made == {(model.number, model.state) for model in (*VILLAGE, *TOWN)}
    evening = Sitting.objects.get()
    assert [act.vote.outcome for act in evening.acts.order_by("number")] == ["adopted", "adopted"]
