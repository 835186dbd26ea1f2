"""Opening sessions: asked by the buyer, carried by the worker and the time-keeper, released by the holders, recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from territoires.contracts import procurement_opening as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid
from territoires.kernel.fact import Fact
from territoires.kernel.text import clean

from ..domain import life, opened, session
from ..domain.next_step import EARLIER_BIDS
from ..domain.sealing import refusals
from ..domain.sealing.opening import read_release
from ..domain.sealing.policy import CUSTODIAN, read_policy
from ..domain.wording import stated
from ..models import (
    LONGEST_REASON,
    Consultation,
    DeclinedRelease,
    Deposit,
    Envelope,
    ExcludedDeposit,
    HolderKey,
    HolderRelease,
    Lot,
    OpenedBlock,
    OpenedFile,
    OpeningOrder,
    Presence,
)
from ..permissions import Procurement
from ..queries import opening as queries
from ..queries.next_step import step_of
from ..queries.quorum import current_policy
from ..queries.rounds import current_round
from ..queries.script import served_script
from .changing_hands import set_aside
from .closing import noted_deadline, require_all_settled
from .holders import PRESENCE_FOR_OPENING, own_key, own_person
from .moving import about, move
from .next_step import wait_for_next_step
from .waiting_to_open import ask_to_replace, let_release, nothing_to_release

SESSION = session.SESSION
# The verb that leads to the opening, and the one that ends it.
_BEGIN = {life.CLOSED: "begin_opening", life.ROUND_CLOSED: "begin_round_opening"}
_END = {life.OPENING: "end_opening", life.ROUND_OPENING: "end_round_opening"}
_END_WITHOUT_SESSION = {life.CLOSED: "end_opening", life.ROUND_CLOSED: "end_round_opening"}


def begin_session(*, actor: Actor, consultation: Consultation, round: int, envelope: str) -> OpeningOrder:
    """Asks for a session; before the deadline that is refused, and the book keeps who tried. Raises what ``ask_opening`` does."""
    try:
        return ask_opening(actor=actor, consultation=consultation, round=round, envelope=envelope)
    except Conflict as refusal:
        if refusal.code == refusals.TOO_EARLY:
            record_early_attempt(actor=actor, consultation=consultation, envelope=envelope)
        raise


@action(Procurement.OPENING_CONDUCT, on="consultation", along=("organisation",))
def ask_opening(
    *, actor: Actor, consultation: Consultation, round: int, envelope: str
) -> Outcome[OpeningOrder]:
    """Asks for a session of one envelope. Raises Conflict before the deadline, or when there is nothing to open."""
    policy = current_policy(consultation, round)
    if envelope not in Envelope.values or policy is None:
        raise Invalid(
            "no-such-envelope", "There is nothing of this kind to open.", "Choose another envelope."
        )
    if actor.now() <= policy.deadline_at:
        raise refusals.too_early()
    if not queries.may_be_opened(consultation, round, actor.now()):
        raise Conflict(
            "not-to-be-opened",
            "The bids of this consultation are not to be opened now.",
            "Reload the page to see where it stands.",
        )
    if OpeningOrder.objects.filter(
        consultation=consultation, round=round, envelope=envelope, state__in=session.UNDER_WAY
    ).exists():
        raise Conflict("session-under-way", "A session is already under way.", "Go on with that one.")
    require_all_settled(consultation, round)
    if not queries.openable(consultation, round, envelope):
        raise Conflict(
            "nothing-to-open",
            "There is no bid to open of this kind: none arrived in time, or all are open already.",
            "Look at the register of deposits.",
        )
    made = OpeningOrder.objects.create(
        consultation=consultation,
        round=round,
        envelope=envelope,
        asked_by_id=own_person(actor),
        asked_at=actor.now(),
    )
    fact = facts.OpeningAsked(**_about(made), round=round, envelope=envelope)
    return Outcome(made, fact, *noted_deadline(actor, consultation))


@action(Procurement.OPENING_CONDUCT, on="consultation")
def record_early_attempt(*, actor: Actor, consultation: Consultation, envelope: str) -> Outcome[None]:
    """Somebody asked to open before the deadline: nothing happened, and the book says who tried."""
    fact = facts.EarlyOpeningRefused(**about(consultation), order="", code=f"asked-too-early:{envelope[:11]}")
    return Outcome(None, fact)


@action(Procurement.OPENING_CONDUCT, on="consultation")
def cancel_opening(
    *, actor: Actor, consultation: Consultation, order: UUID, reason: str
) -> Outcome[OpeningOrder]:
    """Gives a session up before its opening. Raises Conflict once the bids are being opened."""
    found = _locked(consultation, order)
    found.state = SESSION.after(found.state, "cancel")
    found.ended_at, found.ended_reason = actor.now(), stated(reason, limit=LONGEST_REASON)
    found.save()
    nothing_to_release(found)
    fact = facts.OpeningInterrupted(**_about(found), state=found.state, reason=found.ended_reason)
    return Outcome(found, fact)


@action(Procurement.OPENING_CONDUCT, on="consultation")
def note_presence(
    *, actor: Actor, consultation: Consultation, order: UUID, name: str, capacity: str
) -> Outcome[Presence]:
    """Somebody attends the session. Raises Invalid without a name, Conflict once it has ended."""
    found = _locked(consultation, order)
    if found.state not in session.UNDER_WAY:
        raise Conflict(
            "session-ended", "This session has ended: its minutes are written.", "Nothing was changed."
        )
    name = clean(name)[:200]
    if not name:
        raise Invalid("presence-unnamed", "Nobody was named.", "Write the name of who is there.")
    row, _ = Presence.objects.update_or_create(
        order=found, name=name, defaults={"capacity": clean(capacity)[:200], "noted_at": actor.now()}
    )
    fact = facts.PresenceNoted(**_about(found), name=name, capacity=row.capacity)
    return Outcome(row, fact)


@action(Procurement.OPENING_HOLD, on="consultation", step_up=PRESENCE_FOR_OPENING)
def release_pieces(
    *, actor: Actor, consultation: Consultation, order: UUID, document: bytes
) -> Outcome[HolderRelease]:
    """An officer gives her part, made in her browser. Raises Conflict when the session does not wait for it."""
    found = _locked(consultation, order)
    holder = own_key(actor, consultation, found.round)
    return _released(actor, found, holder, document, brought=False)


@action(Procurement.OPENING_HOLD, on="consultation")
def decline_release(
    *, actor: Actor, consultation: Consultation, order: UUID, reason: str
) -> Outcome[DeclinedRelease]:
    """An officer says that she gives no part, and why; while the session waits she may still give it.

    Raises Missing without a key of hers, Invalid without a reason, Conflict when the session does not wait for her part
    or she declined already.
    """
    found = _locked(consultation, order)
    holder = own_key(actor, consultation, found.round)
    _require_waiting(found)
    _require_not_given(found, holder)
    if DeclinedRelease.objects.filter(order=found, holder=holder).exists():
        raise Conflict(
            "already-declined",
            "You have declined already.",
            "You may still give your part as long as the session waits.",
        )
    row = DeclinedRelease.objects.create(
        order=found,
        holder=holder,
        reason=stated(reason, limit=LONGEST_REASON),
        declined_at=actor.now(),
    )
    worklist.close_items(found.subject, person=holder.person_id)
    fact = facts.ReleaseDeclined(**_about(found), order=found.sha256, holder=holder.pk, reason=row.reason)
    return Outcome(row, fact)


def bring_release(*, actor: Actor, consultation: Consultation, order: UUID, document: bytes) -> HolderRelease:
    """Brings what a holder made off line: the custodian, or an officer whose browser cannot. Raises Invalid, Conflict.

    What is refused, the part of an officer who left for instance, stays in the book with who brought it.
    """
    try:
        return take_brought(actor=actor, consultation=consultation, order=order, document=document)
    except (Invalid, Conflict) as refusal:
        record_refused_release(
            actor=replace(actor, idempotency_key=None),
            consultation=consultation,
            order=order,
            code=refusal.code,
            document=document,
        )
        raise


@action(Procurement.OPENING_CONDUCT, on="consultation", step_up=PRESENCE_FOR_OPENING)
def take_brought(
    *, actor: Actor, consultation: Consultation, order: UUID, document: bytes
) -> Outcome[HolderRelease]:
    """Takes a part that somebody else than its holder brings. Raises Invalid, Conflict."""
    found = _locked(consultation, order)
    given = read_release(document).holder
    holder = next((one for one in queries.holders_in(found) if one.pk == given), None)
    if holder is None or (holder.role != CUSTODIAN and holder.left_at is not None):
        raise refusals.mismatch("a release of somebody who holds no piece")
    return _released(actor, found, holder, document, brought=True)


@action(Procurement.OPENING_CONDUCT, on="consultation")
def record_refused_release(
    *, actor: Actor, consultation: Consultation, order: UUID, code: str, document: bytes
) -> Outcome[None]:
    """Somebody brought a part that cannot serve: nothing happened, and the book says who brought what."""
    found = queries.session_of(consultation, order)
    fact = facts.ReleaseRefused(
        **_about(found), order=found.sha256, code=code, release=hashlib.sha256(document).hexdigest()
    )
    return Outcome(None, fact)


def _released(
    actor: Actor, order: OpeningOrder, holder: HolderKey, document: bytes, *, brought: bool
) -> Outcome[HolderRelease]:
    _require_waiting(order)
    given = read_release(document)
    if given.order.hex() != order.sha256 or given.holder != holder.pk:
        raise refusals.mismatch("a release of another session or holder")
    _require_not_given(order, holder)
    row = HolderRelease.objects.create(
        order=order,
        holder=holder,
        brought_by_id=actor.person if brought else None,
        document=document,
        sha256=hashlib.sha256(document).hexdigest(),
        received_at=actor.now(),
    )
    if holder.person_id is not None:
        worklist.close_items(order.subject, person=holder.person_id)
        _note_officer(order, holder, actor)
    fact = facts.PiecesReleased(
        **_about(order),
        order=order.sha256,
        holder=holder.pk,
        release=row.sha256,
        brought=brought,
        script="" if brought else served_script(),
    )
    return Outcome(row, fact)


def _require_waiting(order: OpeningOrder) -> None:
    if order.state != session.READY:
        raise Conflict(
            "session-not-waiting",
            "This session does not wait for anybody now; nothing was given.",
            "Reload the page to see where it stands.",
        )


def _require_not_given(order: OpeningOrder, holder: HolderKey) -> None:
    if HolderRelease.objects.filter(order=order, holder=holder, fault="").exists():
        raise Conflict("already-released", "This part is given already.", "Nothing more is asked of you.")


# -- the worker ---------------------------------------------------------------------------------------------------------


@action(Procurement.OPENING_RECORD, on="order", along=("consultation__organisation",))
def prepare_order(*, actor: Actor, order: OpeningOrder, public_key: bytes) -> Outcome[OpeningOrder]:
    """The worker made the session's key: the order is fixed and shown. Raises Conflict when nothing is left to open."""
    consultation = _consultation(order)
    policy_row = current_policy(consultation, order.round)
    if policy_row is None:
        raise Conflict("no-policy", "There is no policy for this round.", "Nothing to do.")
    policy = read_policy(bytes(policy_row.document))
    if actor.now() <= policy.deadline:
        raise refusals.too_early()
    require_all_settled(consultation, order.round)
    written = queries.order_of(order, policy, public_key)
    order.state = SESSION.after(order.state, "prepare")
    order.policy, order.session = policy_row, public_key
    order.document, order.sha256 = written.written(), written.hash.hex()
    order.ready_at = actor.now()
    order.save()
    closed = queries.left_closed(consultation, order.round, order.envelope)
    ExcludedDeposit.objects.bulk_create(
        [ExcludedDeposit(order=order, deposit=deposit, reason=reason) for deposit, reason in closed]
    )
    if consultation.state in _BEGIN:
        move(consultation, _BEGIN[consultation.state], actor, None)
        consultation.save()
    let_release(actor, order)
    ask_to_replace(consultation, actor.now())
    fact = facts.OrderPrepared(
        **_about(order),
        round=order.round,
        envelope=order.envelope,
        order=order.sha256,
        bids=len(written.bids),
        excluded=len(closed),
    )
    return Outcome(order, fact)


