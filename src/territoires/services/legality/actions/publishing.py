"""Publication: the act goes on line for everybody."""

from __future__ import annotations

from territoires.contracts import legality as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor

from ..domain.classification import PUBLISH
from ..models import Act, known
from ..permissions import Legality
from .moving import move, require_way
from .telling import with_author, with_files, with_nature
from .waiting import wait_for_next_step


@action(Legality.PUBLISH, on="act")
def publish_act(*, actor: Actor, act: Act, version: int | None = None) -> Outcome[Act]:
    """Puts the act on line in the public register of its body, from this instant (CGCT R.2131-1).

    Raises Conflict for an individual act: it is notified and never put on line.
    """
    move(act, "publish", actor, version)
    require_way(act, PUBLISH)
    act.published_at = actor.now()
    act.save()
    wait_for_next_step(act, actor)
    return Outcome(
        act,
        facts.ActPublished(
            **with_nature(act),
            **with_author(act),
            **with_files(act),
            matter_code=act.matter_code,
            decided_on=known(act.decided_on),
            published_at=act.published_at,
            object=act.object,
        ),
    )
