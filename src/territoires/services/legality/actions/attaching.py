"""A draft that exists joins a sitting by hand, or leaves it, before it is signed."""

from __future__ import annotations

from uuid import UUID

from territoires.contracts import legality as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Fault, Invalid
from territoires.ui.dates import long_date

from ..models import Act, Sitting, Vote
from ..permissions import Legality
from ..queries.sittings import DELIBERATION, sitting_of
from .moving import move
from .telling import about


@action(Legality.REVISE, on="act")
def choose_sitting(
    *, actor: Actor, act: Act, sitting: UUID | None, version: int | None = None
) -> Outcome[Act]:
    """Attaches a draft to a sitting of its body, whose day it takes when it has none; None detaches it.

    The vote that it had in another sitting is forgotten: the book keeps it. Raises Invalid for another nature or day,
    Missing for a sitting of elsewhere, Conflict when it is no draft any more.
    """
    move(act, "revise", actor, version)
    chosen = sitting_of(actor, sitting) if sitting else None
    if chosen is not None:
        _require_fit(act, chosen)
        act.nature = DELIBERATION
        act.decided_on = chosen.held_on
    if (chosen.pk if chosen else None) != act.sitting_id:
        Vote.objects.filter(act=act.pk).delete()
    act.sitting = chosen
    act.save()
    return Outcome(
        act,
        facts.ActSittingChosen(
            **about(act),
            sitting=chosen.pk if chosen else None,
            held_on=chosen.held_on if chosen else None,
        ),
    )


def _require_fit(act: Act, sitting: Sitting) -> None:
    if act.nature not in ("", DELIBERATION):
        fault = Fault(
            "sitting",
            "not-a-deliberation",
            "Only a deliberation belongs to a sitting.",
            "Correct the nature of the draft first, if it is one.",
        )
    elif act.decided_on not in (None, sitting.held_on):
        fault = Fault(
            "sitting",
            "sitting-of-another-day",
            "The draft is dated %(day)s, and the sitting was held on %(held_on)s.",
            "Correct the date of the draft, or choose the sitting of its day.",
            {
                "day": long_date(act.decided_on) if act.decided_on else "",
                "held_on": long_date(sitting.held_on),
            },
        )
    else:
        return
    raise Invalid(
        "sitting-refused",
        "The draft was not attached to the sitting.",
        "Correct the point below.",
        faults=[fault],
    )
