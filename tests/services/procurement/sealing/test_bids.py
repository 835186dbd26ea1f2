"""Seal, store, order, release, open: what comes out is what went in, and anything changed is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoires.kernel.errors import Conflict, Invalid, TerritoiresError
from territoires.services.procurement.domain.sealing import block as blocks
from territoires.services.procurement.domain.sealing import documents as doc
from territoires.services.procurement.domain.sealing import files, opening, slots, suites
from territoires.services.procurement.domain.sealing.manifest import check_manifest, read_manifest
from territoires.services.procurement.domain.sealing.opening import (
    Excluded,
    check_order,
    read_order,
    read_release,
)
from territoires.services.procurement.domain.sealing.policy import Limits, reached, read_policy

from .cast import AFTER, DEADLINE, EDGES, MIB, SHAPES, Bid, Cast, content, known_id, opened

CAST = Cast()
BID = Bid(CAST, {"prix.pdf": content(5000)})
BLOCK = BID.blocks[0]
POLICIES = {CAST.policy.hash: CAST.policy}


@pytest.mark.parametrize("suite", [1, 2])
@pytest.mark.parametrize(("n", "k"), SHAPES)
def test_every_quorum_opens_and_no_smaller_one(n: int, k: int, suite: int) -> None:
    cast = Cast(n, k, suite)
    bid = Bid(cast, {"prix.pdf": content(5000)})
    [block] = bid.blocks
    blocks.check_block(blocks.read_block(block.written()), cast.policy)
    order = read_order(cast.order([bid]).written())
    time = cast.time_release(order, bid.blocks)
    given = {
        holder: read_release(cast.release_of(holder, order, bid.blocks).written()) for holder in cast.ids
    }
    for present in combinations(cast.ids, k):
        master = cast.master(order, block, [given[one] for one in present], time)
        header, plain = opened(master, bid.entries[0], bid.stored[bid.entries[0].file])
        assert (header.name, plain) == ("prix.pdf", content(5000))
    for present in combinations(cast.ids, k - 1):
        with pytest.raises(Conflict, match="sealing-quorum-missing"):
            cast.master(order, block, [given[one] for one in present], time)


@pytest.mark.parametrize("size", EDGES)
def test_file_comes_back_at_each_boundary(size: int) -> None:
    bid = Bid(CAST, {"prix.pdf": content(size)})
    [entry] = bid.entries
    assert entry.size == files.stored_size(size)
    header, plain = opened(bid.masters[entry.block], entry, bid.stored[entry.file])
    assert (header.size, plain) == (size, content(size))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 3 * MIB))
def test_padding_hides_sizes_and_costs_little(size: int) -> None:
    padded = files.padded_size(size)
    assert padded >= max(size, 4096)
    assert size <= 4096 or padded <= size * 1.063


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_each_region_of_a_chunk_is_authenticated() -> None:
    bid = Bid(CAST, {"prix.pdf": content(2 * MIB + 5)})
    [entry] = bid.entries
    stored, master = bid.stored[entry.file], bid.masters[entry.block]
    header = files.opened_header(master, entry)
    first, second, *rest = stored
    wrong = {
        "nonce": [flipped(first, 0), second, *rest],
        "ciphertext": [flipped(first, 500), second, *rest],
        "tag": [flipped(first, len(first) - 1), second, *rest],
        "order": [second, first, *rest],
        "repeated": [first, first, *rest],
        "truncated": [first, second],
        "more": [*stored, first],
        "short": [first[:20], second, *rest],
        "none": [],
    }
    for what, chunks in wrong.items():
        with pytest.raises(Invalid, match="sealing-unreadable"):
            files.check_root(entry, chunks)
        with pytest.raises(Invalid, match="sealing-unreadable"):
            assert list(files.opened_chunks(master, entry, header, chunks)), what
    for lied in (replace(entry, chunks=4), replace(entry, size=entry.size + 1)):
        with pytest.raises(Invalid, match="sealing-unreadable"):
            files.check_root(lied, stored)
    for other in (replace(entry, block=uuid4()), replace(entry, file=uuid4()), replace(entry, chunks=9)):
        with pytest.raises(Invalid, match="sealing-unreadable"):
            list(files.opened_chunks(master, other, header, stored))


def test_padding_that_hides_something_is_refused() -> None:
    master, block, file = b"m" * 32, uuid4(), uuid4()
    key, nonce = files.file_key(master, file), b"n" * 12
    plain = b"price".ljust(4095, b"\0") + b"!"
    stored = [nonce + key.encrypt(nonce, plain, files.chunk_data(block, file, 0, 1))]
    entry = files.FileEntry(
        file, block, 1, len(stored[0]), files.merkle_root([files.leaf(stored[0])]), b"h" * 40
    )
    files.check_root(entry, stored)
    with pytest.raises(Invalid, match="padding"):
        list(files.opened_chunks(master, entry, files.Header("a", "b", 5), stored))


def test_missing_padding_and_missing_bytes_are_found() -> None:
    master, block, file = b"m" * 32, uuid4(), uuid4()
    key, nonce = files.file_key(master, file), b"n" * 12
    stored = [
        nonce + key.encrypt(nonce, plain, files.chunk_data(block, file, index, 2))
        for index, plain in enumerate((b"price", b"\0" * 5))
    ]
    entry = files.FileEntry(file, block, 2, 66, b"", b"")
    header = files.Header("a", "b", 5)
    assert b"".join(files.opened_chunks(master, entry, header, stored)) == b"price"
    for said, chunks in ((header, stored[:1]), (replace(header, size=11), stored)):
        with pytest.raises(Invalid, match="chunks are missing"):
            list(files.opened_chunks(master, entry, said, chunks))


def test_header_is_of_its_file_and_tells_the_true_size() -> None:
    [entry] = BID.entries
    master = BID.masters[entry.block]
    wrong = [
        replace(entry, header=flipped(entry.header, 0)),
        replace(entry, header=flipped(entry.header, 20)),
        replace(entry, header=entry.header[:10]),
        replace(entry, file=uuid4()),
        replace(entry, size=entry.size + 4096),
    ]
    for one in wrong:
        with pytest.raises(Invalid, match="sealing-unreadable"):
            files.opened_header(master, one)


def test_block_of_somebody_else_opens_nothing() -> None:
    """A copied ciphertext fails: bidder, lot, envelope and block enter every derivation."""
    context = BLOCK.context
    for other in (
        replace(context, bidder=uuid4()),
        replace(context, lot=uuid4()),
        replace(context, block=uuid4()),
        replace(context, envelope="candidature"),
        replace(context, policy=b"\0" * 32),
    ):
        copied = replace(BLOCK, context=other)
        with pytest.raises(Invalid, match="sealing-cannot-unwrap"):
            blocks.unwrap_pieces(CAST.policy, copied, CAST.ids[0], CAST.keys[CAST.ids[0]])
        with pytest.raises(Invalid, match="sealing-cannot-unwrap"):
            blocks.unwrap_time(CAST.policy, copied, CAST.time_key)


def test_block_is_dealt_as_the_policy_asks() -> None:
    wraps = list(BLOCK.holders)
    context = BLOCK.context
    wrong = [
        replace(BLOCK, holders=wraps[::-1]),
        replace(BLOCK, holders=wraps[:2]),
        replace(BLOCK, holders=[replace(wraps[0], wrap=wraps[0].wrap[:-1]), *wraps[1:]]),
        replace(BLOCK, time=replace(BLOCK.time, wrap=BLOCK.time.wrap + b"0")),
        replace(BLOCK, time=replace(BLOCK.time, holder=uuid4())),
        replace(BLOCK, threshold=3),
        replace(BLOCK, pieces=BLOCK.pieces[:2]),
        replace(BLOCK, context=replace(context, envelope="candidature")),
        replace(BLOCK, context=replace(context, consultation=uuid4())),
        replace(BLOCK, context=replace(context, round=2)),
    ]
    for block in wrong:
        with pytest.raises(Invalid, match="sealing-mismatch"):
            blocks.check_block(block, CAST.policy)
    with pytest.raises(Conflict, match="sealing-policy-changed"):
        blocks.check_block(BLOCK, replace(CAST.policy, version=2, previous=CAST.policy.hash))


def test_wrong_pieces_and_secrets_are_found() -> None:
    holder = CAST.ids[0]
    lied = replace(BLOCK, pieces=[b"\0" * 32, *BLOCK.pieces[1:]])
    with pytest.raises(Invalid, match="sealing-wrong-piece"):
        blocks.unwrap_pieces(CAST.policy, lied, CAST.ids[1], CAST.keys[CAST.ids[1]])
    for shorter in (replace(BLOCK, pieces=BLOCK.pieces[:1]), replace(BLOCK, holders=BLOCK.holders[:1])):
        with pytest.raises(Invalid, match="sealing-mismatch"):
            blocks.unwrap_pieces(CAST.policy, shorter, holder, CAST.keys[holder])
    order = CAST.order([BID])
    given = [CAST.release_of(one, order, BID.blocks) for one in CAST.ids[:2]]
    time = CAST.time_release(order, BID.blocks)
    pieces = blocks.unwrap_pieces(CAST.policy, BLOCK, holder, CAST.keys[holder])
    lie = opening.release(order, 1, holder, [(BLOCK, [b"\0" * 32, *list(pieces.values())[1:]])])
    with pytest.raises(Invalid, match="sealing-wrong-piece"):
        CAST.master(order, BLOCK, [lie, given[1]], time)
    short = opening.release(order, 1, holder, [(BLOCK, list(pieces.values())[:1])])
    with pytest.raises(Invalid, match="sealing-wrong-piece"):
        CAST.master(order, BLOCK, [short, given[1]], time)
    wrong_time = opening.release(order, 1, CAST.policy.time.id, [(BLOCK, [b"\0" * 32])])
    with pytest.raises(Invalid, match="sealing-uncommitted"):
        CAST.master(order, BLOCK, given, wrong_time)
    short_time = opening.release(order, 1, CAST.policy.time.id, [(BLOCK, [b"\0" * 31])])
    with pytest.raises(Invalid, match="sealing-cannot-unwrap"):
        CAST.master(order, BLOCK, given, short_time)
    info = blocks.time_info(BLOCK.context.hash, CAST.policy.time.id)
    short_wrap = suites.seal(1, CAST.policy.time.key, info, b"\0" * 31)
    with pytest.raises(Invalid, match="length"):
        blocks.unwrap_time(
            CAST.policy, replace(BLOCK, time=replace(BLOCK.time, wrap=short_wrap)), CAST.time_key
        )
    with pytest.raises(Invalid, match="somebody else"):
        CAST.master(order, BLOCK, given, given[0])
    uncommitted = replace(BLOCK, commit=b"\0" * 32)
    with pytest.raises(Invalid, match="sealing-uncommitted"):
        CAST.master(order, uncommitted, given, time)
    twice = [given[0], given[0]]
    with pytest.raises(Conflict, match="sealing-quorum-missing"):
        CAST.master(order, BLOCK, twice, time)


def test_release_serves_one_order_one_session_and_its_holder() -> None:
    order = CAST.order([BID])
    release = CAST.release_of(CAST.ids[0], order, BID.blocks)
    shares = opening.shares_as_dealt(CAST.policy, BLOCK)
    block = BLOCK.context.block

    def take(
        given: opening.Release, of: opening.Order = order, session: suites.PrivateKey = CAST.session
    ) -> None:
        opening.released_pieces(of, 1, session, given, shares, block)

    take(release)
    with pytest.raises(Invalid, match="holds no piece"):
        shares.of(uuid4())
    value = json.loads(release.written())
    with pytest.raises(Invalid, match="released twice"):
        read_release(doc.canonical({**value, "blocks": value["blocks"] * 2}))
    with pytest.raises(Invalid, match="another order"):
        take(release, replace(order, checkpoint="journal 2"))
    with pytest.raises(Invalid, match="without block"):
        take(replace(release, blocks={}))
    for stolen in (replace(release, holder=CAST.ids[1]), replace(release, holder=uuid4())):
        with pytest.raises(Invalid):
            take(stolen)
    with pytest.raises(Invalid, match="sealing-cannot-unwrap"):
        take(release, session=suites.suite(1).generate())
    later = replace(order, checkpoint="journal 2")
    with pytest.raises(Invalid, match="sealing-cannot-unwrap"):
        take(replace(release, order=later.hash), later)


def test_order_is_of_its_policy_and_after_the_deadline() -> None:
    order = CAST.order([BID], [Excluded(b"\1" * 32, "late")])
    check_order(order, CAST.policy, AFTER)
    with pytest.raises(Conflict, match="sealing-too-early"):
        check_order(order, CAST.policy, DEADLINE)
    for wrong in (
        replace(order, policy=b"\0" * 32),
        replace(order, round=2),
        replace(order, consultation=uuid4()),
        replace(order, deadline=AFTER),
        replace(order, envelope="candidature"),
        replace(order, session=b"\4" * 65),
    ):
        with pytest.raises(Invalid):
            check_order(wrong, CAST.policy, AFTER)
    twice = replace(order, excluded=[Excluded(BID.manifest.root, "late")])
    same_block = replace(order, bids=[*order.bids, replace(order.bids[0], root=b"\2" * 32)])
    for wrong in (twice, same_block):
        with pytest.raises(Invalid, match="listed twice"):
            read_order(wrong.written())
    assert opening.ordered_blocks(order, POLICIES, BID.received) == [BLOCK]
    for received in ({}, {BLOCK.context.block: replace(BLOCK, threshold=3).written()}):
        with pytest.raises(Invalid, match="sealing-mismatch"):
            opening.ordered_blocks(order, POLICIES, received)


def test_what_was_sealed_before_a_later_deadline_is_opened_under_the_new_policy() -> None:
    later = replace(CAST.policy, version=2, previous=CAST.policy.hash, deadline=DEADLINE + timedelta(days=1))
    order = replace(CAST.order([BID]), policy=later.hash, deadline=later.deadline)
    check_order(order, later, later.deadline + timedelta(seconds=1))
    policies = reached(later, [CAST.policy])
    assert opening.ordered_blocks(order, policies, BID.received) == [BLOCK]
    assert opening.shares_as_dealt(policies[BLOCK.context.policy], BLOCK).shape == CAST.policy.shape
    with pytest.raises(Invalid, match="foreign policy"):
        opening.ordered_blocks(order, reached(later, []), BID.received)
    with pytest.raises(Invalid, match="foreign policy"):
        opening.ordered_blocks(order, reached(replace(later, previous=None), [CAST.policy]), BID.received)
    with pytest.raises(Invalid, match="another policy"):
        opening.shares_as_dealt(later, BLOCK)
    with pytest.raises(Invalid, match="sealing-mismatch"):
        opening.shares_as_dealt(CAST.policy, replace(BLOCK, holders=BLOCK.holders[::-1]))


def test_envelopes_are_opened_apart() -> None:
    cast = Cast(envelopes=("candidature", "tender"))
    bid = Bid(cast, {"a.pdf": b"a"})
    order = cast.order([bid], envelope="candidature")
    [first] = opening.ordered_blocks(order, {cast.policy.hash: cast.policy}, bid.received)
    assert first.context.envelope == "candidature"
    tender = bid.blocks[1]
    mixed = replace(order, bids=cast.order([bid], envelope="tender").bids)
    with pytest.raises(Invalid, match="and the order"):
        opening.ordered_blocks(mixed, {cast.policy.hash: cast.policy}, bid.received)
    with pytest.raises(Invalid, match="without block"):
        shares = opening.shares_as_dealt(cast.policy, tender)
        given = cast.release_of(cast.ids[0], order, [first])
        opening.released_pieces(order, 1, cast.session, given, shares, tender.context.block)


def test_manifest_names_what_is_stored() -> None:
    manifest = read_manifest(BID.manifest.written())
    assert manifest == BID.manifest
    check_manifest(manifest, CAST.policy, BID.received, BID.measured)
    [entry], [named] = manifest.files, manifest.blocks
    forged = replace(BLOCK, commit=b"\0" * 32).written()
    other = Bid(CAST, {"a": b"a"})
    wrong = [
        (manifest, BID.received, {}),
        (manifest, BID.received, {entry.file: (1, entry.size, b"\0" * 32)}),
        (manifest, {}, BID.measured),
        (manifest, {named.block: forged}, BID.measured),
        (replace(manifest, bidder=uuid4()), BID.received, BID.measured),
        (replace(manifest, round=2), BID.received, BID.measured),
        (replace(manifest, lots=[uuid4()]), BID.received, BID.measured),
        (other.manifest, BID.received, BID.measured),
    ]
    for one, received, measured in wrong:
        with pytest.raises(Invalid, match="sealing-mismatch"):
            check_manifest(one, CAST.policy, received, measured)
    with pytest.raises(Conflict, match="sealing-policy-changed"):
        check_manifest(replace(manifest, policy=b"\0" * 32), CAST.policy, BID.received, BID.measured)


@pytest.mark.parametrize("changed", ["block", "policy", "consultation", "round", "bidder"])
def test_block_and_manifest_agree_on_each_thing(changed: str) -> None:
    value: object = {"policy": b"\0" * 32, "round": 2}.get(changed, known_id("other"))
    other = replace(BLOCK, context=replace(BLOCK.context, **{changed: value})).written()  # type: ignore[arg-type]
    [named] = BID.manifest.blocks
    manifest = replace(BID.manifest, blocks=[replace(named, sha256=doc.sha256(other))])
    with pytest.raises(Invalid, match="and the manifest"):
        check_manifest(manifest, CAST.policy, {named.block: other}, BID.measured)


@pytest.mark.parametrize("changed", ["block", "envelope", "consultation", "round"])
def test_block_and_order_agree_on_each_thing(changed: str) -> None:
    value: object = {"envelope": "candidature", "round": 2}.get(changed, known_id("other"))
    other = replace(BLOCK, context=replace(BLOCK.context, **{changed: value})).written()  # type: ignore[arg-type]
    order = CAST.order([BID])
    [listed], [named] = order.bids, order.bids[0].blocks
    order = replace(order, bids=[replace(listed, blocks=[replace(named, sha256=doc.sha256(other))])])
    with pytest.raises(Invalid, match="and the order"):
        opening.ordered_blocks(order, POLICIES, {named.block: other})


def test_manifest_is_complete_in_itself() -> None:
    manifest = BID.manifest
    [entry] = manifest.files
    for wrong in (
        replace(manifest, files=[entry, entry]),
        replace(manifest, blocks=[*manifest.blocks, *manifest.blocks]),
        replace(manifest, files=[replace(entry, block=uuid4())]),
        replace(manifest, files=[replace(entry, chunks=2)]),
        replace(manifest, files=[replace(entry, size=100)]),
        replace(manifest, files=[replace(entry, header=b"h" * 5000)]),
        replace(manifest, files=[]),
        replace(manifest, lots=[]),
    ):
        with pytest.raises(Invalid):
            read_manifest(wrong.written())
    with pytest.raises(Invalid, match="sealing-unknown-form"):
        read_manifest(doc.canonical({**json.loads(manifest.written()), "v": 2}))


@pytest.mark.parametrize("limits", [Limits(4096, 10_000, 9), Limits(10_000, 4096, 9), Limits(9999, 9999, 1)])
def test_limits_admit_what_the_browser_admits(limits: Limits) -> None:
    """At the limit itself a bid passes, whatever padding adds."""
    cast = Cast(limits=limits)
    size = min(limits.file, limits.bid)
    fits = Bid(cast, {"a.pdf": content(size)})
    check_manifest(fits.manifest, cast.policy, fits.received, fits.measured)


@pytest.mark.parametrize(
    ("limits", "sizes", "what"),
    [
        (Limits(file=4096, bid=1 << 20, files=9), [40_000], "one file"),
        (Limits(file=1 << 20, bid=4096, files=9), [40_000], "all files together"),
        (Limits(file=1 << 20, bid=1 << 20, files=1), [1, 1], "2 files"),
    ],
)
def test_each_limit_is_held(limits: Limits, sizes: list[int], what: str) -> None:
    cast = Cast(limits=limits)
    bid = Bid(cast, {f"{place}.pdf": content(size) for place, size in enumerate(sizes)})
    with pytest.raises(Invalid, match=f"sealing-over-limit.*{what}"):
        check_manifest(bid.manifest, cast.policy, bid.received, bid.measured)


def test_slots_open_with_their_own_secret_alone() -> None:
    key = suites.suite(1).generate()
    holder = uuid4()
    pkcs8 = suites.private_bytes(key)
    secret = b"\1" * 20
    slot = slots.read_slot(slots.make_slot(holder, uuid4(), slots.RECOVERY, secret, pkcs8).written())
    code = slots.recovery_code(secret)
    typed = slots.recovery_secret(f" {code.lower().replace('-', ' ')} ")
    assert slots.open_slot(slot, slots.argon2_key(typed, slot.salt)) == pkcs8
    suites.read_private(1, pkcs8)
    for other in (
        replace(slot, holder=uuid4()),
        replace(slot, slot=uuid4()),
        replace(slot, wrapped=slot.wrapped[:-1]),
    ):
        with pytest.raises(Invalid, match="sealing-cannot-unwrap"):
            slots.open_slot(other, slots.argon2_key(secret, slot.salt))
    with pytest.raises(Invalid, match="sealing-cannot-unwrap"):
        slots.open_slot(slot, slots.argon2_key(slots.phrase_secret("autre"), slot.salt))
    for formless in (
        replace(slot, salt=b"s"),
        replace(slot, credential=b"c"),
        replace(slot, kind=slots.PASSKEY),
    ):
        with pytest.raises(Invalid, match="salt or credential"):
            slots.read_slot(formless.written())
    for bad in ("", "AAAA", "1" * 32):
        with pytest.raises(Invalid, match="sealing-malformed"):
            slots.recovery_secret(bad)
    with pytest.raises(Invalid, match="sealing-malformed"):
        suites.read_private(2, pkcs8)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["policy", "block", "manifest", "order", "release", "slot"]), st.data())
def test_no_garbled_document_is_taken_for_another(kind: str, data: st.DataObject) -> None:
    """One byte changed anywhere: refused in the house's own way, or read as a document with another hash."""
    order = CAST.order([BID])
    whole = {
        "policy": CAST.policy.written(),
        "block": BLOCK.written(),
        "manifest": BID.manifest.written(),
        "order": order.written(),
        "release": RELEASE,
        "slot": SLOT,
    }[kind]
    at = data.draw(st.integers(0, len(whole) - 1))
    garbled = whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    try:
        READERS[kind](garbled)
    except TerritoiresError as refused:
        assert refused.family in ("invalid", "conflict")


RELEASE = CAST.release_of(CAST.ids[0], CAST.order([BID]), BID.blocks).written()
SLOT = slots.Slot(uuid4(), uuid4(), slots.RECOVERY, b"s" * 16, None, b"w" * 60).written()
READERS = {
    "policy": read_policy,
    "block": blocks.read_block,
    "manifest": read_manifest,
    "order": read_order,
    "release": read_release,
    "slot": slots.read_slot,
}
