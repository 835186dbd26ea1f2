"""An officer is replaced though bids are sealed for her: her successor opens them, she does not any more, nobody read them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from territoires.foundations.journal import api as journal
from territoires.kernel.errors import Conflict, Denied, Invalid, Missing, StepUpRequired
from territoires.services.procurement.actions import handing_over, opening, staffing, uploading
from territoires.services.procurement.domain import session
from territoires.services.procurement.domain.sealing import block as blocks
from territoires.services.procurement.domain.sealing.documents import octets
from territoires.services.procurement.domain.sealing.policy import read_policy
from territoires.services.procurement.models import (
    BlockTransfer,
    Deposit,
    Handover,
    HolderKey,
    KeySlot,
    OpenedFile,
    PolicyVersion,
    TransferPart,
)
from territoires.services.procurement.queries import handovers, quorum
from tests.services.procurement.bids.conftest import make_enterprise
from tests.services.procurement.conftest import make_actor, make_person

from . import hands
from .world import AFTER, BEFORE, PLAIN, Officer, World, present


@pytest.fixture
def successor(body: Any) -> Officer:
    return Officer(make_actor(body, "executive", person=make_person(body, "Successeure")))


def begun(world: World, successor: Officer, *, deals: bool = True) -> Handover:
    found = hands.ask(world, world.officers[1], successor, deals=deals)
    hands.ready(world, successor)
    found.refresh_from_db()
    return found


def told(world: World) -> list[str]:
    return [one.kind.removeprefix("procurement.") for one in journal.timeline(world.consultation.pk)]


def test_the_successor_opens_in_the_place_of_who_leaves(sealed: World, successor: Officer) -> None:
    first, leaving = sealed.officers
    found = hands.ask(sealed, leaving, successor)
    assert quorum.current_policy(sealed.consultation).version == 1  # type: ignore[union-attr]
    hands.ready(sealed, successor)
    found.refresh_from_db()
    version = quorum.current_policy(sealed.consultation)
    assert version is not None and version.version == 2
    names = [one.id for one in read_policy(bytes(version.document)).holders]
    assert leaving.holder not in names and names.index(successor.holder) == 1
    assert found.transfers.count() == 4  # two bids, two envelopes
    hands.deal(sealed, found, leaving)
    hands.deal(sealed, found, first)
    hands.receive(sealed, found, successor)
    hands.receive(sealed, found, first)
    assert not BlockTransfer.objects.filter(agreed_at__isnull=False).exists()
    hands.bring(sealed, found, "reception")
    found.refresh_from_db()
    assert found.ended_at is not None
    assert BlockTransfer.objects.filter(agreed_at=None).count() == 0
    assert not KeySlot.objects.filter(holder=leaving.holder).exists()
    assert HolderKey.objects.get(pk=leaving.holder).left_at is not None

    order = sealed.ask()
    sealed.keeper.work_once()
    with pytest.raises((Missing, Denied)):
        leaving.give(order)
    with pytest.raises(Invalid, match="holds no piece"):
        opening.bring_release(
            actor=present(sealed.secretary),
            consultation=sealed.consultation,
            order=order.pk,
            document=leaving.release(order),
        )
    hands.give(successor, order)
    hands.give(first, order)
    sealed.opener.work_once()
    order.refresh_from_db()
    assert order.state == session.OPENED
    assert OpenedFile.objects.filter(order=order, verdict="clear").count() == 2
    kinds = told(sealed)
    assert {"handover.asked", "handover.begun", "handover.ended", "holder.left"} <= set(kinds)
    assert kinds.count("pieces.dealt") == 2 and kinds.count("pieces.received") == 3


def test_where_who_leaves_cannot_any_more_the_custodian_deals(sealed: World, successor: Officer) -> None:
    first, leaving = sealed.officers
    found = begun(sealed, successor, deals=False)
    assert HolderKey.objects.get(pk=leaving.holder).left_at is not None
    hands.deal(sealed, found, first)
    hands.bring(sealed, found, "dealing")
    for officer in (successor, first):
        hands.receive(sealed, found, officer)
    hands.bring(sealed, found, "reception")
    order = sealed.ask()
    sealed.keeper.work_once()
    hands.give(successor, order)
    opening.bring_release(
        actor=present(sealed.secretary),
        consultation=sealed.consultation,
        order=order.pk,
        document=hands.custodian_release(sealed, order),
    )
    sealed.opener.work_once()
    order.refresh_from_db()
    assert order.state == session.OPENED


def test_before_the_deadline_what_is_being_prepared_is_not_sent_again(
    world: World, successor: Officer
) -> None:
    """A bid whose first envelope was sealed for the former officers is deposited with a second one for the new ones."""
    world.ready().published()
    bidding = world.bidder(0)
    former = bidding.policy
    block = bidding.block(world.lot, "candidature")
    bidding.send(block, "candidature.pdf", PLAIN)
    found = hands.ask(world, world.officers[1], successor, at=BEFORE)
    hands.ready(world, successor)
    found.refresh_from_db()
    assert found.transfers.count() == 1
    stale, _ = blocks.make_block(
        former, lot=world.lot, envelope="tender", bidder=bidding.draft.bidder_id, block=uuid4()
    )
    with pytest.raises(Conflict, match="sealing-policy-changed") as refused:
        uploading.receive_block(actor=bidding.actor, draft=bidding.draft, document=stale.written())
    assert read_policy(octets(refused.value.members["policy"])) == bidding.policy != former
    bidding.send(bidding.block(world.lot, "tender"), "offre.pdf", PLAIN)
    assert bidding.deposit().state == Deposit.State.SEALED
    world.closed()
    # nobody handed over: the former officers open the candidature, the new ones the tender
    assert world.open("candidature", by=(0, 1)).state == session.OPENED
    order = world.ask("tender")
    world.keeper.work_once()
    hands.give(world.officers[0], order)
    hands.give(successor, order)
    world.opener.work_once()
    order.refresh_from_db()
    assert order.state == session.OPENED


def test_what_is_not_handed_over_is_opened_by_those_who_hold_it(sealed: World, successor: Officer) -> None:
    begun(sealed, successor)
    order = sealed.ask()
    sealed.keeper.work_once()
    hands.give(sealed.officers[0], order)
    sealed.opener.work_once()
    order.refresh_from_db()
    assert order.state == session.READY
    with pytest.raises(Conflict, match="opening-under-way"):
        hands.deal(sealed, Handover.objects.get(), sealed.officers[1])
    hands.give(sealed.officers[1], order)
    sealed.opener.work_once()
    order.refresh_from_db()
    assert order.state == session.OPENED


def test_a_second_replacement_follows_the_first(sealed: World, successor: Officer, body: Any) -> None:
    first, leaving = sealed.officers
    hands.hand_over(sealed, leaving, successor, first)
    third = Officer(make_actor(body, "executive", person=make_person(body, "Troisième")))
    hands.hand_over(sealed, first, third, successor)
    assert quorum.current_policy(sealed.consultation).version == 3  # type: ignore[union-attr]
    order = sealed.ask()
    sealed.keeper.work_once()
    hands.give(successor, order)
    hands.give(third, order)
    sealed.opener.work_once()
    order.refresh_from_db()
    assert order.state == session.OPENED


def test_a_dealer_who_lies_is_found_and_all_deal_again(sealed: World, successor: Officer) -> None:
    first, leaving = sealed.officers
    found = begun(sealed, successor)
    lying = hands.dealings(found, leaving.holder, leaving.key, lie=True)
    handing_over.deal_pieces(
        actor=present(leaving.actor), consultation=sealed.consultation, handover=found.pk, documents=lying
    )
    hands.deal(sealed, found, first)
    with pytest.raises(Invalid, match="the cut of piece"):
        hands.receive(sealed, found, first)
    before = set(found.transfers.values_list("pk", flat=True))
    handing_over.deal_again(actor=present(first.actor), consultation=sealed.consultation, handover=found.pk)
    assert not before & set(found.transfers.values_list("pk", flat=True))
    assert not TransferPart.objects.exists()
    with pytest.raises(Conflict, match="transfer-over"):
        handing_over.deal_pieces(
            actor=present(leaving.actor),
            consultation=sealed.consultation,
            handover=found.pk,
            documents=lying,
        )
    for officer in (first, leaving):
        hands.deal(sealed, found, officer)
    for officer in (first, successor):
        hands.receive(sealed, found, officer)
    hands.bring(sealed, found, "reception")
    assert sealed.open(by=()).state == session.READY


def test_new_pieces_that_do_not_open_are_set_aside_and_the_old_ones_serve(
    sealed: World, successor: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No checker holds each piece with a dealer: one may spoil a cut. The bid is not lost."""
    first, leaving = sealed.officers
    found = begun(sealed, successor)
    lying = hands.dealings(found, first.holder, first.key, lie=True)
    handing_over.deal_pieces(
        actor=present(first.actor), consultation=sealed.consultation, handover=found.pk, documents=lying
    )
    hands.deal(sealed, found, leaving)
    for officer in (successor, first):
        hands.receive(sealed, found, officer)
    hands.bring(sealed, found, "reception")
    order = sealed.ask()
    sealed.keeper.work_once()
    hands.give(successor, order)
    hands.give(first, order)
    sealed.opener.work_once()
    assert BlockTransfer.objects.filter(set_aside_at__isnull=False).count() == 2
    again = sealed.ask()
    sealed.keeper.work_once()
    hands.give(first, again)
    opening.bring_release(
        actor=present(sealed.secretary),
        consultation=sealed.consultation,
        order=again.pk,
        document=hands.custodian_release(sealed, again),
    )
    sealed.opener.work_once()
    again.refresh_from_db()
    assert again.state == session.OPENED
    assert OpenedFile.objects.filter(order=again, verdict="clear").count() == 2


