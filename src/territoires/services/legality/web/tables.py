"""Lists of acts as CSV and JSON, streamed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header

from ..domain.classification import Classification
from ..domain.history import RECEIVED_THEN
from ..domain.open_data import Line, csv_chunks, defused
from ..models import Act, known

Row = dict[str, Any]


def export(acts: Iterable[Act], lists: Classification, form: str, *, name: str) -> StreamingHttpResponse:
    """An agent's list, as ``csv`` or ``json``."""
    rows = (_agents_row(act, lists) for act in acts)
    chunks = _csv(rows) if form == "csv" else _json(rows)
    return _response(chunks, form, f"{name}.{form}")


def deliberations_csv(
    request: HttpRequest, body: Any, acts: Iterable[Act], lists: Classification
) -> StreamingHttpResponse:
    """The register in the open-data shape of the SCDL."""
    address = _addresses(request, body)
    lines = (
        Line(
            body_name=body.name,
            siret=body.siret or "",
            number=act.number,
            decided_on=known(act.decided_on),
            **_national_matter(act, lists),
            object=act.object,
            url=address(act),
            **_reception(act),
            **_vote(act),
        )
        for act in acts
    )
    return _response(csv_chunks(lines), "csv", f"deliberations-{body.reference}.csv")


def public_json(
    request: HttpRequest, body: Any, acts: Iterable[Act], lists: Classification
) -> StreamingHttpResponse:
    """The register with what the open-data shape leaves out: nature, date on line, author, digest."""
    address = _addresses(request, body)
    rows = ({**public_row(act, lists), "url": address(act)} for act in acts)
    return _response(_json(rows), "json", f"actes-{body.reference}.json")


def public_row(act: Act, lists: Classification) -> Row:
    """What anybody may read of an act on line."""
    return {
        "id": str(act.pk),
        "number": act.number,
        "nature": act.nature,
        "matter_code": act.matter_code,
        "matter_label": _matter(act, lists),
        "object": act.object,
        "decided_on": known(act.decided_on).isoformat(),
        "published_at": known(act.published_at).isoformat(),
        "author": {"given_names": act.given_names, "usual_name": act.usual_name, "quality": act.quality},
        "sha256": act.main_sha256,
    }


def _agents_row(act: Act, lists: Classification) -> Row:
    return {
        "id": str(act.pk),
        "state": act.state,
        "number": act.number,
        "nature": act.nature,
        "matter_code": act.matter_code,
        "matter_label": _matter(act, lists),
        "object": act.object,
        "decided_on": _day(act.decided_on),
        "signed_on": _day(act.signed_on),
        "published_at": _day(act.published_at),
        "withdrawn_at": _day(act.withdrawn_at),
        "sha256": act.main_sha256,
    }


def _day(value: Any) -> str:
    return value.isoformat() if value else ""


def _matter(act: Act, lists: Classification) -> str:
    known = lists.matters.get(act.matter_code)
    return known.label.fr if known else ""


def _national_matter(act: Act, lists: Classification) -> dict[str, Any]:
    """The two levels of the national classification: the schema knows no finer line of a prefecture."""
    code = ".".join(act.matter_code.split(".")[:2])
    known = lists.matters.get(code)
    return {"matter_code": code, "matter_label": known.label.fr if known else ""}


def _reception(act: Act) -> dict[str, Any]:
    """What the State acknowledged, here or before, among what ``whole_register_of`` fetched with the act."""
    if act.taken_over_at is not None:
        received = act.former if act.former.status == RECEIVED_THEN else None
    else:
        received = next(iter(act.received), None)  # type: ignore[attr-defined]
    return {"identifier": received.identifier, "received_on": received.received_on} if received else {}


def _vote(act: Act) -> dict[str, Any]:
    vote = getattr(act, "vote", None)
    if act.sitting is None or vote is None:
        return {}
    return {
        "in_office": act.sitting.in_office,
        "votes": (vote.votes_for, vote.against, vote.abstention),
    }


def _addresses(request: HttpRequest, body: Any) -> Callable[[Act], str]:
    def address(act: Act) -> str:
        place = {"organisation": body.reference, "act": act.pk}
        return request.build_absolute_uri(reverse("legality:act", kwargs=place))

    return address


def _csv(rows: Iterable[Row]) -> Iterator[str]:
    buffer = io.StringIO()
    writer: csv.DictWriter[str] | None = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(buffer, list(row), lineterminator="\r\n")
            writer.writeheader()
        writer.writerow({name: defused(str(value)) for name, value in row.items()})
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _json(rows: Iterable[Row]) -> Iterator[str]:
    yield "["
    for place, row in enumerate(rows):
        yield (",\n" if place else "\n") + json.dumps(row, ensure_ascii=False)
    yield "\n]\n"


def _response(chunks: Iterator[str], form: str, name: str) -> StreamingHttpResponse:
    media_type = "text/csv; charset=utf-8" if form == "csv" else "application/json"
    response = StreamingHttpResponse((chunk.encode() for chunk in chunks), content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
