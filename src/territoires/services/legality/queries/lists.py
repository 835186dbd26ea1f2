"""Narrowing and paging a list of acts, the same way for agents, the public register and REST."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Q, QuerySet

from territoires.kernel.errors import Invalid, Missing
from territoires.kernel.text import fold

from ..models import Act

PAGE = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list is narrowed to; empty means everything.

    ``decided_from`` and ``decided_until`` are legal days, both included. ``matter`` holds for the lines below it.
    """

    text: str = ""
    nature: str = ""
    matter: str = ""
    year: int | None = None
    decided_from: date | None = None
    decided_until: date | None = None
    state: str = ""

    @property
    def words(self) -> list[str]:
        """The words of the text, folded; each is looked for as the beginning of one."""
        return fold(self.text).split()

    @property
    def are_set(self) -> bool:
        return self != Filters()


@dataclass(frozen=True, slots=True)
class Page:
    """Some acts and the cursor of those that follow, None on the last page."""

    acts: Sequence[Act]
    next: str | None


def narrowed(acts: QuerySet[Act], filters: Filters) -> QuerySet[Act]:
    if filters.words:
        # Each word as a prefix; fold() leaves nothing but letters, digits and spaces, so this is no injection.
        query = SearchQuery(" & ".join(f"{w}:*" for w in filters.words), search_type="raw", config="simple")
        acts = acts.alias(words=SearchVector("words_folded", config="simple")).filter(words=query)
    if filters.nature:
        acts = acts.filter(nature=filters.nature)
    if filters.matter:
        acts = acts.filter(Q(matter_code=filters.matter) | Q(matter_code__startswith=f"{filters.matter}."))
    if filters.year:
        acts = acts.filter(decided_on__year=filters.year)
    if filters.decided_from:
        acts = acts.filter(decided_on__gte=filters.decided_from)
    if filters.decided_until:
        acts = acts.filter(decided_on__lte=filters.decided_until)
    if filters.state:
        acts = acts.filter(state=filters.state)
    return acts


def paged(acts: QuerySet[Act], by: str, cursor: str, size: int) -> Page:
    if cursor:
        instant, key = _place(cursor)
        acts = acts.filter(
            Q(**{f"{by}__lt": instant}) | Q(**{by: instant}, id__lt=key), **{f"{by}__lte": instant}
        )
    # The order is decided on narrow rows; only those of the page are read whole, with their body and file.
    places = list(acts.order_by(f"-{by}", "-id").values_list(by, "pk")[: size + 1])
    rows = Act.objects.select_related("main", "organisation").in_bulk([key for _at, key in places[:size]])
    following = _cursor(*places[size - 1]) if len(places) > size else None
    return Page([rows[key] for _at, key in places[:size]], following)


def _cursor(instant: datetime, key: UUID) -> str:
    return base64.urlsafe_b64encode(f"{instant.isoformat()} {key}".encode()).decode()


def _place(cursor: str) -> tuple[datetime, UUID]:
    try:
        instant, key = base64.urlsafe_b64decode(cursor.encode()).decode().split(" ")
        place = datetime.fromisoformat(instant)
        if place.tzinfo is None:
            raise ValueError("a cursor holds an aware instant")
        return place, UUID(key)
    except (ValueError, binascii.Error) as error:
        raise Invalid(
            "malformed-cursor", "This page of the list does not exist.", "Start again from the first page."
        ) from error


def no_act() -> Missing:
    return Missing(
        "no-act", "There is no such act here, or it is not open to you.", "Search for it in the register."
    )
