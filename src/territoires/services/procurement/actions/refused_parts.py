"""What is refused of a bid before anything of it is kept: nobody holds it, and the book says who sent it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from territoires.contracts import procurement_bids as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Invalid, TooLate

from ..models import BidDraft
from ..permissions import Procurement

BLOCK, MANIFEST, ESPD = "block", "manifest", "espd"


@contextmanager
def telling_refusals(actor: Actor, draft: BidDraft, what: str, content: bytes) -> Iterator[None]:
    """Leaves a fact when what is done inside is refused; the refusal itself goes on. A rehearsal, which a stranger may do,
    leaves none: the book is not hers to fill."""
    try:
        yield
    except (Invalid, Conflict, TooLate) as refusal:
        if not draft.is_rehearsal:
            unkeyed = replace(actor, idempotency_key=None)
            keep_refusal(actor=unkeyed, draft=draft, what=what, code=refusal.code, content=content)
        raise


@action(Procurement.BID_PREPARE, on="draft")
def keep_refusal(*, actor: Actor, draft: BidDraft, what: str, code: str, content: bytes) -> Outcome[None]:
    """Keeps that a part of a bid was refused, and the digest of what was sent."""
    fact = facts.BidPartRefused(
        subject=draft.subject,
        matter=draft.consultation_id,
        what=what,
        code=code,
        content=hashlib.sha256(content).hexdigest(),
    )
    return Outcome(None, fact)
