"""What leaves: posted in the caller's transaction, handed to its channel outside of any, never sent twice blindly.

    waiting -> sending -> sent | refused | doubtful, or back to waiting; waiting -> cancelled; doubtful -> waiting

``sending`` is committed before the channel is called: a process killed meanwhile leaves it, and once its lease has
ended the parcel is doubtful. See docs/adr/0002-exchange.md.
"""

from __future__ import annotations

import contextlib
import logging
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_noop

from territoires.contracts.exchange import (
    AboutParcel,
    ParcelCancelled,
    ParcelDelayed,
    ParcelDoubtful,
    ParcelRefused,
    ParcelSent,
    ParcelSentAgain,
    ParcelsHeld,
)
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.errors import Conflict, Missing
from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from . import serials
from .channels import Accepted, Channel, Delivery, Doubtful, NotSent, Outgoing, Refused
from .models import DETAIL_LENGTH, KEY_LENGTH, Parcel
from .permissions import Exchange
from .waking import DELIVER, wake

WORKER = "worker"
PARCEL = "exchange.parcel"
LEASE = timedelta(minutes=15)
"""Longer than any delivery: transports give up after a few minutes."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=15)
ENQUIRY_PAUSE = timedelta(minutes=5)
"""Before a doubtful parcel is asked after: the other side may still be at work on it."""
FAILURES_IN_A_ROW = 3
"""Of different organisations; the other side is then away, and the next minute tries again."""

NIL = UUID(int=0)
# From organisation to organisation by the index ``parcel_queue``: what it costs does not grow with what waits.
_FIRST_THAT_MAY_LEAVE = """
WITH RECURSIVE first AS (
    (SELECT id, organisation_id FROM exchange_parcel
      WHERE channel = %(channel)s AND state IN ('waiting', 'sending') AND organisation_id > %(after)s
      ORDER BY organisation_id, position LIMIT 1)
    UNION ALL
    SELECT following.* FROM first, LATERAL (
        SELECT id, organisation_id FROM exchange_parcel
         WHERE channel = %(channel)s AND state IN ('waiting', 'sending')
           AND organisation_id > first.organisation_id
         ORDER BY organisation_id, position LIMIT 1) AS following
)
SELECT parcel.id FROM first JOIN exchange_parcel AS parcel USING (id)
 WHERE parcel.state = 'waiting' AND (parcel.due_at IS NULL OR parcel.due_at <= statement_timestamp())
   AND NOT EXISTS (SELECT FROM exchange_parcel AS sending
                    WHERE sending.channel = parcel.channel AND sending.state = 'sending'
                      AND sending.organisation_id = parcel.organisation_id)
 LIMIT 1 FOR UPDATE OF parcel SKIP LOCKED"""

log = logging.getLogger(__name__)
About = TypeVar("About", bound=AboutParcel)


def post(
    *,
    actor: Actor,
    channel: str,
    organisation: UUID,
    key: str,
    document: Any,
    subject: Subject,
    matter: UUID | None,
    due_at: datetime | None = None,
    ordered_at: datetime | None = None,
) -> UUID:
    """Posts bytes inside the caller's action: they leave after its commit, not before ``due_at``; returns the parcel.

    ``ordered_at`` is when a name was drawn for them: before the last restore they may have left since, and are in doubt.

    ``document`` (row or id) is kept as long as the parcel. The same key with the same bytes is the same parcel; raises
    Conflict when the key names other bytes.
    """
    if not 0 < len(key) <= KEY_LENGTH:
        raise ValueError("a key has 1 to 200 characters")
    parcel = Parcel(
        channel=channel,
        organisation_id=organisation,
        key=key,
        subject_type=subject.type,
        subject_id=subject.id,
        matter=matter,
        ready_at=due_at or actor.now(),
        due_at=due_at,
    )
    if ordered_at is not None and serials.was_restored_since(ordered_at):
        parcel.state, parcel.reason = Parcel.State.DOUBTFUL, "restored"
    parcel.document = documents.attach(document, holder=Subject(PARCEL, parcel.pk))
    try:
        with transaction.atomic():
            parcel.save(force_insert=True)
    except IntegrityError:
        return _posted_before(parcel)
    wake(DELIVER, channel)
    return parcel.pk


@action(Exchange.SETTLE, on="parcel")
def cancel(*, actor: Actor, parcel: Parcel) -> Outcome[None]:
    """Withdraws a parcel that has not left. Raises Conflict once it may have."""
    if parcel.state != Parcel.State.WAITING:
        raise Conflict(
            "parcel-gone",
            "This has left, or is leaving: it can no longer be withdrawn.",
            "Wait for the answer of the other side.",
        )
    _settle(parcel, Parcel.State.CANCELLED, actor.now())
    return Outcome(None, _fact(ParcelCancelled, parcel))


@action(Exchange.SETTLE, on="parcel")
def send_again(*, actor: Actor, parcel: Parcel) -> Outcome[None]:
    """A person's decision on a doubtful parcel: the very same bytes leave again under the same key.

    Raises Conflict when it is no longer doubtful.
    """
    if parcel.state != Parcel.State.DOUBTFUL:
        raise Conflict(
            "parcel-not-doubtful",
            "What became of this is known meanwhile; nothing was sent again.",
            "Reload the page to see where it is.",
        )
    _wait(parcel, due_at=None)
    wake(DELIVER, parcel.channel)
    return Outcome(None, _fact(ParcelSentAgain, parcel))


def confirm_sent(*, actor: Actor, channel: str, key: str) -> None:
    """The other side's answer proves that it has the parcel, whatever we knew; saying it again changes nothing.

    Raises Missing when nothing was posted under this key.
    """
    parcel = Parcel.objects.filter(channel=channel, key=key).first()
    if parcel is None:
        raise Missing(
            "no-such-parcel",
            "Nothing was sent under the name %(key)s.",
            "Check to whom this answer is addressed.",
            params={"key": key[:KEY_LENGTH]},
        )
    if parcel.state != Parcel.State.SENT:
        with contextlib.suppress(_Settled):
            record_confirmed(actor=actor, parcel=parcel)


@action(Exchange.SETTLE, on="parcel")
def record_confirmed(*, actor: Actor, parcel: Parcel) -> Outcome[None]:
    """The parcel arrived, as an answer to it shows."""
    if parcel.state == Parcel.State.SENT:
        raise _Settled()
    _settle(parcel, Parcel.State.SENT, actor.now())
    return Outcome(None, _fact(ParcelSent, parcel, detail=parcel.detail))


@action(Exchange.RECORD, on="parcel")
def record(*, actor: Actor, parcel: Parcel, lease: UUID, delivery: Delivery) -> Outcome[None]:
    """What became of one attempt. Raises Conflict when an answer, a person or a later attempt was first."""
    if parcel.lease != lease or parcel.state not in (Parcel.State.SENDING, Parcel.State.DOUBTFUL):
        raise _Settled()
    parcel.reason = "" if isinstance(delivery, Accepted) else delivery.reason
    parcel.detail = _printable(delivery.detail)
    match delivery:
        case Accepted():
            _settle(parcel, Parcel.State.SENT, actor.now())
            return Outcome(None, _fact(ParcelSent, parcel, detail=parcel.detail))
        case Refused():
            _settle(parcel, Parcel.State.REFUSED, actor.now())
            return Outcome(None, _fact(ParcelRefused, parcel, reason=parcel.reason, words=parcel.detail))
        case Doubtful():
            parcel.state, parcel.leased_until = Parcel.State.DOUBTFUL, None
            parcel.due_at = actor.now() + ENQUIRY_PAUSE
            parcel.save()
            return Outcome(None, _fact(ParcelDoubtful, parcel, reason=parcel.reason))
        case NotSent():
            _wait(parcel, due_at=actor.now() + pause_after(parcel.attempts))
            return Outcome(None, _fact(ParcelDelayed, parcel, reason=parcel.reason))


@action(Exchange.HOLD)
def hold_after_restore(*, actor: Actor) -> Outcome[tuple[int, int]]:
    """After a restore nobody knows what left since the backup: serials jump, and what waited becomes doubtful.

    Answers the jump and the number of parcels held.
    """
    jumped = serials.jump(actor.now())
    held = Parcel.objects.filter(state__in=[Parcel.State.WAITING, Parcel.State.SENDING]).update(
        state=Parcel.State.DOUBTFUL,
        reason="restored",
        detail="",
        due_at=None,
        lease=new_id(),
        leased_until=None,
    )
    fact = ParcelsHeld(subject=Subject("exchange.parcels", new_id()), jump=jumped, parcels=held)
    return Outcome((jumped, held), fact)


def deliver_due(channel: Channel) -> int:
    """Hands the channel all that may leave now, one organisation after the other; answers how many left for good."""
    _doubt_interrupted(channel)
    accepted, failures = 0, 0
    last = new_id()
    while failures < FAILURES_IN_A_ROW and (parcel := claim(channel, after=last)):
        last = parcel.organisation_id
        delivery = _attempt(channel.deliver, parcel)
        _record(parcel, delivery)
        accepted += isinstance(delivery, Accepted)
        failures = failures + 1 if isinstance(delivery, NotSent) else 0
    return accepted


def enquire_doubtful(channel: Channel) -> int:
    """Asks the channel after each doubtful parcel whose time has come; answers how many doubts ended."""
    if channel.enquire is None:
        return 0
    ended = 0
    due = Q(due_at=None) | Q(due_at__lte=Now())
    doubtful = Parcel.objects.filter(due, channel=channel.code, state=Parcel.State.DOUBTFUL)
    for parcel in doubtful.select_related("document").order_by("position")[:100]:
        delivery = _attempt(channel.enquire, parcel)
        if isinstance(delivery, Doubtful):
            Parcel.objects.filter(pk=parcel.pk, lease=parcel.lease, state=Parcel.State.DOUBTFUL).update(
                due_at=Now() + ENQUIRY_PAUSE
            )
        else:
            _record(parcel, delivery)
            ended += 1
    return ended


def claim(channel: Channel, *, after: UUID) -> Parcel | None:
    """Takes the next parcel that may leave, marked ``sending`` under a lease; None when nothing may.

    It is the first of its organisation: what follows waits until it has left or is doubtful. ``after`` is the
    organisation served last, so that ten thousand parcels of one body do not delay the others.
    """
    try:
        return _claimed(channel, after)
    except IntegrityError:  # another process has just taken one of the same organisation
        return None


@transaction.atomic
def _claimed(channel: Channel, after: UUID) -> Parcel | None:
    key = _next(channel.code, after) or _next(channel.code, NIL)
    if key is None:
        return None
    first = Parcel.objects.select_related("document").get(pk=key)
    first.state = Parcel.State.SENDING
    first.attempts += 1
    first.lease, first.leased_until = new_id(), Now() + LEASE
    first.save(update_fields=["state", "attempts", "lease", "leased_until"])
    return first


def pause_after(attempts: int) -> timedelta:
    """Doubles from 30 s to 15 min, with chance, so that a thousand bodies do not come back at the same second."""
    longest: timedelta = min(FIRST_PAUSE * 2 ** min(attempts - 1, 10), LONGEST_PAUSE)
    return longest * random.uniform(0.5, 1)  # noqa: S311


def _next(channel: str, after: UUID) -> UUID | None:
    """The first parcel, now locked, of the first organisation behind ``after`` that may send."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_THAT_MAY_LEAVE, {"channel": channel, "after": after})
        row = cursor.fetchone()
    return row[0] if row else None


