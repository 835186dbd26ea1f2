"""One search box for everything: the index, then the sources that services keep themselves, all under the rights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, Q, QuerySet
from django.utils.functional import Promise

from territoires.kernel.actor import Actor
from territoires.kernel.text import fold

from .models import CONFIGURATION, SearchDocument

LIMIT = 20
WORDS = 12
TEXT = 500


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: where it is, its title, and a line that tells it from its namesakes.

    ``language`` is the title's: what a body wrote is French whatever the language of the page.
    """

    address: str
    title: str
    detail: str = ""
    language: str = "fr"


@dataclass(frozen=True, slots=True)
class SearchSource:
    """What a service lets people find.

    ``name`` is the subject type of its entries in the index; or ``query`` answers from the service's own tables, under
    the actor's rights, for the words as they were typed, at most as many hits as it is asked for.
    """

    name: str
    label: str | Promise
    query: Callable[[Actor, str, int], Sequence[Hit]] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of one source, best first."""

    source: SearchSource
    hits: Sequence[Hit]


_sources: dict[str, SearchSource] = {}


def declare_sources(sources: Sequence[SearchSource]) -> None:
    """Adds a service's sources; called for each manifest. Two sources of one name are refused."""
    for source in sources:
        if _sources.setdefault(source.name, source) is not source:
            raise ValueError(f"the search source {source.name} is declared twice")


def search(actor: Actor, text: str, *, limit: int = LIMIT) -> list[Found]:
    """What the actor may find for these words (each may be the beginning of one), by source; empty ones left out."""
    asked = " ".join(text[:TEXT].split()[:WORDS])
    words = fold(asked).split()[:WORDS]
    if not words:
        return []
    indexed = _from_index(actor, words, limit)
    found = []
    for source in _sources.values():
        hits = source.query(actor, asked, limit) if source.query else indexed.get(source.name, [])
        if hits:
            found.append(Found(source, hits))
    return found


def findable(actor: Actor) -> QuerySet[SearchDocument]:
    """The entries that the actor may find: published ones, and those of the acting organisation by permission."""
    held = [permission for permission in actor.grants if actor.reaches(permission)]
    ours = Q(organisation_id=actor.organisation, permission__in=held) if actor.organisation else Q(pk=None)
    return SearchDocument.objects.filter(Q(published=True) | ours)


def _from_index(actor: Actor, words: Sequence[str], limit: int) -> dict[str, list[Hit]]:
    asked = SearchQuery(" & ".join(f"{word}:*" for word in words), search_type="raw", config=CONFIGURATION)
    best = (
        findable(actor)
        .filter(words=asked, subject_type__in=_sources)
        .annotate(rank=SearchRank(F("words"), asked))
        .order_by("-rank", "-id")[:limit]
    )
    hits: dict[str, list[Hit]] = {}
    for entry in best:
        hits.setdefault(entry.subject_type, []).append(Hit(entry.address, entry.title))
    return hits
