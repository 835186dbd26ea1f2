"""The upload log: what arrived, and when, in the platform's own words, without contents.

A day that is over is summed up by two trees, one in the other (``journal.lines``): a bidder proves its own lines alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from territoires.foundations.journal import api as journal
from territoires.kernel.clock import first_instant

from ..domain.deposit import written_log
from ..models import ChunkEvent, UploadDay, UploadDayBid

COLUMNS = ("id", "draft", "file", "index", "at", "size", "leaf", "outcome", "agent")


@dataclass(frozen=True, slots=True)
class LogSpan:
    """A stretch of the log: its first and last number (0 when empty), and its lines by bid."""

    first: int
    last: int
    bids: list[journal.Group]

    @property
    def lines(self) -> int:
        return sum(one.lines for one in self.bids)

    @property
    def root(self) -> str:
        return journal.groups_root(self.bids).hex()


def log_of(day: date) -> LogSpan:
    """The log of a day, read in bounded memory."""
    first = last = 0

    def named() -> Iterator[tuple[str, bytes]]:
        nonlocal first, last
        for row in _rows(ChunkEvent.objects.filter(**_within(day))):
            first, last = first or row[0], row[0]
            yield str(row[1]), written_log([row])

    bids = journal.grouped(named())
    return LogSpan(first, last, bids)


def is_closed(day: date) -> bool:
    return UploadDay.objects.filter(day=day).exists()


def proofs_of(draft: UUID) -> list[journal.GroupProof]:
    """A bid's lines of each day that is closed and sealed in the journal, with their path; those of today follow."""
    rows = UploadDayBid.objects.filter(draft=draft).select_related("day").order_by("day__day")
    return [_proof(one, entry) for one in rows if (entry := _sealed_entry(one.day)) is not None]


def events_of(draft: UUID) -> QuerySet[ChunkEvent]:
    """Every line of one bid's uploads, oldest first."""
    return ChunkEvent.objects.filter(draft=draft).order_by("id")


def rows_of(draft: UUID) -> Iterator[tuple[Any, ...]]:
    """The same as plain rows, in the order of ``COLUMNS``, in bounded memory."""
    return _rows(events_of(draft))


def _rows(events: QuerySet[ChunkEvent]) -> Iterator[tuple[Any, ...]]:
    return events.order_by("id").values_list(*COLUMNS).iterator(chunk_size=2000)


def _within(day: date) -> dict[str, datetime]:
    return {"at__gte": first_instant(day), "at__lt": first_instant(day + timedelta(days=1))}


def _sealed_entry(day: UploadDay) -> UUID | None:
    """The entry of the journal that holds a day's root, once its own proof can be made."""
    for entry in journal.timeline(day.pk):
        if entry.state not in ("recorded", "sequenced"):
            return entry.id
    return None


def _proof(one: UploadDayBid, entry: UUID) -> journal.GroupProof:
    every = [
        journal.Group(str(draft), lines, bytes.fromhex(root))
        for draft, lines, root in one.day.bids.order_by("place").values_list("draft", "lines", "root")
    ]
    lines = (written_log([row]) for row in _rows(events_of(one.draft).filter(**_within(one.day.day))))
    return journal.GroupProof(
        entry=entry,
        name=str(one.draft),
        index=one.place,
        size=len(every),
        path=journal.group_path(every, one.place),
        columns=COLUMNS,
        lines=lines,
    )
