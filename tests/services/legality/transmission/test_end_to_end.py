"""From the signed act to the acknowledgement and back, through the bus, with the simulated ministry as a process."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from territoires.foundations.documents import api as documents
from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange.models import Arrival
from territoires.kernel.clock import legal_day, system_clock
from territoires.kernel.errors import Conflict
from territoires.services.legality import jobs
from territoires.services.legality.actions import signing, transmitting, withdrawing
from territoires.services.legality.models import ClassificationVersion, Envelope, StateLetter, Transmission
from territoires.services.legality.queries import envelopes
from tests.simulators.ministry import Ministry
from tests.waiting import until

from .conftest import Town, collect, is_in, send_waiting

pytestmark = pytest.mark.django_db
TODAY = legal_day(system_clock())


def states(act: Any) -> list[str]:
    return list(Transmission.objects.filter(act=act).values_list("state", flat=True))


def test_an_act_goes_to_the_state_and_is_acknowledged(town: Town, ministry: Ministry) -> None:
    transmission = town.confirmed()
    assert transmission.state == "confirmed" and transmission.certificate
    send_waiting()
    assert ministry.verdict() == ("accepted", "")
    until(is_in(transmission, "acknowledged"))
    assert transmission.received_on == legal_day(system_clock())
    assert transmission.identifier == f"021-{town.body.siren}-20261112-DEL_2026_041-DE"
    proof = b"".join(documents.open_stream(transmission.acknowledgement))
    assert transmission.identifier.encode() in proof
    envelope = Envelope.objects.get(transmission=transmission)
    parcel = exchange.parcel_of(channel="actes-ministry", key=envelope.archive_name)
    assert parcel is not None and parcel.state == "sent"


def test_an_archive_made_again_is_the_same_to_the_byte(town: Town) -> None:
    envelope = Envelope.objects.get(transmission=town.confirmed())
    jobs.make(envelope)
    envelope.refresh_from_db()
    first = envelope.archive.sha256
    Envelope.objects.filter(pk=envelope.pk).update(archive=None)
    jobs.make(Envelope.objects.get(pk=envelope.pk))
    assert Envelope.objects.get(pk=envelope.pk).archive.sha256 == first
    assert gzip.decompress(b"".join(documents.open_stream(envelope.archive)))
    assert not list(envelopes.envelopes_to_make())


def test_a_refused_act_is_corrected_and_sent_again_under_its_number(town: Town, ministry: Ministry) -> None:
    ministry.order("/behaviours", anomaly="Typologie inconnue", siren=town.body.siren)
    transmission = town.confirmed()
    send_waiting()
    until(is_in(transmission, "refused"))
    assert transmission.anomaly_detail == "Typologie inconnue"
    act = transmission.act
    transmitting.reissue_transmission(actor=town.clerk, act=act, matter_code="7.5", main_type="99_DE")
    transmitting.confirm_transmission(actor=town.clerk, act=act)
    again = Transmission.objects.get(act=act, rank=2)
    assert again.identifier == transmission.identifier
    send_waiting()
    until(is_in(again, "acknowledged"))
    assert states(act) == ["refused", "acknowledged"]


def test_an_envelope_refused_whole_is_refused(town: Town, ministry: Ministry) -> None:
    ministry.order("/behaviours", anomaly="Émetteur inconnu", whole=True, siren=town.body.siren)
    transmission = town.confirmed()
    send_waiting()
    until(is_in(transmission, "refused"))
    assert transmission.answer is not None


def test_an_acknowledged_act_is_cancelled(acknowledged: Any, town: Town) -> None:
    transmission = acknowledged()
    transmitting.cancel_transmission(actor=town.clerk, act=transmission.act)
    send_waiting()
    until(is_in(transmission, "cancelled"))
    assert transmission.cancelled_on == legal_day(system_clock())


@pytest.mark.parametrize("kind", ["2-1", "3-1", "4-1", "5-1"])
def test_a_letter_of_the_prefecture_is_kept_with_its_enclosures(
    acknowledged: Any, ministry: Ministry, kind: str
) -> None:
    transmission = acknowledged()
    ministry.order("/letters", kind=kind, act=transmission.identifier, words="Merci de préciser.")
    until(lambda: collect() or StateLetter.objects.filter(transmission=transmission).exists())
    letter = StateLetter.objects.get(transmission=transmission)
    assert letter.kind == kind
    held = documents.documents_of(letter.subject)
    assert {document.media_type for document in held} >= {"application/pdf"}


def test_two_letters_of_one_day_are_not_taken_for_one(acknowledged: Any, ministry: Ministry) -> None:
    transmission = acknowledged()
    for words in ("Merci de préciser.", "Merci de préciser.", "Une pièce manque."):
        ministry.order("/letters", kind="3-1", act=transmission.identifier, words=words)
    until(lambda: collect() or Arrival.objects.filter(reason="letter-of-the-same-day").exists())
    assert StateLetter.objects.get(transmission=transmission).text == "Merci de préciser."


def test_a_new_classification_is_asked_for_and_used(town: Town, ministry: Ministry) -> None:
    ministry.order("/classification", department="021", dated_on="2026-11-20", matters={"7.5.1": "Sport"})
    try:
        transmission = town.confirmed()
        send_waiting()
        until(is_in(transmission, "refused"))
        assert transmission.anomaly_detail.startswith("ODT-VERIF-01")
        send_waiting()
        until(lambda: collect() or ClassificationVersion.objects.exists())
        act = transmission.act
        transmitting.reissue_transmission(actor=town.clerk, act=act, matter_code="7.1", main_type="99_DE")
        transmitting.confirm_transmission(actor=town.clerk, act=act)
        again = Transmission.objects.get(act=act, rank=2)
        assert str(again.classification_on) == "2026-11-20"
        send_waiting()
        until(is_in(again, "acknowledged"))
    finally:
        ministry.order("/classification", department="021", dated_on="2017-12-08")


def test_an_act_on_its_way_is_neither_reopened_nor_withdrawn(town: Town) -> None:
    act = town.confirmed().act
    with pytest.raises(Conflict, match="transmission-lives"):
        signing.reopen_act(actor=town.clerk, act=act, reason="Une erreur dans le texte.")
    published = town.act("DEL_2026_042")
    from territoires.services.legality.actions import publishing

    publishing.publish_act(actor=town.clerk, act=published)
    transmitting.prepare_transmission(actor=town.clerk, act=published)
    with pytest.raises(Conflict, match="transmission-lives"):
        withdrawing.withdraw_act(actor=town.clerk, act=published, reason="Une erreur dans le texte.")
    transmitting.abandon_transmission(actor=town.clerk, act=published)
    withdrawing.withdraw_act(actor=town.clerk, act=published, reason="Une erreur dans le texte.")