def _attempt(ask: Callable[[Outgoing], Delivery], parcel: Parcel) -> Delivery:
    outgoing = Outgoing(
        parcel=parcel.pk,
        organisation=parcel.organisation_id,
        key=parcel.key,
        document=parcel.document,
        subject=Subject(parcel.subject_type, parcel.subject_id),
        matter=parcel.matter,
    )
    try:
        return ask(outgoing)
    except Exception as failure:
        log.exception("exchange: channel %s failed", parcel.channel)
        return Doubtful("failed", type(failure).__name__)


def _record(parcel: Parcel, delivery: Delivery) -> None:
    assert parcel.lease is not None
    if isinstance(delivery, NotSent) and parcel.attempts > 1 and parcel.reason == delivery.reason:
        _postpone(parcel, delivery)
        return
    actor = system_actor(WORKER, organisation=parcel.organisation_id)
    with contextlib.suppress(_Settled):
        record(actor=actor, parcel=parcel, lease=parcel.lease, delivery=delivery)


def _postpone(parcel: Parcel, delivery: NotSent) -> None:
    """The same failure again: the book was told, and a week of silence outside must not fill it."""
    Parcel.objects.filter(pk=parcel.pk, lease=parcel.lease, state__in=["sending", "doubtful"]).update(
        state=Parcel.State.WAITING,
        detail=_printable(delivery.detail),
        due_at=Now() + pause_after(parcel.attempts),
        leased_until=None,
    )


