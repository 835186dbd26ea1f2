"""Acknowledgements that wait together are recorded together, each as if it had come alone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from territoires.foundations.documents import api as documents
from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange.arrivals import receive_together
from territoires.foundations.exchange.models import Arrival
from territoires.foundations.worklist.models import Item
from territoires.kernel.actor import system_actor
from territoires.kernel.clock import system_clock
from territoires.services.legality.actions import answering
from territoires.services.legality.models import Act, Transmission
from territoires.services.legality.queries.proofs import timeline_of
from tests.simulators.ministry import xml

from .conftest import Town, make_town, send_waiting
from .test_bad_input import CHANNEL, acknowledgement

pytestmark = pytest.mark.django_db


def sent(town: Town, count: int, first: int = 1) -> list[Transmission]:
    made = [town.confirmed(f"DEL_{number:03}") for number in range(first, first + count)]
    send_waiting()
    for one in made:
        answering.record_sent(actor=system_actor("follower"), transmission=one, sent_at=system_clock())
        one.refresh_from_db()
    return made


def mail(transmission: Transmission, *, siren: str = "", rank: int = 1) -> None:
    """The State's acknowledgement in its envelope, kept and not read yet."""
    siren = siren or transmission.organisation.siren
    message = f"{transmission.identifier}-1-2_{rank}.xml"
    around = xml(
        "<actes:EnveloppeMISILLCL>"
        '<actes:Emetteur><actes:IDPref actes:Departement="021"/></actes:Emetteur><actes:FormulairesEnvoyes>'
        f"<actes:Formulaire><actes:NomFichier>{message}</actes:NomFichier></actes:Formulaire>"
        f'</actes:FormulairesEnvoyes><actes:Destinataire insee:SIREN="{siren}"/></actes:EnveloppeMISILLCL>'
    )
    said = acknowledgement(transmission.identifier, transmission.act.number)
    name = f"TACT--PREF021-{transmission.organisation.siren}-20261124-{rank}.xml"
    origin = f"mail {transmission.identifier} {rank} {siren}"
    receive_together(channel=CHANNEL, origin=origin, files=[(name, around), (message, said)])


def states(transmissions: Sequence[Transmission]) -> set[str]:
    return set(
        Transmission.objects.filter(pk__in=[one.pk for one in transmissions]).values_list("state", flat=True)
    )


def test_each_is_recorded_as_if_it_had_come_alone(town: Town) -> None:
    other = make_town("Autre commune")
    several = [*sent(town, 2), *sent(other, 1)]
    for one in several:
        mail(one)
    exchange.move_once()
    assert states(several) == {"acknowledged"}
    assert set(Arrival.objects.values_list("state", flat=True)) == {"absorbed"}
    for one in several:
        one.refresh_from_db()
        said = acknowledgement(one.identifier, one.act.number)
        assert b"".join(documents.open_stream(one.acknowledgement)) == said
        assert one.answer_id == one.acknowledgement_id
        assert [held.pk for held in documents.documents_of(one.subject)] == [one.acknowledgement_id]
        assert timeline_of(one.act)[-1].kind == "legality.transmission.acknowledged"
    waiting = {(one.subject_id, one.organisation_id): one.kind for one in Item.objects.all()}
    assert waiting == {(one.act_id, one.organisation_id): "effect" for one in several}


def test_many_take_as_few_statements_as_two(town: Town) -> None:
    def statements(count: int, first: int) -> int:
        for one in sent(town, count, first):
            mail(one)
        with CaptureQueriesContext(connection) as queries:
            exchange.move_once()
        return len(queries)

    few, many = statements(2, first=1), statements(8, first=10)
    assert many == few
    assert states(list(Transmission.objects.all())) == {"acknowledged"}


def test_one_said_twice_in_a_batch_is_recorded_once(town: Town) -> None:
    (one,) = sent(town, 1)
    mail(one)
    mail(one, rank=2)
    exchange.move_once()
    assert states([one]) == {"acknowledged"}
    told = [step.kind for step in timeline_of(one.act)]
    assert told.count("legality.transmission.acknowledged") == 1
    assert not Arrival.objects.exclude(state="absorbed").exists()


def test_one_made_out_to_another_body_is_set_apart_and_the_others_count(town: Town) -> None:
    first, wrong, last = sent(town, 3)
    mail(first)
    mail(wrong, siren="210000009")
    mail(last)
    exchange.move_once()
    assert states([first, last]) == {"acknowledged"} and states([wrong]) == {"sent"}
    (refused,) = Arrival.objects.filter(state="quarantined")
    assert refused.reason == "answer-for-another-body"


def test_what_comes_between_is_read_in_its_place(town: Town) -> None:
    first, second = sent(town, 2)
    mail(first)
    letter = xml(
        f'<actes:CourrierSimple actes:DateCourrierPref="2026-11-25" actes:IDActe="{first.identifier}">'
        "<actes:Document><actes:NomFichier>lettre.pdf</actes:NomFichier></actes:Document></actes:CourrierSimple>"
    )
    exchange.receive(channel=CHANNEL, origin="letter", name=f"{first.identifier}-2-1_1.xml", chunks=[letter])
    mail(second)
    exchange.move_once()
    assert states([first, second]) == {"acknowledged"}
    kinds = [step.kind for step in timeline_of(Act.objects.get(pk=first.act_id))]
    assert kinds[-2:] == ["legality.transmission.acknowledged", "legality.letter.received"]
