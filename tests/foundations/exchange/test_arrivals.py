"""What comes is kept before it is read, read once, and waits for a person when it cannot be read."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from territoires.foundations.documents import api as documents
from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange import arrivals as exchange_arrivals
from territoires.foundations.exchange.models import Arrival
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Denied, Invalid, Unavailable
from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

pytestmark = pytest.mark.django_db
OPERATOR = Actor(person=new_id(), organisation=new_id(), is_operator=True)


def receive(content: bytes = b"an answer", name: str = "answer.xml", origin: str = "<1@ministry>") -> Arrival:
    return exchange.receive(channel="test", origin=origin, name=name, chunks=[content[:3], content[3:]])


def test_an_arrival_is_read_once(other_side):
    arrival = receive()
    assert exchange.move_once() == 1
    assert exchange.move_once() == 0
    assert other_side.absorbed == [b"an answer"]
    assert Arrival.objects.get(pk=arrival.pk).state == "absorbed"


def test_the_same_bytes_under_the_same_name_are_one_arrival(other_side):
    assert receive().pk == receive(origin="<2@ministry>").pk
    exchange.move_once()
    assert receive().state == "absorbed"
    assert exchange.move_once() == 0
    assert other_side.absorbed == [b"an answer"]


def test_the_same_bytes_under_another_name_are_another_answer(other_side):
    assert receive(name="1-2_7.xml").pk != receive(name="1-2_8.xml").pk
    assert exchange.move_once() == 2
    assert other_side.absorbed == [b"an answer"] * 2


def test_what_came_together_is_found_together(other_side):
    first, second = receive(b"one"), receive(b"two")
    receive(b"three", origin="<2@ministry>")
    found = []
    other_side.read = lambda incoming: found.append([one.arrival for one in incoming.companions()])
    exchange.move_once()
    assert found[0] == found[1] == [first.pk, second.pk]


def test_many_arrivals_take_as_few_statements_as_two(other_side):
    other_side.read = lambda incoming: incoming.companions()

    def statements(count: int) -> int:
        for number in range(count):
            receive(f"{count} {number}".encode(), origin=f"<{count}.{number}@ministry>")
        with CaptureQueriesContext(connection) as queries:
            assert exchange.move_once() == count
        return len(queries)

    assert statements(12) == statements(2)


def test_the_files_of_a_mail_are_kept_together_in_their_order_and_once(other_side):
    files = [(f"{number}.xml", f"<a{number}/>".encode()) for number in range(120)]
    exchange_arrivals.receive_together(channel="test", origin="<1@ministry>", files=[*files, files[3]])
    exchange_arrivals.receive_together(
        channel="test", origin="<2@ministry>", files=[files[5], ("new.xml", b"new")]
    )
    assert list(Arrival.objects.order_by("id").values_list("name", "origin")) == [
        *((name, "<1@ministry>") for name, _content in files),
        ("new.xml", "<2@ministry>"),
    ]
    for arrival in Arrival.objects.all():
        assert [one.pk for one in documents.documents_of(Subject("exchange.arrival", arrival.pk))] == [
            arrival.document_id
        ]


def test_two_files_of_a_mail_take_as_few_statements_as_one(other_side):
    def statements(count: int) -> int:
        files = [(f"{count}-{number}.xml", f"{count} {number}".encode()) for number in range(count)]
        with CaptureQueriesContext(connection) as queries:
            exchange_arrivals.receive_together(channel="test", origin=f"<{count}@x>", files=files)
        return len(queries)

    statements(3)
    assert statements(8) == statements(1)


def test_a_mail_of_which_one_file_cannot_be_kept_leaves_nothing(other_side, monkeypatch):
    monkeypatch.setattr(exchange_arrivals, "LARGEST", 10)
    with pytest.raises(documents.TooBig):
        exchange_arrivals.receive_together(
            channel="test", origin="<1@x>", files=[("a.xml", b"<a/>"), ("b.xml", b"<b/>" * 10)]
        )
    assert not Arrival.objects.exists()


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (Invalid("not-for-us", "It is for %(body)s.", params={"body": "another"}), "not-for-us"),
        (KeyError("x"), "unexpected"),
    ],
)
def test_what_cannot_be_read_is_kept_apart_with_its_reason_and_leaves_nothing(other_side, failure, code):
    def read(incoming):
        if incoming.name == "bad.xml":
            receive(b"an effect")
            raise failure

    other_side.read = read
    bad = receive(b"bad", name="bad.xml")
    receive(b"good")
    exchange.move_once()
    found = Arrival.objects.get(pk=bad.pk)
    assert (found.state, found.reason) == ("quarantined", code)
    assert found.sentence % found.params
    assert other_side.absorbed == [b"good"]
    assert not Arrival.objects.filter(name="answer.xml", origin="<1@ministry>", state="quarantined").exists()
    assert Arrival.objects.count() == 2, "what the handler began is undone"


def test_a_passing_trouble_of_ours_is_not_the_arrival_s_fault(other_side):
    def read(incoming):
        raise Unavailable("store-away", "The store does not answer.")

    other_side.read = read
    arrival = receive()
    with pytest.raises(Unavailable):
        exchange.move_once()
    assert Arrival.objects.get(pk=arrival.pk).state == "received"


def test_a_person_has_it_read_again(other_side):
    def refuse(incoming):
        raise Invalid("unknown", "Unknown.")

    other_side.read = refuse
    arrival = receive()
    exchange.move_once()
    other_side.read = lambda incoming: None
    exchange.replay(actor=OPERATOR, arrival=arrival.pk)
    assert exchange.move_once() == 1
    with pytest.raises(Conflict, match="arrival-sorted"):
        exchange.replay(actor=OPERATOR, arrival=arrival.pk)


def test_a_person_sets_it_aside_with_a_reason(other_side):
    def refuse(incoming):
        raise Invalid("unknown", "Unknown.")

    other_side.read = refuse
    arrival = receive()
    exchange.move_once()
    with pytest.raises(Invalid, match="reason-missing"):
        exchange.discard(actor=OPERATOR, arrival=arrival.pk, reason="  \u200b ")
    with pytest.raises(Denied):
        exchange.discard(actor=Actor(person=new_id(), organisation=new_id()), arrival=arrival.pk, reason="x")
    exchange.discard(actor=OPERATOR, arrival=arrival.pk, reason="an advertisement")
    found = Arrival.objects.get(pk=arrival.pk)
    assert (found.state, found.sentence) == ("discarded", "an advertisement")
    assert exchange.traffic(found.received_at).quarantined == 0
