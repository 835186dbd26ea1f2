"""What the search of the platform finds: the consultations of the agent's body."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy

from territoires.foundations.search.api import Hit, SearchSource
from territoires.kernel.actor import Actor

from ..queries.consultations import consultations_of
from .words import shown


def ours(actor: Actor, text: str, count: int) -> Sequence[Hit]:
    """The consultations of the acting organisation, as far as the actor may read them."""
    found = consultations_of(actor, words=text).select_related("organisation")[:count]
    return [
        Hit(
            reverse(
                "procurement_desk:consultation",
                kwargs={"organisation": one.organisation.reference, "consultation": one.pk},
            ),
            f"{one.reference} {one.title}".strip(),
            " · ".join(filter(None, [shown(one).category, shown(one).state])),
        )
        for one in found
    ]


SOURCES = (
    SearchSource("procurement.consultation", gettext_lazy("Consultations of your organisation"), ours),
)
