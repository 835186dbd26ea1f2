"""The bidder's verbs: begin a bid, deposit it, take it back. What arrived before the deposit is uploading's affair.

A deposit is two actions. The first writes the manifest down with the instant at which its last byte was read; the second
compares it with what is stored. A crash between them loses nothing: the worker finishes with that same instant.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from territoires.contracts import procurement_bids as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.exchange import api as exchange
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.errors import Conflict, Denied, Invalid, Missing, TooLate
from territoires.kernel.fact import Fact
from territoires.kernel.ids import new_id

from ..domain import deposit as rules
from ..domain.sealing import files as sealing
from ..domain.sealing.files import FileEntry
from ..domain.sealing.manifest import Manifest, check_manifest, read_manifest
from ..domain.sealing.refusals import mismatch, policy_changed
from ..models import (
    BidDraft,
    Consultation,
    Deposit,
    DepositLot,
    Lot,
    Receipt,
    Rehearsal,
    SealedFile,
    SealIntent,
)
from ..permissions import Procurement
from ..queries.bids import sealed_lots
from ..queries.receipts import receipt_fields, withdrawal_fields
from ..queries.rounds import deadline_of, may_bid
from ..queries.sealed_files import accepted_policies, blocks_of, measured, place_of

STAMP = "procurement.stamp_receipt"
FINISHER = "worker"


@action(Procurement.BID_START)
def start_bid(*, actor: Actor, consultation: Consultation, round: int) -> Outcome[BidDraft]:
    """Opens the enterprise's place for its bid. Raises Conflict when it is there already, TooLate once nothing is taken."""
    rules.check_receiving(consultation.state)
    bidder = actor.acting_organisation()
    if not may_bid(consultation, round, bidder):
        raise Denied(
            "not-invited",
            "Only the candidates whom the buyer invited bid in this round.",
            "Write to the buyer if you received an invitation; the address is on the page of the consultation.",
        )
    if BidDraft.objects.filter(consultation=consultation, round=round, bidder=bidder).exists():
        raise Conflict("bid-begun", "Your enterprise has already begun this bid.", "Open it from the list.")
    draft = BidDraft(consultation=consultation, round=round, bidder_id=bidder, started_at=actor.now())
    draft.save(force_insert=True)
    return Outcome(draft, facts.BidStarted(subject=draft.subject, matter=consultation.pk, round=round))


def deposit(*, actor: Actor, draft: BidDraft, document: bytes) -> Deposit | Rehearsal:
    """Deposits what a manifest names; the same manifest again is the same deposit.

    ``actor``'s clock stands still at the instant at which the last byte was read. Raises Invalid and Conflict for a
    manifest that does not agree with what arrived, TooLate once the procedure takes no bid any more.
    """
    manifest = read_manifest(document)
    intent = SealIntent.objects.filter(deposit=manifest.deposit).first()
    if intent is None:
        intent = receive_manifest(actor=actor, draft=draft, deposit=manifest.deposit, document=document)
    elif intent.draft_id != draft.pk or bytes(intent.manifest) != document:
        raise Conflict(
            "deposit-id-taken",
            "This deposit was already made with other contents; nothing was changed.",
            "Load the page again, then deposit.",
        )
    return finish(actor, intent)


def finish(actor: Actor, intent: SealIntent) -> Deposit | Rehearsal:
    """The second half, from the request or from the worker; what does not agree is refused for good, and kept as such."""
    if intent.outcome == SealIntent.Outcome.SEALED:
        return _deposited(intent)
    draft = intent.draft
    seal = seal_rehearsal if draft.is_rehearsal else seal_deposit
    try:
        return seal(actor=actor.at(intent.completed_at), draft=draft, deposit=intent.deposit)
    except (Invalid, Conflict, TooLate) as refusal:
        if refusal.code == "seal-done":
            return _deposited(intent)
        if intent.outcome == SealIntent.Outcome.WAITING:
            refuse_manifest(
                actor=system_actor(FINISHER, organisation=draft.bidder_id),
                draft=draft,
                deposit=intent.deposit,
                code=refusal.code,
                detail=str(refusal.params.get("detail", "")),
            )
        raise


def finish_waiting(actor: Actor, intent: SealIntent) -> None:
    """What a crash left half done is done now, by the platform, as of the instant of then."""
    try:
        finish(system_actor(FINISHER, organisation=intent.draft.bidder_id), intent)
    except (Invalid, Conflict, TooLate):
        return  # refused, and written down as such


