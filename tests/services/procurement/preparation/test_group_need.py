"""A group's need is that of all its members, as far as it is public: what another body keeps to itself is not read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.services.procurement.actions import preparing, publishing, validating
from territoires.services.procurement.domain.wording import BuyerWords
from territoires.services.procurement.models import Consultation
from territoires.services.procurement.queries.sheets import checked
from tests.services.procurement.conftest import NOW, make_actor, make_body, make_consultation
from tests.services.procurement.publication.conftest import PUBLISHED_AT, officers_are_ready  # noqa: F401

TODAY = legal_day(NOW)


@pytest.fixture
def town(db: None) -> Any:
    return make_body("Ville d'Essai", "213105554")


@pytest.fixture
def ours(secretary: Actor, town: Any) -> Consultation:
    """A consultation for a group of which the town is a member."""
    one = make_consultation(secretary, purchasing_form="group", group_agreement="Convention 2026-4")
    return preparing.write_participants(actor=secretary, consultation=one, buyers=[BuyerWords(town.siret)])


def of_the_town(town: Any, *, shows_value: bool, is_public: bool = True) -> Consultation:
    """The same need, bought by the town, for 180 000 euros."""
    actor = make_actor(town)
    one = make_consultation(actor)
    if not is_public:
        return one
    validating.validate_consultation(actor=actor, consultation=one)
    return publishing.publish_consultation(
        actor=actor.at(PUBLISHED_AT), consultation=one, shows_value=shows_value
    )


def need_of(one: Consultation) -> tuple[Any, list[str], int]:
    one.refresh_from_db()
    need = checked(one, TODAY).sheet.need
    return need.total(Decimal(0)), [other.buyer for other in need.others], need.unvalued


def test_what_a_member_shows_counts_under_its_name(ours: Consultation, town: Any) -> None:
    of_the_town(town, shows_value=True)
    assert need_of(ours) == (180000, ["Ville d'Essai"], 0)


def test_a_public_purchase_without_its_value_is_told_apart(ours: Consultation, town: Any) -> None:
    of_the_town(town, shows_value=False)
    assert need_of(ours) == (0, [], 1)
    assert "group-need-unknown" in {one.finding.code for one in checked(ours, TODAY).standings}


def test_what_a_member_has_not_published_is_not_read(ours: Consultation, town: Any) -> None:
    of_the_town(town, shows_value=True, is_public=False)
    assert need_of(ours) == (0, [], 0)


def test_a_body_that_buys_alone_looks_at_nobody_else(secretary: Actor, town: Any) -> None:
    of_the_town(town, shows_value=True)
    assert need_of(make_consultation(secretary)) == (0, [], 0)


def test_a_member_whose_purchase_is_of_another_need_does_not_count(
    secretary: Actor, ours: Consultation, town: Any
) -> None:
    of_the_town(town, shows_value=True)
    preparing.revise_consultation(actor=secretary, consultation=ours, values={"family": "Mairie : chauffage"})
    assert need_of(ours) == (0, [], 0)
