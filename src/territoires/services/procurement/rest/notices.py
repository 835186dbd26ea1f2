"""What was told to the public: notices, essential data, and the lossless feed of releases."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from ..permissions import Procurement
from ..queries import notices as queries
from ..queries import open_data
from ..queries.switching import records_of
from .shared import consultation_in, require

router = Router()


class NoticeOut(Schema):
    """A notice for one publisher; ``name`` is how the publisher knows it."""

    id: UUID
    channel: str
    subtype: str
    name: str
    state: str
    sha256: str
    sent_at: datetime | None
    published_on: date | None
    publication_number: str


class RecordOut(Schema):
    """The essential data of one contract, as they are published; ``identifier`` never changes."""

    identifier: str
    kind: str
    source: str
    revision: int
    written_at: datetime
    content: dict[str, Any]


class ReleaseFeed(Schema):
    """Releases in the order of their numbers; go on from ``next`` for ever: nothing is skipped, nothing comes twice."""

    releases: list[dict[str, Any]]
    next: str


@router.get(
    "/consultations/{consultation}/notices",
    response={200: list[NoticeOut]},
    summary="The notices of a consultation, and what became of them",
)
def list_notices(request: HttpRequest, consultation: UUID) -> list[NoticeOut]:
    found = consultation_in(request, consultation, Procurement.READ)
    return [
        NoticeOut(id=one.pk, **{name: getattr(one, name) for name in NoticeOut.model_fields if name != "id"})
        for one in queries.notices_of(found)
    ]


@router.get(
    "/open-records", response={200: list[RecordOut]}, summary="The essential data of your body's contracts"
)
def list_open_records(request: HttpRequest) -> list[RecordOut]:
    actor = require(request, Procurement.READ)
    return [
        RecordOut(**{name: getattr(one, name) for name in RecordOut.model_fields})
        for one in records_of(actor)
    ]


@router.get(
    "/releases", response={200: ReleaseFeed}, summary="The ordered feed of OCDS releases, without loss"
)
def list_releases(request: HttpRequest, after: str = "") -> ReleaseFeed:
    require(request, Procurement.READ)
    rows, following = open_data.feed(after[:200])
    return ReleaseFeed(releases=[one.content for one in rows], next=following)
