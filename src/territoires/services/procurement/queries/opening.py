"""What an opening may open, what it leaves closed, what its holders need, and what came out of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Missing, Unavailable

from ..domain import examination, life, session
from ..domain.sealing import opening as rules
from ..domain.sealing.block import Block
from ..domain.sealing.manifest import Named
from ..domain.sealing.opening import Excluded, Listed, Order, Shares, read_order
from ..domain.sealing.policy import Policy, reached, read_policy
from ..models import (
    Candidacy,
    Consultation,
    DeclinedRelease,
    Deposit,
    Envelope,
    HolderKey,
    HolderRelease,
    OpenedBlock,
    OpenedFile,
    OpeningOrder,
    PolicyVersion,
    Presence,
    SafetyCopy,
    SafetyCopyState,
    SealedBlock,
    TimeKey,
)
from . import order_proofs
from .bids import admitted_late_deposits, counting_blocks, in_time_deposits
from .handovers import Held, held_blocks
from .publication import state_at
from .quorum import custodian_stock, drafted_policy, policy_history, recovery_key
from .rounds import current_round, deadline_of

ALARM_DAYS = 7


@dataclass(frozen=True, slots=True)
class Openable:
    """A deposit with the blocks of it that one session opens."""

    deposit: Deposit
    blocks: Sequence[SealedBlock]


def openable(consultation: Consultation, round: int, envelope: str) -> list[Openable]:
    """The deposits that count and are not open yet, in the order of the register, with their blocks of the envelope."""
    opened = set(
        OpenedBlock.objects.filter(
            deposit__consultation=consultation,
            deposit__round=round,
            order__state=session.OPENED,
            order__envelope=envelope,
            master__isnull=False,
        ).values_list("block_id", flat=True)
    )
    rejected = _rejected(consultation) if envelope == Envelope.TENDER else set()
    found = []
    for deposit in _counting(consultation, round):
        blocks = [one for one in counting_blocks(deposit, envelope) if one.pk not in opened]
        if blocks and deposit.bidder_id not in rejected:
            found.append(Openable(deposit, blocks))
    return found


def may_be_opened(consultation: Consultation, round: int, at: datetime) -> bool:
    """Whether the bids of a round may be opened at that instant, as far as the procedure goes and never before the deadline."""
    deadline = deadline_of(consultation, round)
    if deadline is None or at <= deadline:
        return False
    return round == current_round(consultation) and state_at(consultation, at) in life.OPENABLE


def left_closed(consultation: Consultation, round: int, envelope: str) -> list[tuple[Deposit, str]]:
    """The deposits that stay closed, and the reason that an order names."""
    rejected = _rejected(consultation) if envelope == Envelope.TENDER else set()
    counting = {one.pk for one in _counting(consultation, round)}
    found = []
    rows = Deposit.objects.filter(consultation=consultation, round=round).exclude(state=Deposit.State.COPY)
    for deposit in rows.order_by("number"):
        if deposit.pk in counting:
            if deposit.bidder_id in rejected:
                found.append((deposit, "not-admitted"))
        elif deposit.state == Deposit.State.WITHDRAWN:
            found.append((deposit, "withdrawn"))
        elif deposit.is_late:
            found.append((deposit, "late"))
        else:
            found.append((deposit, "superseded"))
    return found


def has_copies_alone(consultation: Consultation, round: int) -> bool:
    """Whether all that a round brought is open, and came by safety copies: no session is held."""
    copies = SafetyCopy.objects.filter(consultation=consultation, round=round, state=SafetyCopyState.OPENED)
    return copies.exists() and not any(openable(consultation, round, one) for one in Envelope.values)


def _counting(consultation: Consultation, round: int) -> list[Deposit]:
    counting = [*in_time_deposits(consultation, round), *admitted_late_deposits(consultation, round)]
    return sorted(counting, key=lambda one: one.number)


def _rejected(consultation: Consultation) -> set[UUID]:
    rows = Candidacy.objects.filter(consultation=consultation, state__in=examination.OUT)
    return set(rows.values_list("bidder_id", flat=True))


def order_of(order: OpeningOrder, policy: Policy, public: bytes) -> Order:
    """The order as TSB1 writes it, of what may be opened now."""
    bids = openable(order.consultation, order.round, order.envelope)
    closed = left_closed(order.consultation, order.round, order.envelope)
    return Order(
        order=order.pk,
        policy=policy.hash,
        consultation=order.consultation_id,
        round=order.round,
        envelope=order.envelope,
        deadline=policy.deadline,
        bids=[
            Listed(
                bytes.fromhex(bid.deposit.root),
                [Named(one.pk, bytes.fromhex(one.sha256)) for one in bid.blocks],
            )
            for bid in bids
        ],
        excluded=[Excluded(bytes.fromhex(deposit.root), reason) for deposit, reason in closed],
        session=public,
        checkpoint=order_proofs.checkpoint(),
    )


@dataclass(frozen=True, slots=True)
class Papers:
    """All that a holder needs to give her part: the order, the policies it leads to, the listed blocks, read and checked.

    ``held`` says of each block who holds its pieces at present.
    """

    order: Order
    written: bytes
    policy: Policy
    policies: dict[bytes, Policy]
    blocks: list[Block]
    received: dict[UUID, bytes]
    held: dict[UUID, Held]

    def policy_of(self, block: Block) -> Policy:
        return self.policies[block.context.policy]

    def shares_of(self, block: Block) -> Shares:
        return self.held[block.context.block].shares

    def is_covered_by(self, holders: Collection[UUID]) -> bool:
        """Whether these holders, together, open every listed block."""
        return all(
            len(set(holders) & set(one.shares.holders)) >= one.shares.shape.threshold
            for one in self.held.values()
        )


def papers_of(order: OpeningOrder) -> Papers:
    """Raises Invalid when what is stored does not fit the order."""
    if order.document is None or order.policy is None:
        raise Missing("no-order", "The order of this session is not made yet.", "Wait a few seconds.")
    written = bytes(order.document)
    read = read_order(written)
    policy = read_policy(bytes(order.policy.document))
    policies = reached(policy, policy_history(order.consultation, order.round))
    named = [one.block for bid in read.bids for one in bid.blocks]
    rows = SealedBlock.objects.filter(pk__in=named).values_list("pk", "document")
    received = {key: bytes(document) for key, document in rows}
    blocks = rules.ordered_blocks(read, policies, received)
    return Papers(read, written, policy, policies, blocks, received, held_blocks(policies, blocks))


def sessions_of(consultation: Consultation) -> QuerySet[OpeningOrder]:
    return OpeningOrder.objects.filter(consultation=consultation).order_by("asked_at")


def session_of(consultation: Consultation, key: UUID) -> OpeningOrder:
    """One session of a consultation. Raises Missing."""
    found = (
        sessions_of(consultation)
        .select_related("policy", "consultation__organisation")
        .filter(pk=key)
        .first()
    )
    if found is None:
        raise Missing(
            "no-session", "There is no such session here.", "Look at the opening of the consultation."
        )
    return found


def sessions_in(*states: str) -> list[OpeningOrder]:
    """The sessions that stand there, oldest first: for the worker and the time-keeper."""
    rows = OpeningOrder.objects.filter(state__in=states).select_related(
        "policy", "consultation__organisation"
    )
    return list(rows.order_by("asked_at"))


def time_keys_asked() -> list[TimeKey]:
    rows = TimeKey.objects.filter(made_at=None, consultation__destruction=None)
    return list(rows.select_related("consultation").order_by("asked_at"))


def time_keys_without_backup() -> list[TimeKey]:
    rows = TimeKey.objects.filter(
        made_at__isnull=False, backup=None, consultation__destruction=None
    ).select_related("consultation")
    return list(rows.order_by("made_at"))


def time_keys_to_destroy() -> list[TimeKey]:
    """Those of consultations whose keys the buyer had destroyed, with the visa of the archives."""
    rows = TimeKey.objects.filter(consultation__destruction__isnull=False, destroyed_at=None)
    return list(rows.select_related("consultation").order_by("asked_at"))


def time_keys_to_settle() -> list[TimeKey]:
    """Rounds whose time key came and whose policy is not written, though their officers may all be there."""
    written = PolicyVersion.objects.filter(consultation=OuterRef("consultation"), round=OuterRef("round"))
    rows = TimeKey.objects.filter(made_at__isnull=False).exclude(Exists(written))
    found = rows.select_related("consultation").order_by("made_at")
    return [
        one
        for one in found
        if drafted_policy(one.consultation, one.round, version=1, previous=None) is not None
    ]


def deposit_at(consultation: Consultation, root: str) -> Deposit:
    """The deposit of that bid root."""
    return Deposit.objects.select_related("bidder").get(consultation=consultation, root=root)


def time_key(key: UUID) -> TimeKey:
    """Raises Missing."""
    found = TimeKey.objects.select_related("consultation", "recovery").filter(pk=key).first()
    if found is None:
        raise Missing("no-time-key", "There is no such time key.", "Check its number.")
    return found


def awaiting_time() -> list[OpeningOrder]:
    """The ready sessions for which the time-keeper has neither given nor refused."""
    return [
        one
        for one in sessions_in(session.READY)
        if not one.time_refusal and not one.releases.filter(holder=None).exists()
    ]


def releases_of(order: OpeningOrder) -> list[HolderRelease]:
    return list(HolderRelease.objects.filter(order=order).select_related("holder", "brought_by"))


def declined_in(order: OpeningOrder) -> list[DeclinedRelease]:
    """Who declined to give a part, in the order in which they did; some of them gave it afterwards."""
    return list(DeclinedRelease.objects.filter(order=order).select_related("holder"))


def holders_in(order: OpeningOrder) -> list[HolderKey]:
    """The holders of the order's policy, in its order, then those of blocks that did not change hands with it."""
    if order.policy is None:
        return []
    ids = [one.id for one in read_policy(bytes(order.policy.document)).holders]
    if order.consultation.handovers.filter(round=order.round).exists():
        holding = [one.shares.holders for one in papers_of(order).held.values()]
        ids += sorted({one for holders in holding for one in holders} - set(ids))
    rows = HolderKey.objects.in_bulk(ids)
    return [rows[one] for one in ids if one in rows]


