"""The manifest: what a deposit is. Its SHA-256 is the bid root (TSB1, section 8)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from . import documents as doc
from . import files, refusals
from .block import Block, read_block
from .files import FileEntry
from .policy import Limits, Policy

MOST_FILES = 10_000
# Padding adds at most 6.3 % above 4 KiB (Padmé) and fills up to 4 KiB below; a chunk adds 28 bytes.
PADDING_SHARE = 15


@dataclass(frozen=True, slots=True)
class Named:
    """A block by the hash of its exact bytes."""

    block: UUID
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """``deposit`` is the idempotency key; ``supersedes`` the bid root of the deposit that this one replaces."""

    deposit: UUID
    policy: bytes
    consultation: UUID
    round: int
    bidder: UUID
    lots: Sequence[UUID]
    blocks: Sequence[Named]
    files: Sequence[FileEntry]
    supersedes: bytes | None
    rehearsal: bool

    def written(self) -> bytes:
        return doc.written(
            "manifest",
            {
                "deposit": str(self.deposit),
                "policy": self.policy.hex(),
                "consultation": str(self.consultation),
                "round": self.round,
                "bidder": str(self.bidder),
                "lots": [str(lot) for lot in self.lots],
                "blocks": [{"block": str(one.block), "sha256": one.sha256.hex()} for one in self.blocks],
                "files": [
                    {
                        "file": str(one.file),
                        "block": str(one.block),
                        "chunks": one.chunks,
                        "size": one.size,
                        "root": one.root.hex(),
                        "header": doc.base64url(one.header),
                    }
                    for one in self.files
                ],
                "supersedes": self.supersedes and self.supersedes.hex(),
                "rehearsal": self.rehearsal,
            },
        )

    @property
    def root(self) -> bytes:
        """The bid root of a manifest made here; of a received one, hash the received bytes."""
        return doc.sha256(self.written())


NAMED = doc.fields({"block": doc.identifier, "sha256": doc.digest_hex})
_FILE = {
    "file": doc.identifier,
    "block": doc.identifier,
    "chunks": doc.integer(1, 2**32 - 1),
    "size": doc.integer(1),
    "root": doc.digest_hex,
    "header": doc.octets,
}
_SHAPE = {
    "deposit": doc.identifier,
    "policy": doc.digest_hex,
    "consultation": doc.identifier,
    "round": doc.integer(1),
    "bidder": doc.identifier,
    "lots": doc.listed(doc.identifier),
    "blocks": doc.listed(NAMED),
    "files": doc.listed(doc.fields(_FILE), MOST_FILES),
    "supersedes": doc.optional(doc.digest_hex),
    "rehearsal": doc.truth,
}


def read_manifest(data: bytes) -> Manifest:
    """The manifest of these bytes, complete in itself. Raises Invalid."""
    found = doc.read(data, "manifest", _SHAPE)
    made = Manifest(
        **{
            **found,
            "blocks": [Named(**one) for one in found["blocks"]],
            "files": [FileEntry(**one) for one in found["files"]],
        }
    )
    for ids in (made.lots, [one.block for one in made.blocks], [one.file for one in made.files]):
        if len(set(ids)) != len(ids):
            raise refusals.mismatch("a lot, block or file named twice")
    for entry in made.files:
        files.check_sizes(entry)
    if {entry.block for entry in made.files} != {one.block for one in made.blocks}:
        raise refusals.mismatch("files and blocks")
    return made


def check_manifest(
    manifest: Manifest,
    policy: Policy,
    blocks: Mapping[UUID, bytes],
    stored: Mapping[UUID, tuple[int, int, bytes]],
    versions: Collection[bytes] = (),
) -> None:
    """The manifest names what is stored, for this policy. Reads no bulk byte.

    ``policy`` is the version that the manifest names, ``blocks`` the blocks' received bytes, ``stored`` chunks, size and
    root of each file that is complete on the server; ``versions`` those that its blocks may be of besides. Raises Invalid.
    """
    if manifest.policy != policy.hash:
        raise refusals.policy_changed()
    lots = set()
    for named in manifest.blocks:
        lots.add(check_named(named, manifest, blocks, versions).context.lot)
    if lots != set(manifest.lots):
        raise refusals.mismatch("the lots of the blocks")
    for entry in manifest.files:
        if stored.get(entry.file) != (entry.chunks, entry.size, entry.root):
            raise refusals.mismatch(f"file {entry.file} and what was received of it")
    check_limits(manifest.files, policy.limits)


def check_named(
    named: Named, manifest: Manifest, blocks: Mapping[UUID, bytes], versions: Collection[bytes] = ()
) -> Block:
    """The block of that name, when its bytes are the named ones and it belongs to the same bid. Raises Invalid."""
    data = blocks.get(named.block, b"")
    if doc.sha256(data) != named.sha256:
        raise refusals.mismatch(f"block {named.block} and its hash")
    block = read_block(data)
    context = block.context
    if context.policy != manifest.policy and context.policy not in versions:
        raise refusals.mismatch(f"block {named.block} and the manifest")
    if (context.block, context.consultation, context.round, context.bidder) != (
        named.block,
        manifest.consultation,
        manifest.round,
        manifest.bidder,
    ):
        raise refusals.mismatch(f"block {named.block} and the manifest")
    return block


def check_limits(entries: Sequence[FileEntry], limits: Limits) -> None:
    """Stored sizes within the limits, which count clear bytes: what the browser admitted is never refused here."""
    if len(entries) > limits.files:
        raise refusals.over_limit(f"{len(entries)} files")
    if any(entry.size > files.stored_size(limits.file) for entry in entries):
        raise refusals.over_limit("one file")
    if files.total(entries) > limits.bid + limits.bid // PADDING_SHARE + 2 * files.LEAST_PADDED * len(
        entries
    ):
        raise refusals.over_limit("all files together")
