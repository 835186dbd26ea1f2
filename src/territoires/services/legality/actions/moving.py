"""The step that every verb makes in the life of an act, and what may forbid it."""

from __future__ import annotations

from territoires.foundations.actions.api import unchanged
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid

from ..domain.classification import PUBLISH
from ..domain.life import LIFE
from ..domain.wording import one_line
from ..models import Act
from ..queries.readiness import classification

SHORTEST_REASON, LONGEST_REASON = 10, 1000


def move(act: Act, verb: str, actor: Actor, version: int | None) -> None:
    """Brings the act to the state that ``verb`` leads to; the caller saves it.

    Raises Conflict when the state does not allow it, or when the act changed since ``version``.
    """
    unchanged(act, version)
    act.state = LIFE.after(act.state, verb)
    act.version += 1
    act.changed_at = actor.now()


def require_way(act: Act, way: str) -> None:
    """Raises Conflict when an act of this nature does not take effect that way (``PUBLISH`` or ``NOTIFY``)."""
    nature = classification(legal_day(act.changed_at)).natures[act.nature]
    if way in nature.ways:
        return
    if way == PUBLISH:
        raise Conflict(
            "individual-act",
            "An individual act concerns one person: it is notified and never put on line.",
            "Notify it; or correct its nature, if it is not individual.",
        )
    raise Conflict(
        "act-to-publish",
        "An act of this nature takes effect by its publication.",
        "Publish it; or correct its nature, if it concerns one person.",
    )


def stated(reason: str) -> str:
    """The reason as one clean sentence. Raises Invalid when it says too little or too much."""
    tidied = one_line(reason)
    if SHORTEST_REASON <= len(tidied) <= LONGEST_REASON:
        return tidied
    raise Invalid(
        "reason-missing",
        "Nothing was done: a reason is due, in 10 to 1,000 characters.",
        "Say why in a sentence that the public can read.",
        faults=[
            Fault(
                "reason",
                "reason-length",
                "The reason is missing, too short or too long.",
                "Write one sentence.",
            )
        ],
    )
