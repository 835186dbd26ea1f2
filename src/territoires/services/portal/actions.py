"""What an operator may do from the console."""

from __future__ import annotations

from uuid import UUID

from territoires.contracts.portal import DeadLetterReplayed
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.journal import api as journal
from territoires.kernel.actor import Actor
from territoires.kernel.fact import Subject

from .permissions import Portal


@action(Portal.REPLAY_DEAD_LETTER)
def replay_dead_letter(*, actor: Actor, letter: UUID) -> Outcome[int]:
    """Hands a parked fact and those behind it to their follower again; answers how many passed.

    Raises Missing when it was replayed meanwhile.
    """
    passed = journal.replay(letter, actor)
    return Outcome(passed, DeadLetterReplayed(subject=Subject("portal.dead-letter", letter), passed=passed))
