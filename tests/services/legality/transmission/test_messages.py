"""Every message that leaves is valid for the official schema; every message that the State really sent is read or kept aside."""

from __future__ import annotations

import io
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from territoires.foundations.documents import api as documents
from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange.models import Arrival
from territoires.kernel.actor import system_actor
from territoires.services.legality import jobs
from territoires.services.legality.actions import enveloping, filing, preceding, signing, transmitting
from territoires.services.legality.domain.actes.archives import unpack
from territoires.services.legality.domain.files import ANNEX
from territoires.services.legality.models import ClassificationVersion, Convention, Envelope, Transmission
from tests.services.legality.conftest import make_act, pdf, sound

from .conftest import AGREEMENT, Town, siren

pytestmark = pytest.mark.django_db


def files_of(envelope: Envelope) -> dict[str, bytes]:
    jobs.make(envelope)
    envelope.refresh_from_db()
    return dict(unpack(io.BytesIO(b"".join(documents.open_stream(envelope.archive)))))


def require_valid(files: dict[str, bytes], shared: Path, folder: Path) -> None:
    """By the official schema, in process everywhere; by Debian's ``xmllint`` too, where it is installed."""
    path = shared / "legality-accounting/actes/xsd/actesv1_1.xsd"
    judge, xmllint = etree.XMLSchema(etree.parse(path)), shutil.which("xmllint")
    for name, content in files.items():
        if name.endswith(".xml"):
            judge.assertValid(etree.fromstring(content))
            if xmllint is not None:
                (folder / name).write_bytes(content)
                done = subprocess.run(
                    [xmllint, "--noout", "--nonet", "--schema", path, folder / name],
                    capture_output=True,
                    text=True,
                )
                assert done.returncode == 0, done.stderr


def test_every_message_that_leaves_is_valid(
    town: Town,
    acknowledged: Any,
    shared_data: Path,
    tmp_path: Path,
) -> None:
    act = make_act(
        town.clerk,
        "draft",
        number="DEL_2026_060",
        object="Élargissement de l'école « Œuvre »".replace("Œ", "Oe"),
    )
    filing.add_annex(
        actor=town.clerk,
        act=act,
        file=sound(town.clerk, pdf("plan"), "plan.pdf", ANNEX),
        piece_type="99_SE",
    )
    signing.declare_signed(actor=town.clerk, act=act, signed_on=date(2026, 11, 13), original_is_kept=True)
    transmitting.prepare_transmission(actor=town.clerk, act=act)
    transmitting.confirm_transmission(actor=town.clerk, act=act)
    sent = files_of(Envelope.objects.get(transmission__act=act))
    identifier = f"021-{town.body.siren}-20261112-DEL_2026_060-DE"
    assert list(sent)[1:] == [
        f"{identifier}-1-1_0.xml",
        f"99_DE-{identifier}-1-1_1.pdf",
        f"99_SE-{identifier}-1-1_2.pdf",
    ]
    require_valid(sent, shared_data, tmp_path)

    other = acknowledged("DEL_2026_061")
    transmitting.cancel_transmission(actor=town.clerk, act=other.act)
    require_valid(files_of(Envelope.objects.get(transmission=other, kind="6-1")), shared_data, tmp_path)
    actor = system_actor("worker", organisation=town.body.pk)
    asked = enveloping.request_classification(actor=actor, organisation=town.body, department="021")
    require_valid(files_of(asked), shared_data, tmp_path)


