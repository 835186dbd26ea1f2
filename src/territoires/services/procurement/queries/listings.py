"""Anybody's search among the published consultations, here and elsewhere."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db.models import Exists, OuterRef, Q, QuerySet

from territoires.kernel.clock import first_instant
from territoires.kernel.errors import Invalid, Missing
from territoires.kernel.text import fold

from ..domain.searching import Criteria
from ..models import AlertSent, Listing, SavedSearch

PAGE = 20
MOST_COUNTED = 500
MOST_IN_FEED = 50
MOST_TOLD = 1000  # at once; the rest comes at the next look
OVER = (Listing.Status.CLOSED, Listing.Status.ENDED)


@dataclass(frozen=True, slots=True)
class Page:
    """Some listings, the cursor of those that follow (None on the last page), and how many there are, as far as counted."""

    listings: Sequence[Listing]
    next: str | None
    count: int

    @property
    def is_more(self) -> bool:
        return self.count > MOST_COUNTED


def search(
    criteria: Criteria,
    at: datetime,
    *,
    organisation: UUID | None = None,
    cursor: str = "",
    size: int = PAGE,
) -> Page:
    """The listings that answer, the latest published first, or the next deadline first. Raises Invalid for a foreign cursor."""
    found = narrowed(Listing.objects.all(), criteria, at)
    if organisation is not None:
        found = found.filter(organisation=organisation)
    return _paged(found, criteria.sort, cursor, size)


def narrowed(listings: QuerySet[Listing], criteria: Criteria, at: datetime) -> QuerySet[Listing]:
    if criteria.words:
        listings = listings.filter(words=_query(criteria.words))
    if criteria.cpv:
        listings = listings.filter(cpv_prefixes__contains=[criteria.cpv])
    if criteria.place:
        listings = listings.filter(places__contains=[criteria.place])
    if criteria.category:
        listings = listings.filter(main_procurement_category=criteria.category)
    if criteria.procedure:
        listings = listings.filter(procedure=criteria.procedure)
    if folded := fold(criteria.buyer):
        listings = listings.filter(words=_query(folded.split())).filter(buyer_folded__contains=folded)
    if criteria.since:
        listings = listings.filter(deadline_at__gte=first_instant(criteria.since))
    if criteria.until:
        listings = listings.filter(deadline_at__lt=first_instant(criteria.until + timedelta(days=1)))
    if criteria.amount_from is not None:
        listings = listings.filter(amount__gte=criteria.amount_from)
    if criteria.amount_until is not None:
        listings = listings.filter(amount__lte=criteria.amount_until)
    if not criteria.with_closed:
        listings = listings.filter(Q(deadline_at__gte=at) | Q(deadline_at=None)).exclude(status__in=OVER)
    return listings


def listing_of(consultation: UUID) -> Listing | None:
    return Listing.objects.filter(consultation=consultation).first()


def latest(organisation: UUID | None, size: int) -> Sequence[Listing]:
    """The last published, open or not, of one body or of all; those of this platform."""
    found = Listing.objects.filter(source="").defer("words", "words_folded")
    if organisation is not None:
        found = found.filter(organisation=organisation)
    return list(found.order_by("-published_at", "-id")[:size])


# -- alerts -------------------------------------------------------------------------------------------------------------


def searches_to_look(frequency: str) -> Iterable[SavedSearch]:
    """The confirmed searches of a frequency."""
    return SavedSearch.objects.filter(frequency=frequency, stopped_at=None, confirmed_at__isnull=False)


def new_for(search: SavedSearch, criteria: Criteria, at: datetime) -> list[Listing]:
    """What changed since the search was last looked at and was not told in this version."""
    since = search.looked_until or search.confirmed_at or search.saved_at
    told = AlertSent.objects.filter(search=search, listing=OuterRef("pk"), version=OuterRef("version"))
    found = narrowed(Listing.objects.filter(changed_at__gte=since), criteria, at)
    return list(found.exclude(Exists(told)).order_by("-changed_at", "-id")[:MOST_TOLD])


def not_told(search: SavedSearch, listings: Sequence[Listing]) -> list[Listing]:
    """Those of them that the search was not told of in their version."""
    told = set(
        AlertSent.objects.filter(search=search, listing__in=listings).values_list("listing", "version")
    )
    return [one for one in listings if (one.pk, one.version) not in told]


def saved_search(key: UUID) -> SavedSearch:
    """A search that was not ended. Raises Missing."""
    found = SavedSearch.objects.filter(pk=key, stopped_at=None).first()
    if found is None:
        raise Missing(
            "no-search", "This search does not exist, or was ended.", "Search again and ask to be told."
        )
    return found


def searches_at(email: str) -> int:
    """How many searches an address has, confirmed or not."""
    return SavedSearch.objects.filter(email__iexact=email, stopped_at=None).count()


def unconfirmed_before(at: datetime) -> QuerySet[SavedSearch]:
    return SavedSearch.objects.filter(confirmed_at=None, saved_at__lt=at)


# -- words and pages ----------------------------------------------------------------------------------------------------


def _query(words: Sequence[str]) -> Any:
    """Each word as the beginning of one, or by its French stem. fold() leaves letters and digits: this is no injection."""
    whole: Any = None
    for word in words:
        one = SearchQuery(f"{word}:*", search_type="raw", config="simple") | SearchQuery(
            word, search_type="plain", config="french"
        )
        whole = one if whole is None else whole & one
    return whole


def _paged(found: QuerySet[Listing], sort: str, cursor: str, size: int) -> Page:
    """One page. What is found is looked up without an order first: an order that an index gives tempts the planner to
    walk the whole table for rare words. Only where it is much is that order walked, and soon full.
    """
    by, is_rising = ("deadline_at", True) if sort == "deadline" else ("published_at", False)
    if is_rising:
        found = found.filter(deadline_at__isnull=False)
    after = _place(cursor) if cursor else None
    places = list(found.order_by().values_list(by, "pk")[: MOST_COUNTED + 1])
    count = len(places)
    if count <= MOST_COUNTED:
        places.sort(reverse=not is_rising)
        following = [one for one in places if after is None or (one > after if is_rising else one < after)]
    else:
        following = _walked(found, by, is_rising, after, size)
    rows = Listing.objects.defer("words", "words_folded").in_bulk([key for _at, key in following[:size]])
    next_page = _cursor(*following[size - 1]) if len(following) > size else None
    return Page([rows[key] for _at, key in following[:size]], next_page, count)


def _walked(
    found: QuerySet[Listing], by: str, is_rising: bool, after: tuple[datetime, UUID] | None, size: int
) -> list[tuple[datetime, UUID]]:
    """The first places in the order of an index, after one of them."""
    if after is not None:
        instant, key = after
        side = "gt" if is_rising else "lt"
        found = found.filter(
            Q(**{f"{by}__{side}": instant}) | Q(**{by: instant, f"id__{side}": key}),
            **{f"{by}__{side}e": instant},
        )
    order = (by, "id") if is_rising else (f"-{by}", "-id")
    return list(found.order_by(*order).values_list(by, "pk")[: size + 1])


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
