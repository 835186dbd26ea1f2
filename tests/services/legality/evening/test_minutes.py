"""The minutes of a sitting: due within a week of the sitting that adopted them, published beside the list."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid
from territoires.services.legality.actions import minutes as verbs
from territoires.services.legality.actions import sittings
from territoires.services.legality.domain.files import MINUTES
from territoires.services.legality.models import Sitting
from territoires.services.legality.queries.minutes import minutes_among, minutes_of

from ..conftest import make_actor, pdf, sound
from ..test_pages import desk, key_of, public, sign_in, upload
from .conftest import make_listed_sitting
from .test_rules import EVENING

pytestmark = pytest.mark.django_db


def held(actor: Actor, days_ago: int, kind: str = "council") -> Sitting:
    day = legal_day(actor.now()) - timedelta(days=days_ago)
    return sittings.open_sitting(actor=actor, words=replace(EVENING, held_on=day, kind=kind))


def waiting(sitting: Sitting) -> list[Any]:
    items = apps.get_model("worklist.Item")._default_manager
    return list(items.filter(subject_id=sitting.pk, kind="minutes"))


def test_the_week_begins_with_the_sitting_that_adopts_them(secretary: Actor) -> None:
    first = held(secretary, 30)
    assert minutes_of(first).due_on is None and waiting(first) == []
    held(secretary, 20, kind="board")
    assert minutes_of(first).due_on is None, "the board does not adopt the minutes of the council"
    second = held(secretary, 10)
    found, today = minutes_of(first), legal_day(secretary.now())
    assert (found.adopted_on, found.due_on) == (second.held_on, second.held_on + timedelta(days=7))
    assert found.is_late(first, today) and not found.is_late(first, today - timedelta(days=3))
    [item] = waiting(first)
    assert legal_day(item.due_at) == found.due_on
    ordered = sorted(Sitting.objects.all(), key=lambda one: one.held_on, reverse=True)
    assert minutes_among(ordered) == [minutes_of(one) for one in ordered]


def test_they_come_after_the_list_and_after_their_adoption(secretary: Actor) -> None:
    sitting = held(secretary, 30)
    file = sound(secretary, pdf("pv"), "pv.pdf", MINUTES)
    today = legal_day(secretary.now())
    with pytest.raises(Conflict):
        verbs.publish_minutes(actor=secretary, sitting=sitting, file=file, adopted_on=today)
    listed = make_listed_sitting(secretary)
    for day in (None, listed.held_on, today + timedelta(days=1)):
        with pytest.raises(Invalid):
            verbs.publish_minutes(actor=secretary, sitting=listed, file=file, adopted_on=day)


def test_they_are_published_from_the_page_and_read_by_anybody(client: Client, body: Any) -> None:
    sign_in(client, body)
    listed = make_listed_sitting(make_actor(body))
    page = desk("publish-minutes", body, sitting=listed.pk)
    typed = {"_key": key_of(client.get(page)), "version": listed.version, "adopted_on": "24/11/2026"}
    assert client.post(page, typed).status_code == 422, "without a file"
    sent = client.post(page, {**typed, "minutes": upload(pdf("pv"), "pv.pdf")})
    assert sent.status_code == 302, sent.content.decode()
    found = Sitting.objects.get(pk=listed.pk)
    assert found.minutes_adopted_on == date(2026, 11, 24)
    file = public("sitting-minutes", body, sitting=found.pk, sha256=found.minutes_file.sha256)
    assert file in Client().get(public("sitting", body, sitting=found.pk)).content.decode()
    assert b"".join(Client().get(file).streaming_content) == pdf("pv")
    assert Client().get(file.replace(found.minutes_file.sha256, "0" * 64)).status_code == 404
    assert file in client.get(desk("sitting", body, sitting=found.pk)).content.decode()
    assert client.get(desk("sittings", body)).status_code == 200
