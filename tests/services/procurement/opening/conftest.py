"""The world of the opening, in a database of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .world import World, make_world


@pytest.fixture
def world(body: Any, tmp_path: Path) -> World:
    """Two officers and a custodian, named and not yet ready."""
    return make_world(body, tmp_path)


@pytest.fixture
def sealed(world: World) -> World:
    """Published, two bids deposited in time, closed."""
    world.ready().published()
    world.bid(0)
    world.bid(1)
    return world.closed()
