"""A consultation to seal and open bids in: officers, custodian and time-keeper with their keys, and one whole bid."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from uuid import UUID, uuid4

from territoires.services.procurement.domain.sealing import block as blocks
from territoires.services.procurement.domain.sealing import documents as doc
from territoires.services.procurement.domain.sealing import files, opening, suites
from territoires.services.procurement.domain.sealing.block import Block
from territoires.services.procurement.domain.sealing.files import FileEntry, Header
from territoires.services.procurement.domain.sealing.manifest import Manifest, Named
from territoires.services.procurement.domain.sealing.opening import Excluded, Listed, Order, Release
from territoires.services.procurement.domain.sealing.policy import Holder, Limits, Policy, TimeKey

DEADLINE = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
AFTER = datetime(2026, 3, 2, 16, 0, 1, tzinfo=UTC)
MIB = 1 << 20
SIZES = (0, 1, MIB - 1, MIB, MIB + 1, 5 * MIB)
# Where a file ends, against the padding's floor and against chunks: one before, at, one after.
EDGES = (
    0,
    1,
    *(edge + off for edge in (4096, MIB, 2 * MIB, 3 * MIB) for off in (-1, 0, 1)),
)
SHAPES = ((3, 2), (4, 2), (4, 3), (6, 3))


def content(size: int) -> bytes:
    """Bytes that repeat with a period prime to the chunks' size: ``(31 i + 7) mod 251``."""
    period = bytes((31 * i + 7) % 251 for i in range(251))
    return (period * (size // 251 + 1))[:size]


def known_key(suite: int, name: str) -> suites.PrivateKey:
    """A private key that is always the same for a name: for vectors."""
    seed = doc.sha256(name.encode())
    if suite == 1:
        return suites.ec.derive_private_key(int.from_bytes(seed, "big") >> 1, suites.ec.SECP256R1())
    return suites.x25519.X25519PrivateKey.from_private_bytes(seed)


def known_id(name: str) -> UUID:
    return UUID(bytes=doc.sha256(b"id " + name.encode())[:16], version=4)


@dataclass
class Cast:
    """N holders of whom k are needed. ``version`` and ``previous`` for a policy that follows another one."""

    holders: int = 3
    threshold: int = 2
    suite: int = 1
    prefix: str = "holder"
    envelopes: Sequence[str] = ("tender",)
    limits: Limits = field(default_factory=lambda: Limits(file=1 << 32, bid=1 << 33, files=100))
    deadline: datetime = DEADLINE
    version: int = 1
    previous: bytes | None = None
    consultation: UUID = field(default_factory=lambda: known_id("consultation"))

    @cached_property
    def keys(self) -> dict[UUID, suites.PrivateKey]:
        names = [f"{self.prefix} {place}" for place in range(self.holders)]
        return {known_id(name): known_key(self.suite, name) for name in names}

    @cached_property
    def time_key(self) -> suites.PrivateKey:
        return known_key(self.suite, "time-keeper")

    @cached_property
    def session(self) -> suites.PrivateKey:
        return known_key(self.suite, "session")

    @property
    def ids(self) -> list[UUID]:
        return list(self.keys)

    def public(self, key: suites.PrivateKey) -> bytes:
        return suites.suite(self.suite).public_bytes(key)

    @cached_property
    def policy(self) -> Policy:
        last = self.holders - 1
        return Policy(
            consultation=self.consultation,
            round=1,
            version=self.version,
            suite=self.suite,
            threshold=self.threshold,
            holders=[
                Holder(
                    holder, "custodian" if place == last else "officer", f"Holder {place}", self.public(key)
                )
                for place, (holder, key) in enumerate(self.keys.items())
            ],
            time=TimeKey(known_id("time-keeper"), self.public(self.time_key)),
            deadline=self.deadline,
            envelopes=list(self.envelopes),
            limits=self.limits,
            previous=self.previous,
        )

    def order(
        self, bids: Sequence[Bid], excluded: Sequence[Excluded] = (), envelope: str = "tender"
    ) -> Order:
        return Order(
            order=known_id("order"),
            policy=self.policy.hash,
            consultation=self.consultation,
            round=1,
            envelope=envelope,
            deadline=self.deadline,
            bids=[
                Listed(
                    bid.manifest.root,
                    [
                        Named(one.context.block, doc.sha256(one.written()))
                        for one in bid.blocks
                        if one.context.envelope == envelope
                    ],
                )
                for bid in bids
            ],
            excluded=list(excluded),
            session=self.public(self.session),
            checkpoint="journal 1",
        )

    def release_of(self, holder: UUID, order: Order, found: Iterable[Block]) -> Release:
        """What that officer gives for these blocks."""
        secrets = []
        for block in found:
            pieces = blocks.unwrap_pieces(self.policy, block, holder, self.keys[holder])
            secrets.append((block, list(pieces.values())))
        return opening.release(order, self.suite, holder, secrets)

    def time_release(self, order: Order, found: Iterable[Block]) -> Release:
        secrets = [(block, [blocks.unwrap_time(self.policy, block, self.time_key)]) for block in found]
        return opening.release(order, self.suite, self.policy.time.id, secrets)

    def master(self, order: Order, block: Block, releases: Sequence[Release], time: Release) -> bytes:
        """The opening worker's part for one block."""
        shares = opening.shares_as_dealt(self.policy, block)
        given = [
            opening.released_pieces(order, self.suite, self.session, one, shares, block.context.block)
            for one in releases
        ]
        secret = opening.released_time(order, self.policy, self.session, time, block)
        return opening.master(block, shares.shape, given, secret)


@dataclass
class Bid:
    """A sealed bid: one block for each envelope, and its stored files."""

    cast: Cast
    plain: Mapping[str, bytes]
    bidder: UUID = field(default_factory=uuid4)
    lot: UUID = field(default_factory=lambda: known_id("lot"))
    blocks: list[Block] = field(default_factory=list)
    entries: list[FileEntry] = field(default_factory=list)
    stored: dict[UUID, list[bytes]] = field(default_factory=dict)
    masters: dict[UUID, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for envelope in self.cast.envelopes:
            block, master = blocks.make_block(
                self.cast.policy, lot=self.lot, envelope=envelope, bidder=self.bidder, block=uuid4()
            )
            self.blocks.append(block)
            self.masters[block.context.block] = master
            for name, data in self.plain.items():
                self._seal(block.context.block, master, name, data)

    def _seal(self, block: UUID, master: bytes, name: str, data: bytes) -> None:
        file = uuid4()
        header = files.sealed_header(master, block, file, Header(name, "application/pdf", len(data)))
        stored = list(files.sealed_chunks(master, block, file, io.BytesIO(data), len(data)))
        self.stored[file] = stored
        root = files.merkle_root(files.leaf(chunk) for chunk in stored)
        self.entries.append(FileEntry(file, block, len(stored), sum(map(len, stored)), root, header))

    @property
    def manifest(self) -> Manifest:
        return Manifest(
            deposit=known_id("deposit"),
            policy=self.cast.policy.hash,
            consultation=self.cast.consultation,
            round=1,
            bidder=self.bidder,
            lots=[self.lot],
            blocks=[Named(one.context.block, doc.sha256(one.written())) for one in self.blocks],
            files=self.entries,
            supersedes=None,
            rehearsal=False,
        )

    @property
    def received(self) -> dict[UUID, bytes]:
        """The blocks' bytes as the server keeps them."""
        return {one.context.block: one.written() for one in self.blocks}

    @property
    def measured(self) -> dict[UUID, tuple[int, int, bytes]]:
        """What the server knows of each complete file."""
        return {one.file: (one.chunks, one.size, one.root) for one in self.entries}


def opened(master: bytes, entry: FileEntry, stored: Sequence[bytes]) -> tuple[Header, bytes]:
    """The header and the clear bytes, after the root."""
    files.check_root(entry, stored)
    header = files.opened_header(master, entry)
    return header, b"".join(files.opened_chunks(master, entry, header, stored))
