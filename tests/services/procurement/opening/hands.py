"""What the browsers of officers, and the custodian's computer, do when an officer is replaced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from territoires.services.procurement.actions import handing_over, opening
from territoires.services.procurement.domain.sealing import block as blocks
from territoires.services.procurement.domain.sealing import documents as doc
from territoires.services.procurement.domain.sealing import opening as rules
from territoires.services.procurement.domain.sealing import suites, transfer
from territoires.services.procurement.models import Consultation, Handover, HolderRelease, OpeningOrder
from territoires.services.procurement.queries import handovers
from territoires.services.procurement.queries import opening as queries
from territoires.services.procurement.queries.handovers import Held, Passing

from .world import AFTER, Officer, World, present


def ask(
    world: World, leaving: Officer, successor: Officer, *, deals: bool = True, at: datetime = AFTER
) -> Handover:
    assert successor.actor.person is not None
    return handing_over.ask_handover(
        actor=present(world.secretary, at),
        consultation=world.consultation,
        round=1,
        leaving=leaving.holder,
        successor=successor.actor.person,
        leaving_deals=deals,
    )


def ready(world: World, successor: Officer) -> None:
    """The successor accepts and tries: the handover begins."""
    successor.accept(world.consultation)
    successor.try_key(world.consultation)


def pieces(held: Held, holder: UUID, key: suites.PrivateKey) -> Mapping[int, bytes]:
    """What she holds at present: as dealt, or as the last transfer brought it."""
    if held.transfer is None:
        return blocks.unwrap_pieces(held.policy, held.block, holder, key)
    plan = transfer.read_plan(bytes(held.transfer.plan))
    dealings = [
        transfer.read_dealing(one) for one in handovers.parts_of(held.transfer, handovers.DEALING).values()
    ]
    return transfer.received_pieces(plan, held.block, held.policy, dealings, holder, key)


def dealings(found: Handover, holder: UUID, key: suites.PrivateKey, *, lie: bool = False) -> list[bytes]:
    policy, _ = handovers.policies_of(found)
    made = []
    for one in handovers.passing(found):
        if holder in one.dealers - set(one.dealings):
            own = pieces(one.held, holder, key)
            own = dict.fromkeys(own, b"\x07" * 32) if lie else own
            made.append(
                transfer.deal(one.plan, one.held.block, one.held.policy, policy, holder, own).written()
            )
    return made


def receptions(found: Handover, holder: UUID, key: suites.PrivateKey) -> list[bytes]:
    policy, _ = handovers.policies_of(found)
    made = []
    for one in handovers.passing(found):
        if one.is_dealt and holder not in one.receptions:
            _check(one, holder, key)
            given = [transfer.read_dealing(document) for document in one.dealings.values()]
            own = transfer.received_pieces(one.plan, one.held.block, policy, given, holder, key)
            made.append(transfer.reception(one.plan, one.held.block, holder, own).written())
    return made


def _check(one: Passing, holder: UUID, key: suites.PrivateKey) -> None:
    policy, _ = handovers.policies_of(one.row.handover)
    for dealing in (transfer.read_dealing(document) for document in one.dealings.values()):
        if one.plan.checked_by(holder, dealing.dealer):
            own = pieces(one.held, holder, key)
            transfer.check_cut(one.plan, one.held.block, one.held.policy, policy, dealing, holder, key, own)


def deal(world: World, found: Handover, officer: Officer) -> Handover:
    return handing_over.deal_pieces(
        actor=present(officer.actor),
        consultation=world.consultation,
        handover=found.pk,
        documents=dealings(found, officer.holder, officer.key),
    )


def receive(world: World, found: Handover, officer: Officer) -> Handover:
    return handing_over.receive_pieces(
        actor=present(officer.actor),
        consultation=world.consultation,
        handover=found.pk,
        documents=receptions(found, officer.holder, officer.key),
    )


def parts(holder: UUID, kind: str, documents: Iterable[bytes]) -> bytes:
    """The custodian's file."""
    sent = {"holder": str(holder), "kind": kind, "documents": [doc.base64url(one) for one in documents]}
    return doc.written("parts", sent)


def bring(world: World, found: Handover, kind: str) -> Handover:
    """The custodian deals, or receives, off line; the secretary brings the file."""
    holder = custodian_of(world.consultation)
    made = (dealings if kind == "dealing" else receptions)(found, holder, world.custodian[holder])
    return handing_over.bring_parts(
        actor=present(world.secretary),
        consultation=world.consultation,
        handover=found.pk,
        document=parts(holder, kind, made),
    )


def custodian_of(consultation: Consultation) -> UUID:
    holder: UUID = consultation.holders.get(role="custodian").pk
    return holder


def hand_over(world: World, leaving: Officer, successor: Officer, staying: Officer) -> Handover:
    """All of it, where the one who leaves still can."""
    found = ask(world, leaving, successor)
    ready(world, successor)
    found.refresh_from_db()
    deal(world, found, leaving)
    deal(world, found, staying)
    for officer in (successor, staying):
        receive(world, found, officer)
    bring(world, found, "reception")
    found.refresh_from_db()
    return found


def release(order: OpeningOrder, holder: UUID, key: suites.PrivateKey) -> bytes:
    """A holder's part: of each listed block that she holds pieces of, as they are at present."""
    papers = queries.papers_of(order)
    secrets = [
        (block, list(pieces(held, holder, key).values()))
        for block in papers.blocks
        if holder in (held := papers.held[block.context.block]).shares.holders
    ]
    return rules.release(papers.order, papers.policy.suite, holder, secrets).written()


def give(officer: Officer, order: OpeningOrder) -> HolderRelease:
    order.refresh_from_db()
    return opening.release_pieces(
        actor=present(officer.actor),
        consultation=order.consultation,
        order=order.pk,
        document=release(order, officer.holder, officer.key),
    )


def custodian_release(world: World, order: OpeningOrder) -> bytes:
    holder = custodian_of(world.consultation)
    return release(order, holder, world.custodian[holder])