def _doubt_interrupted(channel: Channel) -> None:
    """What a killed process was sending: the bytes may have left."""
    left = Parcel.objects.filter(channel=channel.code, state=Parcel.State.SENDING, leased_until__lt=Now())
    for parcel in left:
        _record(parcel, Doubtful("interrupted"))


def _posted_before(parcel: Parcel) -> UUID:
    before = Parcel.objects.select_related("document").get(channel=parcel.channel, key=parcel.key)
    if before.document.sha256 != parcel.document.sha256:
        raise Conflict(
            "parcel-key-used",
            "Something else was already sent under the name %(key)s; nothing was posted.",
            "Give it another name.",
            params={"key": parcel.key},
        )
    return before.pk


def _wait(parcel: Parcel, *, due_at: datetime | None) -> None:
    parcel.state, parcel.due_at, parcel.leased_until, parcel.settled_at = (
        Parcel.State.WAITING,
        due_at,
        None,
        None,
    )
    parcel.save()


def _settle(parcel: Parcel, state: str, at: datetime) -> None:
    parcel.state, parcel.settled_at, parcel.leased_until = state, at, None
    parcel.save()


def _fact(kind: type[About], parcel: Parcel, **values: Any) -> About:
    make = partial(
        kind,
        subject=Subject(PARCEL, parcel.pk),
        matter=parcel.matter,
        channel=parcel.channel,
        key=parcel.key,
        about_type=parcel.subject_type,
        about=parcel.subject_id,
        attempts=parcel.attempts,
    )
    return make(**values)


def _printable(text: str) -> str:
    """One line of what the other side or the system said, short, without control characters."""
    return "".join(c if c.isprintable() else " " for c in text)[:DETAIL_LENGTH].strip()


class _Settled(Conflict):
    """Something else decided first."""

    def __init__(self) -> None:
        super().__init__(
            "parcel-settled",
            gettext_noop("What became of this is known meanwhile; nothing was done."),
            gettext_noop("Reload the page to see where it is."),
        )
