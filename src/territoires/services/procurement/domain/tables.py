"""Tables that people open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping


def defused(value: str) -> str:
    """A cell that a spreadsheet shows as text: what would begin a formula there gets an apostrophe before it."""
    return f"'{value}" if value.lstrip(" ")[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else value


def csv_lines(columns: Iterable[str], rows: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """The table as CSV (RFC 4180), one line at a time, its cells defused."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(columns), lineterminator="\r\n")
    writer.writeheader()
    yield _drained(buffer)
    for row in rows:
        writer.writerow({name: defused(value) for name, value in row.items()})
        yield _drained(buffer)


def _drained(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
