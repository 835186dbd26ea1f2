"""A body whose acts go to the State by the simulated third party, and the worker's turns for that channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now

from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange.models import Parcel
from territoires.foundations.journal import api as journal
from territoires.kernel.actor import Actor, Assurance
from territoires.kernel.clock import system_clock
from territoires.kernel.ids import new_id
from territoires.services.legality import jobs, subscriptions
from territoires.services.legality.channels.ministry import MINISTRY
from territoires.services.legality.channels.s2low.channel import S2LOW
from territoires.services.legality.models import ChannelCode, Transmission
from territoires.services.legality.queries import envelopes
from tests.services.legality.conftest import make_actor, make_body
from tests.services.legality.transmission import conftest as ways
from tests.services.legality.transmission.conftest import Town
from tests.simulators.conftest import ministry, running_ministry, third_party  # noqa: F401
from tests.simulators.ministry import Ministry
from tests.simulators.s2low import ThirdParty


def make_town(third_party: ThirdParty, **way: Any) -> Town:  # noqa: F811
    """A body with an account at the third party, its agreement, its channel, and a clerk with a certificate."""
    body = make_body("Commune d'Exemple", ways.siren(next(ways.SIRENS)))
    third_party.order("/accounts", siren=body.siren, department="021", arrondissement="3", nature="31")
    ways.configure(body, **{"channel": ChannelCode.S2LOW.value, **way})
    clerk, row = ways.person(make_actor(body))
    return Town(body, ways.with_certificate(clerk, row, ways.certificate("Claire", body.siren)))


def operator_for(town: Town) -> Actor:
    """The operator, at work for the body."""
    operator = make_actor(town.body, "operator")
    return replace(operator, is_operator=True, clock=system_clock, assurance=Assurance(level=2))


def use(settings: Any, folder: Path) -> None:
    """Points the platform to the simulators that run in a folder."""
    settings.ACTES_CONNECTION = folder / "simulators/ministry/connection.json"
    settings.S2LOW_CONNECTION = folder / "simulators/s2low/connection.json"


@pytest.fixture
def town(db: None, settings: Any, ministry: Ministry, third_party: ThirdParty) -> Town:  # noqa: F811
    use(settings, third_party.folder)
    return make_town(third_party)


def send() -> None:
    """The archives, then the bus, then what follows it."""
    for envelope in envelopes.envelopes_to_make():
        jobs.make(envelope)
    exchange.move_once()
    follow()


def follow() -> None:
    """What the follower is told once the sequencer, which needs a transaction of its own, has passed."""
    for parcel in Parcel.objects.filter(state__in=["sent", "refused"], subject_type="legality.envelope"):
        fact = journal.Recorded(
            seq=0,
            id=new_id(),
            kind=f"exchange.parcel.{parcel.state}",
            version=1,
            at=system_clock(),
            organisation=parcel.organisation_id,
            actor={},
            subject_type="exchange.parcel",
            subject_id=parcel.pk,
            matter=parcel.matter,
            facts={
                "about_type": parcel.subject_type,
                "about": str(parcel.subject_id),
                "channel": parcel.channel,
                "key": parcel.key,
                "reason": parcel.reason,
            },
            files={},
        )
        subscriptions.follow(fact)


def fetch() -> None:
    """What the worker does each minute for both channels."""
    for channel in (MINISTRY, S2LOW):
        assert channel.collect is not None
        channel.collect()
    exchange.move_once()


def end_pauses() -> None:
    """As if the pause before the next attempt, or the lease of a dead worker, had ended."""
    Parcel.objects.filter(state__in=["waiting", "doubtful"]).update(due_at=Now() - timedelta(seconds=1))
    Parcel.objects.filter(state="sending").update(leased_until=Now() - timedelta(seconds=1))


def state_of(transmission: Transmission) -> str:
    transmission.refresh_from_db()
    return transmission.state


def parcel_of(transmission: Transmission, kind: str = "1-1") -> Parcel:
    envelope = transmission.envelopes.get(kind=kind)
    found = exchange.parcel_of(channel=envelope.route.channel, key=envelope.archive_name)
    assert found is not None
    return found


@pytest.fixture
def acknowledged(town: Town) -> Callable[..., Transmission]:
    """``acknowledged("DEL_1")``: an act that went through the third party and came back acknowledged."""

    def make(number: str = "DEL_2026_041") -> Transmission:
        transmission = town.confirmed(number)
        send()
        fetch()
        assert state_of(transmission) == "acknowledged"
        return transmission

    return make
