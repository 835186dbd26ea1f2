"""A body changes its channel on a date, acts being in flight on both; workers are killed: nothing is lost or doubled."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.conf import settings as django_settings

from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange.models import Arrival, Parcel
from territoires.kernel.clock import system_clock
from territoires.services.legality.actions import configuring, transmitting
from territoires.services.legality.models import ChannelCode, Envelope, Transmission
from tests.services.legality.transmission.conftest import Town
from tests.simulators.ministry import Ministry
from tests.simulators.s2low import ThirdParty
from tests.victims import Victim, killed
from tests.waiting import until

from .conftest import end_pauses, fetch, make_town, operator_for, parcel_of, send, state_of, use
from .victim import POINTS, run

SECONDS = 90


def switch(town: Town, channel: str) -> None:
    """From now on the body's new transmissions take this channel."""
    way = configuring.Way(
        channel=channel, from_at=system_clock(), transmitter="TER", return_address="actes@plateforme.test"
    )
    configuring.record_route(actor=operator_for(town), organisation=town.body, way=way)


def in_flight(town: Town, stem: str, count: int = 2) -> list[Transmission]:
    return [town.confirmed(f"{stem}_{number}") for number in range(count)]


def accepted(ministry: Ministry, town: Town) -> Counter[str]:
    """How often the ministry had each archive of the body."""
    return Counter(one["archive"] for one in ministry.call("/received") if town.body.siren in one["archive"])


def created(third_party: ThirdParty, town: Town) -> Counter[str]:
    """How often the third party had each act of the body."""
    made = third_party.control("/transactions")
    return Counter(one["act"] for one in made if one["siren"] == town.body.siren and one["type"] == "1")


@pytest.fixture
def switching(
    live_database: str, settings: Any, ministry: Ministry, third_party: ThirdParty
) -> tuple[Town, list[Transmission], list[Transmission]]:
    """A body that has just changed: acts confirmed before go to the ministry, those after to the third party."""
    use(settings, third_party.folder)
    town = make_town(third_party, channel=ChannelCode.MINISTRY.value)
    before = in_flight(town, "AVANT")
    switch(town, ChannelCode.S2LOW.value)
    return town, before, in_flight(town, "APRES")


def finish(transmissions: list[Transmission]) -> None:
    """Works on until every act is acknowledged."""

    def done() -> bool:
        end_pauses()
        send()
        fetch()
        return all(state_of(one) == "acknowledged" for one in transmissions)

    until(done, SECONDS)


def assert_once(
    ministry: Ministry,
    third_party: ThirdParty,
    before: list[Transmission],
    after: list[Transmission],
    town: Town,
) -> None:
    archives = [one.envelopes.get(kind="1-1").archive_name for one in before]
    assert accepted(ministry, town) == Counter(archives)
    assert created(third_party, town) == Counter(one.identifier for one in after)
    assert {one.channel for one in before} == {"actes-ministry"}
    assert {one.channel for one in after} == {"actes-s2low"}
    assert not Arrival.objects.filter(state="quarantined").exists()
    assert set(Parcel.objects.values_list("state", flat=True)) == {"sent"}


def test_each_act_leaves_and_is_answered_by_its_own_channel(
    switching: tuple[Town, list[Transmission], list[Transmission]],
    ministry: Ministry,
    third_party: ThirdParty,
) -> None:
    town, before, after = switching
    ministry.order("/behaviours", siren=town.body.siren, times=0, delay=3600)
    third_party.order("/behaviours", siren=town.body.siren, times=0, delay=3600)
    send()
    fetch()
    assert {state_of(one) for one in [*before, *after]} == {"sent"}
    for simulator in (third_party, ministry):
        simulator.order("/behaviours/clear")
    finish([*before, *after])
    assert_once(ministry, third_party, before, after, town)
    names = list(Envelope.objects.values_list("name", flat=True))
    assert len(names) == len(set(names)) == 4


def test_an_act_is_cancelled_by_the_channel_that_took_it_and_sent_again_by_the_new_one(
    switching: tuple[Town, list[Transmission], list[Transmission]],
    ministry: Ministry,
    third_party: ThirdParty,
) -> None:
    town, before, after = switching
    finish([*before, *after])
    act = before[0].act
    transmitting.cancel_transmission(actor=town.clerk, act=act)
    until(lambda: send() or fetch() or state_of(before[0]) == "cancelled")
    assert before[0].envelopes.get(kind="6-1").route.channel == "actes-ministry"
    transmitting.prepare_transmission(actor=town.clerk, act=act)
    transmitting.confirm_transmission(actor=town.clerk, act=act)
    again = Transmission.objects.get(act=act, rank=2)
    assert again.channel == "actes-s2low"
    finish([again])
    assert state_of(before[0]) == "cancelled"


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("channel", ["actes-ministry", "actes-s2low"])
def test_a_worker_killed_at_any_step_loses_nothing_and_doubles_nothing(
    switching: tuple[Town, list[Transmission], list[Transmission]],
    ministry: Ministry,
    third_party: ThirdParty,
    victim: Victim,
    channel: str,
    point: str,
) -> None:
    town, before, after = switching
    reached = {name: getattr(django_settings, name) for name in ("ACTES_CONNECTION", "S2LOW_CONNECTION")}
    assert killed(victim(run, channel, point, **reached))
    if (channel, point) == ("actes-ministry", "leaving"):
        # The ministry has no list to ask: nothing left, nobody can know it, and a person decides.
        until(lambda: end_pauses() or send() or parcel_of(before[0]).state == "doubtful")
        exchange.send_again(actor=operator_for(town), parcel=parcel_of(before[0]))
    finish([*before, *after])
    assert_once(ministry, third_party, before, after, town)
