"""A transfer without reading: new holders take over a block before the opening (TSB1, section 9).

Each old piece has one *dealer* who holds it. He cuts it into sub-pieces, one for each new piece, whose XOR is the old
piece, publishes their hashes, and seals them to the new holders. A new piece is the XOR of its sub-pieces from all old
pieces: the secret and its commitment do not change, and nobody holds more than before. A *checker*, where a second
holder of the old piece is on line, sees the whole cut and says that it is one.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from . import documents as doc
from . import refusals, suites
from .block import Block, Wrap, piece_hash
from .opening import Shares
from .policy import Policy
from .sharing import MOST_HOLDERS, MOST_PIECES, SECRET_BYTES, cut, split, xor


@dataclass(frozen=True, slots=True)
class Hands:
    """Whose work an old piece is: who deals it, who checks the cut."""

    dealer: UUID
    checker: UUID | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The transfer of one block: for each old piece, in order, whose hands it goes through."""

    transfer: UUID
    block: UUID
    policy: bytes
    pieces: Sequence[Hands]

    def dealt_by(self, dealer: UUID) -> list[int]:
        return [number for number, hands in enumerate(self.pieces) if hands.dealer == dealer]

    def checked_by(self, checker: UUID, dealer: UUID) -> list[int]:
        return [j for j in self.dealt_by(dealer) if self.pieces[j].checker == checker]

    def written(self) -> bytes:
        return doc.written(
            "transfer",
            {
                "transfer": str(self.transfer),
                "block": str(self.block),
                "policy": self.policy.hex(),
                "pieces": [
                    {"dealer": str(one.dealer), "checker": one.checker and str(one.checker)}
                    for one in self.pieces
                ],
            },
        )


@dataclass(frozen=True, slots=True)
class Dealing:
    """One dealer's work: ``cuts`` holds the hashes of the sub-pieces of each old piece that he deals, ascending."""

    transfer: UUID
    block: UUID
    dealer: UUID
    cuts: Sequence[Sequence[bytes]]
    holders: Sequence[Wrap]
    checkers: Sequence[Wrap]

    def written(self) -> bytes:
        def plain(wraps: Sequence[Wrap]) -> list[dict[str, str]]:
            return [{"holder": str(one.holder), "wrap": doc.base64url(one.wrap)} for one in wraps]

        return doc.written(
            "dealing",
            {
                "transfer": str(self.transfer),
                "block": str(self.block),
                "dealer": str(self.dealer),
                "cuts": [[one.hex() for one in hashes] for hashes in self.cuts],
                "holders": plain(self.holders),
                "checkers": plain(self.checkers),
            },
        )


@dataclass(frozen=True, slots=True)
class Reception:
    """What a new holder publishes: the hashes of the pieces received, by new number."""

    transfer: UUID
    block: UUID
    holder: UUID
    hashes: Mapping[int, bytes]

    def written(self) -> bytes:
        return doc.written(
            "reception",
            {
                "transfer": str(self.transfer),
                "block": str(self.block),
                "holder": str(self.holder),
                "hashes": [{"piece": piece, "sha256": one.hex()} for piece, one in self.hashes.items()],
            },
        )


_PLAN = {
    "transfer": doc.identifier,
    "block": doc.identifier,
    "policy": doc.digest_hex,
    "pieces": doc.listed(
        doc.fields({"dealer": doc.identifier, "checker": doc.optional(doc.identifier)}), MOST_PIECES
    ),
}
_WRAPS = doc.fields({"holder": doc.identifier, "wrap": doc.octets})
_DEALING = {
    "transfer": doc.identifier,
    "block": doc.identifier,
    "dealer": doc.identifier,
    "cuts": doc.listed(doc.listed(doc.digest_hex, MOST_PIECES), MOST_PIECES),
    "holders": doc.listed(_WRAPS, MOST_HOLDERS),
    "checkers": doc.listed(_WRAPS, MOST_HOLDERS, 0),
}
_RECEPTION = {
    "transfer": doc.identifier,
    "block": doc.identifier,
    "holder": doc.identifier,
    "hashes": doc.listed(
        doc.fields({"piece": doc.integer(0, MOST_PIECES - 1), "sha256": doc.digest_hex}), MOST_PIECES
    ),
}


def read_plan(data: bytes) -> Plan:
    found = doc.read(data, "transfer", _PLAN)
    return Plan(**{**found, "pieces": [Hands(**one) for one in found["pieces"]]})


def read_dealing(data: bytes) -> Dealing:
    found: dict[str, Any] = doc.read(data, "dealing", _DEALING)
    wraps = {name: [Wrap(**one) for one in found[name]] for name in ("holders", "checkers")}
    return Dealing(**{**found, **wraps})


def read_reception(data: bytes) -> Reception:
    found: dict[str, Any] = doc.read(data, "reception", _RECEPTION)
    hashes = {one["piece"]: one["sha256"] for one in found["hashes"]}
    if len(hashes) != len(found["hashes"]):
        raise refusals.mismatch("a piece named twice")
    return Reception(**{**found, "hashes": hashes})


