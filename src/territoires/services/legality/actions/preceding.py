"""Saying which act a draft changes."""

from __future__ import annotations

from uuid import UUID

from territoires.contracts import legality as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Fault, Invalid

from ..domain.preceding import LINKS
from ..models import Act
from ..permissions import Legality
from ..queries.preceding import changeable_act
from .moving import move
from .telling import about


@action(Legality.REVISE, on="act")
def choose_preceding(
    *, actor: Actor, act: Act, preceding: UUID | None, link: str = "", version: int | None = None
) -> Outcome[Act]:
    """Says which act of the body a draft modifies, repeals or completes; ``preceding`` None: it stands alone.

    Raises Missing for an act that none can change, Invalid without ``link``, Conflict when it is no draft any more.
    """
    move(act, "revise", actor, version)
    chosen = changeable_act(act, preceding) if preceding else None
    if chosen is not None and link not in LINKS:
        raise Invalid(
            "link-missing",
            "The earlier act was not recorded: it is not said what this one does to it.",
            "Say whether it modifies, repeals or completes it.",
            faults=[
                Fault(
                    "link",
                    "link-unknown",
                    "It is not said what this act does to the earlier one.",
                    "Choose one of the three.",
                )
            ],
        )
    act.preceding, act.preceding_link = chosen, link if chosen else ""
    act.save()
    return Outcome(
        act,
        facts.ActPrecedingChosen(
            **about(act),
            link=act.preceding_link,
            preceding=chosen.pk if chosen else None,
            preceding_number=chosen.number if chosen else "",
        ),
    )