@action(Procurement.BID_SEAL, on="draft")
def receive_manifest(*, actor: Actor, draft: BidDraft, deposit: UUID, document: bytes) -> Outcome[SealIntent]:
    """Writes down what was received, and when, before anything is compared. Raises TooLate, Conflict."""
    if draft.consultation is not None:
        rules.check_receiving(draft.consultation.state)
    intent = SealIntent(
        deposit=deposit,
        draft=draft,
        person_id=actor.person,
        manifest=document,
        root=hashlib.sha256(document).hexdigest(),
        completed_at=actor.now(),
    )
    intent.save(force_insert=True)
    fact = facts.ManifestReceived(
        subject=draft.subject,
        matter=draft.consultation_id,
        deposit=deposit,
        completed_at=intent.completed_at,
        root=intent.root,
    )
    return Outcome(intent, fact)


@action(Procurement.BID_SEAL, on="draft")
def refuse_manifest(
    *, actor: Actor, draft: BidDraft, deposit: UUID, code: str, detail: str
) -> Outcome[SealIntent]:
    """Keeps why a manifest was not deposited."""
    intent = _waiting(draft, deposit)
    intent.outcome, intent.refusal = SealIntent.Outcome.REFUSED, code[:60]
    intent.refusal_detail = detail[:300]
    intent.save()
    fact = facts.ManifestRefused(
        subject=draft.subject,
        matter=draft.consultation_id,
        deposit=deposit,
        completed_at=intent.completed_at,
        code=code,
    )
    return Outcome(intent, fact)


@action(Procurement.BID_SEAL, on="draft")
def seal_deposit(*, actor: Actor, draft: BidDraft, deposit: UUID) -> Outcome[Deposit]:
    """Compares the manifest with what is stored, and makes it a deposit: in time, or kept as late. Reads no bulk byte."""
    intent = _waiting(draft, deposit)
    consultation = draft.consultation = _locked(draft)
    rules.check_receiving(consultation.state)
    manifest = _checked(draft, intent)
    made = _deposit(draft, consultation, intent, manifest)
    _seal_files(manifest.files, intent)
    superseded = _supersede(made) if made.state == Deposit.State.SEALED else []
    receipt = _receipt(made, Receipt.Kind.DEPOSIT, receipt_fields(made, manifest), actor)
    _settle(intent)
    return Outcome(made, _sealed(made, manifest, receipt), *superseded)


@action(Procurement.BID_SEAL, on="draft")
def seal_rehearsal(*, actor: Actor, draft: BidDraft, deposit: UUID) -> Outcome[Rehearsal]:
    """The same path to its end, for a rehearsal: nothing is deposited, and nobody can ever open it."""
    intent = _waiting(draft, deposit)
    manifest = _checked(draft, intent)
    room = Rehearsal.objects.select_for_update().get(draft=draft)
    room.deposit, room.root, room.completed_at = deposit, intent.root, intent.completed_at
    room.files, room.size = len(manifest.files), sealing.total(manifest.files)
    room.save()
    _seal_files(manifest.files, intent)
    _settle(intent)
    fact = facts.RehearsalSealed(
        subject=draft.subject,
        completed_at=intent.completed_at,
        files=room.files,
        size=room.size,
        root=intent.root,
    )
    return Outcome(room, fact)


@action(Procurement.BID_SEAL, on="draft")
def withdraw_deposit(*, actor: Actor, draft: BidDraft, deposit: UUID) -> Outcome[Receipt]:
    """Takes a deposit back before the deadline; it stays sealed, and is never opened. Raises TooLate after it."""
    consultation = _locked(draft)
    found = Deposit.objects.select_for_update(of=("self",)).filter(draft=draft, pk=deposit).first()
    if found is None:
        raise Missing("no-deposit", "There is no such deposit.", "Look in the list of your deposits.")
    if found.state not in (Deposit.State.SEALED, Deposit.State.SUPERSEDED):
        raise Conflict(
            "not-withdrawable",
            "This deposit is late, or was already withdrawn: it will not be opened; nothing was changed.",
            "Look at its receipt.",
        )
    deadline = deadline_of(consultation, found.round)
    now = actor.now()
    if deadline is None or not rules.is_in_time(now, deadline):
        raise TooLate(
            "too-late-to-withdraw",
            "The deadline has passed: a bid that was deposited can no longer be withdrawn; it stays as it is.",
            "Write to the buyer.",
        )
    found.state, found.withdrawn_at = Deposit.State.WITHDRAWN, now
    found.save()
    receipt = _receipt(found, Receipt.Kind.WITHDRAWAL, withdrawal_fields(found, deadline, actor), actor)
    fact = facts.DepositWithdrawn(
        subject=found.subject,
        matter=found.consultation_id,
        withdrawn_at=now,
        deadline_at=deadline,
        root=found.root,
        receipt=receipt.sha256,
    )
    return Outcome(receipt, fact)


