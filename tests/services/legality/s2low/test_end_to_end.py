"""From the signed act to the acknowledgement through a third party, simulated by a process, and what goes wrong there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from territoires.foundations.documents import api as documents
from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange.models import Arrival, Parcel
from territoires.foundations.exchange.transports.https import Timeouts
from territoires.kernel.actor import system_actor
from territoires.kernel.clock import legal_day, system_clock
from territoires.kernel.errors import Conflict, Unavailable
from territoires.services.legality import jobs
from territoires.services.legality.actions import enveloping, transmitting
from territoires.services.legality.channels.s2low import asking
from territoires.services.legality.channels.s2low import line as lines
from territoires.services.legality.channels.s2low.channel import S2LOW
from territoires.services.legality.models import ClassificationVersion, Envelope, StateLetter, Transmission
from territoires.services.legality.queries import third_party as third_party_queries
from tests.services.legality.transmission.conftest import Town
from tests.simulators.ministry import OTHER_SIREN
from tests.simulators.s2low import ThirdParty

from .conftest import end_pauses, fetch, make_town, operator_for, parcel_of, send, state_of

pytestmark = pytest.mark.django_db
TODAY = legal_day(system_clock())
Acknowledged = Callable[..., Transmission]


def transactions(third_party: ThirdParty, town: Town) -> list[dict[str, Any]]:
    return [made for made in third_party.control("/transactions") if made["siren"] == town.body.siren]


def orders(third_party: ThirdParty, town: Town) -> int:
    """How many orders to create or cancel the third party had from the body."""
    return sum(call["siren"] == town.body.siren for call in third_party.control("/calls"))


def move() -> None:
    """A minute later, the pauses being over."""
    end_pauses()
    send()


def quarantined() -> list[str]:
    return list(Arrival.objects.filter(state="quarantined").values_list("reason", flat=True))


def test_an_act_goes_through_and_is_acknowledged(town: Town, third_party: ThirdParty) -> None:
    transmission = town.confirmed(object="Tarif réduit à la journée « été »")
    assert transmission.channel == "actes-s2low"
    send()
    assert parcel_of(transmission).state == "sent"
    assert state_of(transmission) == "sent"
    (made,) = transactions(third_party, town)
    assert parcel_of(transmission).detail == str(made["id"])
    assert (made["act"], made["subject"]) == (transmission.identifier, transmission.act.object)
    fetch()
    assert state_of(transmission) == "acknowledged"
    assert transmission.received_on == legal_day(system_clock())
    proof = b"".join(documents.open_stream(transmission.acknowledgement))
    assert proof.startswith(b"<?xml") and transmission.identifier.encode() in proof
    fetch()
    assert Arrival.objects.count() == 1 and orders(third_party, town) == 1


@pytest.mark.parametrize("form", ["utf-8", "crlf"])
def test_odd_forms_that_can_be_read_are_read(town: Town, third_party: ThirdParty, form: str) -> None:
    third_party.order("/behaviours", form=form)
    third_party.order("/behaviours", call="status", form=form)
    transmission = town.confirmed()
    send()
    fetch()
    assert state_of(transmission) == "acknowledged"


@pytest.mark.parametrize(
    "asked", [{"reception": "cut"}, *({"form": form} for form in ("page", "empty", "no-number"))]
)
def test_a_doubt_is_ended_by_the_list_and_nothing_is_sent_twice(
    town: Town, third_party: ThirdParty, asked: dict[str, str]
) -> None:
    third_party.order("/behaviours", **asked)
    third_party.order("/behaviours", call="list", form="twice-encoded")
    transmission = town.confirmed(object="Été")
    send()
    assert parcel_of(transmission).state == "doubtful"
    fetch()
    assert state_of(transmission) == "confirmed"
    move()
    assert parcel_of(transmission).state == "sent"
    fetch()
    assert state_of(transmission) == "acknowledged"
    assert len(transactions(third_party, town)) == orders(third_party, town) == 1


@pytest.mark.parametrize("reception", ["lost", "error"])
def test_what_the_list_does_not_hold_is_sent_again(
    town: Town, third_party: ThirdParty, monkeypatch: pytest.MonkeyPatch, reception: str
) -> None:
    monkeypatch.setattr(lines, "TIMEOUTS", Timeouts(5, 2))
    third_party.order("/behaviours", reception=reception)
    transmission = town.confirmed()
    send()
    assert parcel_of(transmission).state == "doubtful"
    move()
    assert parcel_of(transmission).state == "waiting"
    move()
    assert parcel_of(transmission).state == "sent"
    assert len(transactions(third_party, town)) == 1


@pytest.mark.parametrize("asked", [{"form": "page"}, {"refusal": "Accès refusé"}, {"reception": "error"}])
def test_without_a_list_the_doubt_stays(town: Town, third_party: ThirdParty, asked: dict[str, str]) -> None:
    third_party.order("/behaviours", reception="cut")
    third_party.order("/behaviours", call="list", **asked)
    transmission = town.confirmed()
    send()
    move()
    assert parcel_of(transmission).state == "doubtful"
    move()
    assert parcel_of(transmission).state == "sent"


def test_a_transaction_made_twice_there_is_one_here(town: Town, third_party: ThirdParty) -> None:
    third_party.order("/behaviours", reception="cut", copies=2)
    transmission = town.confirmed()
    send()
    move()
    fetch()
    assert state_of(transmission) == "acknowledged"
    assert orders(third_party, town) == 1


def test_the_states_refusal_is_told_in_its_words(town: Town, third_party: ThirdParty) -> None:
    third_party.order("/behaviours", anomaly="Typologie inconnue")
    transmission = town.confirmed()
    send()
    fetch()
    assert state_of(transmission) == "refused"
    assert (transmission.anomaly_nature, transmission.anomaly_detail) == ("001", "Typologie inconnue")
    assert b"AnomalieActe" in b"".join(documents.open_stream(transmission.answer))


def test_the_third_partys_own_refusal_is_told_in_its_words(town: Town, third_party: ThirdParty) -> None:
    third_party.order("/behaviours", anomaly="Un virus a été trouvé", by="operator")
    transmission = town.confirmed()
    send()
    fetch()
    assert state_of(transmission) == "refused"
    assert transmission.anomaly_detail == "Un virus a été trouvé"


def test_a_refusal_at_the_door_is_told_in_its_words(town: Town, third_party: ThirdParty) -> None:
    third_party.order("/behaviours", refusal="La typologie est absente")
    transmission = town.confirmed()
    send()
    assert parcel_of(transmission).state == "refused"
    assert state_of(transmission) == "refused"
    assert transmission.anomaly_detail == "La typologie est absente"


def test_a_refusal_that_is_about_us_waits_for_the_operator(town: Town, third_party: ThirdParty) -> None:
    third_party.order("/behaviours", refusal="Échec de l'authentification")
    transmission = town.confirmed()
    send()
    assert (parcel_of(transmission).state, parcel_of(transmission).reason) == ("waiting", "not-let-in")
    move()
    assert parcel_of(transmission).state == "sent"


def test_a_refused_act_is_sent_again_under_its_number_where_that_is_allowed(
    town: Town, third_party: ThirdParty
) -> None:
    third_party.order("/behaviours", anomaly="Typologie inconnue")
    transmission = town.confirmed()
    send()
    fetch()
    act = state_of(transmission) and transmission.act
    for rank, (numbers_once, state) in enumerate([(True, "refused"), (False, "acknowledged")], 2):
        third_party.order("/settings", numbers_once=numbers_once)
        transmitting.reissue_transmission(actor=town.clerk, act=act, matter_code="7.5", main_type="99_DE")
        transmitting.confirm_transmission(actor=town.clerk, act=act)
        send()
        fetch()
        again = Transmission.objects.get(act=act, rank=rank)
        assert again.state == state
        assert "existe déjà" in again.anomaly_detail or numbers_once is False


def test_a_doubt_about_a_reissue_does_not_take_the_refused_one_for_it(
    town: Town, third_party: ThirdParty
) -> None:
    third_party.order("/settings", numbers_once=False)
    third_party.order("/behaviours", anomaly="Typologie inconnue")
    transmission = town.confirmed()
    send()
    fetch()
    act = state_of(transmission) and transmission.act
    third_party.order("/behaviours", reception="error")
    transmitting.reissue_transmission(actor=town.clerk, act=act, matter_code="7.5", main_type="99_DE")
    transmitting.confirm_transmission(actor=town.clerk, act=act)
    send()
    again = Transmission.objects.get(act=act, rank=2)
    move()
    assert parcel_of(again).reason == "unknown-there"
    move()
    fetch()
    assert state_of(again) == "acknowledged"


def test_silence_loses_nothing(town: Town, third_party: ThirdParty) -> None:
    third_party.order("/behaviours", delay=3600)
    transmission = town.confirmed()
    send()
    fetch()
    assert state_of(transmission) == "sent" and not Arrival.objects.exists()
    third_party.order("/behaviours/clear")
    fetch()
    assert state_of(transmission) == "acknowledged"


def test_an_acknowledgement_of_another_bodys_act_is_set_aside(town: Town, third_party: ThirdParty) -> None:
    third_party.order("/behaviours", recipient=OTHER_SIREN)
    transmission = town.confirmed()
    send()
    fetch()
    assert state_of(transmission) == "sent"
    assert quarantined() == ["answer-about-another-act"]


def test_an_act_closed_there_before_we_asked_is_acknowledged(town: Town, third_party: ThirdParty) -> None:
    transmission = town.confirmed()
    send()
    (made,) = transactions(third_party, town)
    third_party.order("/status", transaction=made["id"], status=5)
    fetch()
    assert state_of(transmission) == "acknowledged"
    assert b"ARActe" in b"".join(documents.open_stream(transmission.acknowledgement))


def test_an_act_cancelled_there_by_hand_is_for_the_operator(town: Town, third_party: ThirdParty) -> None:
    transmission = town.confirmed()
    send()
    (made,) = transactions(third_party, town)
    third_party.order("/status", transaction=made["id"], status=0)
    fetch()
    assert state_of(transmission) == "sent"
    assert quarantined() == ["third-party-report"]


def test_an_acknowledged_act_is_cancelled(
    acknowledged: Acknowledged, town: Town, third_party: ThirdParty
) -> None:
    transmission = acknowledged()
    third_party.order("/behaviours", call="cancel", reception="cut")
    transmitting.cancel_transmission(actor=town.clerk, act=transmission.act)
    send()
    assert parcel_of(transmission, "6-1").state == "doubtful"
    move()
    assert parcel_of(transmission, "6-1").state == "sent"
    fetch()
    assert state_of(transmission) == "cancelled" and transmission.cancelled_on == legal_day(system_clock())
    assert [made["type"] for made in transactions(third_party, town)] == ["1", "6"]


def test_a_cancellation_that_is_refused_leaves_the_act_as_it_was(
    acknowledged: Acknowledged, town: Town, third_party: ThirdParty
) -> None:
    transmission = acknowledged()
    for asked in ({"refusal": "Trop tard"}, {"anomaly": "Trop tard"}):
        third_party.order("/behaviours", call="cancel", **asked)
        transmitting.cancel_transmission(actor=town.clerk, act=transmission.act)
        send()
        fetch()
        assert state_of(transmission) == "acknowledged"


def test_an_act_cancelled_and_sent_again_the_same_day_is_acknowledged_again(
    acknowledged: Acknowledged, town: Town, third_party: ThirdParty
) -> None:
    """The State's two acknowledgements are the same to the byte."""
    third_party.order("/settings", numbers_once=False)
    transmission = acknowledged()
    transmitting.cancel_transmission(actor=town.clerk, act=transmission.act)
    send()
    fetch()
    assert state_of(transmission) == "cancelled"
    transmitting.prepare_transmission(actor=town.clerk, act=transmission.act)
    transmitting.confirm_transmission(actor=town.clerk, act=transmission.act)
    send()
    fetch()
    again = Transmission.objects.get(act=transmission.act, rank=2)
    assert again.state == "acknowledged"
    assert again.acknowledgement.sha256 == transmission.acknowledgement.sha256