DEALING, RECEPTION = "dealing", "reception"


@dataclass(frozen=True, slots=True)
class Parts:
    """What a holder made off line for many blocks, in one file: the documents of one kind."""

    holder: UUID
    kind: str
    documents: Sequence[bytes]


def read_parts(data: bytes) -> Parts:
    """The parts of these bytes, each document not yet read. Raises Invalid."""
    found = doc.read(
        data,
        "parts",
        {
            "holder": doc.identifier,
            "kind": doc.one_of(DEALING, RECEPTION),
            "documents": doc.listed(doc.octets),
        },
    )
    return Parts(**found)


def check_plan(plan: Plan, old: Shares, new: Policy) -> None:
    """Each old piece goes through hands that hold it, towards this policy. Raises Invalid."""
    if plan.policy != new.hash or len(plan.pieces) != old.shape.pieces:
        raise refusals.mismatch("a transfer of another policy or block")
    for number, hands in enumerate(plan.pieces):
        for holder in filter(None, (hands.dealer, hands.checker)):
            if number not in old.of(holder):
                raise refusals.mismatch(f"a dealer or checker without piece {number}")
        if hands.dealer == hands.checker:
            raise refusals.mismatch("a dealer who checks himself")


def made_plan(transfer: UUID, block: UUID, old: Shares, new: Policy, dealers: Sequence[UUID]) -> Plan:
    """Each old piece to the first of these dealers who holds it; checked by the next one, where he stays.

    Raises Conflict when a piece is held by none of them.
    """
    staying = {one.id for one in new.holders}
    hands = []
    for number in range(old.shape.pieces):
        able = [one for one in dealers if number in old.of(one)]
        if not able:
            raise refusals.quorum_missing(len(dealers), old.shape.threshold)
        hands.append(Hands(able[0], next((one for one in able[1:] if one in staying), None)))
    return Plan(transfer, block, new.hash, hands)


def deal(
    plan: Plan, block: Block, old: Policy, new: Policy, dealer: UUID, pieces: Mapping[int, bytes]
) -> Dealing:
    """The dealer's work on the pieces that the plan gives him."""
    ctx, shape = block.context.hash, new.shape
    numbers = plan.dealt_by(dealer)
    subs = {number: split(pieces[number], shape.pieces) for number in numbers}
    holders = [
        Wrap(
            holder.id,
            suites.seal(
                new.suite,
                holder.key,
                transfer_info(ctx, plan.transfer, holder.id),
                b"".join(subs[old_j][new_j] for old_j in numbers for new_j in shape.of(place)),
            ),
        )
        for place, holder in enumerate(new.holders)
    ]
    checkers = [
        Wrap(
            holder.id,
            suites.seal(
                old.suite,
                holder.key,
                check_info(ctx, plan.transfer, holder.id),
                b"".join(sub for number in checked for sub in subs[number]),
            ),
        )
        for holder in old.holders
        if (checked := plan.checked_by(holder.id, dealer))
    ]
    cuts = [
        [cut_hash(ctx, plan.transfer, old_j, new_j, sub) for new_j, sub in enumerate(subs[old_j])]
        for old_j in numbers
    ]
    return Dealing(plan.transfer, plan.block, dealer, cuts, holders, checkers)


def check_dealing(plan: Plan, dealing: Dealing, new: Policy) -> None:
    """The dealing is of this transfer, and complete. Raises Invalid."""
    if (dealing.transfer, dealing.block) != (plan.transfer, plan.block):
        raise refusals.mismatch("a dealing of another transfer")
    if [len(hashes) for hashes in dealing.cuts] != [new.shape.pieces] * len(plan.dealt_by(dealing.dealer)):
        raise refusals.mismatch(f"the cuts of {dealing.dealer}")
    if [one.holder for one in dealing.holders] != [one.id for one in new.holders]:
        raise refusals.mismatch("the new holders, in the policy's order")


def check_lengths(plan: Plan, dealing: Dealing, old: Policy, new: Policy) -> None:
    """What can be seen of a dealing without a key: whose it is, and that every wrap has its length. Raises Invalid."""
    check_dealing(plan, dealing, new)
    dealt = len(plan.dealt_by(dealing.dealer))
    checked = {
        one.id: len(numbers) for one in old.holders if (numbers := plan.checked_by(one.id, dealing.dealer))
    }
    expected = [
        (new.suite, one, dealt * len(new.shape.of(place))) for place, one in enumerate(dealing.holders)
    ]
    if [one.holder for one in dealing.checkers] != list(checked):
        raise refusals.mismatch("the checkers, in the policy's order")
    expected += [(old.suite, one, checked[one.holder] * new.shape.pieces) for one in dealing.checkers]
    for suite, one, count in expected:
        if not dealt or len(one.wrap) != suites.suite(suite).overhead + SECRET_BYTES * count:
            raise refusals.mismatch(f"the length of the wrap to {one.holder}")


