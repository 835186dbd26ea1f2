"""Reads of bids: what counts at the opening, and what an enterprise sees of its own."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from territoires.foundations.actions import api as actions
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Missing

from ..domain.sealing.manifest import Manifest, read_manifest
from ..models import BidDraft, Consultation, Deposit, DepositLot, Lot, SealedBlock
from ..permissions import Procurement


def in_time_deposits(consultation: Consultation, round: int) -> QuerySet[Deposit]:
    """The deposits that count, in the order of the register: in time, and the last one of their bidder for a lot at least.

    ``counting_lots`` names the lots for which one counts: earlier deposits for the same lot are never opened.
    """
    return (
        Deposit.objects.filter(
            consultation=consultation,
            round=round,
            state=Deposit.State.SEALED,
            lots__superseded_by=None,
        )
        .select_related("bidder", "draft")
        .distinct()
        .order_by("number")
    )


def admitted_late_deposits(consultation: Consultation, round: int) -> QuerySet[Deposit]:
    """Late deposits that a reasoned decision of the buyer, or a judge, lets be opened all the same."""
    return Deposit.objects.filter(
        consultation=consultation, round=round, state=Deposit.State.LATE, late_decision__isnull=False
    ).select_related("bidder", "draft", "late_decision")


def counting_lots(deposit: Deposit) -> list[Lot | None]:
    """The lots for which the deposit counts, by number; None stands for a consultation that is not divided."""
    rows = DepositLot.objects.filter(deposit=deposit, superseded_by=None).select_related("lot")
    return [row.lot for row in rows]


def counting_blocks(deposit: Deposit, envelope: str) -> list[SealedBlock]:
    """The blocks to open of a deposit, for one kind of envelope: those that its manifest names, of the lots that count.

    The lot of a block is a lot's id, or the consultation's own where it is not divided.
    """
    named = {one.block for one in manifest_of(deposit).blocks}
    lots = {lot.pk if lot else deposit.consultation_id for lot in counting_lots(deposit)}
    return list(SealedBlock.objects.filter(pk__in=named, lot__in=lots, envelope=envelope).order_by("pk"))


def manifest_of(deposit: Deposit) -> Manifest:
    """What the deposit is made of."""
    return read_manifest(bytes(deposit.manifest))


def sealed_lots(consultation: Consultation) -> dict[UUID, Lot | None]:
    """The lots as blocks name them: by their ids, or the consultation's own id where it is not divided."""
    lots: Iterable[Lot] = Lot.objects.filter(consultation=consultation)
    return {lot.pk: lot for lot in lots} or {consultation.pk: None}


def draft_of(actor: Actor, key: UUID, permission: Procurement = Procurement.BID_READ) -> BidDraft:
    """One bid of the acting enterprise. Raises Missing."""
    found = (
        actions.visible(actor, permission)
        .select_related("consultation__organisation", "bidder")
        .filter(pk=key)
        .first()
    )
    if found is None:
        raise Missing(
            "no-bid", "There is no such bid here, or it is not open to you.", "Look in the list of your bids."
        )
    return found
