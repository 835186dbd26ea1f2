"""What the operations share: who calls, the consultation that they bear on, pages by cursor, registers as CSV."""

from __future__ import annotations

import base64
import binascii
import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Path, Schema
from pydantic import Field

from territoires.foundations.actions import api as rights
from territoires.foundations.registry.api import etag, if_match
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Invalid

from ..domain.tables import defused
from ..models import Consultation
from ..permissions import Procurement
from ..queries import consultations

T = TypeVar("T")
Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
BYTES = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
FILE_SENT = {"requestBody": {"required": True, "content": BYTES}}
FILE_READ = {"responses": {200: {"description": "The bytes of the file", "content": BYTES}}}
TABLE_READ = {
    "responses": {
        200: {"description": "The register, as CSV", "content": {"text/csv": {"schema": {"type": "string"}}}}
    }
}


class PageAfter(Schema):
    """``after`` is the ``next`` of the page before; absent for the first."""

    after: str = Field(default="", max_length=200)
    limit: int = Field(default=100, ge=1, le=500)


class State(Schema):
    """A consultation after a verb."""

    id: UUID
    state: str
    version: int


class Reason(Schema):
    reason: str = Field(max_length=2000)


def actor_of(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


def require(request: HttpRequest, permission: Procurement) -> Actor:
    """The caller, who holds the permission: an empty list would let it believe that there is nothing."""
    actor = actor_of(request)
    if not actor.holds(permission):
        raise rights.denied(permission)
    return actor


def consultation_in(request: HttpRequest, key: UUID, permission: Procurement) -> Consultation:
    """The consultation on which the key has the permission. Raises Denied, Missing."""
    return consultations.consultation_of(require(request, permission), key, permission)


def performed(
    request: HttpRequest,
    response: HttpResponse,
    verb: Callable[..., Any],
    key: UUID,
    permission: Procurement,
    **arguments: Any,
) -> State:
    """Calls a versioned verb on a consultation and answers its state, with its new ETag."""
    found = consultation_in(request, key, permission)
    verb(actor=actor_of(request), consultation=found, version=if_match(request), **arguments)
    return state_of(response, found)


def state_of(response: HttpResponse, found: Consultation) -> State:
    found.refresh_from_db()
    response["ETag"] = etag(found.version)
    return State(id=found.pk, state=found.state, version=found.version)


def paged(rows: QuerySet[Any], field: str, page: PageAfter) -> tuple[list[Any], str | None]:
    """The rows after a cursor in the order of an instant and their key, and the cursor of the following page.

    Raises Invalid for a cursor that is not ours.
    """
    if page.after:
        at, key = _read_cursor(page.after)
        rows = rows.filter(Q(**{f"{field}__gt": at}) | Q(**{field: at, "pk__gt": key}))
    found = list(rows.order_by(field, "pk")[: page.limit + 1])
    if len(found) <= page.limit:
        return found, None
    last = found[page.limit - 1]
    return found[: page.limit], _cursor(getattr(last, field), last.pk)


def table(name: str, headings: Iterable[str], lines: Iterable[Iterable[Any]]) -> StreamingHttpResponse:
    """A register as CSV, streamed; what a spreadsheet would run begins with an apostrophe."""
    response = StreamingHttpResponse(_csv(headings, lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _csv(headings: Iterable[str], lines: Iterable[Iterable[Any]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(list(headings))
    for line in lines:
        writer.writerow([_written(cell) for cell in line])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _written(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return cell.isoformat()
    return defused(cell) if isinstance(cell, str) else cell


def _cursor(at: datetime, key: UUID) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{key}".encode()).decode().rstrip("=")


def _read_cursor(text: str) -> tuple[datetime, UUID]:
    try:
        said = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        at, _bar, key = said.partition("|")
        found = datetime.fromisoformat(at), UUID(key)
        if found[0].tzinfo is None:
            raise ValueError("an instant without zone")
        return found
    except (ValueError, binascii.Error):
        raise Invalid(
            "cursor-unknown",
            "This cursor is not one of ours.",
            "Go on from the cursor of the last answer, or begin without one.",
        ) from None


class Page(Schema, Generic[T]):
    """``next`` is the cursor of the following page; null on the last."""

    items: list[T]
    next: str | None
