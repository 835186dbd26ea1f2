"""Letters that come by the third party, which acknowledges them itself, and what answers them by its API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange.models import Arrival, Parcel
from territoires.kernel.clock import legal_day, system_clock
from territoires.kernel.errors import Conflict
from territoires.services.legality.actions import replying
from territoires.services.legality.domain.files import REPLY
from territoires.services.legality.models import LetterReply, StateLetter, Transmission
from tests.services.legality.conftest import pdf, sound
from tests.services.legality.transmission.conftest import Town
from tests.simulators.s2low import ThirdParty

from .conftest import end_pauses, fetch, parcel_of, send

pytestmark = pytest.mark.django_db
Write = Callable[[str], StateLetter]


@pytest.fixture
def written(acknowledged: Callable[..., Transmission], third_party: ThirdParty) -> Write:
    """``written("3-1")``: a letter of that kind about an act, that came."""

    def make(kind: str) -> StateLetter:
        transmission = acknowledged()
        number = int(parcel_of(transmission).detail)
        third_party.order("/letters", kind=kind, transaction=number, words="Merci de préciser.")
        fetch()
        return StateLetter.objects.get(transmission=transmission)

    return make


def confirmed(town: Town, letter: StateLetter, kind: str, count: int = 1) -> LetterReply:
    act = letter.transmission.act
    files = [sound(town.clerk, pdf(f"{kind} {n}"), f"piece-{n}.pdf", REPLY) for n in range(count)]
    replying.prepare_reply(actor=town.clerk, act=act, letter=letter.pk, kind=kind, files=files)
    return replying.confirm_reply(actor=town.clerk, act=act, letter=letter.pk)


def parcel(reply: LetterReply) -> Parcel:
    found = exchange.parcel_of(channel="actes-s2low", key=reply.envelope.archive_name)
    assert found is not None
    return found


def state_of(reply: LetterReply) -> str:
    reply.refresh_from_db()
    return reply.state


def replies_there(third_party: ThirdParty, letter: StateLetter) -> list[dict[str, Any]]:
    return [one for one in third_party.control("/transactions") if one["related"] == letter.number]


@pytest.mark.parametrize(
    ("letter_kind", "kind", "count"),
    [("3-1", "3-4", 2), ("3-1", "3-3", 1), ("4-1", "4-4", 1), ("4-1", "4-3", 1)],
)
def test_an_answer_goes_through_and_is_acknowledged(
    written: Write,
    town: Town,
    third_party: ThirdParty,
    letter_kind: str,
    kind: str,
    count: int,
) -> None:
    letter = written(letter_kind)
    assert letter.number and not letter.replies.exists()  # the third party sends the receipt
    reply = confirmed(town, letter, kind, count)
    send()
    assert state_of(reply) == "sent"
    (made,) = replies_there(third_party, letter)
    assert (made["type"], str(made["id"])) == (kind[0], parcel(reply).detail)
    fetch()
    assert state_of(reply) == "acknowledged"
    assert reply.received_on == legal_day(system_clock())
    fetch()
    assert StateLetter.objects.count() == 1  # an answer is no letter


def test_the_answer_to_a_simple_letter_ends_when_it_has_left(
    written: Write,
    town: Town,
    third_party: ThirdParty,
) -> None:
    letter = written("2-1")
    reply = confirmed(town, letter, "2-2")
    send()
    fetch()
    assert state_of(reply) == "sent" and len(replies_there(third_party, letter)) == 1


@pytest.mark.parametrize("asked", [{"refusal": "Trop tard"}, {"anomaly": "Trop tard"}])
def test_a_refused_answer_is_told_in_its_words_and_sent_again(
    written: Write,
    town: Town,
    third_party: ThirdParty,
    asked: dict[str, str],
) -> None:
    letter = written("4-1")
    third_party.order("/behaviours", call="reply", **asked)
    reply = confirmed(town, letter, "4-4")
    send()
    fetch()
    assert state_of(reply) == "refused" and reply.anomaly_detail == "Trop tard"
    again = confirmed(town, letter, "4-4")
    send()
    fetch()
    assert state_of(again) == "acknowledged"


def test_a_doubt_is_ended_by_the_list_and_nothing_is_sent_twice(
    written: Write,
    town: Town,
    third_party: ThirdParty,
) -> None:
    letter = written("3-1")
    third_party.order("/behaviours", call="reply", reception="cut")
    reply = confirmed(town, letter, "3-3")
    send()
    assert parcel(reply).state == "doubtful"
    end_pauses()
    send()
    assert parcel(reply).state == "sent"
    fetch()
    assert state_of(reply) == "acknowledged"
    assert len(replies_there(third_party, letter)) == 1


def test_a_reception_that_the_third_party_tells_in_its_own_way_is_believed(
    written: Write,
    town: Town,
    third_party: ThirdParty,
) -> None:
    letter = written("3-1")
    third_party.order("/behaviours", call="reply", answer=False)
    reply = confirmed(town, letter, "3-3")
    send()
    fetch()
    assert state_of(reply) == "sent"
    (made,) = replies_there(third_party, letter)
    third_party.order("/status", transaction=made["id"], status=11)
    fetch()
    assert state_of(reply) == "acknowledged"
    assert not Arrival.objects.filter(state="quarantined").exists()


def test_a_letter_without_the_third_partys_number_is_answered_there(written: Write, town: Town) -> None:
    letter = written("3-1")
    StateLetter.objects.update(number=0)
    with pytest.raises(Conflict, match="no-way-to-answer"):
        confirmed(town, letter, "3-3")