def test_the_act_that_another_one_changes_is_named_once_the_state_has_it(
    town: Town,
    acknowledged: Any,
    shared_data: Path,
    tmp_path: Path,
) -> None:
    known_there = acknowledged("DEL_2026_070")
    unsent = town.act("DEL_2026_071")
    for number, before, named in (("DEL_2026_072", known_there.act, True), ("DEL_2026_073", unsent, False)):
        act = make_act(town.clerk, "draft", number=number)
        preceding.choose_preceding(actor=town.clerk, act=act, preceding=before.pk, link="modifies")
        signing.declare_signed(actor=town.clerk, act=act, signed_on=date(2026, 11, 13), original_is_kept=True)
        transmitting.prepare_transmission(actor=town.clerk, act=act)
        transmitting.confirm_transmission(actor=town.clerk, act=act)
        sent = files_of(Envelope.objects.get(transmission__act=act))
        message = next(content for name, content in sent.items() if name.endswith("-1-1_0.xml"))
        told = f'PrecedentIdentifiantActe actes:IDActe="{known_there.identifier}"'.encode()
        assert (told in message) is named
        assert named or b"PrecedentIdentifiantActe" not in message
        require_valid(sent, shared_data, tmp_path)


def test_what_the_state_really_sent_is_read_or_kept_aside_with_its_reason(
    town: Town, shared_data: Path
) -> None:
    folder = shared_data / "legality-accounting/actes"
    samples = [path for path in folder.rglob("*") if path.suffix in (".xml", ".gz", ".pdf")]
    assert len(samples) > 10
    for sample in samples:
        exchange.receive(
            channel="actes-ministry", origin=str(sample), name=sample.name, chunks=[sample.read_bytes()]
        )
    exchange.move_once()
    arrivals = Arrival.objects.filter(channel="actes-ministry")
    assert arrivals.count() == len(samples)
    for arrival in arrivals:
        assert arrival.state in ("absorbed", "quarantined"), arrival.name
        assert arrival.reason != "unexpected", (arrival.name, arrival.params)


def test_a_real_acknowledgement_of_the_ministry_is_understood(town: Town, shared_data: Path) -> None:
    """The body, the agreement and the act are those that the message names."""
    type(town.body).objects.filter(pk=town.body.pk).update(siren="210600235", reference="210600235")
    town.body.refresh_from_db()
    Convention.objects.update(department="006")
    act = town.act("684", nature="3", matter_code="4.1", decided_on=date(2018, 5, 22))
    transmission = Transmission.objects.create(
        act=act,
        organisation=town.body,
        rank=1,
        channel="actes-ministry",
        state="confirmed",
        identifier="006-210600235-20180522-684-AI",
        classification_on=date(2017, 12, 8),
        prepared_at=act.drafted_at,
        confirmed_at=act.drafted_at,
        confirmed_by=town.clerk.person,
        certificate="0" * 64,
    )
    envelope = transmitting.draw_envelope(town.clerk, town.body, "1-1", transmission=transmission)
    jobs.make(envelope)
    from territoires.foundations.exchange.models import Parcel

    Parcel.objects.update(attempts=1, state="doubtful")
    folder = shared_data / "legality-accounting/actes/messages"
    message = folder / "006-210600235-20180522-684-AI-1-2_5279.xml"
    exchange.receive(
        channel="actes-ministry", origin="mail", name=message.name, chunks=[message.read_bytes()]
    )
    exchange.move_once()
    transmission.refresh_from_db()
    assert transmission.state == "acknowledged"


def test_a_real_classification_is_kept_by_its_date_and_used(town: Town, shared_data: Path) -> None:
    actor = system_actor("worker", organisation=town.body.pk)
    enveloping.request_classification(actor=actor, organisation=town.body, department="021")
    real = shared_data / "legality-accounting/actes/classification/classification-2017-12-08.xml"
    name = f"021-{town.body.siren}----7-2_1.xml"
    exchange.receive(channel="actes-ministry", origin="mail", name=name, chunks=[real.read_bytes()])
    exchange.move_once()
    version = ClassificationVersion.objects.get()
    assert (version.department, str(version.dated_on)) == ("021", "2017-12-08")
    transmitting.prepare_transmission(actor=town.clerk, act=town.act())
    assert Transmission.objects.get().classification_on == date(2017, 12, 8)


def test_sirens_of_the_tests_are_well_formed() -> None:
    assert siren(21_210_007) == "212100077"
    assert AGREEMENT.department == "021"