def test_who_may_not(sealed: World, successor: Officer, body: Any) -> None:
    first, leaving = sealed.officers
    stranger = Officer(make_actor(body, "executive", person=make_person(body, "Passante")))
    with pytest.raises(Conflict, match="officers-fixed"):
        staffing.join_team(
            actor=sealed.secretary,
            consultation=sealed.consultation,
            person=stranger.actor.person,  # type: ignore[arg-type]
            role="open",
        )
        stranger.accept(sealed.consultation)
    with pytest.raises(Invalid, match="not-an-opening-officer"):
        hands.ask(sealed, stranger, successor)
    with pytest.raises(Invalid, match="successor-has-a-key"):
        hands.ask(sealed, leaving, first)
    foreign = make_enterprise("99999009600028", "Commune Autre")
    elsewhere = Officer(make_actor(foreign, "executive"))
    with pytest.raises(Invalid, match="not-of-the-body"):
        hands.ask(sealed, leaving, elsewhere)
    found = hands.ask(sealed, leaving, successor)
    with pytest.raises(Conflict, match="handover-under-way"):
        hands.ask(sealed, first, stranger)
    # the successor has no key, or one that was not tried
    for officer in (leaving, first):
        with pytest.raises(Conflict, match="successor-not-ready"):
            handing_over.deal_pieces(
                actor=present(officer.actor),
                consultation=sealed.consultation,
                handover=found.pk,
                documents=[b"{}"],
            )
    successor.accept(sealed.consultation)
    with pytest.raises(Invalid, match="trial-failed"):
        successor.try_key(sealed.consultation, opened=b"another")
    assert PolicyVersion.objects.filter(consultation=sealed.consultation).count() == 1
    successor.try_key(sealed.consultation)
    found.refresh_from_db()
    mine = hands.dealings(found, leaving.holder, leaving.key)
    with pytest.raises(StepUpRequired):
        handing_over.deal_pieces(
            actor=leaving.actor, consultation=sealed.consultation, handover=found.pk, documents=mine
        )
    with pytest.raises(Denied):
        handing_over.deal_pieces(
            actor=present(elsewhere.actor),
            consultation=sealed.consultation,
            handover=found.pk,
            documents=mine,
        )
    with pytest.raises(Invalid, match="part-of-another"):
        handing_over.deal_pieces(
            actor=present(first.actor), consultation=sealed.consultation, handover=found.pk, documents=mine
        )
    with pytest.raises(Conflict, match="dealing-missing"):
        one = handovers.passing(found)[0]
        forged = hands.transfer.Reception(
            one.plan.transfer, one.plan.block, successor.holder, {0: b"\0" * 32, 2: b"\0" * 32}
        )
        handing_over.receive_pieces(
            actor=present(successor.actor),
            consultation=sealed.consultation,
            handover=found.pk,
            documents=[forged.written()],
        )
    hands.deal(sealed, found, leaving)
    with pytest.raises(Conflict, match="part-given"):
        handing_over.deal_pieces(
            actor=present(leaving.actor),
            consultation=sealed.consultation,
            handover=found.pk,
            documents=mine,
        )
    assert TransferPart.objects.count() == 4


