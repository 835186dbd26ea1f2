"""An enterprise answers an ESPD (DUME): the buyer's, brought as XML, or the one that the platform makes for the buyer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from territoires.contracts import procurement_bids as facts
from territoires.foundations.actions.api import Outcome, action, unchanged
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day

from ..domain import espd
from ..models import BidDraft, EspdAnswer
from ..permissions import Procurement
from ..queries.enterprise import sheet_of
from ..queries.espd import espd_of
from .refused_parts import ESPD, telling_refusals


def take_espd(*, actor: Actor, draft: BidDraft, data: bytes) -> EspdAnswer:
    """Answers the ESPD of this file. Raises what ``receive_espd`` does, and the book keeps that it was refused."""
    with telling_refusals(actor, draft, ESPD, data):
        return receive_espd(actor=actor, draft=draft, data=data)


@action(Procurement.BID_PREPARE, on="draft")
def receive_espd(*, actor: Actor, draft: BidDraft, data: bytes) -> Outcome[EspdAnswer]:
    """Answers the ESPD of this file: the buyer's request, or a response whose answers serve again. Raises Invalid.

    No bytes: back to the platform's own request; answers to the same questions stay.
    """
    kept = _kept(actor, draft)
    answers: dict[str, str] = {}
    if data:
        _call, answers = espd.read_espd(data)
    kept.request = data
    kept.answers = {**kept.answers, **answers}
    kept.version += 1
    kept.save()
    fact = facts.EspdTaken(
        subject=draft.subject,
        matter=draft.consultation_id,
        request=hashlib.sha256(data).hexdigest() if data else "",
        answers=len(answers),
    )
    return Outcome(kept, fact)


@action(Procurement.BID_PREPARE, on="draft")
def write_espd(
    *, actor: Actor, draft: BidDraft, answers: Mapping[str, str], version: int | None = None
) -> Outcome[EspdAnswer]:
    """Keeps the answers to every question of the ESPD. Raises Invalid, naming each wrong one; Conflict if it changed meanwhile."""
    kept = _kept(actor, draft)
    unchanged(kept, version)
    found = espd_of(draft, sheet_of(actor), legal_day(actor.now()))
    kept.answers = espd.answered(found.call, answers)
    kept.is_written = True
    kept.version += 1
    kept.save()
    fact = facts.EspdWritten(subject=draft.subject, matter=draft.consultation_id, answers=len(kept.answers))
    return Outcome(kept, fact)


def _kept(actor: Actor, draft: BidDraft) -> EspdAnswer:
    found = EspdAnswer.objects.select_for_update(of=("self",)).filter(draft=draft).first()
    found = found or EspdAnswer(draft=draft)
    found.changed_at = actor.now()
    return found
