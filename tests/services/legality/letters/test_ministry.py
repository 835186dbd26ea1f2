"""Letters that come straight from the ministry, and what answers them, with the simulator as a process."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from territoires.foundations.documents import api as documents
from territoires.foundations.exchange.models import Arrival
from territoires.foundations.notifications.models import Notification
from territoires.foundations.worklist.models import Item
from territoires.kernel.clock import legal_day, system_clock
from territoires.kernel.errors import Conflict, Denied, Invalid, Missing
from territoires.kernel.ids import new_id
from territoires.services.legality.actions import replying
from territoires.services.legality.domain.actes.archives import unpack
from territoires.services.legality.domain.files import REPLY
from territoires.services.legality.models import (
    Convention,
    Envelope,
    LetterReply,
    StateLetter,
    Transmission,
)
from territoires.services.legality.queries.proofs import timeline_of
from tests.services.legality.conftest import pdf, sound
from tests.services.legality.s2low.conftest import follow
from tests.services.legality.transmission.conftest import Town, collect, make_town, send_waiting
from tests.services.legality.transmission.test_messages import require_valid
from tests.simulators.ministry import Ministry
from tests.waiting import until

pytestmark = pytest.mark.django_db
Acknowledged = Callable[..., Transmission]
Write = Callable[..., StateLetter]


@pytest.fixture
def written(acknowledged: Acknowledged, ministry: Ministry) -> Write:
    """``written("3-1")``: a letter of that kind about an act, that came."""

    def make(kind: str, number: str = "DEL_2026_041") -> StateLetter:
        transmission = acknowledged(number)
        ministry.order("/letters", kind=kind, act=transmission.identifier, words="Merci de préciser.")
        until(lambda: collect() or StateLetter.objects.filter(transmission=transmission).exists())
        return StateLetter.objects.get(transmission=transmission)

    return make


@pytest.fixture(autouse=True)
def account(town: Town) -> Any:
    """That of the clerk, by which she is told."""
    people = apps.get_model("identity.Person")._default_manager
    accounts: Any = apps.get_model("identity.Account")._default_manager
    return accounts.create_user(f"{new_id().hex}@exemple.test", person=people.get(pk=town.clerk.person))


def prepare(town: Town, letter: StateLetter, kind: str, count: int = 1) -> LetterReply:
    files = [sound(town.clerk, pdf(f"{kind} {n}"), f"piece-{n}.pdf", REPLY) for n in range(count)]
    return replying.prepare_reply(
        actor=town.clerk, act=letter.transmission.act, letter=letter.pk, kind=kind, files=files
    )


def confirm(town: Town, letter: StateLetter) -> LetterReply:
    return replying.confirm_reply(actor=town.clerk, act=letter.transmission.act, letter=letter.pk)


def send() -> None:
    send_waiting()
    follow()


def answers_at_ministry(ministry: Ministry, letter: StateLetter) -> list[str]:
    found = ministry.call("/replies")
    return [one["kind"] for one in found if one["act"] == letter.transmission.identifier]


def waiting(subject: Any) -> list[Item]:
    return list(Item.objects.filter(subject_id=subject.pk))


@pytest.mark.parametrize(("kind", "receipt"), [("3-1", "3-2"), ("4-1", "4-2")])
def test_a_letter_that_the_norm_wants_acknowledged_is(
    written: Write,
    ministry: Ministry,
    shared_data: Path,
    tmp_path: Path,
    kind: str,
    receipt: str,
) -> None:
    letter = written(kind)
    message = letter.replies.get()
    assert (message.kind, message.state, message.confirmed_by) == (receipt, "confirmed", None)
    send()
    message.refresh_from_db()
    assert message.state == "sent"
    assert answers_at_ministry(ministry, letter) == [receipt]
    archive = message.envelope.archive
    files = dict(unpack(io.BytesIO(b"".join(documents.open_stream(archive)))))
    assert list(files)[1:] == [f"{letter.transmission.identifier}-{receipt}_0.xml"]
    require_valid(files, shared_data, tmp_path)


@pytest.mark.parametrize("kind", ["2-1", "5-1"])
def test_nothing_acknowledges_the_other_letters(written: Write, kind: str) -> None:
    assert not written(kind).replies.exists()


@pytest.mark.parametrize(
    ("letter_kind", "kind", "count"),
    [("3-1", "3-4", 2), ("3-1", "3-3", 1), ("4-1", "4-4", 1), ("4-1", "4-3", 1)],
)
def test_an_answer_is_prepared_confirmed_sent_and_acknowledged(
    written: Write,
    town: Town,
    ministry: Ministry,
    shared_data: Path,
    tmp_path: Path,
    letter_kind: str,
    kind: str,
    count: int,
) -> None:
    letter = written(letter_kind)
    reply = prepare(town, letter, kind, count)
    assert not Envelope.objects.filter(reply=reply).exists()
    confirm(town, letter)
    send()
    files = dict(
        unpack(io.BytesIO(b"".join(documents.open_stream(Envelope.objects.get(reply=reply).archive))))
    )
    identifier = letter.transmission.identifier
    assert [name for name in files if name.endswith(".pdf")] == [
        f"99_DE-{identifier}-{kind}_{rank}.pdf" for rank in range(1, count + 1)
    ]
    require_valid(files, shared_data, tmp_path)
    until(lambda: collect() or LetterReply.objects.get(pk=reply.pk).state == "acknowledged")
    reply.refresh_from_db()
    assert reply.received_on == legal_day(system_clock())
    assert identifier.encode() in b"".join(documents.open_stream(reply.answer))
    assert kind in answers_at_ministry(ministry, letter)
    assert not waiting(letter) and not waiting(reply)
    kinds = [step.kind for step in timeline_of(letter.transmission.act)]
    assert [kind for kind in kinds if ".reply." in kind] == [
        "legality.reply.prepared",
        "legality.reply.confirmed",
        "legality.reply.sent",  # the receipt, then the answer
        "legality.reply.sent",
        "legality.reply.acknowledged",
    ]
    with pytest.raises(Conflict, match="already-answered"):
        prepare(town, letter, kind)


def test_the_answer_to_a_simple_letter_ends_when_it_has_left(
    written: Write,
    town: Town,
    ministry: Ministry,
) -> None:
    letter = written("2-1")
    reply = prepare(town, letter, "2-2")
    confirm(town, letter)
    send()
    reply.refresh_from_db()
    assert reply.state == "sent" and answers_at_ministry(ministry, letter) == ["2-2"]


def test_a_letter_stands_on_the_desk_until_it_is_answered(written: Write, town: Town) -> None:
    letter = written("3-1")
    (item,) = waiting(letter)
    assert item.permission == "legality:transmission:prepare"
    assert item.due_at is not None
    assert timedelta(days=58) < item.due_at - letter.received_at < timedelta(days=63)
    told = Notification.objects.filter(template="legality/letter").latest("created_at")
    assert told.context["due_on"] == legal_day(item.due_at).isoformat()
    reply = prepare(town, letter, "3-3")
    assert not waiting(letter)
    (to_confirm,) = waiting(reply)
    assert (to_confirm.permission, to_confirm.due_at) == ("legality:transmission:send", item.due_at)
    replying.abandon_reply(actor=town.clerk, act=letter.transmission.act, letter=letter.pk)
    assert waiting(letter) and not waiting(reply)
    prepare(town, letter, "3-3")
    confirm(town, letter)
    assert not Item.objects.filter(matter=letter.transmission.act_id, kind__in=["answer", "confirm"]).exists()


def test_a_letter_without_a_delay_has_no_day(written: Write) -> None:
    (item,) = waiting(written("5-1"))
    assert item.due_at is None


def test_a_refused_answer_waits_again_and_is_told(
    written: Write,
    town: Town,
    ministry: Ministry,
) -> None:
    letter = written("4-1")
    send()
    reply = prepare(town, letter, "4-4")
    confirm(town, letter)
    ministry.order("/behaviours", siren=town.body.siren, anomaly="Pièce illisible")
    send()
    until(lambda: collect() or LetterReply.objects.get(pk=reply.pk).state == "refused")
    reply.refresh_from_db()
    assert reply.anomaly_detail == "Pièce illisible" and reply.answer is not None
    (item,) = waiting(letter)
    assert item.tone == "bad"
    assert Notification.objects.filter(
        template="legality/reply_refused", person_id=town.clerk.person
    ).exists()
    again = prepare(town, letter, "4-4")
    confirm(town, letter)
    send()
    until(lambda: collect() or LetterReply.objects.get(pk=again.pk).state == "acknowledged")


def test_the_same_acknowledgement_twice_changes_nothing(
    written: Write,
    town: Town,
    ministry: Ministry,
) -> None:
    letter = written("3-1")
    send()
    reply = prepare(town, letter, "3-3")
    confirm(town, letter)
    ministry.order("/behaviours", siren=town.body.siren, copies=2)
    send()
    until(lambda: collect() or Arrival.objects.filter(state="absorbed", name__contains="-3-5_").count() == 2)
    reply.refresh_from_db()
    assert reply.state == "acknowledged"


def test_what_the_norm_does_not_have_is_refused(written: Write, town: Town) -> None:
    letter = written("4-1")
    with pytest.raises(Invalid, match="reply-kind"):
        prepare(town, letter, "3-4")
    for count in (0, 2):
        with pytest.raises(Invalid, match="reply-files"):
            prepare(town, letter, "4-4", count)
    with pytest.raises(Missing):
        replying.settle_letter(
            actor=town.clerk, act=letter.transmission.act, letter=new_id(), reason="Répondu par courrier."
        )


def test_another_body_answers_nothing(written: Write, town: Town) -> None:
    letter = written("3-1")
    other = make_town("Commune voisine")
    with pytest.raises((Denied, Missing)):
        prepare(other, letter, "3-3")


def test_a_letter_is_set_aside_with_its_reason(written: Write, town: Town) -> None:
    letter = written("2-1")
    act = letter.transmission.act
    with pytest.raises(Invalid, match="reason"):
        replying.settle_letter(actor=town.clerk, act=act, letter=letter.pk, reason="non")
    replying.settle_letter(actor=town.clerk, act=act, letter=letter.pk, reason="Répondu par courrier.")
    assert not waiting(letter)
    assert "Répondu par courrier." in [step.detail for step in timeline_of(act)]
    with pytest.raises(Conflict, match="letter-answered"):
        replying.settle_letter(actor=town.clerk, act=act, letter=letter.pk, reason="Répondu par courrier.")


def test_a_letter_that_comes_after_the_agreement_is_kept_and_answered_elsewhere(
    acknowledged: Acknowledged,
    town: Town,
    ministry: Ministry,
) -> None:
    transmission = acknowledged()
    Convention.objects.filter(organisation=town.body).update(
        until_on=legal_day(system_clock()) - timedelta(days=1)
    )
    ministry.order("/letters", kind="3-1", act=transmission.identifier)
    until(lambda: collect() or StateLetter.objects.filter(transmission=transmission).exists())
    letter = StateLetter.objects.get()
    assert not letter.replies.exists()
    with pytest.raises(Conflict, match="no-way-to-answer"):
        prepare(town, letter, "3-3")


def test_an_acknowledgement_of_an_answer_that_nobody_sent_is_set_aside(
    written: Write,
    town: Town,
    ministry: Ministry,
) -> None:
    letter = written("3-1")
    identifier = letter.transmission.identifier
    from territoires.foundations.exchange import api as exchange

    message = (
        '<?xml version="1.0" encoding="ISO-8859-1"?><a:ARPieceComplementaire'
        ' xmlns:a="http://www.interieur.gouv.fr/ACTES#v1.1-20040216" a:DateReception="2026-11-30">'
        f'<a:InfosCourrierPref a:IDActe="{identifier}" a:DateCourrierPref="{letter.dated_on}"/>'
        "</a:ARPieceComplementaire>"
    )
    exchange.receive(
        channel="actes-ministry", origin="m", name=f"{identifier}-3-5_9.xml", chunks=[message.encode()]
    )
    exchange.move_once()
    assert Arrival.objects.get(name=f"{identifier}-3-5_9.xml").reason == "answer-to-nothing"
