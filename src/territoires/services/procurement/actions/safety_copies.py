"""Safety copies and repairs: what the law lets a buyer do when a bid cannot be read, each step with its trace."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps

from territoires.contracts import procurement_opening as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid, Missing
from territoires.kernel.ids import new_id
from territoires.kernel.text import clean

from ..domain.opened import CLEAR, LONGEST_FAULT
from ..domain.sealing import refusals
from ..domain.wording import stated
from ..models import (
    LONGEST_REASON,
    BidDraft,
    Consultation,
    Deposit,
    DepositLot,
    Envelope,
    Lot,
    RepairAttempt,
    SafetyCopy,
    SafetyCopyFile,
    SafetyCopyState,
    Verdict,
)
from ..permissions import Procurement
from ..queries.opening import may_be_opened, opened_file, safety_copy
from ..queries.quorum import current_policy
from ..queries.rounds import current_round, deadline_of, require_named
from ..queries.safety_copies import grounds_on, lots_answered_by, may_stand_in, transmission_of
from ..queries.sheets import lots_of
from .closing import noted_deadline
from .holders import own_person
from .moving import about
from .next_step import wait_for_next_step

MOST_FILES = 100


@dataclass(frozen=True, slots=True)
class Brought:
    """A received file that was in a copy, the envelope that it belongs to, and its lot by number; one that holds the bid
    for several lots is named for each."""

    document: UUID
    envelope: str = Envelope.TENDER
    lot: int | None = None


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
    """Notes that a safety copy arrived; it stays closed. Raises Invalid for what is to come, or not described, Missing
    for a deposit of elsewhere."""
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
        deposit=_deposit(consultation, round, deposit),
    )
    fact = facts.SafetyCopyReceived(
        subject=row.subject,
        matter=consultation.pk,
        arrived_at=arrived_at,
        bidder=row.bidder_name,
        medium=row.medium,
    )
    return Outcome(row, fact)


@action(Procurement.OPENING_CONDUCT, on="consultation", along=("organisation",))
def open_safety_copy(
    *,
    actor: Actor,
    consultation: Consultation,
    copy: UUID,
    ground: str,
    reason: str,
    files: Sequence[Brought],
    siret: str = "",
    lots: Sequence[int] = (),
) -> Outcome[SafetyCopy]:
    """Opens a copy in one of the two cases of the law: its files are from then on the bid of its enterprise. Raises Invalid
    for another case, without a file, or one for no lot of the bid; Conflict when the copy is settled, came after the
    deadline, or when what is recorded of the transmission is not that case; Unavailable when the antivirus does not judge.

    ``files``: the scans, or what the medium held, each of a bid for several lots with its own. ``siret`` is asked where no
    deposit was named at its arrival, ``lots`` (numbers) where none was made at all. A copy with an infected file is set
    aside, as if it had never come.
    """
    require_named(consultation)
    told = noted_deadline(actor, consultation)
    row = _kept(consultation, copy)
    if ground not in {entry["code"] for entry in grounds_on(legal_day(actor.now()))}:
        raise Invalid(
            "copy-without-case",
            "A safety copy is opened in the cases of the law alone (CCP R2132-11 and annex 6).",
            "Choose the case that applies, or leave the copy closed.",
        )
    deadline = _require_time(row, actor)
    draft, deposit = transmission_of(row, clean(siret).replace(" ", ""))
    if draft is None or not may_stand_in(row, ground, draft, deposit):
        raise Conflict(
            "copy-not-needed",
            "Nothing recorded here makes it this case: no infected file in the deposit of this enterprise, or no"
            " transmission that it began before the deadline and that is late, incomplete or unreadable (CCP R2132-11 and"
            " annex 6).",
            "Open the bids first; give the enterprise's SIRET, or name its deposit; otherwise leave the copy closed.",
        )
    row.ground, row.reason = ground, stated(reason, limit=LONGEST_REASON)
    row.settled_at, row.settled_by_id = actor.now(), actor.person
    answered = lots_answered_by(deposit) if deposit else _sound_lots(consultation, lots)
    found = _judged(row, actor, files, {lot.number: lot for lot in answered})
    infected = sum(one.verdict == Verdict.INFECTED for one in found)
    row.state = SafetyCopyState.INFECTED if infected else SafetyCopyState.OPENED
    if infected:
        row.deposit = deposit
    else:
        row.deposit = deposit or _made_bid(row, draft, found, deadline, answered)
        documents.attach_all([(key, row.subject) for key in {one.document_id for one in found} if key])
    row.save()
    SafetyCopyFile.objects.bulk_create(found)
    wait_for_next_step(consultation, actor)
    fact = facts.SafetyCopyOpened(
        subject=row.subject,
        matter=consultation.pk,
        ground=ground,
        deposit=row.deposit_id,
        files=len(found),
        contents=tuple(one.sha256 for one in found),
        infected=infected,
        reason=row.reason,
    )
    return Outcome(row, fact, *told)


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
    """Somebody tried to repair a file: with the repaired file, or without success. Raises Conflict for a clear one,
    Unavailable when the antivirus does not judge; a repaired file that is still infected is not kept: the attempt failed."""
    found = opened_file(consultation, file)
    if found.verdict == CLEAR:
        raise Conflict("file-clear", "This file was opened: there is nothing to repair.", "Read it.")
    repaired = _row(document, actor) if document else None
    fault = documents.infection_of(repaired)[:LONGEST_FAULT] if repaired is not None else ""
    kept = repaired if not fault else None
    if kept is not None:
        documents.attach(kept, holder=found.order.subject)
    row = RepairAttempt.objects.create(
        file=found,
        person_id=own_person(actor),
        note=stated(note, limit=LONGEST_REASON),
        succeeded=kept is not None,
        document=kept,
        fault=fault,
        attempted_at=actor.now(),
    )
    fact = facts.RepairAttempted(
        **about(consultation),
        file=found.pk,
        succeeded=row.succeeded,
        content=repaired.sha256 if repaired else "",
        fault=fault,
        note=row.note,
    )
    return Outcome(row, fact)


def _judged(
    row: SafetyCopy, actor: Actor, files: Sequence[Brought], answered: Mapping[int, Lot]
) -> list[SafetyCopyFile]:
    """What the copy held, each file judged by the antivirus; the bytes of a copy with an infected one are not kept."""
    given = {one.document: _row(one.document, actor) for one in files[: MOST_FILES + 1]}
    if not 0 < len(files) <= MOST_FILES or any(one.envelope not in Envelope.values for one in files):
        fault = Fault(
            "document",
            "copy-without-files",
            "Nothing is given of what the copy held, or more than %(most)d files.",
            "Scan the paper, or copy the files of the medium; put many in one archive.",
            {"most": MOST_FILES},
        )
        raise Invalid("copy-refused", "The copy stays closed.", "Correct it.", faults=[fault])
    judge = documents.antivirus()
    row.antivirus = judge.name
    lots = {one: _lot_of(one, answered) for one in files}
    viruses = {
        key: documents.infection_of(document, judge)[:LONGEST_FAULT] for key, document in given.items()
    }
    found: dict[tuple[Lot | None, str, str], SafetyCopyFile] = {}
    for one, lot in lots.items():
        document, virus = given[one.document], viruses[one.document]
        found[lot, one.envelope, document.sha256] = SafetyCopyFile(
            copy=row,
            lot=lot,
            envelope=one.envelope,
            name=document.name[:255],
            size=document.size,
            sha256=document.sha256,
            document=None if virus else document,
            verdict=Verdict.INFECTED if virus else Verdict.CLEAR,
            fault=virus,
        )
    return list(found.values())


def _lot_of(one: Brought, answered: Mapping[int, Lot]) -> Lot | None:
    """The lot that a file is for; None for all of them, which a candidature may be and a bid for several lots is not."""
    if one.lot is None and (one.envelope == Envelope.CANDIDATURE or not answered):
        return None
    if one.lot is None and len(answered) == 1:
        return next(iter(answered.values()))
    if (found := answered.get(one.lot or 0)) is not None:
        return found
    fault = Fault(
        "lots",
        "copy-file-without-lot",
        "A file is for no lot that this enterprise answers: bids are compared lot by lot (here: %(lots)s).",
        "Say the lot of each file; one that holds the bid for several is given for each.",
        {"lots": ", ".join(map(str, answered)) or "—"},
    )
    raise Invalid("copy-refused", "The copy stays closed.", "Correct it.", faults=[fault])


def _made_bid(
    row: SafetyCopy,
    draft: BidDraft,
    files: Sequence[SafetyCopyFile],
    deadline: datetime,
    lots: Sequence[Lot],
) -> Deposit:
    """The deposit that was never made, as the copy says it."""
    policy = current_policy(row.consultation, row.round)
    # something was transmitted by an enterprise, and it was sealed for somebody
    assert policy is not None and draft.bidder is not None
    said = {
        "copy": str(row.pk),
        "files": [
            {
                "name": one.name,
                "size": one.size,
                "sha256": one.sha256,
                "envelope": one.envelope,
                "lot": one.lot.number if one.lot else None,
            }
            for one in files
        ],
    }
    manifest = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    made = Deposit.objects.create(
        pk=new_id(),
        draft=draft,
        consultation=row.consultation,
        round=row.round,
        bidder=draft.bidder,
        manifest=manifest,
        root=hashlib.sha256(manifest).hexdigest(),
        policy=policy.sha256,
        completed_at=row.arrived_at,
        deadline_at=deadline,
        number=Deposit.objects.filter(consultation=row.consultation, round=row.round).count() + 1,
        state=Deposit.State.COPY,
    )
    covered: Sequence[Lot | None] = lots or [None]
    DepositLot.objects.bulk_create([DepositLot(deposit=made, lot=lot) for lot in covered])
    return made


def _sound_lots(consultation: Consultation, wanted: Sequence[int]) -> list[Lot]:
    known = {lot.number: lot for lot in lots_of(consultation)}
    if known and not (wanted and set(wanted) <= set(known)):
        fault = Fault(
            "lots",
            "copy-without-lots",
            "No lot is chosen, or one that is not there.",
            "Choose the lots that the copy answers.",
        )
        raise Invalid("copy-refused", "The copy stays closed.", "Correct it.", faults=[fault])
    return [known[number] for number in sorted(set(wanted)) if known]


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


def _require_time(row: SafetyCopy, actor: Actor) -> datetime:
    """The deadline of its round, which has passed and before which the copy arrived; the bids of the round are opened now."""
    deadline = deadline_of(row.consultation, row.round)
    if deadline is None or row.arrived_at > deadline:
        raise Conflict(
            "copy-late",
            "This copy arrived after the deadline: it stays closed, whatever became of the electronic bid (CCP R2132-11 and"
            " annex 6).",
            "Note that it was destroyed unopened.",
        )
    if actor.now() <= deadline:
        raise refusals.too_early()
    if row.round != current_round(row.consultation) or not may_be_opened(
        row.consultation, row.round, actor.now()
    ):
        raise Conflict(
            "not-to-be-opened",
            "The bids of this consultation are not to be opened now.",
            "Reload the page to see where it stands.",
        )
    return deadline


def _deposit(consultation: Consultation, round: int, key: UUID | None) -> Deposit | None:
    if key is None:
        return None
    found = Deposit.objects.filter(consultation=consultation, round=round, pk=key).first()
    if found is None:
        raise Missing("no-deposit", "There is no such deposit.", "Look in the register of deposits.")
    return found
