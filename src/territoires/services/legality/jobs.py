"""What the worker does: archives after a confirmation, classifications each night, the acts of before the platform."""

from __future__ import annotations

import contextlib
import logging
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO
from uuid import UUID

from procrastinate.contrib.django import app

from territoires.foundations.documents import api as documents
from territoires.foundations.exchange import api as exchange
from territoires.foundations.registry.api import sentence
from territoires.kernel.actor import system_actor
from territoires.kernel.clock import legal_day, system_clock
from territoires.kernel.errors import Conflict, Invalid

from .actions import answering, enveloping, importing, letters
from .actions.history import READ, TAKE
from .actions.importing import unfinished
from .actions.transmitting import MAKE
from .domain.letters import REPLY
from .domain.transmission import TRANSMISSION
from .models import ChannelCode, Convention, Envelope
from .queries import envelopes
from .queries.transmissions import conventions_in_force, required_route

PIECE = 1024 * 1024
LARGEST = 200 * 1024 * 1024
WORKER = "worker"

log = logging.getLogger(__name__)


@app.task(name=MAKE, pass_context=False)
def make_archives_of(organisation: str) -> None:
    """Makes the archives of a body that wait, in the order of their serials, and hands them to the bus."""
    _make_all(envelopes.envelopes_to_make(UUID(organisation)))


@app.periodic(cron="* * * * *")
@app.task(name="legality.make_archives", queueing_lock="legality.make_archives", pass_context=False)
def make_archives(timestamp: int) -> None:
    """Every minute: what a lost job left."""
    _make_all(envelopes.envelopes_to_make())


@app.periodic(cron="12 2 * * *")
@app.task(name="legality.ask_classifications", pass_context=False)
def ask_classifications(timestamp: int) -> None:
    """Every night: each department's prefecture is asked once for what is newer than what we know.

    The third party holds a copy for each body, and writes its date into the body's acts: each body asks there.
    """
    asked: set[str] = set()
    for convention, channel in _who_may_ask():
        if channel == ChannelCode.S2LOW or convention.department not in asked:
            asked.add(convention.department)
            enveloping.request_classification(
                actor=system_actor(WORKER, organisation=convention.organisation_id),
                organisation=convention.organisation,
                department=convention.department,
            )


@app.task(name=READ, pass_context=False)
def read_history(history: str) -> None:
    """The dry run: every line and file of an import is read, and nothing else is touched."""
    importing.read_whole(history)


@app.task(name=TAKE, pass_context=False)
def take_over_history(history: str) -> None:
    """Takes an ordered import over."""
    importing.take_whole(history)


@app.periodic(cron="* * * * *")
@app.task(name="legality.resume_histories", queueing_lock="legality.resume_histories", pass_context=False)
def resume_histories(timestamp: int) -> None:
    """Every minute: the imports whose job failed, a full disk for instance, are asked for again, behind one that runs."""
    for task, history in unfinished():
        exchange.wake_for(task, f"{task}.{history.organisation_id}", history=str(history.pk))


def _make_all(waiting: Iterable[Envelope]) -> None:
    for envelope in waiting:
        try:
            make(envelope)
        except Exception:  # whatever it is, the next envelope and the other bodies do not wait for it
            log.exception("legality: the archive of %s could not be made", envelope.name)


def make(envelope: Envelope) -> None:
    """The archive, outside any transaction; then the gesture that posts it. What the format refuses ends the sending."""
    actor = system_actor(WORKER, organisation=envelope.organisation_id)
    try:
        with tempfile.TemporaryFile() as target:
            envelopes.write_archive(envelope, target)
            target.seek(0)
            document = documents.receive(
                _pieces(target),
                name=envelope.archive_name,
                organisation=envelope.organisation_id,
                actor=actor,
                limit=LARGEST,
            )
    except Invalid as refusal:
        _give_up(envelope, refusal)
        return
    with contextlib.suppress(Conflict):
        enveloping.post_envelope(actor=actor, envelope=envelope, document=document)


def _give_up(envelope: Envelope, refusal: Invalid) -> None:
    transmission, reply = envelope.transmission, envelope.reply
    actor = system_actor(WORKER, organisation=envelope.organisation_id)
    detail = sentence(refusal.message, refusal.params)
    if reply is not None:
        if REPLY.allows(reply.state, "refuse"):
            letters.refuse_reply(actor=actor, reply=reply, detail=detail)
    elif transmission is not None and TRANSMISSION.allows(transmission.state, "refuse"):
        answering.refuse(actor=actor, transmission=transmission, nature="", detail=detail)


def _who_may_ask() -> Iterator[tuple[Convention, str]]:
    """The agreements in force of the bodies that have a channel, with its code."""
    now = system_clock()
    for convention in conventions_in_force(legal_day(now)):
        with contextlib.suppress(Conflict):
            yield convention, required_route(convention.organisation_id, now).channel


def _pieces(source: IO[bytes]) -> Iterator[bytes]:
    while piece := source.read(PIECE):
        yield piece
