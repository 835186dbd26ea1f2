"""Safety copies and repairs: what the law lets a buyer do when a bid cannot be read, each step with its trace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps

from territoires.contracts import procurement_opening as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid
from territoires.kernel.text import clean

from ..domain.opened import CLEAR
from ..domain.wording import stated
from ..models import (
    LONGEST_REASON,
    Consultation,
    Deposit,
    RepairAttempt,
    SafetyCopy,
    SafetyCopyFile,
    SafetyCopyState,
)
from ..permissions import Procurement
from ..queries.files import received
from ..queries.opening import opened_file, safety_copy
from ..queries.rounds import deadline_of
from ..queries.safety_copies import grounds_on, may_stand_in
from .holders import own_person
from .moving import about


@action(Procurement.OPENING_CONDUCT, on="consultation")
def receive_safety_copy(
    *,
    actor: Actor,
    consultation: Consultation,
    round: int,
    bidder_name: str,
    medium: str,
    arrived_at: datetime,
    deposit: UUID | None = None,
) -> Outcome[SafetyCopy]:
    """Notes that a safety copy arrived; it stays closed. Raises Invalid for what is to come, or not described."""
    if not clean(bidder_name) or not clean(medium):
        raise Invalid(
            "copy-not-described", "The copy is not described.", "Say whose it is, and on what it came."
        )
    if arrived_at > actor.now():
        raise Invalid("copy-to-come", "This instant is still to come.", "Write when the copy arrived.")
    row = SafetyCopy.objects.create(
        consultation=consultation,
        round=round,
        bidder_name=clean(bidder_name)[:200],
        medium=clean(medium)[:200],
        arrived_at=arrived_at,
        deposit=_deposit(consultation, deposit),
    )
    fact = facts.SafetyCopyReceived(
        subject=row.subject,
        matter=consultation.pk,
        arrived_at=arrived_at,
        bidder=row.bidder_name,
        medium=row.medium,
    )
    return Outcome(row, fact)


@action(Procurement.OPENING_CONDUCT, on="consultation")
def open_safety_copy(
    *,
    actor: Actor,
    consultation: Consultation,
    copy: UUID,
    ground: str,
    reason: str,
    files: Sequence[UUID] = (),
) -> Outcome[SafetyCopy]:
    """Opens a copy in one of the two cases of the law. Raises Invalid for another one, Conflict when it is settled, came
    after the deadline, or when what is recorded of the transmission is not that case.

    ``files`` are received documents: the scans, or what the medium held.
    """
    row = _kept(consultation, copy)
    if ground not in {entry["code"] for entry in grounds_on(legal_day(actor.now()))}:
        raise Invalid(
            "copy-without-case",
            "A safety copy is opened in the cases of the law alone.",
            "Choose the case that applies, or leave the copy closed.",
        )
    _require_admitted(row, ground)
    row.state, row.ground = SafetyCopyState.OPENED, ground
    row.reason = stated(reason, limit=LONGEST_REASON)
    row.settled_at, row.settled_by_id = actor.now(), actor.person
    row.save()
    for key in files:
        document = documents.attach(received(actor, key), holder=row.subject)
        SafetyCopyFile.objects.create(copy=row, document=document)
    fact = facts.SafetyCopyOpened(
        subject=row.subject,
        matter=consultation.pk,
        ground=ground,
        deposit=row.deposit_id,
        files=len(files),
        reason=row.reason,
    )
    return Outcome(row, fact)


@action(Procurement.OPENING_CONDUCT, on="consultation")
def destroy_safety_copy(*, actor: Actor, consultation: Consultation, copy: UUID) -> Outcome[SafetyCopy]:
    """A copy that was not opened was destroyed, as the law asks. Raises Conflict when it is settled."""
    row = _kept(consultation, copy)
    row.state = SafetyCopyState.DESTROYED
    row.settled_at, row.settled_by_id = actor.now(), actor.person
    row.save()
    return Outcome(row, facts.SafetyCopyDestroyed(subject=row.subject, matter=consultation.pk))


@action(Procurement.OPENING_CONDUCT, on="consultation")
def record_repair(
    *, actor: Actor, consultation: Consultation, file: UUID, note: str, document: UUID | None = None
) -> Outcome[RepairAttempt]:
    """Somebody tried to repair a file: with the repaired file, or without success. Raises Conflict for a clear one."""
    found = opened_file(consultation, file)
    if found.verdict == CLEAR:
        raise Conflict("file-clear", "This file was opened: there is nothing to repair.", "Read it.")
    repaired = _row(document, actor) if document else None
    if repaired is not None:
        documents.attach(repaired, holder=found.order.subject)
    row = RepairAttempt.objects.create(
        file=found,
        person_id=own_person(actor),
        note=stated(note, limit=LONGEST_REASON),
        succeeded=repaired is not None,
        document=repaired,
        attempted_at=actor.now(),
    )
    fact = facts.RepairAttempted(
        **about(consultation),
        file=found.pk,
        succeeded=row.succeeded,
        content=repaired.sha256 if repaired else "",
        note=row.note,
    )
    return Outcome(row, fact)


def _row(document: UUID, actor: Actor) -> Any:
    rows: Any = apps.get_model("documents.Document")._default_manager
    found = rows.filter(pk=document, organisation_id=actor.organisation).first()
    if found is None:
        raise Invalid("no-document", "This file is no longer here.", "Send it again.")
    return found


def _kept(consultation: Consultation, copy: UUID) -> SafetyCopy:
    row = safety_copy(consultation, copy)
    if row.state != SafetyCopyState.KEPT:
        raise Conflict("copy-settled", "This copy was opened or destroyed already.", "Look at the list.")
    return row


def _require_admitted(row: SafetyCopy, ground: str) -> None:
    deadline = deadline_of(row.consultation, row.round)
    if deadline is None or row.arrived_at > deadline:
        raise Conflict(
            "copy-late",
            "This copy arrived after the deadline: it stays closed, whatever became of the electronic bid.",
            "Note that it was destroyed unopened.",
        )
    if not may_stand_in(row, ground):
        raise Conflict(
            "copy-not-needed",
            "Nothing recorded here makes it this case: no infected file in its deposit, or no transmission that began"
            " before the deadline and is late, incomplete or unreadable.",
            "Open the bids first; tie the copy to its deposit; otherwise leave it closed.",
        )


def _deposit(consultation: Consultation, key: UUID | None) -> Deposit | None:
    return Deposit.objects.filter(consultation=consultation, pk=key).first() if key else None
