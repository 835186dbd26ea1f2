"""Followers of the book: a cursor each, moved in the transaction of the handler's effects.

Inside the database a fact reaches a handler exactly once, in the order of its number. A fact that fails is parked with
its reason; later facts of the same subject wait behind it, all others go on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction

from territoires.kernel.actor import Actor
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Corrupt, Missing
from territoires.kernel.ids import new_id

from . import failures
from .entries import Recorded, read
from .tree import leaf_hash

WINDOW = 200  # entries in one transaction
LONGEST_REASON = 2000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A follower: its handler runs inside the transaction that moves its cursor, so exactly once.

    A handler only changes this database; what goes outside it leaves to a job. It must not catch database errors.
    """

    name: str
    kinds: Sequence[str]
    handler: Callable[[Recorded], None]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A fact that a follower could not handle; without ``reason`` it waits behind an earlier one of its subject."""

    id: UUID
    subscriber: str
    seq: int
    kind: str
    subject: UUID
    reason: str
    attempts: int
    failed_at: datetime


_subscriptions: dict[str, Subscription] = {}


def subscribe(*subscriptions: Subscription) -> None:
    """Declares followers; called when the applications are ready. Refuses a name that is taken."""
    for subscription in subscriptions:
        if _subscriptions.setdefault(subscription.name, subscription) is not subscription:
            raise ValueError(f"two followers are named {subscription.name}")


def subscribers() -> tuple[str, ...]:
    """The names of the declared followers."""
    return tuple(_subscriptions)


def follow_once() -> int:
    """Hands every follower all that is sequenced; answers how many facts were handed over."""
    return follow_all()[0]


def follow_all() -> tuple[int, bool]:
    """The same; answers also whether a follower's turn failed as a whole, which does not stop the others."""
    total, failed = 0, False
    for subscription in tuple(_subscriptions.values()):
        try:
            while (handed := _follow_window(subscription)) is not None:
                total += handed
        except Exception as failure:
            if transaction.get_connection().in_atomic_block:
                raise
            log.exception("journal: follower %s stopped and will be tried again", subscription.name)
            connection.close()
            failures.note(subscription.name, failure)
            failed = True
    return total, failed


def rebuild(subscriber: str) -> None:
    """Puts a follower back to the first fact and forgets its dead letters; its projection is emptied by its owner.

    Raises Missing for an unknown name.
    """
    _known(subscriber)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT FROM journal_cursor WHERE subscriber = %s FOR UPDATE", [subscriber])
        cursor.execute("DELETE FROM journal_deadletter WHERE subscriber = %s", [subscriber])
        cursor.execute("UPDATE journal_cursor SET position = 0 WHERE subscriber = %s", [subscriber])


def dead_letters(subscriber: str | None = None) -> list[DeadLetter]:
    """What waits for an operator, by follower and in the order of the book."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, subscriber, seq, kind, subject, reason, attempts, failed_at FROM journal_deadletter"
            " WHERE %(subscriber)s::text IS NULL OR subscriber = %(subscriber)s ORDER BY subscriber, seq",
            {"subscriber": subscriber},
        )
        return [DeadLetter(*row) for row in cursor.fetchall()]


@transaction.atomic
def replay(letter: UUID, actor: Actor) -> int:
    """Hands a parked fact's subject over again, in order, until one fails again; answers how many passed.

    Raises Missing when the letter is no longer there or its follower no longer declared.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT subscriber, subject FROM journal_deadletter WHERE id = %s", [letter])
        row = cursor.fetchone()
        if row is None:
            raise Missing(
                "dead-letter-gone",
                "This fact no longer waits: it was handed over meanwhile.",
                "Reload the list.",
            )
        subscription = _known(row[0])
        # The follower's own lock: nothing is parked behind while the subject is replayed.
        cursor.execute("SELECT FROM journal_cursor WHERE subscriber = %s FOR UPDATE", [row[0]])
        cursor.execute(
            "SELECT id, subscriber, seq, kind, subject, reason, attempts, failed_at FROM journal_deadletter"
            " WHERE subscriber = %s AND subject = %s ORDER BY seq",
            row,
        )
        waiting = [DeadLetter(*found) for found in cursor.fetchall()]
    for passed, parked in enumerate(waiting):
        reason = _failure(subscription, [_recorded(parked.seq)])
        with connection.cursor() as cursor:
            if reason:
                cursor.execute(
                    "UPDATE journal_deadletter SET reason = %s, attempts = attempts + 1, failed_at = %s"
                    " WHERE id = %s",
                    [reason, actor.now(), parked.id],
                )
                return passed
            cursor.execute("DELETE FROM journal_deadletter WHERE id = %s", [parked.id])
    return len(waiting)


