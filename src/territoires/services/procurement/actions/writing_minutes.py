"""The minutes of a session, of a safety copy, of a destruction: printed by the opening worker, kept once a language."""

from __future__ import annotations

from typing import Any

from territoires.contracts import procurement_opening as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict

from ..models import Consultation, Minuted, Minutes
from ..permissions import Procurement


@action(Procurement.WRITE_MINUTES, on="consultation")
def record_minutes(
    *, actor: Actor, consultation: Consultation, about: Minuted, language: str, document: Any
) -> Outcome[Minutes]:
    """Keeps the minutes in one language. Raises Conflict when they are kept already."""
    named = Minutes.about(about)
    if Minutes.objects.filter(**named, language=language).exists():
        raise Conflict("minutes-kept", "These minutes are kept already.", "Nothing to do.")
    documents.attach(document, holder=about.subject)
    row = Minutes.objects.create(
        consultation=consultation,
        **named,
        language=language,
        document=document,
        sha256=document.sha256,
        made_at=actor.now(),
    )
    fact = facts.MinutesWritten(
        subject=about.subject, matter=consultation.pk, language=language, content=row.sha256
    )
    return Outcome(row, fact)