@pytest.mark.parametrize("kind", ["2-1", "3-1", "4-1", "5-1"])
def test_letters_are_taken_with_their_enclosures_once(
    acknowledged: Acknowledged, town: Town, third_party: ThirdParty, kind: str
) -> None:
    transmission = acknowledged()
    number = int(parcel_of(transmission).detail)
    third_party.order("/letters", kind=kind, transaction=number, words="Merci de préciser.")
    third_party.order("/behaviours", call="letters", form="page")
    with pytest.raises(Unavailable):
        fetch()
    fetch()
    fetch()
    (letter,) = StateLetter.objects.filter(transmission=transmission)
    assert letter.kind == kind
    assert {document.media_type for document in documents.documents_of(letter.subject)} >= {"application/pdf"}


def test_a_new_classification_is_fetched_and_used(town: Town, third_party: ThirdParty) -> None:
    third_party.order("/classification", department="021", dated_on="2026-11-20", matters={"7.5.1": "Sport"})
    third_party.order("/settings", numbers_once=False)
    try:
        transmission = town.confirmed()
        send()
        fetch()
        assert state_of(transmission) == "refused"
        assert transmission.anomaly_detail.startswith("ODT-VERIF-01")
        send()
        fetch()
        version = ClassificationVersion.objects.get()
        assert (version.department, str(version.dated_on)) == ("021", "2026-11-20")
        act = transmission.act
        transmitting.reissue_transmission(actor=town.clerk, act=act, matter_code="7.1", main_type="99_DE")
        transmitting.confirm_transmission(actor=town.clerk, act=act)
        send()
        fetch()
        assert state_of(Transmission.objects.get(act=act, rank=2)) == "acknowledged"
    finally:
        third_party.order("/classification", department="021", dated_on="2017-12-08")


