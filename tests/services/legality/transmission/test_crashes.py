"""kill -9 of the worker around each step of a sending: the ministry has the act once, and it ends acknowledged."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange.models import Parcel
from territoires.kernel.actor import system_actor
from tests.simulators.ministry import Ministry
from tests.victims import Victim, killed
from tests.waiting import until

from .conftest import Town, collect, send_waiting
from .victim import run


@pytest.mark.parametrize(
    "point",
    ["archived", "posted", "before-claim", "claimed", "delivered", "recording", "recorded"],
)
def test_a_worker_killed_while_it_sends_loses_nothing_and_sends_nothing_twice(
    victim: Victim, live_town: Town, ministry: Ministry, point: str
) -> None:
    transmission = live_town.confirmed()
    reached = ministry.folder / "simulators/ministry/connection.json"
    assert killed(victim(run, point, ACTES_CONNECTION=reached))

    def settled() -> bool:
        Parcel.objects.filter(state="sending").update(leased_until=Now() - timedelta(seconds=1))
        send_waiting()
        collect()
        if point == "claimed":  # nobody can know that it had not left: a person decides
            for parcel in Parcel.objects.filter(state="doubtful"):
                exchange.send_again(actor=system_actor("worker"), parcel=parcel)
        transmission.refresh_from_db()
        return transmission.state == "acknowledged"

    until(settled, 60)
    received = [one for one in ministry.call("/received") if live_town.body.siren in one["archive"]]
    assert [one["verdict"] for one in received] == ["accepted"]