def check_cut(
    plan: Plan,
    block: Block,
    old: Policy,
    new: Policy,
    dealing: Dealing,
    checker: UUID,
    private: suites.PrivateKey,
    pieces: Mapping[int, bytes],
) -> None:
    """The checker's part: the sub-pieces are those hashed, and their XOR is the piece that he holds. Raises Invalid."""
    check_dealing(plan, dealing, new)
    ctx, numbers = block.context.hash, plan.checked_by(checker, dealing.dealer)
    info = check_info(ctx, plan.transfer, checker)
    subs = iter(cut(suites.unseal(old.suite, private, info, _wrap_for(dealing.checkers, checker))))
    for number in numbers:
        own = list(islice(subs, new.shape.pieces))
        hashes = dealing.cuts[plan.dealt_by(dealing.dealer).index(number)]
        same = [cut_hash(ctx, plan.transfer, number, j, sub) for j, sub in enumerate(own)] == list(hashes)
        if not same or not hmac.compare_digest(xor(own), pieces[number]):
            raise refusals.wrong_piece(f"the cut of piece {number} by {dealing.dealer}")


def received_pieces(
    plan: Plan,
    block: Block,
    new: Policy,
    dealings: Iterable[Dealing],
    holder: UUID,
    private: suites.PrivateKey,
) -> dict[int, bytes]:
    """A new holder's pieces by new number: the XOR of what every dealer sealed to him. Raises Invalid, naming a dealer."""
    ctx, numbers = block.context.hash, new.shape.of(new.place_of(holder))
    received: dict[int, list[bytes]] = {number: [] for number in numbers}
    dealt: list[int] = []
    for dealing in dealings:
        check_dealing(plan, dealing, new)
        own = plan.dealt_by(dealing.dealer)
        dealt += own
        info = transfer_info(ctx, plan.transfer, holder)
        plain = suites.unseal(new.suite, private, info, _wrap_for(dealing.holders, holder))
        if len(plain) != SECRET_BYTES * len(own) * len(numbers):
            raise refusals.wrong_piece(f"the dealing of {dealing.dealer}")
        subs = iter(cut(plain))
        for old_j, hashes in zip(own, dealing.cuts, strict=True):
            for new_j in numbers:
                sub = next(subs)
                if cut_hash(ctx, plan.transfer, old_j, new_j, sub) != hashes[new_j]:
                    raise refusals.wrong_piece(f"the dealing of {dealing.dealer}")
                received[new_j].append(sub)
    if sorted(dealt) != list(range(len(plan.pieces))):
        raise refusals.quorum_missing(len(set(dealt)), len(plan.pieces))
    return {number: xor(subs) for number, subs in received.items()}


def reception(plan: Plan, block: Block, holder: UUID, pieces: Mapping[int, bytes]) -> Reception:
    """What a new holder publishes of the pieces received."""
    ctx = block.context.hash
    hashes = {number: piece_hash(ctx, number, piece) for number, piece in pieces.items()}
    return Reception(plan.transfer, plan.block, holder, hashes)


def agreed_shares(plan: Plan, block: Block, new: Policy, receptions: Iterable[Reception]) -> Shares:
    """The shares after the transfer: each hash published by two of its holders at least, who agree. Raises Invalid."""
    shape, said = new.shape, dict[int, dict[UUID, bytes]]()
    for one in receptions:
        if (one.transfer, one.block) != (plan.transfer, plan.block):
            raise refusals.mismatch("a reception of another transfer")
        if list(one.hashes) != shape.of(new.place_of(one.holder)):
            raise refusals.mismatch(f"the pieces of {one.holder}")
        for number, sha256 in one.hashes.items():
            said.setdefault(number, {})[one.holder] = sha256
    hashes = []
    for number in range(shape.pieces):
        given = list(said.get(number, {}).values())
        if len(given) < 2 or len(set(given)) != 1:
            raise refusals.wrong_piece(f"new piece {number}: two holders must agree")
        hashes.append(given[0])
    return Shares(block.context.hash, shape, [one.id for one in new.holders], hashes)


def transfer_info(ctx: bytes, transfer: UUID, holder: UUID) -> bytes:
    return doc.label("TSB1/transfer") + ctx + transfer.bytes + holder.bytes


def check_info(ctx: bytes, transfer: UUID, checker: UUID) -> bytes:
    return doc.label("TSB1/check") + ctx + transfer.bytes + checker.bytes


def cut_hash(ctx: bytes, transfer: UUID, old: int, new: int, sub: bytes) -> bytes:
    return doc.sha256(doc.label("TSB1/cut"), ctx, transfer.bytes, doc.u16(old), doc.u16(new), sub)


def _wrap_for(wraps: Sequence[Wrap], holder: UUID) -> bytes:
    for one in wraps:
        if one.holder == holder:
            return one.wrap
    raise refusals.mismatch(f"nothing is sealed to {holder}")