def _waiting(draft: BidDraft, deposit: UUID) -> SealIntent:
    """The intent, locked. Raises Conflict once it is settled."""
    intent = SealIntent.objects.select_for_update(of=("self",)).get(draft=draft, deposit=deposit)
    if intent.outcome == SealIntent.Outcome.SEALED:
        raise Conflict("seal-done", "This deposit is already made.", "Look at its receipt.")
    return intent


def _locked(draft: BidDraft) -> Consultation:
    """The consultation, its row locked: two seals and a change of the deadline stand in a line."""
    rows = Consultation.objects.select_for_update(of=("self",)).select_related("organisation")
    return rows.get(bid_drafts=draft)


def _checked(draft: BidDraft, intent: SealIntent) -> Manifest:
    manifest = read_manifest(bytes(intent.manifest))
    place = place_of(draft)
    rules.check_bid(
        manifest,
        consultation=place.consultation,
        round=place.round,
        bidder=place.bidder,
        lots=set(place.lots),
        rehearsal=draft.is_rehearsal,
    )
    policy = accepted_policies(draft).get(manifest.policy)
    if policy is None:
        raise policy_changed()
    keys = [one.file for one in manifest.files]
    # No chunk is replaced any more between what is compared here and the commit.
    rows = SealedFile.objects.select_for_update(of=("self",)).filter(pk__in=keys, block__draft=draft)
    stored = list(rows.order_by("pk"))
    blocks = blocks_of(draft, [one.block for one in manifest.blocks])
    check_manifest(manifest, policy, blocks, measured(stored))
    owners = {one.pk: one.block_id for one in stored}
    if any(owners[one.file] != one.block for one in manifest.files):
        raise mismatch("a file of another block")
    return manifest


def _deposit(draft: BidDraft, consultation: Consultation, intent: SealIntent, manifest: Manifest) -> Deposit:
    deadline = deadline_of(consultation, draft.round)
    if deadline is None:
        raise Conflict(
            "no-deadline",
            "The buyer has set no deadline for this round: nothing was deposited; your files are kept.",
            "Come back when the page shows one.",
        )
    in_time = rules.is_in_time(intent.completed_at, deadline)
    others = Deposit.objects.filter(consultation=consultation, round=draft.round)
    former = _named(others, draft, manifest)
    made = Deposit(
        pk=intent.deposit,
        draft=draft,
        consultation=consultation,
        round=draft.round,
        bidder_id=manifest.bidder,
        person_id=intent.person_id,
        manifest=bytes(intent.manifest),
        root=intent.root,
        policy=manifest.policy.hex(),
        completed_at=intent.completed_at,
        deadline_at=deadline,
        number=others.count() + 1,
        state=Deposit.State.SEALED if in_time else Deposit.State.LATE,
        supersedes=former,
    )
    made.save(force_insert=True)
    lots = sealed_lots(consultation)
    DepositLot.objects.bulk_create(DepositLot(deposit=made, lot=lots[key]) for key in manifest.lots)
    return made


def _named(others: Any, draft: BidDraft, manifest: Manifest) -> Deposit | None:
    """The deposit that the manifest says it replaces, of the same bidder. Raises Invalid for any other."""
    if manifest.supersedes is None:
        return None
    found: Deposit | None = others.filter(bidder=draft.bidder_id, root=manifest.supersedes.hex()).first()
    if found is None:
        raise mismatch("the deposit that this one replaces")
    return found


def _seal_files(entries: Iterable[FileEntry], intent: SealIntent) -> None:
    named = {one.file: one for one in entries}
    fresh = list(SealedFile.objects.filter(pk__in=named, sealed_at=None))
    for row in fresh:
        entry = named[row.pk]
        row.chunks, row.size, row.root = entry.chunks, entry.size, entry.root.hex()
        row.sealed_at = intent.completed_at
    SealedFile.objects.bulk_update(fresh, ["chunks", "size", "root", "sealed_at"], batch_size=500)