@pytest.mark.parametrize("changed", ["cuts", "holders", "checkers", "block"])
def test_a_transcript_that_does_not_fit_is_refused_whole(
    sealed: World, successor: Officer, changed: str
) -> None:
    import json

    leaving = sealed.officers[1]
    found = begun(sealed, successor)
    good, *others = hands.dealings(found, leaving.holder, leaving.key)
    value = json.loads(good)
    if changed == "block":
        value["block"] = json.loads(others[0])["block"]
    elif changed == "holders":
        value["holders"][0]["wrap"] = value["holders"][0]["wrap"][:-4]
    else:
        value[changed] = value[changed][:-1] or value[changed] * 2
    wrong = hands.doc.canonical(value)
    with pytest.raises(Invalid, match="sealing"):
        handing_over.deal_pieces(
            actor=present(leaving.actor),
            consultation=sealed.consultation,
            handover=found.pk,
            documents=[*others, wrong],
        )
    assert not TransferPart.objects.exists()


def test_once_the_opening_has_begun_nobody_is_replaced(sealed: World, successor: Officer) -> None:
    asked = hands.ask(sealed, sealed.officers[1], successor)
    successor.accept(sealed.consultation)
    sealed.ask()
    with pytest.raises(Conflict, match="opening-began"):
        successor.try_key(sealed.consultation)
    handing_over.end_handover(
        actor=present(sealed.secretary), consultation=sealed.consultation, handover=asked.pk
    )
    assert quorum.own_holder(sealed.consultation, 1, successor.actor.person) is None
    with pytest.raises(Conflict, match="opening-began"):
        hands.ask(sealed, sealed.officers[1], successor)


