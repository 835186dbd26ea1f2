"""An agent's reads: the consultations of the acting organisation."""

from __future__ import annotations

from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import QuerySet

from territoires.foundations.actions import api as actions
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Missing
from territoires.kernel.text import fold

from ..domain import life
from ..models import Consultation
from ..permissions import Procurement


def consultations_of(actor: Actor, *, words: str = "", state: str = "") -> QuerySet[Consultation]:
    """The consultations that the actor may read, the latest changed first; each word is a prefix."""
    found: QuerySet[Consultation] = (
        actions.visible(actor, Procurement.READ).order_by("-changed_at", "-id").distinct()
    )
    found = found.filter(state=state) if state else found.exclude(state=life.DISCARDED)
    if folded := fold(words):
        # fold() leaves nothing but letters, digits and spaces, so this is no injection.
        query = SearchQuery(" & ".join(f"{w}:*" for w in folded.split()), search_type="raw", config="simple")
        found = found.annotate(words=SearchVector("words_folded", config="simple")).filter(words=query)
    return found


def consultation_of(actor: Actor, key: UUID, permission: Procurement = Procurement.READ) -> Consultation:
    """One consultation on which the actor has the permission. Raises Missing."""
    found = actions.visible(actor, permission).select_related("organisation").filter(pk=key).first()
    if found is None:
        raise Missing(
            "no-consultation",
            "There is no such consultation here, or it is not open to you.",
            "Search for it in the list.",
        )
    return found