@action(Procurement.OPENING_RECORD, on="order")
def judge_release(*, actor: Actor, order: OpeningOrder, release: UUID, fault: str) -> Outcome[HolderRelease]:
    """The worker compared a release with the sealed hashes; a wrong one is named, and its author may give it again."""
    row = HolderRelease.objects.select_for_update(of=("self",)).get(pk=release, order=order)
    row.checked_at, row.fault = actor.now(), fault[: opened.LONGEST_FAULT]
    row.save(update_fields=["checked_at", "fault"])
    if fault and row.holder is not None:
        let_release(actor, order)
    fact = facts.ReleaseJudged(
        **_about(order), order=order.sha256, holder=row.holder_id or order.pk, fault=row.fault[:200]
    )
    return Outcome(row, fact)


@action(Procurement.OPENING_RECORD, on="order")
def record_time_release(
    *,
    actor: Actor,
    order: OpeningOrder,
    document: bytes,
    token: bytes,
    stamped_at: datetime,
    clock_at: datetime,
) -> Outcome[HolderRelease]:
    """The time-keeper gave its part, under a time-stamp later than the deadline."""
    if order.state != session.READY:
        raise Conflict("session-not-waiting", "This session does not wait any more.", "Nothing to do.")
    given = read_release(document)
    row = HolderRelease.objects.create(
        order=order,
        document=document,
        sha256=hashlib.sha256(document).hexdigest(),
        token=token,
        received_at=actor.now(),
    )
    fact = facts.TimeReleased(
        **_about(order),
        order=order.sha256,
        blocks=len(given.blocks),
        stamped_at=stamped_at,
        clock_at=clock_at,
    )
    return Outcome(row, fact)


