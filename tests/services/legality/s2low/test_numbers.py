"""The third party takes no number twice, even after a refusal: the act is sent again under its number with a suffix."""

from __future__ import annotations

from typing import Any

import pytest

from territoires.kernel.errors import Conflict, Invalid
from territoires.services.legality.actions import publishing, transmitting
from territoires.services.legality.domain.wording import with_suffix
from territoires.services.legality.models import Act, Transmission
from territoires.services.legality.queries.proofs import timeline_of
from territoires.services.legality.queries.renumbering import proposed_number
from territoires.services.legality.queries.situation import situation_of
from tests.services.legality.transmission.conftest import Town
from tests.simulators.s2low import ThirdParty

from .conftest import fetch, send, state_of

pytestmark = pytest.mark.django_db


def reissue(town: Town, act: Act, **more: Any) -> Transmission:
    transmitting.reissue_transmission(actor=town.clerk, act=act, matter_code="7.5", main_type="99_DE", **more)
    transmitting.confirm_transmission(actor=town.clerk, act=act)
    send()
    fetch()
    return Transmission.objects.filter(act=act).latest("rank")


@pytest.fixture
def refused_twice(town: Town, third_party: ThirdParty) -> Act:
    """Refused by the State, then by the third party, which has its number."""
    third_party.order("/behaviours", anomaly="Typologie inconnue")
    transmission = town.confirmed()
    send()
    fetch()
    assert state_of(transmission) == "refused"
    act = transmission.act
    assert proposed_number(act) == ""
    assert reissue(town, act).state == "refused"
    return act


def test_the_clerk_is_told_why_and_sends_it_again_with_a_suffix(town: Town, refused_twice: Act) -> None:
    act = refused_twice
    latest = situation_of(act, town.clerk.now()).latest
    assert latest is not None and latest.explanation is not None
    assert latest.explanation.code == "number-used-there" and "suffixe" in latest.explanation.remedy.fr
    assert proposed_number(act) == "DEL_2026_041_2"
    again = reissue(town, act, number="DEL_2026_041_2")
    assert again.state == "acknowledged" and "-DEL_2026_041_2-" in again.identifier
    act.refresh_from_db()
    assert act.number == "DEL_2026_041_2"
    assert "legality.act.renumbered" in [step.kind for step in timeline_of(act)]
    assert proposed_number(act) == ""


def test_another_number_than_its_own_is_refused(town: Town, refused_twice: Act) -> None:
    for number in ("DEL_2026_042", "DEL_2026_041_", "DEL_2026_041-2", "DEL_2026_041_LONG"):
        with pytest.raises(Invalid, match="number-without-suffix"):
            reissue(town, refused_twice, number=number)
    refused_twice.refresh_from_db()
    assert refused_twice.number == "DEL_2026_041"


def test_a_number_that_an_act_of_the_body_bears_is_not_proposed(town: Town, refused_twice: Act) -> None:
    town.act("DEL_2026_041_2")
    assert proposed_number(refused_twice) == "DEL_2026_041_3"
    with pytest.raises(Conflict, match="number-taken"):
        reissue(town, refused_twice, number="DEL_2026_041_2")


def test_an_act_in_force_keeps_its_number(town: Town, refused_twice: Act) -> None:
    publishing.publish_act(actor=town.clerk, act=refused_twice)
    refused_twice.refresh_from_db()
    assert proposed_number(refused_twice) == ""
    with pytest.raises(Conflict, match="number-stays"):
        reissue(town, refused_twice, number="DEL_2026_041_2")


def test_a_suffix_fits_or_is_not_proposed() -> None:
    assert with_suffix("DEL_2026_041", {"DEL_2026_041_2"}) == "DEL_2026_041_3"
    assert with_suffix("DEL_2026_041AB", set()) == ""
