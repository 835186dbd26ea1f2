"""What the search of the platform finds of acts: those of the agent's body, and those on line anywhere."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from territoires.foundations.search.api import Hit, SearchSource
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.ui.dates import short_date

from ..models import known
from ..queries import acts, register
from ..queries.lists import Filters
from ..queries.readiness import classification
from .words import shown


def ours(actor: Actor, text: str, count: int) -> Sequence[Hit]:
    """The acts of the acting organisation in whatever state, as far as the actor may read them."""
    lists = classification(legal_day(actor.now()))
    found = [shown(act, lists) for act in acts.acts_of(actor, Filters(text=text), size=count).acts]
    return [
        Hit(
            reverse(
                "legality_desk:act",
                kwargs={"organisation": one.act.organisation.reference, "act": one.act.pk},
            ),
            f"{one.act.number} {one.act.object}".strip(),
            " · ".join(filter(None, [one.nature, one.state])),
        )
        for one in found
    ]


def on_line(actor: Actor, text: str, count: int) -> Sequence[Hit]:
    """The published acts of every body."""
    lists = classification(legal_day(actor.now()))
    found = [shown(act, lists) for act in register.found_on_line(actor, text, size=count)]
    return [
        Hit(
            reverse(
                "legality:act", kwargs={"organisation": one.act.organisation.reference, "act": one.act.pk}
            ),
            f"{one.act.number} {one.act.object}",
            " · ".join(
                [
                    one.act.organisation.name,
                    one.nature,
                    _("on line since %(day)s") % {"day": short_date(known(one.act.published_on))},
                ]
            ),
        )
        for one in found
    ]


SOURCES = (
    SearchSource("legality.act", gettext_lazy("Acts of your organisation"), ours),
    SearchSource("legality.publication", gettext_lazy("Acts on line"), on_line),
)
