"""What follows by itself when an officer is replaced: the policy's next version, a plan for each block, the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from territoires.contracts import procurement_opening as facts
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict
from territoires.kernel.fact import Fact
from territoires.kernel.ids import new_id

from ..domain.sealing import transfer as rules
from ..domain.sealing.policy import CUSTODIAN, Policy
from ..models import BlockTransfer, Consultation, Handover, HolderKey, KeySlot, Member, TeamRole
from ..queries import handovers as queries
from ..queries import quorum
from ..queries.handovers import Held
from .moving import about
from .policies import name_successor
from .waiting_to_open import let_hand_over, nothing_to_hand_over


def begin_handover(actor: Actor, consultation: Consultation, key: HolderKey) -> list[Fact]:
    """Inside an action: the successor's key opened its trial seal; the policy names her, each block is to be dealt anew."""
    found = queries.under_way(consultation, key.round)
    if found is None or found.begun_at is not None or found.successor_id != key.person_id:
        return []
    check_before_the_opening(consultation, key.round)
    version, written = name_successor(actor, consultation, found.leaving, key)
    found.key, found.policy, found.begun_at = key, version, actor.now()
    found.save()
    told: list[Fact] = [written]
    dealers = dealers_of(found, quorum.present_holders(consultation, key.round))
    policy, policies = queries.policies_of(found)
    closed = policy.deadline < actor.now()
    blocks = queries.sealed_blocks(consultation, key.round, policies, closed=closed)
    held = [
        one for one in queries.held_blocks(policies, blocks).values() if one.policy.holders != policy.holders
    ]
    if not found.leaving_deals:
        told += _depart(actor, found)
    BlockTransfer.objects.bulk_create([planned(found, policy, one, dealers) for one in held])
    told.append(
        facts.HandoverBegun(
            **about(consultation),
            round=found.round,
            leaving=found.leaving_id,
            holder=key.pk,
            policy=version.sha256,
            blocks=len(held),
        )
    )
    return [*told, *go_on(actor, found)]


def set_aside(blocks: Iterable[UUID], actor: Actor) -> None:
    """Inside an action: an opening could not use these blocks' new pieces; what the bidders dealt counts again."""
    rows = BlockTransfer.objects.filter(block__in=list(blocks), agreed_at__isnull=False, set_aside_at=None)
    rows.update(set_aside_at=actor.now())


def go_on(actor: Actor, found: Handover) -> list[Fact]:
    """Asks who comes next; ends the handover once every block has changed hands."""
    left = queries.passing(found)
    if not left:
        return close_handover(actor, found)
    let_hand_over(actor, found, queries.work_in(found, left))
    return []


def close_handover(actor: Actor, found: Handover) -> list[Fact]:
    told: list[Fact] = [] if found.leaving.left_at is not None else _depart(actor, found)
    found.ended_at = actor.now()
    found.save(update_fields=["ended_at"])
    nothing_to_hand_over(found)
    agreed = found.transfers.filter(agreed_at__isnull=False).count()
    left = found.transfers.filter(agreed_at=None).count()
    return [
        *told,
        facts.HandoverEnded(**about(found.consultation), round=found.round, agreed=agreed, left=left),
    ]


def _depart(actor: Actor, found: Handover) -> list[Fact]:
    """The officer's slots are destroyed: what was sealed to her key is opened by nobody any more."""
    holder = found.leaving
    if holder.person_id is not None:
        Member.objects.filter(
            consultation=found.consultation, person_id=holder.person_id, role=TeamRole.OPEN
        ).delete()
    if holder.left_at is not None:
        return []
    KeySlot.objects.filter(holder=holder).delete()
    holder.left_at = actor.now()
    holder.save(update_fields=["left_at"])
    return [facts.HolderLeft(**about(found.consultation), round=found.round, holder=holder.pk)]


def planned(found: Handover, policy: Policy, held: Held, dealers: Sequence[HolderKey]) -> BlockTransfer:
    able = [one.pk for one in dealers if one.pk in held.shares.holders][: held.shares.shape.threshold]
    key = new_id()
    plan = rules.made_plan(key, held.block.context.block, held.shares, policy, able)
    rules.check_plan(plan, held.shares, policy)
    return BlockTransfer(id=key, handover=found, block_id=held.block.context.block, plan=plan.written())


def dealers_of(found: Handover, present: Sequence[HolderKey]) -> list[HolderKey]:
    """Who can deal, those first who are asked first: the one who leaves, officers, the custodian from off line."""
    staying = [one for one in present if one.pk not in (found.leaving_id, found.key_id)]
    staying.sort(key=lambda one: one.role == CUSTODIAN)
    return [*([found.leaving] if found.leaving_deals and found.leaving.left_at is None else []), *staying]


def check_dealers(found: Handover, present: Sequence[HolderKey]) -> None:
    needed = quorum.threshold_of(found.consultation, found.round)
    able = len(dealers_of(found, present))
    if able < needed:
        raise Conflict(
            "dealers-too-few",
            "%(needed)d keys are needed to hand the sealed bids over, and %(able)d are left.",
            "Nobody can repair that: the safety copies serve, or the procedure is declared without continuation.",
            params={"needed": needed, "able": able},
        )


def check_before_the_opening(consultation: Consultation, round: int) -> None:
    if quorum.opening_began(consultation, round):
        raise Conflict(
            "opening-began",
            "The opening of these bids has begun: their officers no longer change.",
            "The other officers and the custodian open what is left.",
        )
