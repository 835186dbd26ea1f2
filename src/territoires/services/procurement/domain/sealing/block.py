"""A block: two secrets of one bid's envelope, dealt to the holders (Q) and to the time-keeper (T). TSB1, section 6."""

from __future__ import annotations

import hmac
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from . import documents as doc
from . import refusals, suites
from .policy import Policy
from .sharing import MOST_HOLDERS, MOST_PIECES, SECRET_BYTES, cut, split


@dataclass(frozen=True, slots=True)
class Context:
    """What a block belongs to; its hash ``ctx`` enters every derivation."""

    policy: bytes
    consultation: UUID
    round: int
    lot: UUID
    envelope: str
    bidder: UUID
    block: UUID

    def plain(self) -> dict[str, Any]:
        return {
            "v": doc.VERSION,
            "policy": self.policy.hex(),
            "consultation": str(self.consultation),
            "round": self.round,
            "lot": str(self.lot),
            "envelope": self.envelope,
            "bidder": str(self.bidder),
            "block": str(self.block),
        }

    @property
    def hash(self) -> bytes:
        return doc.sha256(doc.canonical(self.plain()))


@dataclass(frozen=True, slots=True)
class Wrap:
    """Something sealed to the key of ``holder``."""

    holder: UUID
    wrap: bytes


@dataclass(frozen=True, slots=True)
class Block:
    """What the bidder's browser sends before any file. ``pieces`` are hashes."""

    context: Context
    threshold: int
    pieces: Sequence[bytes]
    holders: Sequence[Wrap]
    time: Wrap
    commit: bytes

    def written(self) -> bytes:
        return doc.written(
            "block",
            {
                "context": self.context.plain(),
                "threshold": self.threshold,
                "pieces": [piece.hex() for piece in self.pieces],
                "holders": [
                    {"holder": str(one.holder), "wrap": doc.base64url(one.wrap)} for one in self.holders
                ],
                "time": {"key": str(self.time.holder), "wrap": doc.base64url(self.time.wrap)},
                "commit": self.commit.hex(),
            },
        )


_CONTEXT = {
    "v": doc.integer(doc.VERSION, doc.VERSION),
    "policy": doc.digest_hex,
    "consultation": doc.identifier,
    "round": doc.integer(1),
    "lot": doc.identifier,
    "envelope": doc.text,
    "bidder": doc.identifier,
    "block": doc.identifier,
}
_SHAPE = {
    "context": doc.fields(_CONTEXT),
    "threshold": doc.integer(2, MOST_HOLDERS),
    "pieces": doc.listed(doc.digest_hex, MOST_PIECES),
    "holders": doc.listed(doc.fields({"holder": doc.identifier, "wrap": doc.octets}), MOST_HOLDERS),
    "time": doc.fields({"key": doc.identifier, "wrap": doc.octets}),
    "commit": doc.digest_hex,
}


def read_block(data: bytes) -> Block:
    """The block of these bytes, not yet compared with a policy. Raises Invalid."""
    found = doc.read(data, "block", _SHAPE)
    context = {name: value for name, value in found["context"].items() if name != "v"}
    return Block(
        context=Context(**context),
        threshold=found["threshold"],
        pieces=found["pieces"],
        holders=[Wrap(**one) for one in found["holders"]],
        time=Wrap(found["time"]["key"], found["time"]["wrap"]),
        commit=found["commit"],
    )


def check_block(block: Block, policy: Policy) -> None:
    """The block is dealt as this policy asks. Raises Conflict for an older version of it, Invalid otherwise."""
    context = block.context
    if (context.consultation, context.round) != (policy.consultation, policy.round):
        raise refusals.mismatch("a block of another consultation or round")
    if context.policy != policy.hash:
        raise refusals.policy_changed()
    if context.envelope not in policy.envelopes:
        raise refusals.mismatch("an envelope that the policy does not have")
    shape = policy.shape
    if (block.threshold, len(block.pieces)) != (shape.threshold, shape.pieces):
        raise refusals.mismatch("the number of pieces")
    if [one.holder for one in block.holders] != [one.id for one in policy.holders]:
        raise refusals.mismatch("the holders, in the policy's order")
    overhead = suites.suite(policy.suite).overhead
    for place, one in enumerate(block.holders):
        if len(one.wrap) != overhead + SECRET_BYTES * len(shape.of(place)):
            raise refusals.mismatch(f"the length of the wrap of holder {place}")
    if block.time.holder != policy.time.id or len(block.time.wrap) != overhead + SECRET_BYTES:
        raise refusals.mismatch("the wrap to the time-keeper")


def make_block(policy: Policy, *, lot: UUID, envelope: str, bidder: UUID, block: UUID) -> tuple[Block, bytes]:
    """A fresh block and its master key, as the browser makes it: for tests, and for a sealer outside of a browser."""
    context = Context(policy.hash, policy.consultation, policy.round, lot, envelope, bidder, block)
    return deal(policy, context, quorum=os.urandom(SECRET_BYTES), time=os.urandom(SECRET_BYTES))