def test_ended_as_it_stands_who_left_leaves_and_enough_hold_the_rest(
    sealed: World, successor: Officer
) -> None:
    found = begun(sealed, successor)
    handing_over.end_handover(
        actor=present(sealed.secretary), consultation=sealed.consultation, handover=found.pk
    )
    assert HolderKey.objects.get(pk=sealed.officers[1].holder).left_at is not None
    with pytest.raises(Conflict, match="last-keys"):
        staffing.leave_team(
            actor=sealed.secretary,
            consultation=sealed.consultation,
            person=sealed.officers[0].actor.person,  # type: ignore[arg-type]
            role="open",
        )
    order = sealed.ask()
    sealed.keeper.work_once()
    hands.give(sealed.officers[0], order)
    opening.bring_release(
        actor=present(sealed.secretary),
        consultation=sealed.consultation,
        order=order.pk,
        document=sealed.custodian_release(order),
    )
    sealed.opener.work_once()
    order.refresh_from_db()
    assert order.state == session.OPENED


def test_nothing_sealed_yet_the_successor_simply_takes_the_place(world: World, successor: Officer) -> None:
    world.ready().published()
    found = hands.ask(world, world.officers[1], successor, at=BEFORE)
    hands.ready(world, successor)
    found.refresh_from_db()
    assert found.ended_at is not None and not found.transfers.exists()
    assert BEFORE + timedelta(days=1) < AFTER