def _supersede(made: Deposit) -> list[Fact]:
    """For each lot the last deposit in time counts, by its instant, whatever the order in which they were settled."""
    rows = DepositLot.objects.select_related("deposit", "lot").filter(
        deposit__consultation=made.consultation_id,
        deposit__round=made.round,
        deposit__bidder=made.bidder_id,
        deposit__state=Deposit.State.SEALED,
        superseded_by=None,
    )
    own = {row.lot_id: row for row in rows if row.deposit_id == made.pk}
    moved: dict[Deposit, tuple[Deposit, list[Lot | None]]] = {}
    for row in rows:
        if row.deposit_id == made.pk or row.lot_id not in own:
            continue
        if row.deposit.completed_at > made.completed_at:
            older, by, line = made, row.deposit, own[row.lot_id]
        else:
            older, by, line = row.deposit, made, row
        line.superseded_by = by
        line.save(update_fields=["superseded_by"])
        moved.setdefault(older, (by, []))[1].append(row.lot)
    for older in moved:
        if not DepositLot.objects.filter(deposit=older, superseded_by=None).exists():
            older.state = Deposit.State.SUPERSEDED
            older.save(update_fields=["state"])
    return [
        facts.DepositSuperseded(
            subject=older.subject,
            matter=older.consultation_id,
            by=by.pk,
            lots=tuple(sorted(lot.number for lot in lots if lot)),
        )
        for older, (by, lots) in moved.items()
    ]


def _receipt(made: Deposit, kind: str, fields: dict[str, Any], actor: Actor) -> Receipt:
    """Written down now; its time-stamp is asked for at once, and follows when the authority is slow."""
    document = rules.written_receipt(fields)
    receipt = Receipt(
        pk=new_id(),
        deposit=made,
        kind=kind,
        document=document,
        sha256=hashlib.sha256(document).hexdigest(),
        made_at=actor.now(),
    )
    receipt.save(force_insert=True)
    exchange.wake_for(STAMP, f"{STAMP}.{receipt.pk}", receipt=str(receipt.pk))
    return receipt


def _settle(intent: SealIntent) -> None:
    intent.outcome, intent.refusal, intent.refusal_detail = SealIntent.Outcome.SEALED, "", ""
    intent.save(update_fields=["outcome", "refusal", "refusal_detail"])


def _sealed(
    made: Deposit, manifest: Manifest, receipt: Receipt
) -> facts.DepositSealed | facts.DepositKeptLate:
    kind = facts.DepositKeptLate if made.is_late else facts.DepositSealed
    numbers = DepositLot.objects.filter(deposit=made, lot__isnull=False).values_list("lot__number", flat=True)
    return kind(
        subject=made.subject,
        matter=made.consultation_id,
        round=made.round,
        number=made.number,
        completed_at=made.completed_at,
        deadline_at=made.deadline_at,
        lots=tuple(numbers),
        files=len(manifest.files),
        size=sealing.total(manifest.files),
        policy=made.policy,
        root=made.root,
        receipt=receipt.sha256,
    )


def _deposited(intent: SealIntent) -> Deposit | Rehearsal:
    if intent.draft.is_rehearsal:
        return Rehearsal.objects.get(draft=intent.draft_id)
    return Deposit.objects.select_related("draft").get(pk=intent.deposit)


@action(Procurement.BID_KEEP)
def record_token(
    *, actor: Actor, receipt: UUID, token: bytes, token_at: Any, authority: str
) -> Outcome[Receipt]:
    """Keeps the time-stamp of a receipt; in time and flagged when it is later than the deadline. Raises Conflict if known."""
    found = Receipt.objects.select_for_update(of=("self",)).select_related("deposit").get(pk=receipt)
    if found.token is not None:
        raise Conflict("receipt-stamped", "This receipt already has its time-stamp.", "Nothing to do.")
    made = found.deposit
    found.token, found.token_at, found.authority = token, token_at, authority
    found.save(update_fields=["token", "token_at", "authority"])
    flagged = found.kind == Receipt.Kind.DEPOSIT and rules.is_flagged(
        made.completed_at, made.deadline_at, token_at
    )
    if flagged:
        made.is_flagged = True
        made.save(update_fields=["is_flagged"])
    fact = facts.ReceiptTimeStamped(
        subject=made.subject,
        matter=made.consultation_id,
        token_at=token_at,
        authority=authority,
        is_flagged=flagged,
        receipt=found.sha256,
        token=hashlib.sha256(token).hexdigest(),
    )
    return Outcome(found, fact)