@action(Procurement.OPENING_RECORD, on="order")
def record_time_refusal(
    *, actor: Actor, order: OpeningOrder, code: str, sentence: str
) -> Outcome[OpeningOrder]:
    """The time-keeper gives nothing: an attempt to open too early, or what is not to be opened. It stands, and alarms."""
    order.time_refusal = sentence[: opened.LONGEST_FAULT]
    order.save(update_fields=["time_refusal"])
    fact = facts.EarlyOpeningRefused(**_about(order), order=order.sha256, code=code)
    return Outcome(order, fact)


@action(Procurement.OPENING_RECORD, on="order")
def begin_deciphering(*, actor: Actor, order: OpeningOrder) -> Outcome[OpeningOrder]:
    """The quorum and the time are there."""
    order.state = SESSION.after(order.state, "decipher")
    order.save(update_fields=["state"])
    nothing_to_release(order)
    holders = [one for one in queries.releases_of(order) if one.holder_id and not one.fault]
    fact = facts.QuorumReached(**_about(order), order=order.sha256, holders=len(holders))
    return Outcome(order, fact)


@action(Procurement.OPENING_RECORD, on="order")
def lose_opening(*, actor: Actor, order: OpeningOrder, reason: str) -> Outcome[OpeningOrder]:
    """The session's key is gone with its worker, or cannot serve: nothing was opened, and another session is asked."""
    order.state = SESSION.after(order.state, "lose" if order.state != session.ASKED else "cancel")
    order.ended_at, order.ended_reason = actor.now(), reason[:LONGEST_REASON]
    order.save()
    nothing_to_release(order)
    fact = facts.OpeningInterrupted(**_about(order), state=order.state, reason=order.ended_reason)
    return Outcome(order, fact)


