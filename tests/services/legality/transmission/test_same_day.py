"""The State's answers to two sendings of one act on one day may be the same to the byte: each is one answer."""

from __future__ import annotations

from typing import Any

import pytest

from territoires.services.legality.actions import transmitting
from territoires.services.legality.models import Transmission
from tests.simulators.ministry import Ministry
from tests.waiting import until

from .conftest import Town, is_in, send_waiting

pytestmark = pytest.mark.django_db


def test_an_act_cancelled_and_sent_again_is_acknowledged_again(acknowledged: Any, town: Town) -> None:
    first = acknowledged()
    transmitting.cancel_transmission(actor=town.clerk, act=first.act)
    send_waiting()
    until(is_in(first, "cancelled"))
    transmitting.prepare_transmission(actor=town.clerk, act=first.act)
    transmitting.confirm_transmission(actor=town.clerk, act=first.act)
    again = Transmission.objects.get(act=first.act, rank=2)
    send_waiting()
    until(is_in(again, "acknowledged"))
    assert again.acknowledgement.sha256 == first.acknowledgement.sha256


def test_an_act_refused_twice_in_the_same_words_is_refused_twice(town: Town, ministry: Ministry) -> None:
    ministry.order("/behaviours", anomaly="Typologie inconnue", siren=town.body.siren, times=2)
    first = town.confirmed()
    send_waiting()
    until(is_in(first, "refused"))
    act = first.act
    transmitting.reissue_transmission(
        actor=town.clerk, act=act, matter_code=act.matter_code, main_type=act.main_type
    )
    transmitting.confirm_transmission(actor=town.clerk, act=act)
    again = Transmission.objects.get(act=act, rank=2)
    send_waiting()
    until(is_in(again, "refused"))
    assert again.answer.sha256 == first.answer.sha256