@transaction.atomic
def _follow_window(subscription: Subscription) -> int | None:
    """One window of the book; answers how many facts concerned the follower, None when there was nothing to read."""
    position = _locked_position(subscription.name)
    if position is None:
        return None
    rows = _rows(position, WINDOW)
    if not rows:
        return None
    facts = [fact for fact in _facts(rows, subscription.kinds) if fact is not None]
    stuck = _stuck_subjects(subscription.name)
    free = all(fact.subject_id not in stuck for fact in facts)
    if not free or (facts and _failure(subscription, facts)):
        _one_by_one(subscription, facts, stuck)  # the whole at once is four times cheaper, and the rule
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE journal_cursor SET position = %s, moved_at = %s WHERE subscriber = %s",
            [position + len(rows), system_clock(), subscription.name],
        )
    return len(facts)


def _one_by_one(subscription: Subscription, facts: Sequence[Recorded], stuck: set[UUID]) -> None:
    for fact in facts:
        if fact.subject_id in stuck:
            _park(subscription, fact, reason="", attempts=0)
        elif reason := _failure(subscription, [fact]):
            _park(subscription, fact, reason=reason, attempts=1)
            stuck.add(fact.subject_id)


def _failure(subscription: Subscription, facts: Iterable[Recorded]) -> str:
    """Runs the handler in a savepoint; answers why it failed, and then nothing of it remains; else nothing.

    Deferred constraints are checked here: at commit they would condemn the whole window.
    """
    try:
        with transaction.atomic():
            for fact in facts:
                subscription.handler(fact)
            connection.check_constraints()
    except (OperationalError, InterfaceError):
        raise  # the database's trouble, not the fact's: the window is tried again
    except Exception as failure:
        log.warning("journal: follower %s failed", subscription.name, exc_info=True)
        return f"{type(failure).__name__}: {failure}"[:LONGEST_REASON]
    return ""


def _park(subscription: Subscription, fact: Recorded, *, reason: str, attempts: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_deadletter (id, subscriber, seq, kind, subject, reason, attempts, failed_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                new_id(),
                subscription.name,
                fact.seq,
                fact.kind,
                fact.subject_id,
                reason.replace("\0", ""),
                attempts,
                system_clock(),
            ],
        )


def _locked_position(subscriber: str) -> int | None:
    """The follower's cursor, locked; None when another process holds it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT position FROM journal_cursor WHERE subscriber = %s FOR UPDATE SKIP LOCKED", [subscriber]
        )
        row = cursor.fetchone()
        if row is None:
            cursor.execute(
                "INSERT INTO journal_cursor (subscriber) VALUES (%s) ON CONFLICT DO NOTHING RETURNING position",
                [subscriber],
            )
            row = cursor.fetchone()
    return row[0] if row else None


def _stuck_subjects(subscriber: str) -> set[UUID]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT subject FROM journal_deadletter WHERE subscriber = %s", [subscriber])
        return {row[0] for row in cursor.fetchall()}


def _rows(first: int, count: int) -> list[tuple[int, bytes]]:
    """The bytes of sequenced entries, checked against the tree: a follower acts on nothing else. Raises Corrupt."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, hash, body FROM journal_leaf LEFT JOIN journal_entry ON id = entry"
            " WHERE seq >= %s AND seq < %s ORDER BY seq",
            [first, first + count],
        )
        rows = cursor.fetchall()
    for place, (seq, kept, body) in enumerate(rows):
        if seq != first + place or body is None or leaf_hash(bytes(body)) != bytes(kept):
            raise Corrupt(
                "journal-altered",
                "Fact %(seq)s of the journal is not what was sequenced; followers stop there.",
                "Run territoires journal verify.",
                params={"seq": first + place},
            )
    return [(seq, bytes(body)) for seq, _, body in rows]


def _facts(rows: Iterable[tuple[int, bytes]], kinds: Sequence[str]) -> Iterable[Recorded | None]:
    marks = [f'"kind":"{kind}"'.encode() for kind in kinds]
    for seq, body in rows:
        if any(mark in body for mark in marks):  # cheap; the parsed entry decides
            fact = read(seq, body)
            yield fact if fact.kind in kinds else None


def _recorded(seq: int) -> Recorded:
    return read(*_rows(seq, 1)[0])


def _known(subscriber: str) -> Subscription:
    try:
        return _subscriptions[subscriber]
    except KeyError:
        raise Missing(
            "unknown-follower",
            "No follower is named %(name)s.",
            "Enable the service that declares it.",
            params={"name": subscriber},
        ) from None