@action(Procurement.OPENING_RECORD, on="order", along=("consultation__organisation",))
def record_opening(
    *, actor: Actor, order: OpeningOrder, results: Sequence[opened.BlockResult], antivirus: str
) -> Outcome[OpeningOrder]:
    """What the session gave, all of it or nothing: blocks, files with their verdicts, the consultation's next state."""
    order.state = SESSION.after(order.state, "finish")
    order.ended_at, order.antivirus = actor.now(), antivirus[:100]
    order.save()
    lots = {lot.pk: lot for lot in Lot.objects.filter(consultation=order.consultation_id)}
    kept = [(file.document, order.subject) for one in results for file in one.files if file.document]
    if kept:
        documents.attach_all(kept)
    OpenedBlock.objects.bulk_create(
        [
            OpenedBlock(
                order=order, block_id=one.block, deposit_id=one.deposit, master=one.master, fault=one.fault
            )
            for one in results
        ]
    )
    OpenedFile.objects.bulk_create(
        [
            OpenedFile(
                order=order,
                deposit_id=one.deposit,
                lot=lots.get(one.lot) if one.lot else None,
                envelope=order.envelope,
                sealed_id=file.sealed,
                position=file.position,
                name=file.name,
                media_type=file.media_type,
                size=file.size,
                sha256=file.sha256,
                document_id=file.document,
                verdict=file.verdict,
                fault=file.fault,
            )
            for one in results
            for file in one.files
        ]
    )
    set_aside([one.block for one in results if one.fault], actor)
    HolderRelease.objects.filter(order=order).update(document=b"")
    consultation = _consultation(order)
    told: list[Fact] = _bid_facts(order, results)
    ended = facts.OpeningEnded(
        **_about(order),
        round=order.round,
        envelope=order.envelope,
        order=order.sha256,
        bids=len({one.deposit for one in results}),
        antivirus=order.antivirus,
        manifest=opened.results_digest(results),
    )
    _end_when_all_is_open(actor, consultation, order.round)
    return Outcome(order, ended, *told)


