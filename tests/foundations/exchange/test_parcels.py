"""What leaves leaves once; what is doubtful waits for an answer or a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models.functions import Now

from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange.models import Parcel
from territoires.foundations.exchange.parcels import pause_after
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.errors import Conflict, Denied, Missing
from territoires.kernel.ids import new_id

pytestmark = pytest.mark.django_db


def state_of(parcel) -> str:
    return Parcel.objects.get(pk=parcel).state


def make_due() -> None:
    Parcel.objects.update(due_at=Now() - timedelta(seconds=1))


def facts() -> list[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT kind FROM journal_copy WHERE kind LIKE 'exchange.%%' ORDER BY at, entry")
        return [kind for (kind,) in cursor.fetchall()]


def test_a_parcel_leaves_once_with_its_bytes_and_says_so(other_side, posted):
    parcel = posted("one", b"the bytes")
    assert exchange.move_once() == 1
    assert exchange.move_once() == 0
    assert other_side.got == [("one", b"the bytes")]
    found = Parcel.objects.get(pk=parcel)
    assert (found.state, found.detail, found.attempts) == ("sent", "42", 1)
    assert facts() == ["exchange.parcel.sent"]


def test_the_same_key_with_the_same_bytes_is_one_parcel(other_side, posted):
    assert posted("one", b"same") == posted("one", b"same")
    with pytest.raises(Conflict, match="parcel-key-used"):
        posted("one", b"other")
    exchange.move_once()
    assert other_side.keys == ["one"]


def test_what_did_not_arrive_waits_and_is_tried_again_telling_a_reason_once(other_side, posted):
    parcel = posted("one")
    other_side.answers = [exchange.NotSent("refused-connection")] * 3
    for _attempt in range(3):
        exchange.move_once()
        assert state_of(parcel) == "waiting"
        assert exchange.move_once() == 0, "not before its pause has ended"
        make_due()
    exchange.move_once()
    assert state_of(parcel) == "sent"
    assert Parcel.objects.get(pk=parcel).attempts == 4
    assert facts() == ["exchange.parcel.delayed", "exchange.parcel.sent"]


def test_pauses_grow_to_a_quarter_of_an_hour_and_no_further():
    assert pause_after(1) <= timedelta(seconds=30)
    assert timedelta(minutes=7) < pause_after(1000) <= timedelta(minutes=15)


@pytest.mark.parametrize("answer", [exchange.Doubtful("no-answer"), RuntimeError("a fault of the channel")])
def test_a_doubtful_parcel_is_never_sent_again_by_itself(other_side, posted, answer):
    parcel = posted("one")
    other_side.answers = [answer]
    exchange.move_once()
    make_due()
    other_side.enquiries = [exchange.Doubtful("unknown")]
    exchange.move_once()
    assert state_of(parcel) == "doubtful"
    assert other_side.keys == ["one"]
    assert facts() == ["exchange.parcel.doubtful"]


def test_a_person_sends_the_very_same_again(other_side, posted):
    parcel = posted("one", b"bytes")
    other_side.answers = [exchange.Doubtful("no-answer")]
    exchange.move_once()
    operator = Actor(person=new_id(), organisation=new_id(), is_operator=True)
    exchange.send_again(actor=operator, parcel=parcel)
    exchange.move_once()
    assert other_side.got == [("one", b"bytes")] * 2
    with pytest.raises(Conflict, match="parcel-not-doubtful"):
        exchange.send_again(actor=operator, parcel=parcel)


def test_nobody_of_another_organisation_decides(other_side, posted):
    parcel = posted("one")
    stranger = Actor(person=new_id(), organisation=new_id())
    for verb in (exchange.cancel, exchange.send_again):
        with pytest.raises(Denied):
            verb(actor=stranger, parcel=parcel)
    assert state_of(parcel) == "waiting"


def test_an_enquiry_ends_a_doubt(other_side, posted):
    parcels = [posted(key, organisation=new_id()) for key in "abc"]
    other_side.answers = [exchange.Doubtful("no-answer")] * 3
    exchange.move_once()
    Parcel.objects.update(due_at=Now() + timedelta(minutes=1))
    assert exchange.move_once() == 0, "the other side may still be at work on it"
    make_due()
    other_side.enquiries = [exchange.Accepted("7"), exchange.Refused("no"), exchange.NotSent("unknown-there")]
    exchange.move_once()
    assert [state_of(parcel) for parcel in parcels] == ["sent", "refused", "waiting"]


@pytest.mark.parametrize("before", ["waiting", "doubtful", "refused", "sent"])
def test_an_answer_proves_that_the_parcel_arrived_whatever_we_knew(other_side, posted, worker, before):
    parcel = posted("one")
    if before != "waiting":
        other_side.answers = [
            {
                "doubtful": exchange.Doubtful("no-answer"),
                "refused": exchange.Refused("double"),
                "sent": exchange.Accepted(),
            }[before]
        ]
        exchange.move_once()
    for _twice in range(2):
        exchange.confirm_sent(actor=worker, channel="test", key="one")
    assert state_of(parcel) == "sent"
    make_due()
    exchange.move_once()
    assert len(other_side.got) == (before != "waiting")
    assert facts().count("exchange.parcel.sent") == 1


def test_an_answer_during_the_sending_wins_over_its_doubt(other_side, posted, worker):
    parcel = posted("one")

    def deliver(outgoing):
        exchange.confirm_sent(actor=worker, channel="test", key=outgoing.key)
        return exchange.Doubtful("no-answer")

    object.__setattr__(exchange.channel_of("test"), "deliver", deliver)
    exchange.move_once()
    assert state_of(parcel) == "sent"
    assert facts() == ["exchange.parcel.sent"]


def test_an_answer_to_nothing_is_missing(other_side, worker):
    with pytest.raises(Missing, match="no-such-parcel"):
        exchange.confirm_sent(actor=worker, channel="test", key="never posted")


def test_only_what_waits_is_cancelled(other_side, posted, worker):
    first, second = posted("one"), posted("two")
    exchange.cancel(actor=worker, parcel=first)
    exchange.move_once()
    assert other_side.keys == ["two"]
    with pytest.raises(Conflict, match="parcel-gone"):
        exchange.cancel(actor=worker, parcel=second)


def test_an_organisation_sends_in_the_order_in_which_it_posted(other_side, posted):
    for key in "abcde":
        posted(key)
    other_side.answers = [exchange.NotSent("away")]
    exchange.move_once()
    assert other_side.keys == ["a"], "nothing overtakes what waits"
    make_due()
    exchange.move_once()
    assert other_side.keys == ["a", *"abcde"]


def test_a_doubt_or_a_refusal_does_not_hold_what_follows(other_side, posted):
    for key in "abc":
        posted(key)
    other_side.answers = [exchange.Doubtful("no-answer"), exchange.Refused("wrong")]
    exchange.move_once()
    assert other_side.keys == ["a", "b", "c"]


def test_a_body_with_much_to_send_does_not_delay_another(other_side, posted):
    for number in range(5):
        posted(f"many {number}")
    posted("single", organisation=new_id())
    exchange.move_once()
    assert other_side.keys.index("single") <= 1
    assert [key for key in other_side.keys if key != "single"] == [f"many {number}" for number in range(5)]


def test_a_body_that_waits_for_its_next_try_does_not_hide_those_behind_it(other_side, posted):
    towns = sorted(new_id() for _ in range(3))
    for town in towns:
        posted(f"{town} 1", organisation=town)
        posted(f"{town} 2", organisation=town)
    Parcel.objects.filter(organisation_id=towns[1]).update(due_at=Now() + timedelta(hours=1))
    assert exchange.move_once() == 4
    assert not any(str(towns[1]) in key for key in other_side.keys)


def test_a_partner_that_is_away_is_not_asked_for_each_organisation(other_side, posted):
    for number in range(10):
        posted(f"{number}", organisation=new_id())
    other_side.answers = [exchange.NotSent("away")] * 10
    exchange.move_once()
    assert len(other_side.got) == 3


def test_nothing_leaves_before_its_time(other_side, posted):
    posted("tomorrow", due_at=datetime.now(UTC) + timedelta(days=1))
    assert exchange.move_once() == 0
    make_due()
    assert exchange.move_once() == 1


def test_a_lease_that_ended_is_a_doubt_and_its_late_process_may_still_say_what_it_knows(other_side, posted):
    parcel = posted("one")

    def deliver(outgoing):
        Parcel.objects.update(leased_until=Now() - timedelta(seconds=1))
        exchange.move_once()
        assert state_of(parcel) == "doubtful"
        return exchange.Accepted("late")

    channel = exchange.channel_of("test")
    object.__setattr__(channel, "deliver", deliver)
    object.__setattr__(channel, "enquire", None)
    exchange.move_once()
    assert Parcel.objects.get(pk=parcel).state == "sent"
    assert facts() == ["exchange.parcel.doubtful", "exchange.parcel.sent"]


def test_a_late_process_cannot_speak_of_a_later_attempt(other_side, posted, worker):
    parcel = posted("one")

    def deliver(outgoing):
        Parcel.objects.update(state="doubtful", lease=new_id())  # sent again meanwhile, by another process
        return exchange.NotSent("refused-connection")

    object.__setattr__(exchange.channel_of("test"), "deliver", deliver)
    exchange.channel_of("test")
    exchange.move_once()
    assert state_of(parcel) == "doubtful"


def test_after_a_restore_what_waited_is_doubtful(other_side, posted):
    waiting, sent = posted("one", organisation=new_id()), posted("two", organisation=new_id())
    exchange.confirm_sent(actor=system_actor("worker"), channel="test", key="two")
    jump, held = exchange.hold_after_restore(actor=system_actor("restore"))
    assert (state_of(waiting), state_of(sent), held) == ("doubtful", "sent", 1)
    assert jump >= 1000
    other_side.enquiries = [exchange.Doubtful("unknown")]
    exchange.move_once()
    assert other_side.keys == []


def test_figures_count_what_is_late_by_its_channel(other_side, posted):
    posted("one")
    now = datetime.now(UTC)
    assert exchange.traffic(now + timedelta(hours=3, minutes=59)).late == 0
    figures = exchange.traffic(now + timedelta(hours=4, minutes=1))
    assert (figures.waiting, figures.late, figures.for_somebody) == (1, 1, 1)
