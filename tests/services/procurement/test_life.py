from __future__ import annotations

import pytest

from territoires.kernel.errors import Conflict
from territoires.services.procurement.domain import life
from territoires.services.procurement.domain.life import LIFE

WHOLE = [
    "prepare",
    "validate",
    "schedule",
    "publish",
    "close",
    "begin_opening",
    "end_opening",
    "negotiate",
    "close_round",
    "begin_round_opening",
    "end_round_opening",
    "decide",
    "tell_losers",
    "sign",
    "transmit",
    "acknowledge",
    "notify",
    "publish_award",
    "execute",
    "end",
    "archive",
]


def test_a_consultation_goes_from_the_draft_to_the_archives() -> None:
    state = LIFE.initial
    for verb in WHOLE:
        state = LIFE.after(state, verb)
    assert state == life.ARCHIVED


def test_only_a_draft_is_written() -> None:
    assert {state for state in LIFE.states if LIFE.allows(state, "prepare")} == set(life.CHANGEABLE)


def test_only_what_is_public_has_its_deadline_changed() -> None:
    assert {state for state in LIFE.states if LIFE.allows(state, "amend")} == {life.PUBLISHED, life.SUSPENDED}


@pytest.mark.parametrize(
    ("state", "verb"), [(life.CLOSED, "amend"), (life.DECIDED, "notify"), (life.DRAFT, "publish")]
)
def test_no_step_is_passed_over(state: str, verb: str) -> None:
    with pytest.raises(Conflict):
        LIFE.after(state, verb)


def test_every_state_says_what_it_means() -> None:
    assert all(state.label and state.meaning for state in LIFE.states.values())


def test_each_consultation_that_is_under_way_may_be_given_up() -> None:
    assert {state for state in LIFE.states if LIFE.allows(state, "abandon")} == set(life.UNDER_WAY)
