"""A draft that exists joins a sitting by hand, and leaves it before it is signed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from territoires.kernel.actor import Actor
from territoires.kernel.clock import fixed_clock
from territoires.kernel.errors import Conflict, Invalid, Missing
from territoires.services.legality.actions import attaching, sittings
from territoires.services.legality.domain.sitting import Ballot
from territoires.services.legality.models import Act, Sitting, Vote

from ..conftest import make_act, make_actor, make_body
from ..test_pages import desk, sign_in
from .conftest import acts_in, make_sitting

pytestmark = pytest.mark.django_db


def attached(actor: Actor, act: Act, sitting: Sitting | None) -> Act:
    return attaching.choose_sitting(actor=actor, act=act, sitting=sitting.pk if sitting else None)


def test_a_draft_takes_the_day_of_its_sitting(secretary: Actor, sitting: Sitting) -> None:
    act = attached(secretary, make_act(secretary, decided_on=None, nature=""), sitting)
    act.refresh_from_db()
    assert (act.sitting, act.decided_on, act.nature) == (sitting, sitting.held_on, "1")
    assert act in acts_in(sitting)
    assert attached(secretary, act, None).sitting is None


def test_what_does_not_fit_is_refused(secretary: Actor, sitting: Sitting) -> None:
    elsewhere = make_sitting(make_actor(make_body("Autre commune", "217004999")))
    dated = make_act(secretary, decided_on=date(2026, 11, 2))
    contract = make_act(secretary, number="CON_1", nature="4", decided_on=None)
    for act in (dated, contract):
        with pytest.raises(Invalid):
            attached(secretary, act, sitting)
    with pytest.raises(Missing):
        attached(secretary, dated, elsewhere)
    signed = make_act(secretary, "signed", number="DEL_2026_042")
    with pytest.raises(Conflict):
        attached(secretary, signed, sitting)


def test_a_vote_does_not_follow_the_draft_elsewhere(secretary: Actor, sitting: Sitting) -> None:
    act = acts_in(sitting)[0]
    ballots = {act.pk: Ballot(outcome="adopted", votes_for=sitting.voters)}
    sittings.capture_votes(actor=secretary, sitting=sitting, ballots=ballots)
    attached(secretary, act, sitting)
    assert Vote.objects.filter(act=act).exists(), "the same sitting again changes nothing"
    attached(secretary, act, None)
    assert not Vote.objects.filter(act=act).exists()


def test_the_page_of_the_sitting_offers_the_drafts_of_its_day(client: Client, body: Any) -> None:
    sign_in(client, body)
    actor = make_actor(body)
    sitting = make_sitting(actor)
    loose = make_act(actor, decided_on=sitting.held_on)
    other_day = make_act(actor, number="DEL_2026_055", decided_on=date(2026, 11, 2))
    page = client.get(desk("sitting", body, sitting=sitting.pk)).content.decode()
    choose = desk("choose-sitting", body, act=loose.pk)
    assert f"{choose}?sitting={sitting.pk}" in page
    assert desk("choose-sitting", body, act=other_day.pk) not in page
    shown = client.get(choose, {"sitting": sitting.pk}).content.decode()
    assert f'value="{sitting.pk}"' in shown and "checked" in shown
    assert client.post(choose, {"_key": "a", "sitting": str(sitting.pk)}).status_code == 302
    assert loose in acts_in(sitting)
    assert client.post(choose, {"_key": "b", "sitting": "x"}).status_code == 422
    assert client.post(choose, {"_key": "c", "sitting": ""}).status_code == 302
    assert loose not in acts_in(sitting)


def test_two_sittings_of_one_day_are_told_apart(client: Client, body: Any) -> None:
    sign_in(client, body)
    actor = make_actor(body)
    loose = make_act(actor, decided_on=make_sitting(actor).held_on)
    page = desk("choose-sitting", body, act=loose.pk)
    assert "enregistrée le" not in client.get(page).content.decode()
    later = replace(actor, clock=fixed_clock(actor.now() + timedelta(hours=2)))
    make_sitting(later, first=70)
    shown = re.findall(r"présidée par [^<]+, enregistrée le [^<]+", client.get(page).content.decode())
    assert len(set(shown)) == 2
