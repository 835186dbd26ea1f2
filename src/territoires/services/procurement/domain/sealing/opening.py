"""Opening: the order, what holders release for it, and the master keys that come of it (TSB1, section 10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from . import block as blocks
from . import documents as doc
from . import refusals, suites
from .block import Block
from .manifest import MOST_FILES, NAMED, Named
from .policy import Policy
from .sharing import SECRET_BYTES, Shape, join

REASONS = ("late", "superseded", "withdrawn", "not-admitted")


@dataclass(frozen=True, slots=True)
class Listed:
    """A bid that may be opened: its root, and its blocks of the order's envelope."""

    root: bytes
    blocks: Sequence[Named]


@dataclass(frozen=True, slots=True)
class Excluded:
    """A bid that stays closed, and why."""

    root: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class Order:
    """What one session may open. ``session`` is the public key of the opening worker, in the policy's suite."""

    order: UUID
    policy: bytes
    consultation: UUID
    round: int
    envelope: str
    deadline: datetime
    bids: Sequence[Listed]
    excluded: Sequence[Excluded]
    session: bytes
    checkpoint: str

    def written(self) -> bytes:
        return doc.written(
            "order",
            {
                "order": str(self.order),
                "policy": self.policy.hex(),
                "consultation": str(self.consultation),
                "round": self.round,
                "envelope": self.envelope,
                "deadline": doc.instant_text(self.deadline),
                "bids": [
                    {
                        "root": bid.root.hex(),
                        "blocks": [
                            {"block": str(one.block), "sha256": one.sha256.hex()} for one in bid.blocks
                        ],
                    }
                    for bid in self.bids
                ],
                "excluded": [{"root": one.root.hex(), "reason": one.reason} for one in self.excluded],
                "session": doc.base64url(self.session),
                "checkpoint": self.checkpoint,
            },
        )

    @property
    def hash(self) -> bytes:
        """Shown to everybody at the session; each release is bound to it."""
        return doc.sha256(self.written())


@dataclass(frozen=True, slots=True)
class Release:
    """What one holder gives for an order: for each block, its pieces sealed to the session's key."""

    order: bytes
    holder: UUID
    blocks: Mapping[UUID, bytes]

    def written(self) -> bytes:
        return doc.written(
            "release",
            {
                "order": self.order.hex(),
                "holder": str(self.holder),
                "blocks": [
                    {"block": str(block), "wrap": doc.base64url(wrap)} for block, wrap in self.blocks.items()
                ],
            },
        )


@dataclass(frozen=True, slots=True)
class Shares:
    """Who holds which piece of a block at present, and the pieces' hashes: as dealt, or as transferred."""

    ctx: bytes
    shape: Shape
    holders: Sequence[UUID]
    hashes: Sequence[bytes]

    def of(self, holder: UUID) -> list[int]:
        """The numbers of the holder's pieces. Raises Invalid for a stranger."""
        if holder not in self.holders:
            raise refusals.mismatch("a release of somebody who holds no piece")
        return self.shape.of(self.holders.index(holder))


def shares_as_dealt(policy: Policy, block: Block) -> Shares:
    """The shares of a block under the policy that it was made for. Raises Invalid for another policy."""
    if block.context.policy != policy.hash:
        raise refusals.mismatch("a block of another policy")
    blocks.check_block(block, policy)
    return Shares(block.context.hash, policy.shape, [one.holder for one in block.holders], list(block.pieces))


_SHAPE = {
    "order": doc.identifier,
    "policy": doc.digest_hex,
    "consultation": doc.identifier,
    "round": doc.integer(1),
    "envelope": doc.text,
    "deadline": doc.instant,
    "bids": doc.listed(doc.fields({"root": doc.digest_hex, "blocks": doc.listed(NAMED)}), MOST_FILES, 0),
    "excluded": doc.listed(
        doc.fields({"root": doc.digest_hex, "reason": doc.one_of(*REASONS)}), MOST_FILES, 0
    ),
    "session": doc.octets,
    "checkpoint": doc.text,
}
_RELEASE = {
    "order": doc.digest_hex,
    "holder": doc.identifier,
    "blocks": doc.listed(doc.fields({"block": doc.identifier, "wrap": doc.octets}), MOST_FILES, 0),
}


def read_order(data: bytes) -> Order:
    """The order of these bytes. Raises Invalid, also when a bid or a block is there twice."""
    found = doc.read(data, "order", _SHAPE)
    made = Order(
        **{
            **found,
            "bids": [Listed(bid["root"], [Named(**one) for one in bid["blocks"]]) for bid in found["bids"]],
            "excluded": [Excluded(**one) for one in found["excluded"]],
        }
    )
    roots = [bid.root for bid in made.bids] + [one.root for one in made.excluded]
    named = [one.block for bid in made.bids for one in bid.blocks]
    if len(set(roots)) != len(roots) or len(set(named)) != len(named):
        raise refusals.mismatch("a bid or a block listed twice")
    return made


