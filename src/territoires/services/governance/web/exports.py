"""The members as CSV and JSON, streamed."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import StreamingHttpResponse

COLUMNS = (
    "siren",
    "name",
    "kind",
    "insee_code",
    "department",
    "postal_codes",
    "population",
    "population_vintage",
    "college",
)
# A spreadsheet runs a cell that starts so as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """What the csv module writes to: gives the line back."""

    def write(self, text: str) -> str:
        return text


def as_csv(rows: Iterable[Any], name: str) -> StreamingHttpResponse:
    """UTF-8 with its mark, for spreadsheets; comma, header in the names of the REST interface."""

    def lines() -> Iterator[str]:
        writer = csv.writer(_Line())
        yield "\ufeff" + writer.writerow(COLUMNS)
        for row in rows:
            yield writer.writerow([_safe(_text(getattr(row, column))) for column in COLUMNS])

    return _download(lines(), "text/csv; charset=utf-8", f"{name}.csv")


def as_json(rows: Iterable[Any], name: str) -> StreamingHttpResponse:
    """One array of objects."""

    def parts() -> Iterator[str]:
        yield "["
        for place, row in enumerate(rows):
            yield ("," if place else "") + json.dumps({column: getattr(row, column) for column in COLUMNS})
        yield "]"

    return _download(parts(), "application/json", f"{name}.json")


def _download(content: Iterator[str], media_type: str, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _text(value: Any) -> str:
    if value is None:
        return ""
    return " ".join(value) if isinstance(value, list | tuple) else str(value)


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
