"""What comes: kept as it came, then read by its service, once; what cannot be read waits for a person."""

from __future__ import annotations

import contextlib
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import groupby, islice
from typing import Any
from uuid import UUID

from django.db import IntegrityError, InterfaceError, OperationalError
from django.utils.translation import gettext_noop

from territoires.contracts.exchange import (
    ArrivalAbsorbed,
    ArrivalDiscarded,
    ArrivalQuarantined,
    ArrivalReceived,
    ArrivalReplayed,
)
from territoires.foundations.actions.api import Outcome, action, together
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.errors import Conflict, Invalid, TerritoiresError, Unavailable
from territoires.kernel.fact import Fact, Subject
from territoires.kernel.ids import new_id
from territoires.kernel.text import clean

from .channels import Channel, Incoming, channel_of
from .models import Arrival
from .permissions import Exchange
from .waking import ABSORB, wake

WORKER = "worker"
ARRIVAL = "exchange.arrival"
NOBODY = UUID(int=0)
"""Whose documents arrivals are: until it is read, nobody knows to which body one belongs."""
LARGEST = 200 * 1024 * 1024
LONGEST_REASON = 1000
BATCH = 50
"""Read in one transaction: ten times cheaper than each alone, and what it locks is free within half a second."""
PASSING = (OperationalError, InterfaceError, Unavailable)
"""A trouble of ours, not the arrival's fault: it is read again in a minute."""

FILES_AT_ONCE = 50
"""Of a mail, kept by the same statements; each is an open file meanwhile."""

_Key = tuple[str, str]
"""Hash and name: what makes an arrival the same again."""
_Refusal = tuple[str, str, dict[str, Any]]
"""Code, sentence, parameters."""

log = logging.getLogger(__name__)


def receive(*, channel: str, origin: str, name: str, chunks: Iterable[bytes]) -> Arrival:
    """Keeps what came in and has it read soon; the same again, by bytes and name, is the arrival already there.

    ``origin`` is the same for what came together, such as the files of one mail. Raises TooBig past 200 MiB,
    Unavailable when the store cannot write: the sender's copy is then left where it is.
    """
    actor = system_actor(WORKER)
    document = documents.receive(chunks, name=name, organisation=NOBODY, actor=actor, limit=LARGEST)
    return _kept(actor, channel, origin, [document])[0]


def receive_together(*, channel: str, origin: str, files: Iterable[tuple[str, bytes]]) -> None:
    """The same for the named files of one mail: all of them are kept, or none."""
    actor, waiting = system_actor(WORKER), iter(files)
    with together():
        while some := list(islice(waiting, FILES_AT_ONCE)):
            received = documents.receive_all(some, organisation=NOBODY, actor=actor, limit=LARGEST)
            _kept(actor, channel, origin, received)


@action(Exchange.RECEIVE)
def record_received(
    *, actor: Actor, channel: str, origin: str, received: Sequence[Any]
) -> Outcome[list[Arrival]]:
    """Documents that came in together are kept, in their order."""
    arrivals = [
        Arrival(
            pk=key,
            channel=channel,
            origin=origin[:300],
            name=document.name,
            document=document,
            sha256=document.sha256,
            received_at=actor.now(),
        )
        # they are read in the order of their keys, and keys of one instant come in any order
        for key, document in zip(sorted(new_id() for _ in received), received, strict=True)
    ]
    Arrival.objects.bulk_create(arrivals)
    documents.attach_all([(one.document, Subject(ARRIVAL, one.pk)) for one in arrivals])
    wake(ABSORB, channel)
    told = [ArrivalReceived(**_about(one), name=one.name, origin=one.origin) for one in arrivals]
    return Outcome(arrivals, *told)


