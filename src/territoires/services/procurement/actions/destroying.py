"""The end of the keys and of what was never opened: disputes that forbid it, the order, and what carries it out.

Officers' slots go with the order. The opening worker then takes block after block, the time-keeper its own keys; killed at
any step, both go on where they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Sum

from territoires.contracts import procurement_opening as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid
from territoires.kernel.text import clean

from ..domain.sealing.block import read_block, without_wraps
from ..domain.wording import stated
from ..models import (
    LONGEST_REASON,
    Consultation,
    Destruction,
    Dispute,
    KeySlot,
    SealedBlock,
    StoredChunk,
    TimeKey,
)
from ..permissions import Procurement
from ..queries import destruction as queries
from ..queries.quorum import public_hash
from .holders import own_person
from .moving import about

LONGEST_VISA = 200


@action(Procurement.DESTROY_BIDS, on="consultation")
def note_dispute(*, actor: Actor, consultation: Consultation, what: str) -> Outcome[Dispute]:
    """Something forbids the destruction from now on. Raises Conflict once it is ordered, Invalid without words."""
    if queries.destruction_of(consultation) is not None:
        raise _ordered()
    row = Dispute.objects.create(
        consultation=consultation,
        what=stated(what, limit=LONGEST_REASON),
        noted_by_id=own_person(actor),
        noted_at=actor.now(),
    )
    return Outcome(row, facts.DisputeNoted(**about(consultation), dispute=row.pk, what=row.what))


@action(Procurement.DESTROY_BIDS, on="consultation")
def end_dispute(*, actor: Actor, consultation: Consultation, dispute: UUID, outcome: str) -> Outcome[Dispute]:
    """It forbids nothing any more. Raises Conflict when it has ended, Invalid without its outcome."""
    row = queries.dispute_of(consultation, dispute)
    if row.ended_at is not None:
        raise Conflict("dispute-ended", "This dispute has ended already.", "Nothing was changed.")
    row.ended_at, row.outcome = actor.now(), stated(outcome, limit=LONGEST_REASON)
    row.save(update_fields=["ended_at", "outcome"])
    return Outcome(row, facts.DisputeEnded(**about(consultation), dispute=row.pk, outcome=row.outcome))


@action(Procurement.DESTROY_BIDS, on="consultation")
def order_destruction(
    *, actor: Actor, consultation: Consultation, visa_by: str, visa_reference: str, visa_on: date
) -> Outcome[Destruction]:
    """Destroys the officers' keys at once, and has the rest destroyed: time keys, wraps and bytes of what was never opened.

    The visa of the archives: who gave it, by which instrument, when. Raises what ``require_destroyable`` does, Conflict when
    it is ordered already, Invalid without the whole visa.
    """
    Consultation.objects.select_for_update(of=("self",)).get(pk=consultation.pk)
    if queries.destruction_of(consultation) is not None:
        raise _ordered()
    today = legal_day(actor.now())
    queries.require_destroyable(consultation, today)
    end, article = queries.legal_end(consultation)
    visa = _visa({"visa_by": visa_by, "visa_reference": visa_reference}, visa_on, end, today)
    row = Destruction.objects.create(
        consultation=consultation,
        kept_until=end,
        article=article,
        **visa,
        ordered_by_id=own_person(actor),
        ordered_at=actor.now(),
        keys=queries.holding_keys(consultation),
    )
    KeySlot.objects.filter(holder__consultation=consultation).delete()
    TimeKey.objects.filter(consultation=consultation).update(backup=None, recovery=None)
    fact = facts.DestructionOrdered(
        **about(consultation), kept_until=end, article=article, keys=row.keys, **visa
    )
    return Outcome(row, fact)


@action(Procurement.RECORD_DESTRUCTION, on="consultation")
def record_block(*, actor: Actor, consultation: Consultation, block: UUID) -> Outcome[SealedBlock]:
    """The bytes of a block's files are gone: so are their rows, and the block's wraps. Raises Conflict when it was done."""
    row = SealedBlock.objects.select_for_update(of=("self",)).get(pk=block)
    if row.destroyed_at is not None:
        raise Conflict("block-destroyed", "This block is destroyed already.", "Nothing to do.")
    stored = StoredChunk.objects.filter(file__block=row)
    counts = stored.aggregate(
        files=Count("file", distinct=True), chunks=Count("pk"), size=Sum("size", default=0)
    )
    stored.delete()
    row.document = without_wraps(read_block(bytes(row.document))).written()
    row.destroyed_at = actor.now()
    row.save(update_fields=["document", "destroyed_at"])
    more: dict[str, Any] = {name: F(name) + count for name, count in counts.items()}
    Destruction.objects.filter(consultation=consultation).update(blocks=F("blocks") + 1, **more)
    fact = facts.BlockDestroyed(**about(consultation), block=row.pk, document=row.sha256, **counts)
    return Outcome(row, fact)


@action(Procurement.TIME_RECORD, on="time_key", along=("consultation",))
def record_time_key_destroyed(*, actor: Actor, time_key: TimeKey) -> Outcome[TimeKey]:
    """The time-keeper has the private key no more."""
    time_key.destroyed_at = actor.now()
    time_key.save(update_fields=["destroyed_at"])
    key = public_hash(bytes(time_key.public_key or b""))
    fact = facts.TimeKeyDestroyed(**about(time_key.consultation), round=time_key.round, key=key)
    return Outcome(time_key, fact)


@action(Procurement.RECORD_DESTRUCTION, on="consultation")
def record_done(*, actor: Actor, consultation: Consultation) -> Outcome[Destruction]:
    """Nothing is left of what the order named."""
    row = Destruction.objects.select_for_update(of=("self",)).get(consultation=consultation)
    row.done_at = actor.now()
    row.save(update_fields=["done_at"])
    fact = facts.DestructionDone(
        **about(consultation), blocks=row.blocks, files=row.files, chunks=row.chunks, size=row.size
    )
    return Outcome(row, fact)


def _visa(words: Mapping[str, str], day: date, end: date, today: date) -> dict[str, Any]:
    said = {name: clean(one) for name, one in words.items()}
    faults = [
        Fault(
            name,
            "visa-missing",
            "The visa of the archives is not named whole.",
            "Write who gave it, and its reference.",
        )
        for name, one in said.items()
        if not 0 < len(one) <= LONGEST_VISA
    ]
    if not end < day <= today:
        faults.append(
            Fault(
                "visa_on",
                "visa-day",
                "The visa is not of a day between the legal end and today.",
                "Write the day of the visa itself.",
            )
        )
    if faults:
        raise Invalid(
            "visa-incomplete",
            "Nothing is destroyed without the visa of the archives.",
            "Complete what is marked.",
            faults=faults,
        )
    return {**said, "visa_on": day}


def _ordered() -> Conflict:
    return Conflict(
        "destruction-ordered",
        "The destruction is ordered already; nothing was done twice.",
        "Look at the page of the closed bids: it tells how far it is.",
    )
