"""An officer replaced after the publication: named, ready, and each sealed block dealt anew without anybody reading it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import UUID

from territoires.contracts import procurement_opening as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Invalid, TerritoiresError

from ..domain.sealing import transfer as rules
from ..domain.sealing.policy import Policy
from ..models import (
    BlockTransfer,
    Consultation,
    Handover,
    HolderKey,
    Member,
    TeamRole,
    TransferPart,
)
from ..permissions import Procurement
from ..queries import handovers as queries
from ..queries import quorum
from ..queries.handovers import DEALING, RECEPTION, Passing
from ..queries.team import candidates_of
from .changing_hands import (
    check_before_the_opening,
    check_dealers,
    close_handover,
    dealers_of,
    go_on,
    planned,
)
from .holders import PRESENCE_FOR_OPENING, leave_enough, own_key
from .moving import about
from .waiting_to_open import accepted, ask_to_accept, ask_to_replace


@action(Procurement.STAFF, on="consultation", along=("organisation",))
def ask_handover(
    *,
    actor: Actor,
    consultation: Consultation,
    round: int,
    leaving: UUID,
    successor: UUID,
    leaving_deals: bool,
) -> Outcome[Handover]:
    """Names who takes an officer's place, bids being sealed already.

    ``leaving_deals``: she still opens her key and hands over herself. Raises Conflict before the publication, once an
    opening has begun or while another replacement is under way; Invalid for people who cannot.
    """
    Consultation.objects.select_for_update(of=("self",)).get(pk=consultation.pk)
    if not quorum.is_public(consultation, round):
        raise Conflict(
            "officers-not-fixed",
            "No bid is sealed yet: officers are changed in the team.",
            "Take one off the team and name another one.",
        )
    if queries.under_way(consultation, round) is not None:
        raise Conflict(
            "handover-under-way",
            "Another officer is being replaced.",
            "Finish that replacement, or end it, then begin this one.",
        )
    check_before_the_opening(consultation, round)
    holder = next((one for one in queries.replaceable(consultation, round) if one.pk == leaving), None)
    if holder is None:
        raise Invalid(
            "not-an-opening-officer", "No bid is sealed for this person.", "Choose one of the officers."
        )
    if successor not in candidates_of(consultation.organisation_id, actor.now()):
        raise Invalid(
            "not-of-the-body",
            "This person neither belongs to your body nor holds a mandate of it.",
            "Ask an administrator to invite the person, or to give a mandate.",
        )
    if quorum.own_holder(consultation, round, successor) is not None:
        raise Invalid(
            "successor-has-a-key", "This person already holds a key of these bids.", "Choose somebody else."
        )
    made = Handover.objects.create(
        consultation=consultation,
        round=round,
        leaving=holder,
        leaving_deals=leaving_deals and holder.left_at is None,
        successor_id=successor,
        asked_at=actor.now(),
    )
    check_dealers(made, quorum.present_holders(consultation, round))
    Member.objects.get_or_create(consultation=consultation, person_id=successor, role=TeamRole.OPEN)
    ask_to_accept(actor, consultation, successor)
    ask_to_replace(consultation, actor.now())
    fact = facts.HandoverAsked(
        **about(consultation),
        round=round,
        leaving=holder.pk,
        successor=successor,
        deals=made.leaving_deals,
    )
    return Outcome(made, fact)


@action(Procurement.OPENING_HOLD, on="consultation", step_up=PRESENCE_FOR_OPENING)
def deal_pieces(
    *, actor: Actor, consultation: Consultation, handover: UUID, documents: Sequence[bytes]
) -> Outcome[Handover]:
    """An officer deals her pieces to the new holders, from her browser. Raises Conflict, Invalid."""
    found = _locked(consultation, handover)
    return _dealt(actor, found, own_key(actor, consultation, found.round), documents, brought=False)


@action(Procurement.OPENING_HOLD, on="consultation", step_up=PRESENCE_FOR_OPENING)
def receive_pieces(
    *, actor: Actor, consultation: Consultation, handover: UUID, documents: Sequence[bytes]
) -> Outcome[Handover]:
    """A new holder publishes the hashes of what she received and, where the plan says so, checked. Raises Conflict, Invalid."""
    found = _locked(consultation, handover)
    return _received(actor, found, own_key(actor, consultation, found.round), documents, brought=False)


@action(Procurement.OPENING_CONDUCT, on="consultation", step_up=PRESENCE_FOR_OPENING)
def bring_parts(
    *, actor: Actor, consultation: Consultation, handover: UUID, document: bytes
) -> Outcome[Handover]:
    """Brings what the custodian made off line: dealings, or receptions. Raises Conflict, Invalid."""
    found = _locked(consultation, handover)
    given = rules.read_parts(document)
    holder = quorum.custodian_of(consultation, found.round)
    if holder is None or given.holder != holder.pk:
        raise Invalid(
            "parts-of-another",
            "This file is not the custodian's of this consultation.",
            "Take the right one.",
        )
    give = _dealt if given.kind == DEALING else _received
    return give(actor, found, holder, given.documents, brought=True)


@action(Procurement.OPENING_HOLD, on="consultation")
def deal_again(*, actor: Actor, consultation: Consultation, handover: UUID) -> Outcome[Handover]:
    """What was dealt does not fit, or a dealer left: blocks that have not changed hands are dealt again by who is there."""
    found = _locked(consultation, handover)
    own_key(actor, consultation, found.round)
    policy, _ = queries.policies_of(found)
    left = queries.passing(found)
    dealers = dealers_of(found, quorum.present_holders(consultation, found.round))
    BlockTransfer.objects.filter(pk__in=[one.row.pk for one in left]).delete()
    BlockTransfer.objects.bulk_create([planned(found, policy, one.held, dealers) for one in left])
    fact = facts.HandoverRestarted(**about(consultation), round=found.round, blocks=len(left))
    return Outcome(found, fact, *go_on(actor, found))


@action(Procurement.STAFF, on="consultation")
def end_handover(*, actor: Actor, consultation: Consultation, handover: UUID) -> Outcome[Handover]:
    """Ends a replacement as it stands. Not begun: the officer stays. Begun: she leaves, and what has not changed hands is
    opened by those who held it. Raises Conflict where they would not be enough."""
    found = _locked(consultation, handover, is_begun=False)
    if found.begun_at is not None:
        if found.leaving.left_at is None:
            leave_enough(found.leaving)
        return Outcome(found, *close_handover(actor, found))
    accepted(consultation, found.successor_id)
    Member.objects.filter(
        consultation=consultation, person_id=found.successor_id, role=TeamRole.OPEN
    ).delete()
    HolderKey.objects.filter(
        consultation=consultation, round=found.round, person_id=found.successor_id, left_at=None
    ).delete()
    found.ended_at = actor.now()
    found.save(update_fields=["ended_at"])
    ask_to_replace(consultation, actor.now())
    fact = facts.HandoverEnded(**about(consultation), round=found.round, agreed=0, left=0)
    return Outcome(found, fact)


def _dealt(
    actor: Actor, found: Handover, holder: HolderKey, documents: Sequence[bytes], *, brought: bool
) -> Outcome[Handover]:
    policy, _ = queries.policies_of(found)
    waiting = {one.row.pk: one for one in queries.passing(found)}
    for document in documents:
        dealing = rules.read_dealing(document)
        one = _waiting(waiting, dealing.transfer, dealing.dealer, holder)
        if holder.pk in one.dealings:
            raise _given_already()
        rules.check_lengths(one.plan, dealing, one.held.policy, policy)
        _keep(actor, one, holder, DEALING, document, brought=brought)
    fact = facts.PiecesDealt(
        **about(found.consultation),
        round=found.round,
        holder=holder.pk,
        blocks=len(documents),
        parts=_hash(documents),
        brought=brought,
    )
    return Outcome(found, fact, *go_on(actor, found))


def _received(
    actor: Actor, found: Handover, holder: HolderKey, documents: Sequence[bytes], *, brought: bool
) -> Outcome[Handover]:
    policy, _ = queries.policies_of(found)
    waiting = {one.row.pk: one for one in queries.passing(found)}
    agreed = 0
    for document in documents:
        given = rules.read_reception(document)
        one = _waiting(waiting, given.transfer, given.holder, holder)
        if not one.is_dealt:
            raise Conflict(
                "dealing-missing", "Not everybody has dealt yet.", "Come back when the page says so."
            )
        if holder.pk in one.receptions:
            raise _given_already()
        if list(given.hashes) != policy.shape.of(policy.place_of(holder.pk)) or given.block != one.plan.block:
            raise Invalid("reception-of-another", "This is of other pieces.", "Load the page again.")
        _keep(actor, one, holder, RECEPTION, document, brought=brought)
        agreed += _agreed(actor, one, policy, {**one.receptions, holder.pk: document})
    fact = facts.PiecesReceived(
        **about(found.consultation),
        round=found.round,
        holder=holder.pk,
        blocks=len(documents),
        parts=_hash(documents),
        agreed=agreed,
        brought=brought,
    )
    return Outcome(found, fact, *go_on(actor, found))


def _agreed(actor: Actor, one: Passing, policy: Policy, receptions: dict[UUID, bytes]) -> bool:
    """Whether the block has changed hands: each piece published by two holders who agree, every checker among them."""
    if not one.checkers <= set(receptions):
        return False
    try:
        said = [rules.read_reception(document) for document in receptions.values()]
        rules.agreed_shares(one.plan, one.held.block, policy, said)
    except TerritoiresError:
        return False
    one.row.agreed_at = actor.now()
    one.row.save(update_fields=["agreed_at"])
    return True


def _locked(consultation: Consultation, key: UUID, *, is_begun: bool = True) -> Handover:
    """The handover, for this transaction. Raises Conflict once it has ended, or while a session opens the bids."""
    queries.handover_of(consultation, key)
    rows = Handover.objects.select_for_update(of=("self",))
    found = rows.select_related("leaving", "key", "policy", "consultation__organisation").get(pk=key)
    if found.ended_at is not None:
        raise Conflict("handover-ended", "This replacement has ended.", "Nothing more is asked of you.")
    if is_begun and found.begun_at is None:
        raise Conflict(
            "successor-not-ready",
            "The successor has no key yet that opened its trial seal.",
            "They accept and try it first, from their own computer.",
        )
    if is_begun and queries.is_opening(consultation, found.round):
        raise Conflict(
            "opening-under-way",
            "A session is opening these bids: nothing changes hands meanwhile.",
            "Give your part to the session; the rest can wait.",
        )
    return found


def _waiting(waiting: dict[UUID, Passing], transfer: UUID, said: UUID, holder: HolderKey) -> Passing:
    one = waiting.get(transfer)
    if one is None:
        raise Conflict(
            "transfer-over",
            "These pieces are no longer to be handed over like this.",
            "Load the page again: it asks what is left.",
        )
    if said != holder.pk:
        raise Invalid("part-of-another", "This was made with somebody else's key.", "Load the page again.")
    return one


def _keep(
    actor: Actor, one: Passing, holder: HolderKey, kind: str, document: bytes, *, brought: bool
) -> None:
    TransferPart.objects.create(
        transfer=one.row,
        kind=kind,
        holder=holder,
        brought_by_id=actor.person if brought else None,
        document=document,
        received_at=actor.now(),
    )


def _given_already() -> Conflict:
    return Conflict("part-given", "This part is given already.", "Nothing more is asked of you here.")


def _hash(documents: Sequence[bytes]) -> str:
    return hashlib.sha256(b"".join(documents)).hexdigest()
