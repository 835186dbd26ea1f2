"""What comes: kept as it came, then read by its service, once; what cannot be read waits for a person."""

from __future__ import annotations

import contextlib
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
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
    known = Arrival.objects.filter(channel=channel, sha256=document.sha256, name=document.name).first()
    if known is not None:
        return known
    try:
        return record_received(actor=actor, channel=channel, origin=origin, document=document)
    except IntegrityError:  # the same came twice at once
        return Arrival.objects.get(channel=channel, sha256=document.sha256, name=document.name)


def receive_together(*, channel: str, origin: str, files: Iterable[tuple[str, bytes]]) -> None:
    """The same for the named files of one mail: all of them are kept, or none."""
    with together():
        for name, content in files:
            receive(channel=channel, origin=origin, name=name, chunks=[content])


@action(Exchange.RECEIVE)
def record_received(*, actor: Actor, channel: str, origin: str, document: Any) -> Outcome[Arrival]:
    """Bytes came in and are kept."""
    arrival = Arrival.objects.create(
        channel=channel,
        origin=origin[:300],
        name=document.name,
        document=document,
        sha256=document.sha256,
        received_at=actor.now(),
    )
    documents.attach(document, holder=Subject(ARRIVAL, arrival.pk))
    wake(ABSORB, channel)
    fact = ArrivalReceived(
        subject=Subject(ARRIVAL, arrival.pk),
        channel=channel,
        sha256=arrival.sha256,
        name=arrival.name,
        origin=arrival.origin,
    )
    return Outcome(arrival, fact)


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
            for arrival in waiting:
                channel_of(arrival.channel).absorb(beside.incoming(arrival))
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
