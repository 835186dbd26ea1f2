"""A sitting of the body, with a few drafts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.services.legality.actions import drafting, filing, sittings
from territoires.services.legality.domain.sitting import Ballot
from territoires.services.legality.domain.wording import ActWords
from territoires.services.legality.models import Act, Sitting

from ..conftest import pdf, sound
from .test_rules import EVENING


def make_sitting(actor: Actor, count: int = 2, *, first: int = 60) -> Sitting:
    """A sitting of yesterday with ``count`` drafts from number ``first`` on, ready to be voted."""
    held_on = legal_day(actor.now()) - timedelta(days=1)
    sitting = sittings.open_sitting(actor=actor, words=replace(EVENING, held_on=held_on))
    for place in range(count):
        words = ActWords(
            number=f"DEL_2026_{first + place:03}",
            nature="1",
            matter_code="7.1",
            object=f"Budget {place}",
            decided_on=sitting.held_on,
            given_names="Paul",
            usual_name="Essai",
            quality="Maire",
        )
        act = drafting.draft_act(actor=actor, words=words, sitting=sitting.pk)
        filing.attach_main(actor=actor, act=act, file=sound(actor, pdf(f"{act.pk}")))
    return Sitting.objects.select_related("organisation", "list_file").get(pk=sitting.pk)


def make_listed_sitting(actor: Actor, *, first: int = 60) -> Sitting:
    """The same, voted unanimously, its list of deliberations on line."""
    sitting = make_sitting(actor, first=first)
    ballots = {act.pk: Ballot(outcome="adopted", votes_for=sitting.voters) for act in acts_in(sitting)}
    sittings.capture_votes(actor=actor, sitting=sitting, ballots=ballots)
    return sittings.publish_list(actor=actor, sitting=sitting)


def acts_in(sitting: Sitting) -> list[Act]:
    return list(sitting.acts.order_by("number"))


@pytest.fixture
def sitting(secretary: Actor) -> Sitting:
    return make_sitting(secretary)


@pytest.fixture
def evening_form() -> dict[str, Any]:
    """The form of an evening, filled."""
    return {
        "_key": "evening",
        "held_on": "23/11/2026",
        "kind": "council",
        "given_names": "Paul",
        "usual_name": "Essai",
        "quality": "Maire",
        "in_office": "11",
        "present": "8",
        "represented": "2",
        "secretary_given_names": "Jeanne",
        "secretary_usual_name": "Modèle",
    }
