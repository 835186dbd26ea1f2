"""A notice from its preparation to its publication, with the publishers simulated beside the platform."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day, system_clock
from territoires.kernel.errors import Conflict
from territoires.services.procurement.actions import notices as verbs
from territoires.services.procurement.domain.notices import life
from tests.services.procurement.conftest import make_consultation
from tests.waiting import until

from .conftest import PROFILE, World, collect, is_in, judged, make_buyer, send_waiting

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def buyer() -> Actor:
    body, actor = make_buyer()
    verbs.write_profile(actor=actor, values=PROFILE)
    return actor


@pytest.fixture
def ready(buyer: Actor, rules: Path) -> Any:
    """A notice for the BOAMP that the official rules found sound."""
    consultation = make_consultation(buyer, "validated")
    notice = verbs.prepare_notice(
        actor=buyer, consultation=consultation, subtype="E3", channel="notices-boamp"
    )
    return judged(notice)


def follow(notice: Any) -> None:
    """What the follower does once the bus has handed a notice over."""
    from territoires.foundations.exchange import api as exchange

    parcel = exchange.parcel_of(channel=notice.channel, key=notice.name)
    actor = Actor(machine="follower", organisation=notice.organisation_id)
    notice.refresh_from_db()
    if parcel and parcel.state == "sent" and notice.state == life.ORDERED:
        verbs.record_sent(actor=actor, notice=notice, sent_at=system_clock())
    elif parcel and parcel.state == "refused":
        verbs.record_rejected(actor=actor, notice=notice, reason=parcel.detail)
    notice.refresh_from_db()


def test_a_sound_notice_is_ready(ready: Any) -> None:
    assert (ready.state, ready.findings, ready.rules) == (life.READY, [], "1.15.1")
