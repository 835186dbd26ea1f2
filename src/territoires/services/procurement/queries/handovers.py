"""Who holds the pieces of a round's blocks at present, and what the replacement of an officer still waits for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from territoires.kernel.errors import Missing

from ..domain import session
from ..domain.sealing import transfer as rules
from ..domain.sealing.block import Block, read_block
from ..domain.sealing.opening import Shares, shares_as_dealt
from ..domain.sealing.policy import CUSTODIAN, OFFICER, Policy, reached, read_policy
from ..domain.sealing.transfer import Plan, read_plan
from ..models import (
    BlockTransfer,
    Consultation,
    Handover,
    HolderKey,
    OpeningOrder,
    SealedBlock,
    TransferPart,
)
from .quorum import is_public, opening_began, policy_history, policy_holders

DEALING, RECEPTION = TransferPart.Kind.DEALING, TransferPart.Kind.RECEPTION


@dataclass(frozen=True, slots=True)
class Held:
    """A block and who holds its pieces. ``transfer`` is the one that brought them; None: as the bidder dealt them."""

    block: Block
    policy: Policy
    shares: Shares
    transfer: BlockTransfer | None


@dataclass(frozen=True, slots=True)
class Passing:
    """A block on its way to new holders. ``held``: from whom."""

    row: BlockTransfer
    plan: Plan
    held: Held
    dealings: Mapping[UUID, bytes]
    receptions: Mapping[UUID, bytes]

    @property
    def dealers(self) -> set[UUID]:
        return {hands.dealer for hands in self.plan.pieces}

    @property
    def checkers(self) -> set[UUID]:
        return {hands.checker for hands in self.plan.pieces if hands.checker}

    @property
    def is_dealt(self) -> bool:
        return self.dealers <= set(self.dealings)


@dataclass(frozen=True, slots=True)
class Work:
    """What a handover waits for from one holder: blocks to deal, blocks to take over."""

    deal: list[Passing] = field(default_factory=list)
    receive: list[Passing] = field(default_factory=list)


def under_way(consultation: Consultation, round: int) -> Handover | None:
    rows = Handover.objects.select_related("leaving", "successor", "key", "policy")
    return rows.filter(consultation=consultation, round=round, ended_at=None).first()


def handover_of(consultation: Consultation, key: UUID) -> Handover:
    """One handover of the consultation. Raises Missing."""
    rows = Handover.objects.select_related("leaving", "successor", "key", "policy")
    found = rows.filter(consultation=consultation, pk=key).first()
    if found is None:
        raise Missing(
            "no-handover", "There is no such replacement of an officer here.", "Look at the opening."
        )
    return found


def awaits_key_of(consultation: Consultation, round: int, person: UUID | None) -> bool:
    """Whether the person was named to take an officer's place, and may still make her key."""
    found = under_way(consultation, round)
    return found is not None and found.begun_at is None and found.successor_id == person


def replaceable(consultation: Consultation, round: int) -> list[HolderKey]:
    """The officers whom bids are sealed for now, those who left too; none before that, nor once an opening has begun."""
    if opening_began(consultation, round) or not is_public(consultation, round):
        return []
    return [one for one in policy_holders(consultation, round) if one.role == OFFICER]


def is_opening(consultation: Consultation, round: int) -> bool:
    """Whether a session is under way: nothing changes hands meanwhile."""
    return OpeningOrder.objects.filter(
        consultation=consultation, round=round, state__in=session.UNDER_WAY
    ).exists()


def held_blocks(policies: Mapping[bytes, Policy], blocks: Iterable[Block]) -> dict[UUID, Held]:
    """Each block with who holds its pieces now."""
    found = list(blocks)
    agreed = BlockTransfer.objects.filter(
        block__in=[one.context.block for one in found], agreed_at__isnull=False, set_aside_at=None
    ).prefetch_related("parts")
    # by version, not by hour: two transfers may bear the same instant
    last = {one.block_id: one for one in agreed.order_by("handover__policy__version")}
    return {one.context.block: _held(policies, one, last.get(one.context.block)) for one in found}


def _held(policies: Mapping[bytes, Policy], block: Block, row: BlockTransfer | None) -> Held:
    if row is None:
        policy = policies[block.context.policy]
        return Held(block, policy, shares_as_dealt(policy, block), None)
    plan = read_plan(bytes(row.plan))
    policy = policies[plan.policy]
    receptions = [rules.read_reception(one) for one in parts_of(row, RECEPTION).values()]
    return Held(block, policy, rules.agreed_shares(plan, block, policy, receptions), row)


