"""Which acts go to the State, how a body publishes, since when an act is executory: the packs, read as they are."""

from __future__ import annotations

from datetime import date

import pytest

from territoires.foundations.packs import api as packs
from territoires.services.legality.domain import effect
from territoires.services.legality.domain.effect import Effect, duty_of, public_on, publicity_of

TODAY = date(2026, 11, 24)
RULES = packs.pack("transmission-rules", on=TODAY).entries
PUBLICATION = packs.pack("publication-rules", on=TODAY).entries


@pytest.mark.parametrize(
    ("nature", "matter", "is_transmitted", "code"),
    [
        ("1", "7.1", True, "deliberations"),
        ("1", "7.10", True, "deliberations"),
        ("1", "3.5", True, "deliberations-roads"),
        ("1", "4.1", True, "deliberations-staff"),
        ("2", "6.1", True, "police"),
        ("2", "5.4", True, "regulations"),
        ("2", "6.5", False, "name-of-the-state"),
        ("3", "2.2", True, "land-use"),
        ("3", "4.2", True, "contract-staff"),
        ("3", "4.1", False, "individual"),
        ("3", "", False, "individual"),
        ("4", "1.1", True, "public-contracts"),
        ("4", "3.3", False, "other-contracts"),
        ("5", "7.1", True, "budgets"),
        ("6", "9.1", True, "others"),
    ],
)
def test_nature_and_matter_decide(nature: str, matter: str, is_transmitted: bool, code: str) -> None:
    duty = duty_of(nature, matter, RULES)
    assert (duty.is_transmitted, duty.code) == (is_transmitted, code)


def test_a_matter_is_not_another_that_begins_like_it() -> None:
    rules = [
        {"code": "a", "natures": [], "matters": ["7.1"], "transmitted": False, "article": "", "label_fr": "", "label_en": ""},
        {"code": "b", "natures": [], "matters": [], "transmitted": True, "article": "", "label_fr": "", "label_en": ""},
    ]  # fmt: skip
    assert [duty_of("1", matter, rules).code for matter in ("7.1", "7.1.2", "7.10")] == ["a", "a", "b"]


def test_a_pack_without_a_line_for_the_rest_is_refused() -> None:
    with pytest.raises(LookupError):
        duty_of("9", "1.1", [entry for entry in RULES if entry["natures"]])


@pytest.mark.parametrize(
    ("kind", "population", "chosen", "mode", "may_choose"),
    [
        ("commune", 3500, "posting", "electronic", False),
        ("commune", 3499, "posting", "posting", True),
        ("commune", 0, "paper", "paper", True),
        ("commune", 120, None, "electronic", True),
        ("commune", None, "posting", "posting", True),
        ("commune", None, None, "electronic", True),
        ("epci", 900, "posting", "electronic", False),
        ("department", None, "paper", "electronic", False),
        ("other", None, "paper", "paper", True),
    ],
)
def test_population_and_deliberation_decide_the_publicity(
    kind: str, population: int | None, chosen: str | None, mode: str, may_choose: bool
) -> None:
    found = publicity_of(kind, population, chosen, PUBLICATION)
    assert (found.mode, found.may_choose) == (mode, may_choose)
    assert found.may_choose or found.rule is not None
    assert found.hinges_on == (3500 if (kind, population) == ("commune", None) else None)


DAY, LATER, LAST = date(2026, 11, 12), date(2026, 11, 14), date(2026, 11, 16)


@pytest.mark.parametrize(
    ("found", "since"),
    [
        (Effect(is_transmitted=True, public_on=DAY, received_on=LATER), LATER),
        (Effect(is_transmitted=True, public_on=LATER, received_on=DAY), LATER),
        (Effect(is_transmitted=True, public_on=DAY), None),
        (Effect(is_transmitted=True, received_on=DAY), None),
        (Effect(is_transmitted=False, public_on=DAY), DAY),
        (Effect(is_transmitted=False, notified_on=LATER), LATER),
        (Effect(is_transmitted=False), None),
        (Effect(is_transmitted=True, public_on=LAST, notified_on=LATER, received_on=DAY), LATER),
    ],
)
def test_an_act_is_executory_with_both_its_dates(found: Effect, since: date | None) -> None:
    assert found.executory_since == since


@pytest.mark.parametrize(
    ("on_line", "mode", "posted", "posted_as", "counts"),
    [
        (LATER, "electronic", None, "", LATER),
        (LATER, "posting", None, "", None),
        (DAY, "posting", LATER, "posting", LATER),
        (LATER, "electronic", DAY, "emergency", DAY),
        (None, "electronic", DAY, "emergency", DAY),
        (None, "paper", None, "", None),
    ],
)
def test_the_publicity_that_counts_is_the_one_decided(
    on_line: date | None, mode: str, posted: date | None, posted_as: str, counts: date | None
) -> None:
    found = public_on(on_line_on=on_line, mode_then=mode, posted_on=posted, posted_as=posted_as)
    assert found == counts


def test_the_modes_are_named_once() -> None:
    assert set(effect.ON_PAPER) - set(effect.CHOICES) == {effect.EMERGENCY}
