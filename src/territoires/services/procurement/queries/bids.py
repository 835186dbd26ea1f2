"""Reads of bids: what counts at the opening, and what an enterprise sees of its own."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from territoires.foundations.actions import api as actions
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Missing

from ..domain.sealing.manifest import Manifest, read_manifest
from ..models import (
    BidDraft,
    Consultation,
    Deposit,
    DepositLot,
    Lot,
    Receipt,
    SafetyCopy,
    SafetyCopyState,
    SealedBlock,
    SealIntent,
)
from ..permissions import Procurement
from .rounds import awaited_round

CANDIDATURE, TENDER = "candidature", "tender"


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


def judged(path: str = "") -> Q:
    """The deposits whose bids are judged: those in time, the late ones that a decision lets be opened, and those in whose
    place a safety copy was opened. ``path`` leads to the deposit."""
    opened = SafetyCopy.objects.filter(state=SafetyCopyState.OPENED, deposit__isnull=False)
    late = Q(**{f"{path}late_decision__isnull": False}) | Q(**{f"{path}pk__in": opened.values("deposit")})
    return Q(**{f"{path}state__in": (Deposit.State.SEALED, Deposit.State.COPY)}) | (
        Q(**{f"{path}state": Deposit.State.LATE}) & late
    )


def counting_lots(deposit: Deposit) -> list[Lot | None]:
    """The lots for which the deposit counts, by number; None stands for a consultation that is not divided."""
    rows = DepositLot.objects.filter(deposit=deposit, superseded_by=None).select_related("lot")
    return [row.lot for row in rows]


def counting_blocks(deposit: Deposit, envelope: str) -> list[SealedBlock]:
    """The blocks to open of a deposit, for one kind of envelope: those that its manifest names, of the lots that count.

    The lot of a block is a lot's id, or the consultation's own where it is not divided. A candidature is the bidder's, not
    a lot's: it is sealed once, under one of the lots, and counts as long as one of them does.
    """
    named = {one.block for one in manifest_of(deposit).blocks}
    rows = SealedBlock.objects.filter(pk__in=named, envelope=envelope).order_by("pk")
    counting = counting_lots(deposit)
    if envelope == CANDIDATURE:
        return list(rows) if counting else []
    return list(rows.filter(lot__in={lot.pk if lot else deposit.consultation_id for lot in counting}))


def manifest_of(deposit: Deposit) -> Manifest:
    """What the deposit is made of."""
    return read_manifest(bytes(deposit.manifest))


def sealed_lots(consultation: Consultation) -> dict[UUID, Lot | None]:
    """The lots as blocks name them: by their ids, or the consultation's own id where it is not divided."""
    lots: Iterable[Lot] = Lot.objects.filter(consultation=consultation)
    return {lot.pk: lot for lot in lots} or {consultation.pk: None}


def draft_of(actor: Actor, key: UUID, permission: Procurement = Procurement.BID_READ) -> BidDraft:
    """One bid of the acting enterprise, with what a page shows of it. Raises Missing."""
    rows: QuerySet[BidDraft] = actions.visible(actor, permission)
    return _one(rows.select_related("consultation__organisation", "bidder"), key)


def door_of(actor: Actor, key: UUID, permission: Procurement) -> BidDraft:
    """The same bid and nothing beside it: what each chunk and each seal asks for. Raises Missing."""
    return _one(actions.visible(actor, permission), key)


def _one(rows: QuerySet[BidDraft], key: UUID) -> BidDraft:
    found = rows.filter(pk=key).first()
    if found is None:
        raise Missing(
            "no-bid", "There is no such bid here, or it is not open to you.", "Look in the list of your bids."
        )
    return found


def bids_of(actor: Actor) -> QuerySet[BidDraft]:
    """The bids of the acting enterprise, the nearest deadline of the call first among those still open."""
    found: QuerySet[BidDraft] = actions.visible(actor, Procurement.BID_READ)
    return found.select_related("consultation__organisation").order_by("-started_at")


def bid_in(actor: Actor, consultation: Consultation, round: int) -> BidDraft | None:
    """The acting enterprise's bid in a round, if it has begun one."""
    return bids_of(actor).filter(consultation=consultation, round=round).first()


def bidders_in(consultation: Consultation, round: int) -> list[UUID]:
    """The enterprises that began a bid in a round, deposited or not: for what the platform tells them, never for a page."""
    rows = BidDraft.objects.filter(consultation=consultation, round=round, bidder__isnull=False)
    return list(rows.order_by("started_at").values_list("bidder_id", flat=True))


def deposits_of(draft: BidDraft) -> QuerySet[Deposit]:
    """The deposits of a bid, the latest first."""
    return (
        Deposit.objects.filter(draft=draft)
        .select_related("person", "late_decision")
        .prefetch_related("lots__lot", "lots__superseded_by", "receipts")
        .order_by("-completed_at", "-number")
    )


def deposit_of(draft: BidDraft, key: UUID) -> Deposit:
    """One deposit of a bid. Raises Missing."""
    found = deposits_of(draft).filter(pk=key).first()
    if found is None:
        raise Missing("no-deposit", "There is no such deposit.", "Look in the list of your deposits.")
    return found


def register_of(consultation: Consultation) -> QuerySet[Deposit]:
    """The register of deposits of a consultation, in order."""
    return (
        Deposit.objects.filter(consultation=consultation)
        .select_related("bidder", "late_decision__person")
        .prefetch_related("lots__lot", "receipts")
        .order_by("round", "number")
    )


def refused_seals(draft: BidDraft) -> list[SealIntent]:
    """Manifests of the bid that did not become deposits, or not yet."""
    return list(SealIntent.objects.filter(draft=draft).exclude(outcome=SealIntent.Outcome.SEALED))


def rehearsal_of(secret: str, key: UUID) -> BidDraft:
    """The rehearsal of an address. Raises Missing for another secret."""
    found = BidDraft.objects.select_related("rehearsal").filter(pk=key, consultation=None).first()
    given = hashlib.sha256(secret.encode()).hexdigest()
    kept = found.rehearsal.secret_sha256 if found else ""
    if found is None or not hmac.compare_digest(given, kept):
        raise Missing(
            "no-rehearsal",
            "This rehearsal is over, or its address is not whole; nothing of it is kept.",
            "Begin another one: it needs no account.",
        )
    return found


def receipts_in_register(consultation: Consultation, deposit: UUID, at: datetime) -> list[Receipt]:
    """The receipts of a deposit of the register. Raises Missing, Conflict before the deadline or while a project is anonymous: they
    name the enterprise.
    """
    found = register_of(consultation).filter(pk=deposit).first()
    if found is None:
        raise Missing("no-deposit", "There is no such deposit.", "Look in the register of deposits.")
    if found.round == awaited_round(consultation, at):
        raise Conflict(
            "bidders-untold", "Who deposited is told after the deadline.", "Come back once it has passed."
        )
    if found.is_anonymous:
        raise Conflict(
            "anonymous",
            "Who wrote an anonymous project is told once the jury has given its opinion.",
            "Lift the anonymity first.",
        )
    return sorted(found.receipts.all(), key=lambda one: one.made_at)
