"""What the visits of pages stand on."""

from __future__ import annotations

from typing import Any

from tests.services.procurement.conftest import make_actor

from .content import fill


def test_the_visits_find_a_session_in_each_state(body: Any) -> None:
    found = fill(make_actor(body), body)
    assert len(found) > 8 and len(set(found.values())) == len(found)
