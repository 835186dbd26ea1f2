"""The bidder's verbs: begin a bid, deposit it, take it back. What arrived before the deposit is uploading's affair.

A deposit is two actions. The first writes the manifest down with the instant at which its last byte was read; the second
compares it with what is stored. A crash between them loses nothing: the worker finishes with that same instant.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

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
from ..queries.invitations import is_called
from ..queries.receipts import receipt_fields, withdrawal_fields
from ..queries.rounds import deadline_of, is_anonymous, may_bid
from ..queries.sealed_files import accepted_policies, blocks_of, measured, place_of, require_selected
from .refused_parts import MANIFEST, telling_refusals

STAMP = "procurement.stamp_receipt"
FINISHER = "worker"
_OF_CONSULTATION = (
    "applications_until",
    "tenders_until",
    "reference",
    "title",
    "description",
    "procedure",
    "organisation__name",
    "organisation__siret",
)

# One statement for one file or ten thousand.
ALIASES = 9999
_SEAL_FILES = """
UPDATE t_procurement_sealedfile AS f
SET chunks = s.chunks, size = s.size, root = s.root, sealed_at = %(at)s
FROM unnest(%(id)s::uuid[], %(chunks)s::bigint[], %(size)s::bigint[], %(root)s::text[]) AS s (id, chunks, size, root)
WHERE f.id = s.id AND f.sealed_at IS NULL"""


@action(Procurement.BID_START)
def start_bid(*, actor: Actor, consultation: Consultation, round: int) -> Outcome[BidDraft]:
    """Opens the enterprise's place for its bid. Raises Denied for one that is not invited where only the invited bid,
    Conflict when the place is there already, TooLate once nothing is taken.
    """
    rules.check_receiving(consultation.state)
    bidder = actor.acting_organisation()
    if not may_bid(consultation, round, bidder) or not is_called(consultation, round, bidder):
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
    with telling_refusals(actor, draft, MANIFEST, document):
        manifest = read_manifest(document)
        intent = _intended(actor, draft, manifest.deposit, document)
    return _finish(actor, intent, manifest)


def _intended(actor: Actor, draft: BidDraft, deposit: UUID, document: bytes) -> SealIntent:
    """The first half: what was received is written down, once. Raises Conflict, TooLate."""
    intent = SealIntent.objects.filter(deposit=deposit).first()
    if intent is None:
        return receive_manifest(actor=actor, draft=draft, deposit=deposit, document=document)
    if intent.draft_id != draft.pk or bytes(intent.manifest) != document:
        raise Conflict(
            "deposit-id-taken",
            "This deposit was already made with other contents; nothing was changed.",
            "Load the page again, then deposit.",
        )
    if intent.outcome == SealIntent.Outcome.REFUSED:
        return receive_again(actor=actor, draft=draft, deposit=deposit)
    return intent


def _finish(actor: Actor, intent: SealIntent, manifest: Manifest) -> Deposit | Rehearsal:
    """The second half, from the request or from the worker; what does not agree is refused for good, and kept as such.

    ``manifest`` is what the intent's bytes say.
    """
    if intent.outcome == SealIntent.Outcome.SEALED:
        return _deposited(intent)
    draft = intent.draft
    seal = seal_rehearsal if draft.is_rehearsal else seal_deposit
    try:
        return seal(actor=actor.at(intent.completed_at), draft=draft, manifest=manifest)
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
    worker = system_actor(FINISHER, organisation=intent.draft.bidder_id)
    try:
        _finish(worker, intent, read_manifest(bytes(intent.manifest)))
    except (Invalid, Conflict, TooLate):
        return  # refused, and written down as such


@action(Procurement.BID_SEAL, on="draft")
def receive_manifest(*, actor: Actor, draft: BidDraft, deposit: UUID, document: bytes) -> Outcome[SealIntent]:
    """Writes down what was received, and when, before anything is compared. Raises TooLate, Conflict.

    Whether the procedure takes bids is asked here alone: what was written down is settled, however far it goes meanwhile.
    """
    _check_taken(draft)
    intent = SealIntent(
        deposit=deposit,
        draft=draft,
        person_id=actor.person,
        manifest=document,
        root=hashlib.sha256(document).hexdigest(),
        completed_at=actor.now(),
    )
    intent.save(force_insert=True)
    return Outcome(intent, _received(intent))


@action(Procurement.BID_SEAL, on="draft")
def receive_again(*, actor: Actor, draft: BidDraft, deposit: UUID) -> Outcome[SealIntent]:
    """What was refused is received anew, at this instant: files that came since make no bid of the instant before.

    Raises TooLate, Conflict.
    """
    intent = _locked_intent(draft, deposit)
    _check_taken(draft)
    intent.outcome, intent.refusal, intent.refusal_detail = SealIntent.Outcome.WAITING, "", ""
    intent.person_id, intent.completed_at = actor.person, actor.now()
    intent.save()
    return Outcome(intent, _received(intent))


def _received(intent: SealIntent) -> facts.ManifestReceived:
    return facts.ManifestReceived(
        subject=intent.draft.subject,
        matter=intent.draft.consultation_id,
        deposit=intent.deposit,
        completed_at=intent.completed_at,
        root=intent.root,
    )


def _check_taken(draft: BidDraft) -> None:
    """Raises TooLate and Conflict where the procedure takes no bid, or none of this enterprise; never for a rehearsal."""
    if draft.consultation_id is None:
        return
    consultation = Consultation.objects.only("state", "procedure").get(pk=draft.consultation_id)
    rules.check_receiving(consultation.state)
    if draft.bidder_id is not None and not is_called(consultation, draft.round, draft.bidder_id):
        raise Conflict(
            "invitation-withdrawn",
            "The buyer took back the invitation of your enterprise: nothing was deposited; what you sent stays sealed.",
            "Write to the buyer.",
        )


@action(Procurement.BID_SEAL, on="draft")
def refuse_manifest(
    *, actor: Actor, draft: BidDraft, deposit: UUID, code: str, detail: str
) -> Outcome[SealIntent]:
    """Keeps why a manifest was not deposited."""
    intent = _locked_intent(draft, deposit)
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


@action(Procurement.BID_SEAL, on="draft", along=("bidder",))
def seal_deposit(*, actor: Actor, draft: BidDraft, manifest: Manifest) -> Outcome[Deposit]:
    """Compares the manifest with what is stored, and makes it a deposit: in time, or kept as late. Reads no bulk byte.

    ``manifest`` was read from the bytes of its intent.
    """
    intent = _locked_intent(draft, manifest.deposit)
    consultation = draft.consultation = _locked(draft)
    lots = sealed_lots(consultation)
    envelopes = _check(draft, manifest, lots)
    made, lines = _deposit(draft, intent, manifest, lots)
    _seal_files(manifest.files, intent)
    superseded = _supersede(made, lines) if made.state == Deposit.State.SEALED else []
    fields = receipt_fields(made, manifest, [one.lot for one in lines], envelopes)
    receipt = _receipt(made, Receipt.Kind.DEPOSIT, fields, actor)
    _settle(intent)
    return Outcome(made, _sealed(made, manifest, lines, receipt), *superseded)


@action(Procurement.BID_SEAL, on="draft")
def seal_rehearsal(*, actor: Actor, draft: BidDraft, manifest: Manifest) -> Outcome[Rehearsal]:
    """The same path to its end, for a rehearsal: nothing is deposited, and nobody can ever open it."""
    intent = _locked_intent(draft, manifest.deposit)
    _check(draft, manifest)
    room = Rehearsal.objects.select_for_update().get(draft=draft)
    room.deposit, room.root, room.completed_at = intent.deposit, intent.root, intent.completed_at
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


def _locked_intent(draft: BidDraft, deposit: UUID) -> SealIntent:
    """The intent, locked. Raises Conflict once it is settled."""
    intent = SealIntent.objects.select_for_update(of=("self",)).get(draft=draft, deposit=deposit)
    if intent.outcome == SealIntent.Outcome.SEALED:
        raise Conflict("seal-done", "This deposit is already made.", "Look at its receipt.")
    return intent


def _locked(draft: BidDraft) -> Consultation:
    """The consultation, its row locked: two seals and a change of the deadline stand in a line.

    Of its hundred columns those that a deposit and its receipt speak of.
    """
    assert draft.consultation_id is not None
    rows = Consultation.objects.select_for_update(of=("self",)).select_related("organisation")
    return rows.only(*_OF_CONSULTATION).get(pk=draft.consultation_id)


def _check(
    draft: BidDraft, manifest: Manifest, lots: Mapping[UUID, Lot | None] | None = None
) -> dict[UUID, str]:
    """Everything that a manifest says against what is stored; the envelopes of its blocks. Raises Invalid, Conflict."""
    place = place_of(draft, lots)
    require_selected(draft, manifest.lots)
    rules.check_bid(
        manifest,
        consultation=place.consultation,
        round=place.round,
        bidder=place.bidder,
        lots=set(place.lots),
        rehearsal=draft.is_rehearsal,
    )
    versions = accepted_policies(draft)
    policy = versions.get(manifest.policy)
    if policy is None:
        raise policy_changed()
    keys = [one.file for one in manifest.files]
    # No chunk is replaced any more between what is compared here and the commit.
    rows = SealedFile.objects.select_for_update(of=("self",)).filter(pk__in=keys, block__draft=draft)
    stored = list(rows.order_by("pk"))
    blocks = blocks_of(draft, [one.block for one in manifest.blocks])
    documents = {key: document for key, (document, _envelope) in blocks.items()}
    check_manifest(manifest, policy, documents, measured(stored), versions)
    owners = {one.pk: one.block_id for one in stored}
    if any(owners[one.file] != one.block for one in manifest.files):
        raise mismatch("a file of another block")
    return {key: envelope for key, (_document, envelope) in blocks.items()}


def _deposit(
    draft: BidDraft, intent: SealIntent, manifest: Manifest, lots: Mapping[UUID, Lot | None]
) -> tuple[Deposit, list[DepositLot]]:
    """The deposit, and its lines by number of lot."""
    consultation = draft.consultation
    assert consultation is not None
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
        bidder=draft.bidder,
        person_id=intent.person_id,
        manifest=bytes(intent.manifest),
        root=intent.root,
        policy=manifest.policy.hex(),
        completed_at=intent.completed_at,
        deadline_at=deadline,
        number=others.count() + 1,
        state=Deposit.State.SEALED if in_time else Deposit.State.LATE,
        supersedes=former,
        is_anonymous=draft.consultation is not None and is_anonymous(draft.consultation),
    )
    if made.is_anonymous:
        made.alias = _alias(draft)
    made.save(force_insert=True)
    covered = [lot for key, lot in lots.items() if key in manifest.lots]
    return made, DepositLot.objects.bulk_create(DepositLot(deposit=made, lot=lot) for lot in covered)


def _alias(draft: BidDraft) -> int:
    """The number of an anonymous project: drawn, so that the order of arrival tells nothing."""
    taken = set(Deposit.objects.filter(consultation=draft.consultation).values_list("alias", flat=True))
    return secrets.choice([number for number in range(1, ALIASES + 1) if number not in taken])


def _named(others: Any, draft: BidDraft, manifest: Manifest) -> Deposit | None:
    """The deposit that the manifest says it replaces, of the same bidder. Raises Invalid for any other."""
    if manifest.supersedes is None:
        return None
    found: Deposit | None = others.filter(bidder=draft.bidder_id, root=manifest.supersedes.hex()).first()
    if found is None:
        raise mismatch("the deposit that this one replaces")
    return found


def _seal_files(entries: Iterable[FileEntry], intent: SealIntent) -> None:
    rows = list(entries)
    values: dict[str, Any] = {
        "id": [one.file for one in rows],
        "chunks": [one.chunks for one in rows],
        "size": [one.size for one in rows],
        "root": [one.root.hex() for one in rows],
        "at": intent.completed_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SEAL_FILES, values)


def _supersede(made: Deposit, lines: Sequence[DepositLot]) -> list[Fact]:
    """For each lot the last deposit in time counts, by its instant, whatever the order in which they were settled."""
    others = (
        DepositLot.objects.exclude(deposit=made)
        .filter(
            deposit__consultation=made.consultation_id,
            deposit__round=made.round,
            deposit__bidder=made.bidder_id,
            deposit__state=Deposit.State.SEALED,
            superseded_by=None,
        )
        .select_related("deposit", "lot")
        .only("deposit__completed_at", "deposit__consultation", "lot__number")
    )
    own = {line.lot_id: line for line in lines}
    counting: dict[Deposit, set[DepositLot]] = {made: set(lines)}
    for row in others:
        counting.setdefault(row.deposit, set()).add(row)
    moved: dict[Deposit, tuple[Deposit, list[Lot | None]]] = {}
    for row in others:
        if row.lot_id not in own:
            continue
        if row.deposit.completed_at > made.completed_at:
            older, by, line = made, row.deposit, own[row.lot_id]
        else:
            older, by, line = row.deposit, made, row
        line.superseded_by = by
        line.save(update_fields=["superseded_by"])
        counting[older].discard(line)
        moved.setdefault(older, (by, []))[1].append(row.lot)
    for older in moved:
        if not counting[older]:
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
    made: Deposit, manifest: Manifest, lines: Iterable[DepositLot], receipt: Receipt
) -> facts.DepositSealed | facts.DepositKeptLate:
    kind = facts.DepositKeptLate if made.is_late else facts.DepositSealed
    return kind(
        subject=made.subject,
        matter=made.consultation_id,
        round=made.round,
        number=made.number,
        completed_at=made.completed_at,
        deadline_at=made.deadline_at,
        lots=tuple(line.lot.number for line in lines if line.lot),
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
