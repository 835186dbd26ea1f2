"""What breaks shows on the operator's console, with its reason, and is mended from there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.waiting import until

from .clerk import Clerk
from .conftest import Town
from .evening import OPERATOR
from .files import in_file, pdf
from .follower import REASON, breakage

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SILENCE_SECONDS = 60


def test_a_dead_letter_is_replayed_and_a_dead_part_is_named(
    town: Town, clerk: Clerk, somebody: Callable[..., Clerk], tmp_path: Path
) -> None:
    operator = somebody()
    until(lambda: health(operator) == [], SILENCE_SECONDS)
    town.kill("simulators")  # its silence is noticed while the letters are read
    breakage(town.var).touch()
    clerk.sign_in()
    clerk.act_on_line(in_file(tmp_path, "acte.pdf", pdf("dead letter")))

    operator.sign_in(OPERATOR)
    operator.turn_to("Console")
    letters = operator.main.get_by_role("link").and_(operator.page.locator("[href$='/dead-letters/']"))
    until(lambda: operator.page.reload() and letters.count() == 1)
    letters.click()
    letter = operator.main.get_by_role("row").filter(has_text=REASON)
    expect(letter).to_contain_text("legality.act.published")
    operator.button("Replay").click()
    operator.sees("The fact failed again: its reason stands in the list.")
    expect(letter).to_be_visible()
    breakage(town.var).unlink()
    operator.button("Replay").click()
    operator.sees("The fact was handed over, and followed.")
    operator.sees("No dead letter")

    until(lambda: health(operator) == ["simulators"], SILENCE_SECONDS)
    operator.turn_to("Console")
    dead = operator.main.get_by_role("row").filter(has_text="simulators")
    expect(dead).to_contain_text(operator.say("down"))
    town.start("simulators")
    until(lambda: health(operator) == [], SILENCE_SECONDS)


def health(anybody: Clerk) -> list[str]:
    """The parts that are down."""
    found: list[str] = json.loads(anybody.page.request.get(f"{anybody.site}/health").text())["down"]
    return found