def _kept(actor: Actor, channel: str, origin: str, received: Sequence[Any]) -> list[Arrival]:
    """The arrivals of documents just received, in their order: new ones, and those that were there already."""
    known = _known(channel, received)
    fresh = {_key(one): one for one in received if _key(one) not in known}
    if fresh:
        try:
            made = record_received(actor=actor, channel=channel, origin=origin, received=list(fresh.values()))
            known |= {_key(one): one for one in made}
        except IntegrityError:  # one of them came twice at once
            if len(fresh) == 1:
                known = _known(channel, received)
            else:
                known |= {key: _kept(actor, channel, origin, [one])[0] for key, one in fresh.items()}
    return [known[_key(one)] for one in received]


def _known(channel: str, received: Sequence[Any]) -> dict[_Key, Arrival]:
    rows = Arrival.objects.filter(channel=channel, sha256__in={one.sha256 for one in received})
    return {_key(one): one for one in rows}


def _key(one: Any) -> _Key:
    """The same for an arrival and for the document that it is."""
    return one.sha256, one.name


def absorb_waiting(channel: Channel) -> int:
    """Has the channel's service read what came, in the order in which it came; answers how many were understood.

    Raises what kept one from being read that is no fault of its own; what came before it has been read.
    """
    absorbed = 0
    waiting = Arrival.objects.filter(channel=channel.code, state=Arrival.State.RECEIVED).order_by("id")
    while some := list(waiting.values_list("pk", flat=True)[:BATCH]):
        with contextlib.suppress(_Sorted):
            read, trouble = absorb(actor=system_actor(WORKER), arrivals=some)
            absorbed += read
            if trouble is not None:
                raise trouble
    return absorbed


@action(Exchange.ABSORB)
def absorb(*, actor: Actor, arrivals: Sequence[UUID]) -> Outcome[tuple[int, Exception | None]]:
    """Has the channel's service read arrivals: effects and states are one transaction, in which each stands or falls
    alone. What cannot be read is quarantined with the reason in words.

    Answers how many were understood, and the passing trouble that stopped it before the end.
    """
    waiting = _unread(arrivals)
    refusals, trouble = _read(waiting)
    if trouble is not None and not refusals:
        raise trouble
    if not refusals:
        raise _Sorted()
    told: list[Fact] = []
    understood: list[UUID] = []
    for arrival, refusal in zip(waiting, refusals, strict=False):
        if refusal is None:
            understood.append(arrival.pk)
            told.append(ArrivalAbsorbed(**_about(arrival)))
        else:
            code, sentence, params = refusal
            arrival.params = {name: str(value) for name, value in params.items()}
            _sort(arrival, Arrival.State.QUARANTINED, actor, reason=code, sentence=sentence)
            told.append(ArrivalQuarantined(**_about(arrival), reason=arrival.reason))
    Arrival.objects.filter(pk__in=understood).update(
        state=Arrival.State.ABSORBED, settled_at=actor.now(), reason="", sentence=""
    )
    return Outcome((len(understood), trouble), *told)


def _unread(keys: Sequence[UUID]) -> list[Arrival]:
    rows = Arrival.objects.select_for_update(of=("self",)).select_related("document")
    return list(rows.filter(pk__in=keys, state=Arrival.State.RECEIVED).order_by("id"))


def _read(waiting: Sequence[Arrival]) -> tuple[list[_Refusal | None], Exception | None]:
    """Has them read, in their order; answers why each could not be, up to the passing trouble that stopped it."""
    beside = _Beside(waiting)
    try:
        with together():
            for code, some in groupby(waiting, key=lambda arrival: arrival.channel):
                channel_of(code).read([beside.incoming(arrival) for arrival in some])
    except Exception:
        return _read_each(waiting, beside)  # which one it was, and why, is then told
    return [None] * len(waiting), None


def _read_each(waiting: Sequence[Arrival], beside: _Beside) -> tuple[list[_Refusal | None], Exception | None]:
    refusals: list[_Refusal | None] = []
    for arrival in waiting:
        try:
            refusals.append(_refusal_of(beside.incoming(arrival)))
        except PASSING as trouble:
            return refusals, trouble
    return refusals, None


