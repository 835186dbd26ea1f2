"""Acts brought to each place on their way to the State, without the State: for pages to show."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from django.apps import apps
from django.conf import settings

from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.clock import legal_day, system_clock
from territoires.services.legality import jobs
from territoires.services.legality.actions import answering, letters, replying, transmitting
from territoires.services.legality.domain.files import REPLY
from territoires.services.legality.models import Act, Envelope, Transmission
from territoires.services.legality.queries.transmissions import live_transmission
from tests.services.legality.conftest import pdf, sound

from .conftest import certificate, with_certificate

PLACES = ("ready", "leaving", "refused", "acknowledged", "asked", "answered")


def bring_to(place: str, act: Act, clerk: Actor) -> None:
    """Prepares the act, and further: by the same actions as in life, the State's answer being made up."""
    clerk = replace(clerk, clock=system_clock)
    clerk = replace(clerk, assurance=replace(clerk.assurance, proved_at=system_clock()))
    transmitting.prepare_transmission(actor=clerk, act=act)
    if place == "ready":
        return
    _open_way()
    transmitting.confirm_transmission(actor=_certified(clerk, act), act=act)
    transmission = live_transmission(act)
    assert transmission is not None
    envelope = Envelope.objects.get(transmission=transmission)
    jobs.make(envelope)
    if place == "refused":
        answering.refuse(
            actor=_worker(transmission),
            transmission=transmission,
            nature="002",
            detail="ODT-VERIF-01 : date de classification dépassée",
            document=_answer(transmission, b"<AnomalieActe/>"),
        )
    elif place != "leaving":
        answering.acknowledge(
            actor=_worker(transmission),
            transmission=transmission,
            envelope=envelope,
            received_on=legal_day(system_clock()),
            document=_answer(transmission, b"<ARActe/>"),
        )
    if place in ("asked", "answered"):
        letter = letters.record_letter(
            actor=_worker(transmission),
            transmission=transmission,
            kind="3-1",
            dated_on=legal_day(system_clock()),
            text="Merci de transmettre le plan annexé.",
            document=_answer(transmission, b"<DemandePieceComplementaire/>"),
            enclosures=[],
            channel=transmission.channel,
        )
        if place == "answered":
            files = [sound(clerk, pdf("plan"), "plan.pdf", REPLY)]
            replying.prepare_reply(actor=clerk, act=act, letter=letter.pk, kind="3-4", files=files)


def _open_way() -> None:
    """Where no ministry runs: a way that leads nowhere, since nobody here sends."""
    path = settings.ACTES_CONNECTION
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        nowhere = {"host": "127.0.0.1", "port": 9, "user": "essai", "password": "essai"}
        way = {"url": "https://127.0.0.1:9/actes", "certificate": "none", "key": "none", "imap": nowhere}
        path.write_text(json.dumps(way))


def _certified(clerk: Actor, act: Act) -> Actor:
    people: Any = apps.get_model("identity.Person")._default_manager
    person = people.get(pk=clerk.person)
    der = certificate(person.given_names, act.organisation.siren, usual_name=person.usual_name)
    return with_certificate(clerk, person, der)


def _worker(transmission: Transmission) -> Actor:
    return system_actor("worker", organisation=transmission.organisation_id)


def _answer(transmission: Transmission, content: bytes) -> Any:
    return documents.receive(
        [content + transmission.identifier.encode()],
        name=f"{transmission.identifier}-1-2_1.xml",
        organisation=transmission.organisation_id,
        actor=_worker(transmission),
        limit=1000,
    )
