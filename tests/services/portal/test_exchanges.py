"""The operator's page of exchanges: what waits, what is in doubt, what could not be read, and what to do of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from territoires.foundations.exchange import api as exchange
from territoires.kernel.errors import Invalid
from territoires.kernel.ids import new_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def console(world: Any) -> Any:
    """Opens the operator's pages: ``console(name, role, method, **data)``."""

    def open_page(name: str, role: str = "operator", data: Any = None, **arguments: Any) -> Any:
        client: Client = world.client(world.person(world.operator, role))
        address = reverse(
            f"portal_desk:{name}", kwargs={"organisation": world.operator.reference, **arguments}
        )
        return client.get(address) if data is None else client.post(address, data, follow=True)

    return open_page


def rows(name: str) -> Any:
    return apps.get_model(f"exchange.{name}")._default_manager


def receive(name: str, content: bytes = b"<ARActe/>") -> Any:
    return exchange.receive(channel="test", origin="<1@ministry>", name=name, chunks=[content])


def refuse(incoming: exchange.Incoming) -> None:
    raise Invalid("not-for-us", "It is for %(body)s.", params={"body": "another <b>body</b>"})


def test_nothing_waits(console: Any, other_side: Any) -> None:
    text = console("exchanges").content.decode()
    assert "Everything has left" in text
    assert "No file in quarantine" in text


def test_what_waits_is_shown_with_its_age_and_reason_and_the_doubtful_first(
    console: Any,
    other_side: Any,
    posted: Any,
    world: Any,
) -> None:
    for key, organisation in (("waits", world.home.pk), ("doubts", new_id())):
        posted(key, organisation=organisation)
    other_side.answers = [
        exchange.Doubtful("no-answer", "TimeoutError: <script>"),
        exchange.NotSent("unreachable"),
    ]
    exchange.move_once()
    by_state = dict(rows("Parcel").values_list("state", "key"))
    rows("Parcel").update(ready_at=datetime.now(UTC) - timedelta(hours=5))
    text = console("exchanges").content.decode()
    assert text.index(by_state["doubtful"]) < text.index(by_state["waiting"])
    assert "Everything had left, and no answer came" in text
    assert "TimeoutError: &lt;script&gt;" in text
    assert text.count(">late<") == 2
    assert str(world.home.name) in text.replace("&#x27;", "'")


def test_a_doubtful_file_is_sent_again_by_an_operator(console: Any, other_side: Any, posted: Any) -> None:
    parcel = posted("one")
    other_side.answers = [exchange.Doubtful("no-answer")]
    exchange.move_once()
    assert console("send-again", "support", data={}, parcel=parcel).status_code == 403
    assert "leaves again" in console("send-again", data={}, parcel=parcel).content.decode()
    exchange.move_once()
    assert other_side.keys == ["one", "one"]
    assert console("send-again", data={}, parcel=parcel).status_code == 404


def test_a_file_in_quarantine_is_looked_at_read_again_or_set_aside(console: Any, other_side: Any) -> None:
    other_side.read = refuse
    again, aside = receive("again.xml"), receive("aside.xml", b"<Other/>")
    exchange.move_once()
    text = console("exchanges").content.decode()
    assert "It is for another &lt;b&gt;body&lt;/b&gt;." in text

    answer = console("arrival-file", arrival=again.pk)
    assert b"".join(answer.streaming_content) == b"<ARActe/>"
    assert answer["Content-Disposition"].startswith("attachment")
    assert console("arrival-file", "support", arrival=again.pk).status_code == 403

    other_side.read = lambda incoming: None
    console("replay-arrival", data={}, arrival=again.pk)
    assert exchange.move_once() == 1

    assert console("discard-arrival", data={"reason": " "}, arrival=aside.pk).status_code == 422
    console("discard-arrival", data={"reason": "an advertisement"}, arrival=aside.pk)
    assert "No file in quarantine" in console("exchanges").content.decode()
    assert console("discard-arrival", arrival=aside.pk).status_code == 404


def test_the_console_and_health_tell_it_and_nothing_is_down(
    console: Any,
    client: Client,
    other_side: Any,
    posted: Any,
) -> None:
    assert "exchanges" not in client.get("/health").json()["alarms"]
    posted("one")
    rows("Parcel").update(ready_at=datetime.now(UTC) - timedelta(hours=5))
    health = client.get("/health").json()
    assert "1 late" in health["alarms"]["exchanges"]
    assert "exchanges" not in health["down"]
    assert reverse("portal_desk:exchanges", kwargs={"organisation": "x"}).rpartition("/x/")[2] in (
        console("console").content.decode()
    )
