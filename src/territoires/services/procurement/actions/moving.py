"""The step that every verb makes in the life of a consultation, and what its facts say of it."""

from __future__ import annotations

from typing import Any

from territoires.foundations.actions.api import unchanged
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor

from ..domain.life import LIFE
from ..models import Consultation

TO_VALIDATE, RETURNED = "procurement.to-validate", "procurement.returned"
ENDS_PREPARATION = ("validate", "discard")


def move(consultation: Consultation, verb: str, actor: Actor, version: int | None) -> None:
    """Brings it to the state that ``verb`` leads to; the caller saves it.

    Raises Conflict when the state does not allow it, or when it changed since ``version``.
    """
    unchanged(consultation, version)
    consultation.state = LIFE.after(consultation.state, verb)
    consultation.version += 1
    consultation.changed_at = actor.now()
    if consultation.submitted_at is not None:  # whoever is to validate would validate something else
        consultation.submitted_at = None
        worklist.close_items(consultation.subject, TO_VALIDATE)
    if verb in ENDS_PREPARATION:
        worklist.close_items(consultation.subject, RETURNED)


def about(consultation: Consultation) -> dict[str, Any]:
    return {"subject": consultation.subject, "matter": consultation.pk}