@action(Procurement.OPENING_CONDUCT, on="consultation")
def end_opening(*, actor: Actor, consultation: Consultation) -> Outcome[Consultation]:
    """What is open suffices: the examination begins, and what is still closed may be opened later in it.

    A round that brought no bid has no session: the examination goes on with the bids of the rounds before. Nor has one
    that brought safety copies alone, once they are opened.
    Raises Conflict while a session is under way or a bid is still being checked, or when nothing was opened.
    """
    if queries.sessions_of(consultation).filter(state__in=session.UNDER_WAY).exists():
        raise Conflict("session-under-way", "A session is under way.", "End it first.")
    round = current_round(consultation)
    require_all_settled(consultation, round)
    opened_once = queries.sessions_of(consultation).filter(state=session.OPENED, round=round)
    last = opened_once.order_by("-ended_at").first()
    step = step_of(consultation, legal_day(actor.now()))
    has_nothing = step is not None and step.code == EARLIER_BIDS
    is_without = has_nothing or queries.has_copies_alone(consultation, round)
    verb = (_END if last else _END_WITHOUT_SESSION if is_without else {}).get(consultation.state)
    if verb is None:
        raise Conflict("nothing-opened", "Nothing was opened yet.", "Open the bids first.")
    move(consultation, verb, actor, None)
    consultation.save()
    wait_for_next_step(consultation, actor)
    fact = facts.OpeningEnded(
        **about(consultation),
        round=round,
        envelope=last.envelope if last else "",
        order=last.sha256 if last else "",
        bids=0,
        antivirus=last.antivirus if last else "",
        manifest="",
    )
    return Outcome(consultation, fact)


def _end_when_all_is_open(actor: Actor, consultation: Consultation, round: int) -> None:
    if consultation.state not in _END:
        return
    if any(queries.openable(consultation, round, envelope) for envelope in Envelope.values):
        return
    move(consultation, _END[consultation.state], actor, None)
    consultation.save()
    wait_for_next_step(consultation, actor)


def _bid_facts(order: OpeningOrder, results: Sequence[opened.BlockResult]) -> list[Fact]:
    roots = dict(Deposit.objects.filter(pk__in={one.deposit for one in results}).values_list("pk", "root"))
    told: list[Fact] = []
    for deposit, root in roots.items():
        verdicts = [file.verdict for one in results if one.deposit == deposit for file in one.files]
        told.append(
            facts.BidOpened(
                **_about(order),
                deposit=deposit,
                root=root,
                envelope=order.envelope,
                clear=verdicts.count(opened.CLEAR),
                unreadable=verdicts.count(opened.UNREADABLE),
                infected=verdicts.count(opened.INFECTED),
            )
        )
    return told


def _note_officer(order: OpeningOrder, holder: HolderKey, actor: Actor) -> None:
    """Who gives her part took part: the minutes say so, wherever she was."""
    Presence.objects.get_or_create(order=order, name=holder.name, defaults={"noted_at": actor.now()})


def _consultation(order: OpeningOrder) -> Consultation:
    return (
        Consultation.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .get(pk=order.consultation_id)
    )


def _locked(consultation: Consultation, order: UUID) -> OpeningOrder:
    queries.session_of(consultation, order)
    return (
        OpeningOrder.objects.select_for_update(of=("self",))
        .select_related("policy", "consultation__organisation")
        .get(pk=order)
    )


def _about(order: OpeningOrder) -> dict[str, Any]:
    return {"subject": order.subject, "matter": order.consultation_id}
