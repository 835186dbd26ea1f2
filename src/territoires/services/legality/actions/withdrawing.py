"""Withdrawal: the act is taken off line, or back, and its address says why."""

from __future__ import annotations

from territoires.contracts import legality as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor

from ..models import Act
from ..permissions import Legality
from ..queries.transmissions import require_none_live
from .moving import move, stated
from .telling import about
from .waiting import nothing_waits


@action(Legality.WITHDRAW, on="act")
def withdraw_act(*, actor: Actor, act: Act, reason: str, version: int | None = None) -> Outcome[Act]:
    """Takes the act off line, or back, for a stated reason; its public address answers 410 with it from then on."""
    move(act, "withdraw", actor, version)
    require_none_live(act)
    act.withdrawn_at, act.withdrawal_reason = actor.now(), stated(reason)
    act.save()
    nothing_waits(act)
    return Outcome(
        act,
        facts.ActWithdrawn(
            **about(act), was_published=act.published_at is not None, reason=act.withdrawal_reason
        ),
    )