def presences_of(order: OpeningOrder) -> list[Presence]:
    return list(Presence.objects.filter(order=order))


def results_of(order: OpeningOrder) -> list[tuple[Deposit, list[OpenedFile], list[OpenedBlock]]]:
    """What a finished session gave, by deposit in the order of the register."""
    blocks: dict[UUID, list[OpenedBlock]] = {}
    for block in OpenedBlock.objects.filter(order=order).select_related("block"):
        blocks.setdefault(block.deposit_id, []).append(block)
    files: dict[UUID, list[OpenedFile]] = {}
    for file in OpenedFile.objects.filter(order=order).select_related("lot", "document"):
        files.setdefault(file.deposit_id, []).append(file)
    deposits = Deposit.objects.filter(pk__in=blocks).select_related("bidder").order_by("number")
    return [(one, files.get(one.pk, []), blocks[one.pk]) for one in deposits]


def opened_files(consultation: Consultation) -> QuerySet[OpenedFile]:
    """Everything that was opened and is clear, in the tree lot, enterprise, envelope."""
    return (
        OpenedFile.objects.filter(
            order__consultation=consultation, order__state=session.OPENED, document__isnull=False
        )
        .select_related("document", "lot", "deposit__bidder", "order")
        .order_by("lot__number", "deposit__number", "envelope", "position")
    )