def _refusal_of(incoming: Incoming) -> _Refusal | None:
    """Has it read; answers why it could not be, and then nothing of it remains."""
    try:
        with together():
            channel_of(incoming.channel).absorb(incoming)
    except PASSING:
        raise
    except TerritoiresError as refusal:
        return refusal.code, refusal.message, refusal.params
    except Exception as failure:
        log.exception("exchange: an arrival could not be read")
        said = f"{type(failure).__name__}: {failure}"[:LONGEST_REASON].replace("\0", "")
        return "unexpected", UNEXPECTED, {"failure": said}
    return None


class _Beside:
    """What came together with arrivals, fetched for all of them once one asks."""

    def __init__(self, arrivals: Sequence[Arrival]) -> None:
        self._arrivals = arrivals

    def incoming(self, arrival: Arrival) -> Incoming:
        return Incoming(
            arrival.pk,
            arrival.channel,
            arrival.origin,
            arrival.name,
            arrival.document,
            lambda: self._by_origin[arrival.channel, arrival.origin],
        )

    @cached_property
    def _by_origin(self) -> dict[tuple[str, str], list[Incoming]]:
        rows = Arrival.objects.filter(
            channel__in={one.channel for one in self._arrivals},
            origin__in={one.origin for one in self._arrivals},
        )
        found: dict[tuple[str, str], list[Incoming]] = defaultdict(list)
        for arrival in rows.select_related("document").order_by("id"):
            found[arrival.channel, arrival.origin].append(self.incoming(arrival))
        return found


@action(Exchange.SORT, on="arrival")
def replay(*, actor: Actor, arrival: Arrival) -> Outcome[None]:
    """Has an arrival in quarantine read again. Raises Conflict when it is no longer there."""
    _require(arrival, Arrival.State.QUARANTINED)
    arrival.settled_at, arrival.params = None, {}
    arrival.state, arrival.reason, arrival.sentence = Arrival.State.RECEIVED, "", ""
    arrival.save()
    wake(ABSORB, arrival.channel)
    return Outcome(None, ArrivalReplayed(**_about(arrival)))


@action(Exchange.SORT, on="arrival")
def discard(*, actor: Actor, arrival: Arrival, reason: str) -> Outcome[None]:
    """Sets aside an arrival in quarantine, with a person's reason; its bytes are kept."""
    _require(arrival, Arrival.State.QUARANTINED)
    said = clean(reason)[:LONGEST_REASON]
    if not said:
        raise Invalid(
            "reason-missing",
            "A reason is needed to set this aside; nothing was done.",
            "Write in a few words why nobody needs it.",
        )
    _sort(arrival, Arrival.State.DISCARDED, actor, reason="discarded", sentence=said)
    return Outcome(None, ArrivalDiscarded(**_about(arrival), reason=said))


def _about(arrival: Arrival) -> dict[str, Any]:
    return {
        "subject": Subject(ARRIVAL, arrival.pk),
        "channel": arrival.channel,
        "sha256": arrival.sha256,
    }


def _sort(arrival: Arrival, state: str, actor: Actor, *, reason: str = "", sentence: str = "") -> None:
    arrival.state, arrival.settled_at = state, actor.now()
    arrival.reason, arrival.sentence = reason[:60], sentence
    arrival.save(update_fields=["state", "settled_at", "reason", "sentence", "params"])


def _require(arrival: Arrival, state: str) -> None:
    if arrival.state != state:
        raise _Sorted()


class _Sorted(Conflict):
    """Somebody else, or another process, was first."""

    def __init__(self) -> None:
        super().__init__(
            "arrival-sorted",
            gettext_noop("This was dealt with meanwhile; nothing was done."),
            gettext_noop("Reload the list to see what still waits."),
        )


UNEXPECTED = gettext_noop("It could not be read, for a reason that nobody foresaw: %(failure)s")
