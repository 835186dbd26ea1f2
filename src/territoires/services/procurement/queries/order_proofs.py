"""What proves to an officer's browser that each listed bid was deposited: its facts, in the book that the order cites."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from territoires.contracts import procurement_bids as facts
from territoires.foundations.journal import api as journal

from ..domain.sealing import documents as doc
from ..domain.sealing.opening import Order

_DEPOSITED = (facts.DepositSealed.KIND, facts.DepositKeptLate.KIND)


def checkpoint() -> str:
    """The book's head as an order writes it."""
    head = journal.head()
    return f"journal {head.size} {head.root.hex()}"


def proofs_of(order: Order) -> dict[str, list[dict[str, Any]]]:
    """By bid root, the facts that list it, each with its path to the order's checkpoint.

    That of its deposit; that of the decision too, where a late one was admitted. One that was not numbered yet when the
    order was fixed is not there.
    """
    roots = {bid.root.hex() for bid in order.bids}
    told = [one for one in journal.timeline(order.consultation) if one.seq is not None]
    root_of = {
        one.subject_id: one.files["root"]
        for one in told
        if one.kind in _DEPOSITED and one.files["root"] in roots
    }
    proving = {
        one.id: root_of[one.subject_id]
        for one in told
        if one.kind in (*_DEPOSITED, facts.LateDepositAdmitted.KIND) and one.subject_id in root_of
    }
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in journal.included(proving, _size_at(order)):
        found[proving[one.entry]].append(
            {
                "seq": one.seq,
                "body": doc.base64url(one.body),
                "path": [doc.base64url(step) for step in one.path],
            }
        )
    return found


def _size_at(order: Order) -> int:
    return int(order.checkpoint.split(" ")[1])
