"""What goes wrong outside and inside: a clear sentence, nothing lost, nothing sent twice."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange import channels
from territoires.foundations.exchange.models import Arrival, Parcel
from territoires.foundations.identity.models import PersonCertificate
from territoires.foundations.journal import api as journal
from territoires.foundations.trust import api as trust
from territoires.kernel.actor import system_actor
from territoires.kernel.clock import fixed_clock, system_clock
from territoires.kernel.errors import Conflict, Denied, Invalid, StepUpRequired
from territoires.services.legality import jobs
from territoires.services.legality.actions import enveloping, filing, signing, transmitting
from territoires.services.legality.domain.actes import archives
from territoires.services.legality.models import Convention, Envelope, Route, Transmission
from territoires.services.legality.queries import connection as ways
from territoires.services.legality.queries import envelopes as queries
from territoires.services.legality.queries.situation import situation_of
from territoires.services.legality.queries.transmissions import unanswered_alarm
from tests.services.legality.conftest import make_act, make_actor, pdf, sound
from tests.simulators.ministry import Ministry, xml
from tests.waiting import until

from .conftest import Town, certificate, collect, is_in, make_town, person, send_waiting, with_certificate

CHANNEL = "actes-ministry"


def prepared(town: Town, number: str = "DEL_2026_041") -> Any:
    act = town.act(number)
    transmitting.prepare_transmission(actor=town.clerk, act=act)
    return act


def arrive(name: str, content: bytes, origin: str = "mail") -> Arrival:
    """The arrival, read."""
    arrival = exchange.receive(channel=CHANNEL, origin=origin, name=name, chunks=[content])
    exchange.move_once()
    arrival.refresh_from_db()
    return arrival


def acknowledgement(identifier: str, number: str = "DEL_2026_041") -> bytes:
    return xml(
        f'<actes:ARActe actes:IDActe="{identifier}" actes:DateReception="2026-11-24">'
        f'<actes:ActeRecu actes:Date="2026-11-12" actes:NumeroInterne="{number}" actes:CodeNatureActe="1">'
        '<actes:CodeMatiere1 actes:CodeMatiere="7"/><actes:CodeMatiere2 actes:CodeMatiere="1"/>'
        "<actes:Objet>Objet</actes:Objet>"
        "<actes:ClassificationDateVersion>2017-12-08</actes:ClassificationDateVersion>"
        f"<actes:Document><actes:NomFichier>99_DE-{identifier}-1-1_1.pdf</actes:NomFichier></actes:Document>"
        '<actes:Annexes actes:Nombre="0"/><actes:DocumentPapier>N</actes:DocumentPapier></actes:ActeRecu>'
        "<actes:ClassificationDateVersionEnCours>2017-12-08</actes:ClassificationDateVersionEnCours></actes:ARActe>"
    )


# -- who may send -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_nothing_is_sent_without_the_prefects_agreement(town: Town) -> None:
    Convention.objects.all().delete()
    with pytest.raises(Conflict, match="no-convention"):
        transmitting.prepare_transmission(actor=town.clerk, act=town.act())
    assert not Transmission.objects.exists()


@pytest.mark.django_db
def test_whoever_prepares_does_not_send(town: Town) -> None:
    act = prepared(town)
    agent = replace(make_actor(town.body, "agent"), clock=system_clock)
    with pytest.raises(Denied, match="no-right"):
        transmitting.confirm_transmission(actor=agent, act=act)


@pytest.mark.django_db
def test_sending_asks_for_a_certificate_and_for_presence(town: Town) -> None:
    act = prepared(town)
    bare = replace(town.clerk, assurance=replace(town.clerk.assurance, certificate=""))
    with pytest.raises(Denied, match="no-certificate"):
        transmitting.confirm_transmission(actor=bare, act=act)
    long_ago = replace(town.clerk.assurance, proved_at=system_clock() - timedelta(minutes=16))
    with pytest.raises(StepUpRequired):
        transmitting.confirm_transmission(actor=replace(town.clerk, assurance=long_ago), act=act)
    assert Transmission.objects.get().state == "to_confirm"


@pytest.mark.django_db
def test_a_certificate_that_expired_a_minute_ago_sends_nothing(town: Town) -> None:
    act = prepared(town)
    enrolled = PersonCertificate.objects.get(person=town.clerk.person)
    over = trust.read_certificate(bytes(enrolled.der)).valid_until + timedelta(minutes=1)
    present = replace(town.clerk.assurance, proved_at=over)
    late = replace(town.clerk, clock=fixed_clock(over), assurance=present)
    with pytest.raises(Invalid, match="certificate"):
        transmitting.confirm_transmission(actor=late, act=act)
    assert not Envelope.objects.exists()


@pytest.mark.django_db
def test_a_certificate_of_another_body_serves_only_the_one_attached_to_it(town: Town) -> None:
    centre = make_town("Centre communal d'action sociale")
    act = prepared(centre)
    clerk, row = person(make_actor(centre.body), "Anne")
    clerk = with_certificate(clerk, row, certificate("Anne", town.body.siren))
    with pytest.raises(Denied, match="certificate-of-another-body"):
        transmitting.confirm_transmission(actor=clerk, act=act)
    centre.body.attached_to = town.body
    centre.body.save()
    transmitting.confirm_transmission(actor=clerk, act=act)
    assert Transmission.objects.get(act=act).state == "confirmed"


@pytest.mark.django_db
def test_the_way_is_closed_in_production_until_the_homologation_is_entered(
    town: Town, settings: Any, tmp_path: Any
) -> None:
    act = prepared(town)
    said = json.loads(settings.ACTES_CONNECTION.read_text())
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, mode="production")
    with pytest.raises(Conflict, match="channel-closed"):
        transmitting.confirm_transmission(actor=town.clerk, act=act)
    settings.ACTES_CONNECTION = tmp_path / "actes.json"
    said |= {
        "homologation": "DGCL 2026-17",
        "state_mail": {"server": "mx.operateur.test", "domains": ["ministere.test"]},
    }
    settings.ACTES_CONNECTION.write_text(json.dumps(said))
    assert ways.connection() is not None
    assert ways.application() == "EACT"


# -- at once, and twice -------------------------------------------------------------------------------------------------


def test_an_act_sent_by_two_clerks_at_once_leaves_once(live_town: Town) -> None:
    town, act = live_town, prepared(live_town)
    refusals, start = [], threading.Barrier(2)

    def send() -> None:
        start.wait()
        try:
            transmitting.confirm_transmission(actor=town.clerk, act=act)
        except Conflict as refusal:
            refusals.append(refusal.code)
        finally:
            connection.close()

    clerks = [threading.Thread(target=send) for _ in range(2)]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join(30)
    assert refusals == ["transmission-state"]
    assert Envelope.objects.count() == 1


@pytest.mark.django_db
def test_prepared_twice_is_prepared_once(town: Town) -> None:
    act = prepared(town)
    with pytest.raises(Conflict, match="already-under-way"):
        transmitting.prepare_transmission(actor=town.clerk, act=act)
    assert Transmission.objects.count() == 1


# -- answers ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_acknowledgement_made_out_to_another_body_waits_for_a_person(
    town: Town, ministry: Ministry
) -> None:
    ministry.order("/behaviours", siren=town.body.siren, recipient="210600235")
    transmission = town.confirmed()
    send_waiting()
    until(lambda: collect() or Arrival.objects.filter(reason="answer-for-another-body").exists())
    transmission.refresh_from_db()
    assert transmission.state != "acknowledged"


@pytest.mark.django_db
def test_an_acknowledgement_that_comes_twice_counts_once(town: Town, ministry: Ministry) -> None:
    ministry.order("/behaviours", siren=town.body.siren, copies=3, notice=True)
    transmission = town.confirmed()
    send_waiting()
    until(is_in(transmission, "acknowledged"))
    again = acknowledgement(transmission.identifier).replace(b"Objet<", b"Autre<")
    assert arrive("ar.xml", again).state == "absorbed"
    transmission.refresh_from_db()
    assert transmission.state == "acknowledged"
    until(lambda: not collect() and not Arrival.objects.filter(state="received").exists())
    assert not Arrival.objects.filter(state="quarantined").exists()


@pytest.mark.django_db
def test_an_acknowledgement_before_its_act_has_left_waits_for_a_person(town: Town) -> None:
    transmission = town.confirmed()
    forged = arrive("ar.xml", acknowledgement(transmission.identifier))
    assert (forged.state, forged.reason) == ("quarantined", "answer-before-sending")
    transmission.refresh_from_db()
    assert transmission.state == "confirmed"


@pytest.mark.django_db
def test_an_acknowledgement_of_nothing_of_ours_waits_for_a_person(town: Town) -> None:
    found = arrive("ar.xml", acknowledgement("021-210600235-20261112-DEL_2026_041-DE"))
    assert (found.state, found.reason) == ("quarantined", "answer-to-nothing")


@pytest.mark.django_db
def test_the_answers_come_packed_as_well_as_loose(town: Town, ministry: Ministry) -> None:
    ministry.order("/behaviours", siren=town.body.siren, packed=True)
    transmission = town.confirmed()
    send_waiting()
    until(is_in(transmission, "acknowledged"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content",
    [
        b"<ARActe",
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
        b"\xff\xfe\x00",
        b'<a xmlns="http://www.interieur.gouv.fr/ACTES#v1.1-20040216"/>',
        b"<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'><Object>"
        + acknowledgement("021-210600235-20261112-DEL_2026_041-DE").split(b"?>", 1)[1]
        + b"</Object></Signature>",
    ],
)
def test_what_is_no_message_waits_for_a_person_with_its_reason(town: Town, content: bytes) -> None:
    found = arrive("ar.xml", content)
    assert found.state == "quarantined"
    assert found.reason not in ("", "unexpected") and found.sentence


@pytest.mark.django_db
def test_a_mail_that_cannot_be_proved_the_states_is_not_used(
    town: Town, ministry: Ministry, settings: Any, tmp_path: Any
) -> None:
    said = json.loads(settings.ACTES_CONNECTION.read_text())
    said["state_mail"] = {"server": "mx.operateur.test", "domains": ["interieur.test"]}
    settings.ACTES_CONNECTION = tmp_path / "actes.json"
    settings.ACTES_CONNECTION.write_text(json.dumps(said))
    transmission = town.confirmed()
    send_waiting()
    until(lambda: collect() or Arrival.objects.filter(reason="mail-not-from-state").exists())
    transmission.refresh_from_db()
    assert transmission.state == "confirmed"


# -- the wire -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_line_cut_after_the_bytes_left_is_settled_by_the_answer(town: Town, ministry: Ministry) -> None:
    ministry.order("/behaviours", siren=town.body.siren, reception="cut")
    transmission = town.confirmed()
    send_waiting()
    situation = situation_of(transmission.act, system_clock())
    assert situation.latest is not None and situation.latest.is_doubtful
    until(is_in(transmission, "acknowledged"))
    assert Parcel.objects.get().state == "sent"


@pytest.mark.django_db
@pytest.mark.parametrize("is_answered_first", [True, False])
def test_a_second_envelope_of_the_same_name_never_undoes_the_first(
    town: Town, ministry: Ministry, is_answered_first: bool
) -> None:
    ministry.order(
        "/behaviours", siren=town.body.siren, reception="cut", delay=0 if is_answered_first else 3600
    )
    transmission = town.confirmed()
    send_waiting()
    exchange.send_again(actor=system_actor("worker"), parcel=Parcel.objects.get())
    exchange.move_once()
    if not is_answered_first:
        until(is_in(transmission, "refused"))  # by its name
        ministry.order("/behaviours/clear")  # and now what was delayed
    until(is_in(transmission, "acknowledged"))
    until(lambda: collect() or Arrival.objects.filter(name__startswith="ANO_", state="absorbed").exists())
    transmission.refresh_from_db()
    assert transmission.state == "acknowledged"


@pytest.mark.django_db
def test_a_ministry_in_trouble_is_tried_again(town: Town, ministry: Ministry) -> None:
    ministry.order("/behaviours", siren=town.body.siren, reception="error")
    transmission = town.confirmed()
    send_waiting()
    situation = situation_of(transmission.act, system_clock())
    assert situation.latest is not None and situation.latest.is_held_up
    Parcel.objects.update(due_at=None)
    exchange.move_once()
    until(is_in(transmission, "acknowledged"))


def test_a_ministry_that_accepts_and_never_answers_is_an_alarm_after_four_hours(
    live_town: Town, ministry: Ministry
) -> None:
    town = live_town
    ministry.order("/behaviours", siren=town.body.siren, answer=False)
    transmission = town.confirmed()
    send_waiting()
    journal.sequence_once()
    journal.follow_once()
    transmission.refresh_from_db()
    assert transmission.state == "sent"
    assert unanswered_alarm() == ""
    Transmission.objects.update(sent_at=system_clock() - timedelta(hours=4, minutes=1))
    with pytest.raises(Conflict, match=r"acknowledgements-late.* 1 acts sent, 0 cancel.* for 4 hours"):
        unanswered_alarm()
    situation = situation_of(transmission.act, system_clock())
    assert situation.latest is not None and situation.latest.is_late


@pytest.mark.django_db
def test_what_is_confirmed_and_never_made_or_asked_to_be_cancelled_is_an_alarm_too(
    town: Town, acknowledged: Any
) -> None:
    cancelled = acknowledged("DEL_2026_060")
    transmitting.cancel_transmission(actor=town.clerk, act=cancelled.act)
    town.confirmed("DEL_2026_061")
    jobs.make(cancelled.envelopes.get(kind="6-1"))
    assert unanswered_alarm() == ""
    Envelope.objects.update(made_at=system_clock() - timedelta(hours=5, minutes=1))
    with pytest.raises(Conflict, match=r" 0 acts sent, 1 cancel.* 0 answers .* 1 envelopes .* for 5 hours"):
        unanswered_alarm()


def test_an_envelope_refused_at_the_door_says_why(live_town: Town, monkeypatch: Any) -> None:
    refusing = replace(
        exchange.channel_of(CHANNEL), deliver=lambda outgoing: exchange.Refused("refused", "HTTP 413")
    )
    monkeypatch.setitem(channels._channels, CHANNEL, refusing)
    transmission = live_town.confirmed()
    send_waiting()
    journal.sequence_once()
    journal.follow_once()
    transmission.refresh_from_db()
    assert transmission.state == "refused"
    assert "HTTP 413" in transmission.anomaly_detail


# -- sizes and days -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_archive_too_large_for_the_state_is_refused_with_its_reason(town: Town, monkeypatch: Any) -> None:
    transmission = town.confirmed()
    monkeypatch.setattr(archives, "SIZE_LIMIT", 500)
    send_waiting()
    transmission.refresh_from_db()
    assert transmission.state == "refused"
    assert "150 Mi" in transmission.anomaly_detail
    situation = situation_of(transmission.act, system_clock())
    assert situation.latest is not None and situation.latest.explanation is not None
    assert situation.latest.explanation.code == "too-large"
    # The clerk takes the act back to lighten it, and the worker goes on every minute: the refused envelope is dead.
    act = signing.reopen_act(actor=town.clerk, act=transmission.act, reason="Scan trop lourd.")
    act = filing.attach_main(actor=town.clerk, act=act, file=sound(town.clerk, pdf("lighter")))
    monkeypatch.undo()
    jobs.make_archives(timestamp=0)
    exchange.move_once()
    assert not Parcel.objects.exists()
    dead = Envelope.objects.get(transmission=transmission)
    with pytest.raises(Conflict, match="envelope-dead"):
        enveloping.post_envelope(actor=system_actor("worker"), envelope=dead, document=act.main)
    # Signed again and confirmed by a person, it leaves once, in an envelope of its own.
    signing.declare_signed(actor=town.clerk, act=act, signed_on=act.decided_on, original_is_kept=True)
    transmitting.prepare_transmission(actor=town.clerk, act=act)
    transmitting.confirm_transmission(actor=town.clerk, act=act)
    jobs.make_archives(timestamp=0)
    made = Envelope.objects.exclude(pk=dead.pk).get()
    assert [parcel.key for parcel in Parcel.objects.all()] == [made.archive_name]


@pytest.mark.django_db
def test_an_archive_that_cannot_be_made_keeps_nobody_else_waiting(town: Town, monkeypatch: Any) -> None:
    broken, whole = town.confirmed(), make_town("Autre commune").confirmed("DEL_2026_042")

    def write(envelope: Envelope, target: Any) -> None:
        if envelope.transmission_id == broken.pk:
            raise OSError("the file of the act is gone")
        write_archive(envelope, target)

    write_archive = queries.write_archive
    monkeypatch.setattr(queries, "write_archive", write)
    jobs.make_archives(timestamp=0)
    assert whole.envelopes.get().archive is not None
    assert broken.envelopes.get().archive is None
    monkeypatch.undo()
    jobs.make_archives(timestamp=0)
    assert broken.envelopes.get().archive is not None


@pytest.mark.django_db
def test_an_envelope_drawn_before_a_restore_and_made_after_it_is_in_doubt(
    town: Town, ministry: Ministry
) -> None:
    before = town.confirmed()
    exchange.hold_after_restore(actor=system_actor("restore"))
    after = town.confirmed("DEL_2026_042")
    send_waiting()
    states = {parcel.key: parcel.state for parcel in Parcel.objects.all()}
    assert states[before.envelopes.get().archive_name] == "doubtful"
    assert states[after.envelopes.get().archive_name] == "sent"


@pytest.mark.django_db
def test_annexes_of_150_mib_in_all_are_told_before_anything_is_sent(town: Town) -> None:
    act = town.act()
    act.main.__class__.objects.filter(pk=act.main_id).update(size=150 * 1024 * 1024 - 1000)
    with pytest.raises(Invalid) as refusal:
        transmitting.prepare_transmission(actor=town.clerk, act=act)
    assert any("150" in fault.message % dict(fault.params) for fault in refusal.value.faults)


@pytest.mark.django_db
def test_the_serial_starts_again_at_midnight_in_paris_and_at_new_year(town: Town) -> None:
    names = []
    for number, instant in enumerate(
        (
            datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC),
            datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC),
            datetime(2026, 12, 31, 23, 0, 0, tzinfo=UTC),
        )
    ):
        act = make_act(town.clerk, "signed", number=f"DEL_2026_1{number}")
        clerk = replace(
            town.clerk, clock=fixed_clock(instant), assurance=replace(town.clerk.assurance, proved_at=instant)
        )
        transmitting.prepare_transmission(actor=clerk, act=act)
        transmitting.confirm_transmission(actor=clerk, act=act)
        names.append(Envelope.objects.get(transmission__act=act).name)
    siren = town.body.siren
    assert names == [
        f"TACT--{siren}--20261231-1.xml",
        f"TACT--{siren}--20261231-2.xml",
        f"TACT--{siren}--20270101-1.xml",
    ]


@pytest.mark.django_db
def test_another_device_keeps_the_first_numbers_of_the_day(town: Town) -> None:
    Route.objects.update(first_serial=500)
    town.confirmed()
    assert Envelope.objects.get().name.endswith("-500.xml")


@pytest.mark.django_db
def test_a_job_that_runs_twice_makes_one_archive(town: Town) -> None:
    envelope = Envelope.objects.get(transmission=town.confirmed())
    stale = Envelope.objects.get(pk=envelope.pk)
    jobs.make(envelope)
    jobs.make(stale)
    jobs.make_archives_of(str(envelope.organisation_id))
    assert Parcel.objects.count() == 1