def parts_of(row: BlockTransfer, kind: str) -> dict[UUID, bytes]:
    """The documents that holders gave, by holder."""
    return {one.holder_id: bytes(one.document) for one in row.parts.all() if one.kind == kind}


def sealed_blocks(
    consultation: Consultation, round: int, policies: Mapping[bytes, Policy], *, closed: bool = True
) -> list[Block]:
    """The blocks of a round, made for these versions, that a deposit names; not ``closed``: those of bids being prepared too."""
    rows = SealedBlock.objects.filter(
        draft__consultation=consultation,
        draft__round=round,
        policy__in=[one.hex() for one in policies],
    )
    if closed:
        rows = rows.filter(files__sealed_at__isnull=False).distinct()
    return [read_block(bytes(one)) for one in rows.order_by("pk").values_list("document", flat=True)]


def holding_together(consultation: Consultation, round: int) -> list[tuple[int, set[UUID]]]:
    """How many of whom open something of the round: the present policy's holders, and those of what they do not hold."""
    history = policy_history(consultation, round)
    if not history:
        return []
    last = history[-1]
    found = [(last.threshold, {one.id for one in last.holders})]
    if consultation.handovers.filter(round=round).exists():
        policies = reached(last, history)
        held = held_blocks(policies, sealed_blocks(consultation, round, policies)).values()
        found += [(one.policy.threshold, set(one.shares.holders)) for one in held]
    return found


def policies_of(handover: Handover) -> tuple[Policy, dict[bytes, Policy]]:
    """The version that names the successor, and those that it leads to."""
    assert handover.policy is not None
    policy = read_policy(bytes(handover.policy.document))
    return policy, reached(policy, policy_history(handover.consultation, handover.round))


def passing(handover: Handover) -> list[Passing]:
    """The blocks of a handover that have not changed hands yet."""
    if handover.policy is None:
        return []
    _, policies = policies_of(handover)
    rows = handover.transfers.filter(agreed_at=None).select_related("block").prefetch_related("parts")
    ordered = list(rows.order_by("block_id"))
    held = held_blocks(policies, [read_block(bytes(one.block.document)) for one in ordered])
    return [
        Passing(
            row=one,
            plan=read_plan(bytes(one.plan)),
            held=held[one.block_id],
            dealings=parts_of(one, DEALING),
            receptions=parts_of(one, RECEPTION),
        )
        for one in ordered
    ]


def work_in(handover: Handover, blocks: Sequence[Passing]) -> dict[UUID, Work]:
    """What is waited for, by holder. The custodian takes over only where two others cannot vouch for each piece."""
    if handover.policy is None:
        return {}
    policy, _ = policies_of(handover)
    spares = policy.shape.holders - policy.threshold > 1
    found: dict[UUID, Work] = {}
    for one in blocks:
        if not one.is_dealt:
            for dealer in one.dealers - set(one.dealings):
                found.setdefault(dealer, Work()).deal.append(one)
            continue
        for holder in policy.holders:
            is_spared = spares and holder.role == CUSTODIAN and holder.id not in one.checkers
            if holder.id not in one.receptions and not is_spared:
                found.setdefault(holder.id, Work()).receive.append(one)
    return found


@dataclass(frozen=True, slots=True)
class Step:
    """What one holder has still to do, in numbers of blocks."""

    holder: HolderKey
    deal: int
    receive: int


def steps_of(handover: Handover, blocks: Sequence[Passing]) -> list[Step]:
    """Those who take part in a handover."""
    work = work_in(handover, blocks)
    known = {*work, handover.leaving_id} | ({handover.key_id} if handover.key_id else set())
    known |= {key for one in blocks for key in one.dealers | set(one.dealings) | set(one.receptions)}
    rows = HolderKey.objects.filter(pk__in=known)
    waits = ((row, work.get(row.pk, Work())) for row in rows)
    return [Step(row, len(todo.deal), len(todo.receive)) for row, todo in waits]


def is_stuck(handover: Handover, blocks: Sequence[Passing]) -> bool:
    """A dealer left without having dealt, or all was given and does not agree."""
    missing = {dealer for one in blocks for dealer in one.dealers - set(one.dealings)}
    gone = HolderKey.objects.filter(pk__in=missing, left_at__isnull=False).exists()
    return gone or (bool(blocks) and not work_in(handover, blocks))
