"""The upload log: what arrived, and when, in the platform's own words, without contents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from ..domain.deposit import written_log
from ..models import ChunkEvent

COLUMNS = ("id", "draft", "file", "index", "at", "size", "leaf", "outcome", "agent")


@dataclass(frozen=True, slots=True)
class LogSpan:
    """A stretch of the log: its first and last number (0 when empty), its lines, the SHA-256 of them written out."""

    first: int
    last: int
    lines: int
    root: str


def log_between(start: datetime, end: datetime) -> LogSpan:
    """The stretch of the log from one instant to another, read in bounded memory."""
    digest, first, last, count = hashlib.sha256(), 0, 0, 0
    rows = ChunkEvent.objects.filter(at__gte=start, at__lt=end).order_by("id").values_list(*COLUMNS)
    for row in rows.iterator(chunk_size=2000):
        digest.update(written_log([row]))
        first, last, count = first or row[0], row[0], count + 1
    return LogSpan(first, last, count, digest.hexdigest())


def events_of(draft: UUID) -> QuerySet[ChunkEvent]:
    """Every line of one bid's uploads, oldest first."""
    return ChunkEvent.objects.filter(draft=draft).order_by("id")


def rows_of(draft: UUID) -> Iterator[tuple[Any, ...]]:
    """The same as plain rows, in the order of ``COLUMNS``, in bounded memory."""
    return events_of(draft).values_list(*COLUMNS).iterator(chunk_size=2000)