def read_release(data: bytes) -> Release:
    """The release of these bytes. Raises Invalid."""
    found = doc.read(data, "release", _RELEASE)
    wraps = {one["block"]: one["wrap"] for one in found["blocks"]}
    if len(wraps) != len(found["blocks"]):
        raise refusals.mismatch("a block released twice")
    return Release(found["order"], found["holder"], wraps)


def check_order(order: Order, policy: Policy, now: datetime) -> None:
    """The order is of this policy, and its time has come. Raises Invalid, Conflict when it is too early."""
    if (order.policy, order.consultation, order.round, order.deadline) != (
        policy.hash,
        policy.consultation,
        policy.round,
        policy.deadline,
    ):
        raise refusals.mismatch("an order of another policy")
    if order.envelope not in policy.envelopes:
        raise refusals.mismatch("an envelope that the policy does not have")
    suites.read_public(policy.suite, order.session)
    if now <= policy.deadline:
        raise refusals.too_early()


def ordered_blocks(
    order: Order, policies: Mapping[bytes, Policy], received: Mapping[UUID, bytes]
) -> list[Block]:
    """The blocks of an order, from their received bytes; ``policies`` are those that the order's leads to.

    Raises Invalid when one is not the listed one, or was made for a policy that is none of them.
    """
    found = []
    for named in (one for bid in order.bids for one in bid.blocks):
        data = received.get(named.block, b"")
        if doc.sha256(data) != named.sha256:
            raise refusals.mismatch(f"block {named.block} and its hash")
        block = blocks.read_block(data)
        context = block.context
        if (context.block, context.envelope, context.consultation, context.round) != (
            named.block,
            order.envelope,
            order.consultation,
            order.round,
        ):
            raise refusals.mismatch(f"block {named.block} and the order")
        if context.policy not in policies:
            raise refusals.mismatch(f"block {named.block} is of a foreign policy")
        found.append(block)
    return found


def release(
    order: Order, suite: int, holder: UUID, secrets: Iterable[tuple[Block, Sequence[bytes]]]
) -> Release:
    """Seals to the session's key what a holder has of each block: pieces in ascending order, or T alone."""
    return Release(
        order.hash,
        holder,
        {
            block.context.block: suites.seal(
                suite, order.session, release_info(order.hash, block.context.hash, holder), b"".join(parts)
            )
            for block, parts in secrets
        },
    )


def released(
    order: Order, suite: int, session: suites.PrivateKey, given: Release, ctx: bytes, block: UUID
) -> bytes:
    """What a release gives for one block. Raises Invalid for another order, a missing block or another session."""
    if given.order != order.hash:
        raise refusals.mismatch("a release of another order")
    if block not in given.blocks:
        raise refusals.mismatch(f"a release without block {block}")
    return suites.unseal(suite, session, release_info(order.hash, ctx, given.holder), given.blocks[block])


def released_pieces(
    order: Order, suite: int, session: suites.PrivateKey, given: Release, shares: Shares, block: UUID
) -> dict[int, bytes]:
    """A holder's pieces of one block, compared with their hashes. Raises Invalid: the release names its holder."""
    plain = released(order, suite, session, given, shares.ctx, block)
    return blocks.checked_pieces(shares.ctx, shares.hashes, shares.of(given.holder), plain)


def released_time(
    order: Order, policy: Policy, session: suites.PrivateKey, given: Release, block: Block
) -> bytes:
    """T of one block, from the time-keeper's release. Raises Invalid."""
    if given.holder != policy.time.id:
        raise refusals.mismatch("a time release of somebody else")
    plain = released(order, policy.suite, session, given, block.context.hash, block.context.block)
    if len(plain) != SECRET_BYTES:
        raise refusals.cannot_unwrap("the time secret's length")
    return plain


def master(block: Block, shape: Shape, pieces: Iterable[Mapping[int, bytes]], time: bytes) -> bytes:
    """The master key of a block from the checked pieces of several holders and T.

    Raises Conflict while a piece is missing, Invalid when the secrets are not the committed ones.
    """
    joined: dict[int, bytes] = {}
    for one in pieces:
        joined.update(one)
    return blocks.opened_master(block, join(joined, shape), time)


def release_info(order: bytes, ctx: bytes, holder: UUID) -> bytes:
    return doc.label("TSB1/release") + order + ctx + holder.bytes
