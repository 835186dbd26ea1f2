"""How far acts are on their way to the State, where many stand: in the list, and on the page of an evening."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from territoires.services.legality.actions import signing, transmitting
from territoires.services.legality.models import Convention, Transmission
from territoires.services.legality.queries.progress import lacking
from tests.services.legality.conftest import make_act
from tests.services.legality.evening.conftest import acts_in, make_sitting
from tests.services.legality.test_pages import desk, sign_in

from .conftest import Town
from .places import bring_to

pytestmark = pytest.mark.django_db
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def evening(town: Town) -> Any:
    """A sitting with a signed deliberation, and a draft."""
    sitting = make_sitting(town.clerk, 2, first=91)
    signing.declare_signed(
        actor=town.clerk, act=acts_in(sitting)[0], signed_on=sitting.held_on, original_is_kept=True
    )
    return sitting


def states() -> list[str]:
    return list(Transmission.objects.values_list("state", flat=True))


def test_what_is_signed_in_an_evening_is_made_ready_in_one_gesture(
    client: Client, town: Town, evening: Any
) -> None:
    sign_in(client, town.body)
    page = client.get(desk("sitting", town.body, sitting=evening.pk), headers=ENGLISH).content.decode()
    assert "Prepare 1 act for the prefecture" in page and "Publish 1 act" in page
    address = desk("sitting-transmissions", town.body, sitting=evening.pk)
    for _click in range(2):
        answer = client.post(address, {"_key": "all"}, follow=True, headers=ENGLISH)
    assert states() == ["to_confirm"]
    assert "Prepare 1 act" not in answer.content.decode()
    assert "To be confirmed" in answer.content.decode()


def test_an_act_that_cannot_be_made_ready_is_told_with_its_reason(
    client: Client, town: Town, evening: Any
) -> None:
    Convention.objects.filter(organisation=town.body.pk).delete()
    sign_in(client, town.body)
    address = desk("sitting-transmissions", town.body, sitting=evening.pk)
    answer = client.post(address, {"_key": "all"}, follow=True, headers=ENGLISH).content.decode()
    assert "DEL_2026_091" in answer and "no agreement with its prefect" in answer
    assert states() == []


def test_the_list_says_of_each_act_how_far_it_is(client: Client, town: Town) -> None:
    sign_in(client, town.body)
    address = desk("acts", town.body)
    assert "Not transmitted yet" not in client.get(address, headers=ENGLISH).content.decode()
    act = town.act()
    assert "Not transmitted yet" in client.get(address, headers=ENGLISH).content.decode()
    bring_to("refused", act, town.clerk)
    page = client.get(address, headers=ENGLISH).content.decode()
    assert "Refused by the State" in page and "Not transmitted yet" not in page


def test_an_act_lacks_its_transmission_until_it_is_made_ready_and_again_once_it_is_cancelled(
    town: Town,
) -> None:
    act, draft = town.act(), make_act(town.clerk, number="DEL_2026_092")
    assert lacking([act, draft]) == [act]
    transmitting.prepare_transmission(actor=town.clerk, act=act)
    assert lacking([act]) == []
    transmitting.abandon_transmission(actor=town.clerk, act=act)
    assert lacking([act]) == [act]
    type(act).objects.filter(pk=act.pk).update(is_transmitted=False, transmission_reason="Essai.")
    act.refresh_from_db()
    assert lacking([act]) == []
