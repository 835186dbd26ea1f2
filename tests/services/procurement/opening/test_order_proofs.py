"""The proofs that an officer's browser asks for: each listed deposit, in the book that the order cites."""

from __future__ import annotations

import json
from pathlib import Path

from territoires.foundations.journal import api as journal
from territoires.foundations.journal.tree import leaf_hash, root_of_path
from territoires.services.procurement.actions import late
from territoires.services.procurement.domain.sealing import documents as doc
from territoires.services.procurement.queries import opening as queries
from territoires.services.procurement.queries.order_proofs import proofs_of
from tests.services.procurement.conftest import make_body

from .world import AFTER, make_world, present


def test_listed_deposits_are_proved_by_the_facts_numbered_before_the_order(
    live_database: str, tmp_path: Path
) -> None:
    world = make_world(make_body(), tmp_path).ready().published()
    in_time = world.bid(0)
    bidder = world.bidder(1, at=AFTER)
    bidder.send(bidder.block(world.lot))
    admitted = bidder.deposit()
    world.closed()
    late.admit_late_deposit(
        actor=present(world.secretary),
        consultation=world.consultation,
        deposit=admitted.pk,
        ground="platform",
        reason="Une panne.",
    )
    journal.sequence_once()
    order = queries.papers_of(world.ask()).order
    journal.sequence_once()  # what comes later changes nothing
    _word, size, root = order.checkpoint.split(" ")
    found = proofs_of(order)
    kinds = {}
    for bid, proofs in found.items():
        kinds[bid] = [json.loads(doc.octets(one["body"]))["kind"].rpartition(".")[2] for one in proofs]
        for one in proofs:
            path = [doc.octets(step) for step in one["path"]]
            reached = root_of_path(leaf_hash(doc.octets(one["body"])), one["seq"], int(size), path)
            assert reached == bytes.fromhex(root)
    assert kinds == {in_time.root: ["sealed"], admitted.root: ["kept_late", "admitted"]}


def test_a_deposit_that_was_not_numbered_yet_has_no_proof(live_database: str, tmp_path: Path) -> None:
    world = make_world(make_body(), tmp_path).ready().published()
    world.bid(0)
    order = queries.papers_of(world.closed().ask()).order
    journal.sequence_once()
    assert proofs_of(order) == {}