def opened_file(consultation: Consultation, key: UUID) -> OpenedFile:
    """Raises Missing."""
    found = (
        OpenedFile.objects.filter(order__consultation=consultation, order__state=session.OPENED, pk=key)
        .select_related("document", "deposit__bidder", "order", "sealed")
        .first()
    )
    if found is None:
        raise Missing("no-opened-file", "There is no such opened file here.", "Go back to the opened bids.")
    return found


def clear_file(consultation: Consultation, key: UUID) -> tuple[Any, str]:
    """The document of an opened file that can be read, and its name. Raises Missing."""
    found = opened_file(consultation, key)
    if found.document is None:
        raise Missing("file-not-clear", "This file was not opened, or was infected.", "See the minutes.")
    return found.document, found.name


def deposits_of(consultation: Consultation) -> list[Deposit]:
    """All that was deposited, in the order of the register, whatever became of it."""
    rows = Deposit.objects.filter(consultation=consultation).exclude(state=Deposit.State.COPY)
    rows = rows.select_related("bidder")
    return list(rows.order_by("round", "number"))


def safety_copies_of(consultation: Consultation) -> list[SafetyCopy]:
    return list(
        SafetyCopy.objects.filter(consultation=consultation)
        .select_related("deposit__bidder", "settled_by")
        .prefetch_related("files__document", "files__lot", "minutes__document")
    )


def safety_copy(consultation: Consultation, key: UUID) -> SafetyCopy:
    """Raises Missing."""
    found = (
        SafetyCopy.objects.filter(consultation=consultation, pk=key).select_related("deposit__draft").first()
    )
    if found is None:
        raise Missing("no-safety-copy", "There is no such safety copy here.", "Look at the list.")
    return found


def early_opening_alarm() -> str:
    """Raises Unavailable when the time-keeper refused an opening in the last days."""
    since = system_clock() - timedelta(days=ALARM_DAYS)
    refused = OpeningOrder.objects.exclude(time_refusal="").filter(asked_at__gte=since).count()
    if refused:
        raise Unavailable(
            "early-opening",
            "The time-keeper refused %(count)d opening in the last days: somebody tried to open bids too early.",
            "Look at the journal: procurement.opening.refused.",
            params={"count": refused},
        )
    return ""


def custodian_alarm() -> str:
    """Raises Unavailable when the stock of the custodian's keys runs out, or nobody can restore time keys."""
    if not TimeKey.objects.exists():
        return ""  # nobody prepares a consultation here yet
    left = custodian_stock()
    if left < 20:
        raise Unavailable(
            "custodian-stock-low",
            "The custodian's stock serves %(count)d more consultations.",
            "Ask the custodian for new public keys: docs/services/procurement.md.",
            params={"count": left},
        )
    if recovery_key() is None:
        raise Unavailable(
            "no-recovery-key",
            "Time keys have no backup: the recovery custodian's key was not imported.",
            "Import it: docs/services/procurement.md.",
        )
    return ""