def test_a_person_who_sends_a_doubtful_act_again_does_not_send_it_twice(
    town: Town, third_party: ThirdParty
) -> None:
    third_party.order("/behaviours", reception="cut")
    transmission = town.confirmed()
    send()
    parcel = parcel_of(transmission)
    exchange.send_again(actor=operator_for(town), parcel=parcel)
    third_party.order("/behaviours", call="list", form="page")
    send()
    assert (parcel_of(transmission).state, parcel_of(transmission).reason) == ("waiting", "odd-answer")
    move()
    assert parcel_of(transmission).state == "sent"
    assert orders(third_party, town) == len(transactions(third_party, town)) == 1


def test_after_a_restore_what_had_left_is_found_there(town: Town, third_party: ThirdParty) -> None:
    left, waiting = town.confirmed("PARTI"), town.confirmed("RESTE")
    third_party.order("/behaviours", number="RESTE", refusal="Accès refusé")
    send()
    # the backup was made before anything left
    Parcel.objects.update(state="waiting", attempts=0, detail="", reason="", settled_at=None, due_at=None)
    Transmission.objects.update(state="confirmed", sent_at=None)
    exchange.hold_after_restore(actor=system_actor("restore"))
    assert parcel_of(left).state == parcel_of(waiting).state == "doubtful"
    move()
    move()
    fetch()
    assert state_of(left) == state_of(waiting) == "acknowledged"
    assert len(transactions(third_party, town)) == 2


