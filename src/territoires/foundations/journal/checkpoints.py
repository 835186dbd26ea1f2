"""Signed heads of the tree: issued when something new was sequenced, kept outside, time-stamped at once."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta

from django.db import connection, transaction

from territoires.foundations.trust import api as trust
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Corrupt, Unavailable
from territoires.kernel.ids import new_id

from . import notes, witness
from .sequencer import take_lock
from .store import read_hashes
from .tree import root

OWN, OUTSIDE = "own", "outside"
OUTSIDE_EVERY = timedelta(hours=1)
THIN_BATCH = 5_000
# The database's own function has the last word: see journal_is_spare.
_SPARE = """
SELECT size FROM (
    SELECT size, at, lead(at) OVER (ORDER BY size) AS next_at FROM journal_checkpoint
    WHERE at < clock_timestamp() - journal_thinning_age()
) AS old WHERE next_at < date_trunc('minute', at) + interval '1 minute' AND journal_is_spare(size)
ORDER BY size LIMIT %s"""

log = logging.getLogger(__name__)


def issue() -> bool:
    """Signs the present tree when it grew since the last checkpoint; answers whether it did.

    The note is kept by the witness before the database knows of it: a crash between the two leaves a note that the
    database can only confirm. Raises Corrupt, and signs nothing, when the witness keeps another or longer history.
    """
    with transaction.atomic():
        if not take_lock():
            return False
        size = _size_to_sign()
        if size is None:
            return False
        found = root(read_hashes, size)
        _require_one_history(size)
        note, now = notes.sign(size, found), system_clock()
        token = trust.time_stamp(hashlib.sha256(note).digest())
        witness.keep(note)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO journal_checkpoint (size, root, note, at) VALUES (%s, %s, %s, %s)",
                [size, found, note, now],
            )
        _keep_token(size, OWN, token, now)
    return True


def anchor(*, every: timedelta = OUTSIDE_EVERY) -> bool:
    """Has the last checkpoint stamped by the outside authority, when there is one and the last time is past.

    The call to the outside is made in no transaction. A failing authority is logged and asked again later.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT size, note, (SELECT max(at) FROM journal_token WHERE authority = 'outside'),"
            " EXISTS (SELECT FROM journal_token WHERE authority = 'outside' AND checkpoint = size)"
            " FROM journal_checkpoint ORDER BY size DESC LIMIT 1"
        )
        row = cursor.fetchone()
    now = system_clock()
    if row is None or row[3] or (row[2] is not None and now - row[2] < every):
        return False
    try:
        token = trust.outside_time_stamp(hashlib.sha256(bytes(row[1])).digest())
    except Unavailable as failure:
        log.warning("journal: the outside time-stamping authority failed: %s", failure.code)
        return False
    if token is None:
        return False
    _keep_token(row[0], OUTSIDE, token, now)
    return True


def thin() -> int:
    """Removes checkpoints of more than a day, but for the last of each minute and those that something leads to.

    Answers how many went. The witness keeps them all. Any fact stays provable: a later checkpoint holds it too.
    """
    total = 0
    while gone := _thin_some():
        total += gone
    return total


@transaction.atomic
def _thin_some() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_SPARE, [THIN_BATCH])
        sizes = [size for (size,) in cursor.fetchall()]
        cursor.execute("DELETE FROM journal_token WHERE checkpoint = ANY(%s)", [sizes])
        cursor.execute("DELETE FROM journal_checkpoint WHERE size = ANY(%s)", [sizes])
    return len(sizes)


def _size_to_sign() -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT size FROM journal_state"
            " WHERE size > (SELECT coalesce(max(size), 0) FROM journal_checkpoint)"
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _require_one_history(size: int) -> None:
    kept = witness.last()
    if kept is None:
        return
    note = notes.read(kept)
    if note.size > size or note.root != root(read_hashes, note.size):
        raise Corrupt(
            "journal-fork",
            "The witness keeps a history of %(kept)s facts that this database of %(size)s facts does not continue;"
            " nothing is signed.",
            "Restore the latest backup, then compare: territoires journal verify.",
            params={"kept": note.size, "size": size},
        )


def _keep_token(size: int, authority: str, token: bytes, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_token (id, checkpoint, authority, token, at) VALUES (%s, %s, %s, %s, %s)",
            [new_id(), size, authority, token, at],
        )
