"""A competitive dialogue: its sessions with each candidate, and its end, after which the final tenders are asked for.

CCP R2161-24 to R2161-31. Its rounds are those of ``negotiating``: each sealed, and whoever is invited to none any more is told
why.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from territoires.contracts import procurement_award as facts
from territoires.foundations.actions.api import Outcome, action, unchanged
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid

from ..domain.examination import ADMITTED
from ..domain.wording import stated
from ..models import LONGEST_REASON, LONGEST_TEXT, Consultation, DialogueMeeting, LetterKind
from ..permissions import Procurement
from ..queries.evaluation import candidacies_of, candidacy_of
from ..queries.files import received
from ..queries.rounds import FIRST, current_round, in_dialogue, prepared_round
from .examining import require_analysis
from .moving import about
from .negotiating import write_letter
from .next_step import wait_for_next_step


@action(Procurement.NEGOTIATE, on="consultation")
def note_meeting(
    *,
    actor: Actor,
    consultation: Consultation,
    candidacy: UUID,
    held_on: date,
    present: str,
    summary: str,
    document: UUID | None = None,
) -> Outcome[DialogueMeeting]:
    """Keeps a session with one candidate: who was there, what was said, its minutes if there are some.

    Raises Conflict once the dialogue is over or for a candidate that takes no further part, Invalid for a day to come.
    """
    _require_dialogue(consultation)
    found = candidacy_of(consultation, candidacy)
    if found.state != ADMITTED or current_round(consultation) == FIRST:
        raise Conflict(
            "not-in-dialogue",
            "This candidate is not in the dialogue.",
            "Invite it to a round first; who was set aside takes no further part.",
        )
    if held_on > legal_day(actor.now()):
        fault = Fault(
            "held_on", "meeting-to-come", "This day is to come.", "Note the session once it was held."
        )
        raise Invalid("meeting-refused", "Nothing was kept.", "Correct the day.", faults=[fault])
    file = received(actor, document) if document else None
    made = DialogueMeeting(
        consultation=consultation,
        candidacy=found,
        held_on=held_on,
        present=present.strip()[:LONGEST_REASON],
        summary=stated(summary, limit=LONGEST_TEXT),
        document=file,
        sha256=file.sha256 if file else "",
        recorded_at=actor.now(),
    )
    made.save(force_insert=True)
    if file is not None:
        documents.attach(file, holder=made.subject)
    fact = facts.DialogueMet(
        subject=made.subject,
        matter=consultation.pk,
        bidder=found.bidder_id,
        held_on=held_on,
        content=made.sha256,
        summary=made.summary,
    )
    return Outcome(made, fact)


@action(Procurement.NEGOTIATE, on="consultation")
def end_dialogue(
    *, actor: Actor, consultation: Consultation, conclusion: str, version: int | None = None
) -> Outcome[Consultation]:
    """Declares the dialogue over, and tells the candidates that remain; the next round receives their final tenders.

    Raises Conflict before anything was discussed, while a round is prepared, or twice.
    """
    unchanged(consultation, version)
    _require_dialogue(consultation)
    if current_round(consultation) == FIRST:
        raise Conflict(
            "nothing-discussed",
            "Nothing was discussed with the candidates yet.",
            "Invite them to a round first.",
        )
    if prepared_round(consultation) is not None:
        raise Conflict(
            "round-prepared",
            "A round of the dialogue is prepared: it would be discussed after the end.",
            "Hold this round first.",
        )
    said = stated(conclusion, limit=LONGEST_REASON)
    consultation.dialogue_ended_at = actor.now()
    consultation.version += 1
    consultation.save()
    remaining = [one for one in candidacies_of(consultation) if one.state == ADMITTED]
    for one in remaining:
        body = {"lots": [], "paragraphs": [said]}
        write_letter(actor, consultation, one, LetterKind.DIALOGUE, current_round(consultation), body)
    wait_for_next_step(consultation, actor)
    fact = facts.DialogueEnded(
        **about(consultation), bidders=tuple(one.bidder_id for one in remaining), conclusion=said
    )
    return Outcome(consultation, fact)


def _require_dialogue(consultation: Consultation) -> None:
    require_analysis(consultation)
    if not in_dialogue(consultation):
        raise Conflict(
            "no-dialogue",
            "This is no competitive dialogue, or it is over.",
            "Go on with the bids that you have.",
        )