def test_one_transaction_that_is_gone_there_does_not_hold_the_others(
    town: Town, third_party: ThirdParty
) -> None:
    gone, other = town.confirmed("PERDU"), town.confirmed("SUIVANT")
    send()
    third_party.order(
        "/behaviours", call="status", number="PERDU", times=0, refusal="Numéro de transaction invalide."
    )
    with pytest.raises(Unavailable, match="third-party-away"):
        fetch()
    exchange.move_once()
    assert (state_of(gone), state_of(other)) == ("sent", "acknowledged")


def test_a_third_party_that_is_away_is_asked_once(
    town: Town, third_party: ThirdParty, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_town(third_party)
    settings.S2LOW_CONNECTION = tmp_path / "s2low.json"
    settings.S2LOW_CONNECTION.write_text(json.dumps({**third_party.connection, "url": "https://127.0.0.1:1"}))
    asked: list[str] = []
    monkeypatch.setattr(asking, "_take_letters", lambda line: asked.append("once") or line.get("/"))
    with pytest.raises(Unavailable, match="third-party-away"):
        asking.collect()
    assert asked == ["once"]


def test_one_body_that_cannot_ask_does_not_hold_the_others(town: Town, third_party: ThirdParty) -> None:
    other = make_town(third_party)
    mine, theirs = town.confirmed(), other.confirmed()
    send()
    third_party.order("/behaviours", call="status", siren=town.body.siren, refusal="Accès refusé")
    with pytest.raises(Unavailable, match="third-party-away"):
        fetch()
    exchange.move_once()
    assert (state_of(mine), state_of(theirs)) == ("sent", "acknowledged")
    fetch()
    assert state_of(mine) == "acknowledged"


def test_nothing_leaves_while_the_way_is_closed(town: Town, settings: Any, tmp_path: Any) -> None:
    transmission = town.confirmed()
    settings.S2LOW_CONNECTION = tmp_path / "none.json"
    send()
    assert (parcel_of(transmission).state, parcel_of(transmission).reason) == ("waiting", "not-configured")
    with pytest.raises(Conflict, match="no-account"):
        town.confirmed("DEL_2026_042")


def test_a_request_for_a_classification_in_doubt_is_made_again(town: Town, third_party: ThirdParty) -> None:
    third_party.order("/behaviours", call="classification", form="page")
    envelope = enveloping.request_classification(
        actor=system_actor("worker"), organisation=town.body, department="021"
    )
    send()
    parcel = exchange.parcel_of(channel=S2LOW.code, key=envelope.archive_name)
    assert parcel and parcel.state == "doubtful"
    move()
    move()
    parcel.refresh_from_db()
    assert parcel.state == "sent"


def test_each_body_renews_its_copy_of_the_classification_at_night(
    town: Town, third_party: ThirdParty
) -> None:
    other = make_town(third_party)
    jobs.ask_classifications(0)
    send()
    asked = Envelope.objects.filter(kind="7-1").values_list("organisation", flat=True)
    assert set(asked) == {town.body.pk, other.body.pk}
    for one in (town, other):
        assert [made["type"] for made in transactions(third_party, one)] == ["7"]
    fetch()
    assert ClassificationVersion.objects.get().department == "021"


def test_a_body_without_an_account_sends_nothing(
    town: Town, third_party: ThirdParty, settings: Any, tmp_path: Path
) -> None:
    said = {**third_party.connection, "accounts": {OTHER_SIREN: {"user": "a", "password": "b"}}}
    settings.S2LOW_CONNECTION = tmp_path / "s2low.json"
    settings.S2LOW_CONNECTION.write_text(json.dumps(said))
    with pytest.raises(Conflict, match="no-account"):
        town.confirmed()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"url": 1}', '{"url": "https://x", "accounts": []}'])
def test_an_operators_file_that_cannot_be_read_is_a_closed_way(
    settings: Any, tmp_path: Path, text: str
) -> None:
    settings.S2LOW_CONNECTION = tmp_path / "s2low.json"
    settings.S2LOW_CONNECTION.write_text(text)
    assert third_party_queries.third_party() is None
