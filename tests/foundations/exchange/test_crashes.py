"""kill -9 at each step loses nothing and sends nothing twice: real processes, a real database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from territoires.foundations.documents import api as documents
from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange import channels
from territoires.foundations.exchange.models import Arrival, Parcel
from territoires.kernel.actor import system_actor
from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id
from tests.victims import killed
from tests.waiting import until

from .victim import ARRIVAL_POINTS, POINTS, Ledger, declare, run


@pytest.fixture
def ledger(live_database, tmp_path, monkeypatch) -> Ledger:
    monkeypatch.setattr(channels, "_channels", {})
    found = Ledger(tmp_path / "ledger")
    declare(found)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE absorbed (content bytea)")
    return found


def post(keys: list[str]) -> None:
    worker, town = system_actor("worker"), new_id()
    for key in keys:
        document = documents.receive([key.encode()], name=key, organisation=town, actor=worker, limit=10**6)
        exchange.post(
            actor=worker,
            channel="test",
            organisation=town,
            key=key,
            document=document,
            subject=Subject("test.letter", new_id()),
            matter=None,
        )


def absorbed() -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM absorbed")
        return [bytes(content) for (content,) in cursor.fetchall()]


def end_leases() -> None:
    Parcel.objects.filter(state="sending").update(leased_until=Now() - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("point", "got", "outcome"),
    [
        ("before-claim", [], "sent"),
        ("claimed", [], "doubtful"),
        ("delivered", ["one"], "doubtful"),
        ("recording", ["one"], "doubtful"),
        ("recorded", ["one"], "sent"),
    ],
)
def test_a_delivery_killed_at_any_step_is_neither_lost_nor_sent_twice(victim, ledger, point, got, outcome):
    assert point in POINTS
    post(["one"])
    assert killed(victim(run, "deliverer", ledger.path, point))
    assert ledger.keys() == got
    # the server takes a moment to see that the client died, and until then keeps its locks
    until(lambda: end_leases() or exchange.move_once() or Parcel.objects.get().state in ("sent", "doubtful"))
    assert Parcel.objects.get().state == outcome
    assert ledger.keys() == (["one"] if outcome == "sent" or got else [])
    if outcome == "doubtful":
        exchange.confirm_sent(actor=system_actor("worker"), channel="test", key="one")
        assert exchange.move_once() == 0
        assert ledger.keys() == got


@pytest.mark.slow
def test_deliverers_killed_all_the_time_send_everything_at_most_once_and_in_order(victim, ledger):
    keys = [f"{town}-{number:02}" for town in "abc" for number in range(12)]
    for town in "abc":
        post([key for key in keys if key.startswith(town)])
    workers = [victim(run, "unlucky", ledger.path) for _ in range(2)]
    unsettled = Parcel.objects.filter(state__in=["waiting", "sending"])

    def done() -> bool:
        for number, worker in enumerate(workers):
            if not worker.is_alive():
                end_leases()  # that of the living one too: late is a case like another
                workers[number] = victim(run, "unlucky", ledger.path)
        return not unsettled.exists()

    until(done, 240)
    got = ledger.keys()
    assert len(got) == len(set(got)), "something was sent twice"
    states = dict(Parcel.objects.values_list("key", "state"))
    assert set(states.values()) <= {"sent", "doubtful"}
    assert all(key in got for key in keys if states[key] == "sent")
    for town in "abc":
        mine = [key for key in got if key.startswith(town)]
        assert mine == sorted(mine)


@pytest.mark.parametrize("point", ARRIVAL_POINTS)
def test_a_reader_killed_at_any_step_reads_once(victim, ledger, point):
    assert killed(victim(run, "receiver", ledger.path, point))
    exchange.receive(
        channel="test", origin="mail", name="a.xml", chunks=[b"an answer"]
    )  # the mail is still there
    until(lambda: exchange.move_once() or Arrival.objects.get().state == "absorbed")
    assert absorbed() == [b"an answer"]
    assert exchange.move_once() == 0