def deal(policy: Policy, context: Context, *, quorum: bytes, time: bytes) -> tuple[Block, bytes]:
    """The block of these two secrets, and the master key."""
    shape, ctx = policy.shape, context.hash
    pieces = split(quorum, shape.pieces)
    wraps = [
        Wrap(
            holder.id,
            suites.seal(
                policy.suite,
                holder.key,
                holder_info(ctx, holder.id),
                b"".join(pieces[j] for j in shape.of(place)),
            ),
        )
        for place, holder in enumerate(policy.holders)
    ]
    made = Block(
        context=context,
        threshold=shape.threshold,
        pieces=[piece_hash(ctx, j, piece) for j, piece in enumerate(pieces)],
        holders=wraps,
        time=Wrap(
            policy.time.id, suites.seal(policy.suite, policy.time.key, time_info(ctx, policy.time.id), time)
        ),
        commit=commitment(ctx, quorum, time),
    )
    return made, master_key(ctx, quorum, time)


def unwrap_pieces(policy: Policy, block: Block, holder: UUID, private: suites.PrivateKey) -> dict[int, bytes]:
    """The holder's pieces by number, each compared with its hash. Raises Invalid."""
    place, ctx = policy.place_of(holder), block.context.hash
    if [one.holder for one in block.holders] != [one.id for one in policy.holders]:
        raise refusals.mismatch("the holders, in the policy's order")
    if len(block.pieces) != policy.shape.pieces:
        raise refusals.mismatch("the number of pieces")
    plain = suites.unseal(policy.suite, private, holder_info(ctx, holder), block.holders[place].wrap)
    return checked_pieces(ctx, block.pieces, policy.shape.of(place), plain)


def checked_pieces(
    ctx: bytes, hashes: Sequence[bytes], numbers: Sequence[int], plain: bytes
) -> dict[int, bytes]:
    """Pieces written one after the other, by number, each compared with its hash. Raises Invalid."""
    if len(plain) != SECRET_BYTES * len(numbers):
        raise refusals.wrong_piece("their number")
    pieces = dict(zip(numbers, cut(plain), strict=True))
    check_pieces(ctx, hashes, pieces)
    return pieces


def check_pieces(ctx: bytes, hashes: Sequence[bytes], pieces: Mapping[int, bytes]) -> None:
    """Raises Invalid, naming the first piece that has not its hash."""
    for number, piece in pieces.items():
        if not hmac.compare_digest(piece_hash(ctx, number, piece), hashes[number]):
            raise refusals.wrong_piece(f"piece {number}")


def unwrap_time(policy: Policy, block: Block, private: suites.PrivateKey) -> bytes:
    """T, for the time-keeper alone, and only after the deadline: its process answers for that."""
    info = time_info(block.context.hash, policy.time.id)
    plain = suites.unseal(policy.suite, private, info, block.time.wrap)
    if len(plain) != SECRET_BYTES:
        raise refusals.cannot_unwrap("the time secret's length")
    return plain


def opened_master(block: Block, quorum: bytes, time: bytes) -> bytes:
    """The master key M when both secrets are the committed ones. Raises Invalid."""
    ctx = block.context.hash
    if not hmac.compare_digest(commitment(ctx, quorum, time), block.commit):
        raise refusals.uncommitted()
    return master_key(ctx, quorum, time)


# Derivations (the table of section 6)


def holder_info(ctx: bytes, holder: UUID) -> bytes:
    return doc.label("TSB1/holder") + ctx + holder.bytes


def time_info(ctx: bytes, key: UUID) -> bytes:
    return doc.label("TSB1/time") + ctx + key.bytes


def piece_hash(ctx: bytes, number: int, piece: bytes) -> bytes:
    return doc.sha256(doc.label("TSB1/piece"), ctx, doc.u16(number), piece)


def master_key(ctx: bytes, quorum: bytes, time: bytes) -> bytes:
    return derived(quorum + time, ctx, "TSB1/envelope")


def commitment(ctx: bytes, quorum: bytes, time: bytes) -> bytes:
    return derived(quorum + time, ctx, "TSB1/commit")


def derived(secret: bytes, salt: bytes, name: str) -> bytes:
    """HKDF-SHA256, 32 bytes."""
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=doc.label(name)).derive(secret)


def without_wraps(block: Block) -> Block:
    """The same block with zeros for wraps: nobody can open it any more; context, hashes of pieces and commitment stay."""
    bare = [_zeroed(one) for one in block.holders]
    return replace(block, holders=bare, time=_zeroed(block.time))


def _zeroed(wrap: Wrap) -> Wrap:
    return replace(wrap, wrap=bytes(len(wrap.wrap)))
