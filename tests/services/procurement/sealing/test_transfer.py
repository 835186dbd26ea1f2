"""New holders take over without anybody reading: the secret stays, the pieces change, a liar is named."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoires.kernel.errors import Conflict, Invalid
from territoires.services.procurement.domain.sealing import block as blocks
from territoires.services.procurement.domain.sealing import documents as doc
from territoires.services.procurement.domain.sealing import opening, suites, transfer
from territoires.services.procurement.domain.sealing.transfer import Dealing, Hands, Plan, Reception

from .cast import Bid, Cast, content, opened

OLD = [(3, 2), (4, 2), (4, 3), (5, 2), (5, 3), (5, 4), (6, 3), (6, 4), (7, 3)]
NEW = [(3, 2), (4, 3), (6, 3)]


class Handover:
    """One block of ``old`` dealt anew to ``new`` by the ``online`` holders."""

    def __init__(self, old: Cast, new: Cast, online: list[UUID] | None = None) -> None:
        self.old, self.new = old, new
        self.bid = Bid(old, {"prix.pdf": content(10)})
        [self.block] = self.bid.blocks
        online = online or old.ids[: old.threshold]
        self.pieces = {
            holder: blocks.unwrap_pieces(old.policy, self.block, holder, old.keys[holder])
            for holder in online
        }
        hands = []
        for number in range(old.policy.shape.pieces):
            able = [holder for holder in online if number in self.pieces[holder]]
            hands.append(Hands(able[0], able[1] if len(able) > 1 else None))
        self.plan = transfer.read_plan(
            Plan(uuid4(), self.block.context.block, new.policy.hash, hands).written()
        )
        transfer.check_plan(self.plan, opening.shares_as_dealt(old.policy, self.block), new.policy)
        self.dealings = [self.dealt(dealer) for dealer in {hands.dealer for hands in self.plan.pieces}]

    def dealt(self, dealer: UUID) -> Dealing:
        made = transfer.deal(
            self.plan, self.block, self.old.policy, self.new.policy, dealer, self.pieces[dealer]
        )
        return transfer.read_dealing(made.written())

    def received(self, holder: UUID, dealings: list[Dealing] | None = None) -> dict[int, bytes]:
        return transfer.received_pieces(
            self.plan,
            self.block,
            self.new.policy,
            self.dealings if dealings is None else dealings,
            holder,
            self.new.keys[holder],
        )

    def receptions(self) -> list[Reception]:
        return [
            transfer.read_reception(
                transfer.reception(self.plan, self.block, holder, self.received(holder)).written()
            )
            for holder in self.new.ids
        ]

    def agreed(self, receptions: list[Reception]) -> opening.Shares:
        return transfer.agreed_shares(self.plan, self.block, self.new.policy, receptions)

    def check_cuts(self) -> int:
        done = 0
        for dealing in self.dealings:
            for checker in self.pieces:
                if self.plan.checked_by(checker, dealing.dealer):
                    transfer.check_cut(
                        self.plan,
                        self.block,
                        self.old.policy,
                        self.new.policy,
                        dealing,
                        checker,
                        self.old.keys[checker],
                        self.pieces[checker],
                    )
                    done += 1
        return done


def followed(old: Cast, n: int, k: int) -> Cast:
    return Cast(n, k, old.suite, prefix="new", version=2, previous=old.policy.hash)


@pytest.mark.parametrize(("old_n", "old_k"), OLD)
@pytest.mark.parametrize(("n", "k"), NEW)
def test_new_holders_open_and_fewer_do_not(old_n: int, old_k: int, n: int, k: int) -> None:
    old = Cast(old_n, old_k, suite=2)
    over = Handover(old, followed(old, n, k))
    new = over.new
    held = {holder: over.received(holder) for holder in new.ids}
    shares = over.agreed(over.receptions())
    order = new.order([over.bid])
    time = blocks.unwrap_time(old.policy, over.block, old.time_key)
    given = {}
    for holder, pieces in held.items():
        release = opening.release(order, 2, holder, [(over.block, list(pieces.values()))])
        block = over.block.context.block
        given[holder] = opening.released_pieces(order, 2, new.session, release, shares, block)
    for present in combinations(new.ids, k):
        master = opening.master(over.block, shares.shape, [given[one] for one in present], time)
        [entry] = over.bid.entries
        assert opened(master, entry, over.bid.stored[entry.file])[1] == content(10)
    for present in combinations(new.ids, k - 1):
        with pytest.raises(Conflict, match="sealing-quorum-missing"):
            opening.master(over.block, shares.shape, [given[one] for one in present], time)


@settings(max_examples=15, deadline=None)
@given(
    st.data(), st.sampled_from([(3, 2), (4, 2), (5, 3)]), st.sampled_from([(3, 2), (4, 2), (5, 4), (6, 3)])
)
def test_whoever_is_on_line_the_secret_stays(
    data: st.DataObject, old: tuple[int, int], new: tuple[int, int]
) -> None:
    before = Cast(*old, suite=2)
    online = data.draw(st.permutations(before.ids))[: data.draw(st.integers(old[1], old[0]))]
    over = Handover(before, followed(before, *new), list(online))
    joined: dict[int, bytes] = {}
    for holder in over.new.ids:
        joined |= over.received(holder)
    former: dict[int, bytes] = {}
    for pieces in over.pieces.values():
        former |= pieces
    assert opening.join(joined, over.new.policy.shape) == opening.join(former, before.policy.shape)
    assert not set(joined.values()) & set(former.values())
    assert over.check_cuts() > 0 or all(hands.checker is None for hands in over.plan.pieces)


def lying(over: Handover) -> Dealing:
    """A dealer who cuts another piece than his own, and hashes it properly."""
    dealer = over.plan.pieces[0].dealer
    over.pieces[dealer] = dict.fromkeys(over.pieces[dealer], b"\x07" * 32)
    return over.dealt(dealer)


def test_checker_finds_a_cut_that_is_none() -> None:
    old = Cast(4, 2, suite=2)
    over = Handover(old, followed(old, 3, 2), old.ids)
    dealer = over.plan.pieces[1].dealer
    honest = over.pieces[dealer]
    whole = over.dealings
    over.dealings = [replace(one, cuts=[list(hashes[::-1]) for hashes in one.cuts]) for one in whole]
    with pytest.raises(Invalid, match="the cut of piece"):
        over.check_cuts()
    over.dealings = [lying(over)]
    over.pieces[dealer] = honest
    with pytest.raises(Invalid, match="the cut of piece"):
        over.check_cuts()


def test_receiver_names_a_dealer_whose_sub_pieces_are_not_the_published_ones() -> None:
    old = Cast(suite=2)
    over = Handover(old, followed(old, 3, 2))
    first, *others = over.dealings
    swapped = replace(first, cuts=[list(hashes[::-1]) for hashes in first.cuts])
    with pytest.raises(Invalid, match=str(first.dealer)):
        over.received(over.new.ids[0], [swapped, *others])
    info = transfer.transfer_info(over.block.context.hash, over.plan.transfer, over.new.ids[0])
    own = suites.unseal(2, over.new.keys[over.new.ids[0]], info, first.holders[0].wrap)
    long = suites.seal(2, over.new.policy.holders[0].key, info, own + b"\0" * 32)
    longer = replace(first, holders=[replace(first.holders[0], wrap=long), *first.holders[1:]])
    with pytest.raises(Invalid, match=f"the dealing of {first.dealer}"):
        over.received(over.new.ids[0], [longer, *others])
    with pytest.raises(Conflict, match="sealing-quorum-missing"):
        over.received(over.new.ids[0], others)
    with pytest.raises(Conflict, match="sealing-quorum-missing"):
        over.received(over.new.ids[0], [first, first, *others])
    for wrong in (
        replace(first, transfer=uuid4()),
        replace(first, block=uuid4()),
        replace(first, cuts=first.cuts[:0]),
        replace(first, holders=first.holders[::-1]),
    ):
        with pytest.raises(Invalid, match="sealing-mismatch"):
            over.received(over.new.ids[0], [wrong, *others])


def test_hashes_need_two_holders_who_agree() -> None:
    old = Cast(suite=2)
    over = Handover(old, followed(old, 3, 2))
    first, *others = over.receptions()
    assert over.agreed([first, *others])
    liar = replace(first, hashes=dict.fromkeys(first.hashes, b"\0" * 32))
    for published in ([first], [first, first], [first, others[0]], [liar, *others]):
        with pytest.raises(Invalid, match="two holders must agree"):
            over.agreed(published)
    for wrong in (
        replace(first, transfer=uuid4()),
        replace(first, block=uuid4()),
        replace(first, holder=uuid4()),
        replace(first, hashes=dict(list(first.hashes.items())[:1])),
    ):
        with pytest.raises(Invalid, match="sealing-mismatch"):
            over.agreed([wrong, *others])
    value = json.loads(first.written())
    with pytest.raises(Invalid, match="named twice"):
        transfer.read_reception(doc.canonical({**value, "hashes": value["hashes"] * 2}))


def test_plan_gives_pieces_to_those_who_hold_them() -> None:
    old = Cast(suite=2)
    over = Handover(old, followed(old, 3, 2))
    shares = opening.shares_as_dealt(old.policy, over.block)
    [first, *rest] = over.plan.pieces
    absent = old.ids[old.policy.shape.absent[0][0]]
    for wrong in (
        replace(over.plan, pieces=[Hands(absent, None), *rest]),
        replace(over.plan, pieces=[Hands(first.dealer, first.dealer), *rest]),
        replace(over.plan, pieces=[Hands(uuid4(), None), *rest]),
        replace(over.plan, pieces=over.plan.pieces[:-1]),
        replace(over.plan, policy=b"\0" * 32),
    ):
        with pytest.raises(Invalid, match="sealing-mismatch"):
            transfer.check_plan(wrong, shares, over.new.policy)
