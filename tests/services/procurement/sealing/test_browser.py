"""The browser's end against this one: each opens what the other seals, under the platform's content policy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page

from territoires.foundations.journal import tree
from territoires.kernel.errors import Conflict, Invalid
from territoires.services.procurement.domain.sealing import block as blocks
from territoires.services.procurement.domain.sealing import documents as doc
from territoires.services.procurement.domain.sealing import files, opening, slots, suites, transfer
from territoires.services.procurement.domain.sealing.block import Block
from territoires.services.procurement.domain.sealing.manifest import Named, check_manifest, read_manifest
from territoires.services.procurement.domain.sealing.opening import Listed
from territoires.services.procurement.domain.sealing.policy import Limits, read_policy
from tests.waiting import until

from . import page as trial
from .cast import AFTER, DEADLINE, EDGES, MIB, SHAPES, Bid, Cast, content, known_id, opened
from .test_transfer import Handover, followed, lying
from .test_vectors import vectors

pytestmark = pytest.mark.browser
PLACE = {"lot": str(known_id("lot")), "envelope": "tender", "bidder": str(known_id("bidder"))}
KINDS = [(3, 2, 1), *((n, k, suite) for n, k in SHAPES[1:] for suite in (1, 2))]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trial.build(tmp_path_factory.mktemp("trial-page"))


@pytest.fixture
def trials(built: Path, page: Page) -> Iterator[trial.Site]:
    """The page, opened."""
    with trial.serving(built) as site:
        page.goto(site.page)
        page.wait_for_function("window.trials")
        page.set_default_timeout(50_000)
        yield site
        page.goto("about:blank")  # lets go of the server's connections


def call(page: Page, name: str, *arguments: Any) -> Any:
    return page.evaluate("([name, given]) => window.trials[name](...given)", [name, list(arguments)])


def b64(data: bytes) -> str:
    return doc.base64url(data)


def order_for(cast: Cast, *found: Block) -> opening.Order:
    listed = [
        Listed(uuid4().bytes * 2, [Named(one.context.block, doc.sha256(one.written()))]) for one in found
    ]
    return replace(cast.order([]), bids=listed)


def test_vectors_are_the_same(page: Page, trials: trial.Site) -> None:
    for one in vectors("names"):
        assert call(page, "canonical", one["value"]) == one["canonical"]
    for one in vectors("shares"):
        expected = {"sets": one["absent"], "held": one["held"]}
        assert call(page, "subsets", one["holders"], one["threshold"]) == expected
    padding = vectors("padding")
    sizes = [size for size, _ in padding]
    assert page.evaluate("sizes => sizes.map(window.trials.padded)", sizes) == [after for _, after in padding]
    tree = vectors("trees")
    leaves = [b64(bytes.fromhex(leaf)) for leaf in tree["leaves"]]
    assert [call(page, "root", leaves[: n + 1]) for n in range(20)] == tree["roots"]
    derived = vectors("derivations")
    assert call(page, "hashOf", derived["context"]) == derived["ctx"]
    ctx = b64(bytes.fromhex(derived["ctx"]))
    assert call(page, "piece", ctx, 2, b64(bytes.fromhex(derived["piece"]))) == derived["piece_hash_2"]
    sealed = vectors("chunks")
    block, file = sealed["block"], sealed["file"]
    for one in sealed["files"]:
        count = len(one["chunks"])
        for index, chunk in enumerate(one["chunks"]):
            assert call(page, "data", block, file, index, count) == chunk["data"]
        roots = [b64(bytes.fromhex(chunk["leaf"])) for chunk in one["chunks"]]
        assert call(page, "root", roots) == one["root"]
    small = sealed["files"][0]["chunks"][0]
    given = {
        "secret": b64(bytes.fromhex(derived["Q"] + derived["T"])),
        "ctx": ctx,
        "file": file,
        "nonce": b64(bytes.fromhex(small["nonce"])),
        "data": b64(bytes.fromhex(small["data"])),
        "plain": b64(bytes(4096)),
    }
    body = bytes.fromhex(call(page, "chunk", given))
    assert doc.sha256(bytes.fromhex(small["nonce"]), body).hex() == small["sha256"]
    assert call(page, "leaf", given["nonce"], b64(body)) == small["leaf"]
    for one in vectors("wraps"):
        arguments = (one["suite"], one["public"], one["pkcs8"], one["info"], one["wrap"])
        assert call(page, "unwrap", *arguments) == one["plain"]


def test_browser_refuses_what_this_end_refuses(page: Page, trials: trial.Site) -> None:
    found = vectors("refused")
    key = found["keys"][0]["pkcs8"]
    for one in found["documents"]:
        said = call(page, "refusal", one["kind"], one["document"], found["policy"], found["holder"], key)
        # a block of another policy is the caller's to find: the key tells it here
        assert said == one["code"], one["what"]


WEIRD: list[Any] = [
    None,
    True,
    0,
    -1,
    2**53 - 1,
    "",
    "x",
    "A" * 64,
    "Ω",
    [],
    {},
    ["x"],
    {"x": 1},
    "2026-02-30T10:00:00Z",
]


def distorted(value: Any) -> Iterator[Any]:
    """The value with one thing in it replaced, removed, added, doubled or turned round."""
    yield from WEIRD
    if isinstance(value, str):
        yield from (value.upper(), value + "=", value[:-1], value + "A", f" {value}")
    if isinstance(value, int):
        yield from (value + 1, str(value))
    if isinstance(value, list):
        yield from (value[:-1], value * 2, value[::-1], [*value, None])
        for place, item in enumerate(value):
            yield from ([*value[:place], other, *value[place + 1 :]] for other in distorted(item))
    if isinstance(value, dict):
        yield {**value, "more": 1}
        for key, item in value.items():
            yield {name: one for name, one in value.items() if name != key}
            yield from ({**value, key: other} for other in distorted(item))


def test_both_ends_read_and_refuse_the_same_documents(page: Page, trials: trial.Site) -> None:
    """Thousands of documents that are wrong in one place, or not wrong at all."""
    cast = Cast()
    over = Handover(Cast(prefix="old"), cast)
    order = order_for(cast, over.block)
    slot = slots.Slot(uuid4(), uuid4(), slots.RECOVERY, b"s" * 16, None, b"w" * 60)
    kinds: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
        "policy": (cast.policy.written(), read_policy),
        "order": (
            order.written(),
            lambda data: opening.check_order(opening.read_order(data), cast.policy, AFTER),
        ),
        "block": (over.block.written(), blocks.read_block),
        "slot": (slot.written(), slots.read_slot),
        "dealing": (over.dealings[0].written(), transfer.read_dealing),
        "transfer": (over.plan.written(), lambda data: planned(data, cast)),
    }
    for kind, (good, reader) in kinds.items():
        documents = [good]
        for value in distorted(json.loads(good)):
            try:
                documents.append(doc.canonical(value))
            except Invalid:
                continue
        ours = [verdict(reader, data) for data in documents]
        theirs = call(page, "reads", kind, [b64(data) for data in documents], b64(cast.policy.written()))
        different = [
            (data, mine, other)
            for data, mine, other in zip(documents, ours, theirs, strict=True)
            if (mine == "") != (other == "") or other.startswith("broke")
        ]
        assert not different, (kind, len(different), different[:3])
        assert ours[0] == "", kind
        assert len(documents) > 100


def planned(data: bytes, cast: Cast) -> None:
    if transfer.read_plan(data).policy != cast.policy.hash:
        raise Invalid("other", "another policy")


def verdict(reader: Callable[[bytes], object], data: bytes) -> str:
    try:
        reader(data)
    except (Invalid, Conflict) as refused:
        return refused.code
    return ""


@pytest.mark.parametrize(("n", "k", "suite"), KINDS)
def test_every_quorum_opens_a_block_of_the_browser(
    page: Page, trials: trial.Site, n: int, k: int, suite: int
) -> None:
    """Also in the other direction: releases are made in the browser, for blocks of either end."""
    cast = Cast(n, k, suite)
    made = call(page, "block", b64(cast.policy.written()), PLACE)
    assert made["script"] == "not readable"
    theirs = blocks.read_block(doc.octets(made["bytes"]))
    blocks.check_block(theirs, cast.policy)
    [ours] = Bid(cast, {}).blocks
    order = order_for(cast, theirs, ours)
    time = cast.time_release(order, [theirs, ours])
    received = {str(one.context.block): b64(one.written()) for one in (theirs, ours)}
    asked = {"policy": b64(cast.policy.written()), "order": b64(order.written()), "blocks": received}
    given = {}
    for holder, key in cast.keys.items():
        secret = {"holder": str(holder), "key": b64(suites.private_bytes(key))}
        given[holder] = opening.read_release(doc.octets(call(page, "release", {**asked, **secret})))
    for block in (theirs, ours):
        for present in combinations(cast.ids, k):
            cast.master(order, block, [given[one] for one in present], time)
        for present in combinations(cast.ids, k - 1):
            with pytest.raises(Conflict, match="sealing-quorum-missing"):
                cast.master(order, block, [given[one] for one in present], time)


def test_browser_without_x25519_seals_all_the_same(page: Page, trials: trial.Site) -> None:
    """In script, by a library of its own; such a browser cannot release."""
    page.add_init_script(
        """const own = crypto.subtle?.generateKey.bind(crypto.subtle);
        if (own) crypto.subtle.generateKey = (how, ...more) =>
          how === "X25519" ? Promise.reject(Error("absent")) : own(how, ...more);"""
    )
    page.goto(trials.page)
    page.wait_for_function("window.trials")
    cast = Cast(suite=2)
    made = call(page, "block", b64(cast.policy.written()), PLACE)
    block = blocks.read_block(doc.octets(made["bytes"]))
    order = order_for(cast, block)
    given = [cast.release_of(holder, order, [block]) for holder in cast.ids[:2]]
    cast.master(order, block, given, cast.time_release(order, [block]))


def test_a_block_changes_hands_in_both_directions(page: Page, trials: trial.Site) -> None:
    old = Cast(4, 2)
    over = Handover(old, followed(old, 6, 3), old.ids)
    asked = {
        "old": b64(old.policy.written()),
        "next": b64(over.new.policy.written()),
        "block": b64(over.block.written()),
        "plan": b64(over.plan.written()),
    }

    def part(name: str, cast: Cast, holder: UUID, dealings: list[transfer.Dealing]) -> Any:
        key = b64(suites.private_bytes(cast.keys[holder]))
        given = {"holder": str(holder), "key": key, "dealings": [b64(one.written()) for one in dealings]}
        return call(page, "handover", name, {**asked, **given})

    honest = over.dealings
    dealers = [one.dealer for one in honest]
    theirs = [transfer.read_dealing(doc.octets(part("deal", old, dealer, []))) for dealer in dealers]
    checkers = {hands.checker for hands in over.plan.pieces if hands.checker}
    for dealings in (honest, theirs):
        by_number: dict[int, bytes] = {}
        for holder in over.new.ids:
            pieces = over.received(holder, dealings)
            said = part("receive", over.new, holder, dealings)
            assert said["pieces"] == [[number, piece.hex()] for number, piece in pieces.items()]
            expected = transfer.reception(over.plan, over.block, holder, pieces)
            assert transfer.read_reception(doc.octets(said["reception"])) == expected
            by_number |= pieces
        secret = opening.join(by_number, over.new.policy.shape)
        assert blocks.opened_master(
            over.block, secret, blocks.unwrap_time(old.policy, over.block, old.time_key)
        )
        over.dealings = dealings
        assert over.check_cuts()
    liar = lying(over)
    for checker in checkers:
        own = [one for one in honest if over.plan.checked_by(checker, one.dealer)]
        assert part("check", old, checker, own) == "right"
        if over.plan.checked_by(checker, liar.dealer):
            assert part("check", old, checker, [liar]) == "wrong-piece"


def test_files_that_end_at_every_edge_arrive_and_open(page: Page, trials: trial.Site, tmp_path: Path) -> None:
    cast = Cast()
    policy = b64(cast.policy.written())
    made = call(page, "block", policy, PLACE)
    block = blocks.read_block(doc.octets(made["bytes"]))
    names = {f"Mémoire {size}.pdf": size for size in EDGES}
    for name, size in names.items():
        (tmp_path / name).write_bytes(content(size))
    page.set_input_files("input", [tmp_path / name for name in names])
    trials.failing = {0, 3}  # a proxy that fails once each: the worker tries again
    entries = call(page, "files", made["block"], {"address": trials.address, "headers": {}})
    bid = {
        "deposit": str(uuid4()),
        "bidder": PLACE["bidder"],
        "lots": [PLACE["lot"]],
        "blocks": [{"block": made["block"], "sha256": doc.sha256(block.written()).hex()}],
        "files": entries,
        "supersedes": None,
        "rehearsal": False,
    }
    answer = call(page, "manifest", policy, bid)
    manifest = read_manifest(doc.octets(answer["bytes"]))
    assert manifest.root.hex() == answer["root"]
    measured = {
        file: (
            len(found),
            sum(map(len, found.values())),
            files.merkle_root(map(files.leaf, trials.stored(file))),
        )
        for file, found in trials.received.items()
    }
    check_manifest(manifest, cast.policy, {block.context.block: doc.octets(made["bytes"])}, measured)
    order = order_for(cast, block)
    given = [cast.release_of(holder, order, [block]) for holder in cast.ids[1:]]
    master = cast.master(order, block, given, cast.time_release(order, [block]))
    for entry, (name, size) in zip(manifest.files, names.items(), strict=True):
        header, plain = opened(master, entry, trials.stored(entry.file))
        assert (header.name, header.size, plain == content(size)) == (name, size, True)
    assert not trials.refused


def test_browser_opens_what_this_end_seals_at_every_edge(
    page: Page, trials: trial.Site, tmp_path: Path
) -> None:
    """Every stored byte: root, clear bytes with their padding, and the same ciphertext from the same nonces."""
    bid = Bid(Cast(), {str(size): content(size) for size in EDGES})
    [(block, master)] = bid.masters.items()
    for entry in bid.entries:
        (tmp_path / str(entry.file)).write_bytes(b"".join(bid.stored[entry.file]))
    page.set_input_files("input", [tmp_path / str(entry.file) for entry in bid.entries])
    names = [str(entry.file) for entry in bid.entries]
    found = call(page, "opens", {"master": b64(master), "block": str(block), "files": names})
    padded = [content(size).ljust(files.padded_size(size), b"\0") for size in EDGES]
    assert found == [
        {"root": entry.root.hex(), "size": len(plain), "plain": doc.sha256(plain).hex(), "different": []}
        for entry, plain in zip(bid.entries, padded, strict=True)
    ]
    other = page.evaluate(
        "given => window.trials.opens(given).then(() => 'opened', () => 'refused')",
        {"master": b64(master), "block": str(uuid4()), "files": names},
    )
    assert other == "refused"


def test_a_closed_door_and_a_limit_are_told(page: Page, trials: trial.Site, tmp_path: Path) -> None:
    policy = b64(Cast(limits=Limits(file=1000, bid=1500, files=2)).policy.written())
    for sizes, said in (
        ([1000, 500], "accepted"),
        ([1001], "over-limit"),
        ([1000, 501], "over-limit"),
        ([1, 1, 1], "over-limit"),
    ):
        assert call(page, "limits", policy, sizes) == said, sizes
    (tmp_path / "a.pdf").write_bytes(b"a")
    page.set_input_files("input", tmp_path / "a.pdf")
    made, trials.closed = call(page, "block", policy, PLACE), True
    to = {"address": trials.address, "headers": {}}
    failed = page.evaluate(
        "given => window.trials.files(...given).then(() => 'sent', error => error.message)",
        [made["block"], to],
    )
    assert failed == "Error: chunk 0: 403"


def test_interrupted_upload_goes_on_after_a_reload(page: Page, trials: trial.Site, tmp_path: Path) -> None:
    cast, size = Cast(), 70 * MIB
    source = tmp_path / "plans.zip"
    source.write_bytes(content(size))
    policy, to = b64(cast.policy.written()), {"address": trials.address, "headers": {}}
    made = call(page, "block", policy, PLACE)
    page.set_input_files("input", source)
    # Two workers send at once: which chunks the browser knows to be there depends on the machine, not their number.
    known = call(page, "begin", made["block"], to, 5)
    count = files.chunk_count(files.padded_size(size))
    assert 5 <= len(known) < count
    page.reload()
    page.wait_for_function("window.trials")
    page.set_input_files("input", source)
    until(lambda: not trials.in_hand)
    [file] = trials.received
    lost = known[0]
    del trials.received[file][lost]  # the server tells what it has; the browser believes its own leaves alone
    stored = [[index, files.leaf(chunk).hex()] for index, chunk in trials.received[file].items()]
    resumed = call(page, "resume", to, stored)
    assert resumed["sent"] == count - len(known) + 1
    block = blocks.read_block(doc.octets(made["bytes"]))
    order = order_for(cast, block)
    given = [cast.release_of(holder, order, [block]) for holder in cast.ids[:2]]
    master = cast.master(order, block, given, cast.time_release(order, [block]))
    said = resumed["entry"]
    entry = files.FileEntry(
        UUID(said["file"]),
        UUID(said["block"]),
        said["chunks"],
        said["size"],
        bytes.fromhex(said["root"]),
        doc.octets(said["header"]),
    )
    assert opened(master, entry, trials.stored(entry.file))[1] == content(size)


@pytest.mark.parametrize(("language", "passkey"), [("fr", True), ("en", False)])
def test_officer_key_opens_through_each_slot(
    page: Page, trials: trial.Site, language: str, passkey: bool
) -> None:
    """Words without accents or cut to four letters, base32, pass-phrase, passkey; the paper alone opens here, too."""
    authenticator = page.context.new_cdp_session(page)
    authenticator.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "ctap2Version": "ctap2_1",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "hasPrf": True,
        "automaticPresenceSimulation": True,
    }
    authenticator.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    holder = uuid4()
    made = call(page, "officer", 1, str(holder), language, passkey)
    assert made["refused"] == "cannot-unwrap"
    assert made["alone"] == "mismatch", "a passkey is never the only slot"
    assert len(made["words"]) == 15
    kept = [slots.read_slot(doc.octets(one)) for one in made["slots"]]
    assert [one.kind for one in kept] == ["recovery", "passphrase", "passkey"][: 3 if passkey else 2]
    phrase = slots.phrase_secret("Quatre châtaigniers près du lavoir")
    for slot, secret in zip(kept, [slots.recovery_secret(made["code"]), phrase], strict=False):
        private = suites.read_private(1, slots.open_slot(slot, slots.argon2_key(secret, slot.salt)))
        assert suites.suite(1).public_bytes(private) == doc.octets(made["publicKey"])


def fact(order: opening.Order, place: int = 0, kind: str = "sealed", **changed: Any) -> bytes:
    """The fact of the deposit of a listed bid, as the journal writes it."""
    said = {"round": order.round, "completed_at": "2026-01-05T09:00:00.000001Z"} | changed.pop("facts", {})
    whole = {
        "kind": f"procurement.deposit.{kind}",
        "matter": str(order.consultation),
        "subject": {"type": "procurement.deposit", "id": str(known_id(f"deposit {place}"))},
        "facts": said,
        "files": {"root": order.bids[place].root.hex()},
    }
    return doc.canonical({**whole, **changed})


def in_journal(*facts: bytes, size: int) -> tuple[str, list[dict[str, Any]]]:
    """The head of a journal of that size, which ends with these facts, and their proofs."""
    bodies = [*(bytes([n]) for n in range(size - len(facts))), *facts]
    read = tree.held(tree.leaf_hash(one) for one in bodies)
    proofs = [
        {
            "seq": seq,
            "body": b64(bodies[seq]),
            "path": [b64(one) for one in tree.inclusion(read, seq, size)],
        }
        for seq in range(size - len(facts), size)
    ]
    return f"journal {size} {tree.root(read, size).hex()}", proofs


def test_browser_wants_each_listed_deposit_in_the_journal(page: Page, trials: trial.Site) -> None:
    cast = Cast()
    listed = order_for(cast, *Bid(cast, {}).blocks, *Bid(cast, {}).blocks)
    first, second = (one.root.hex() for one in listed.bids)

    def verdict(facts: list[bytes], size: int = 11, proofs: Any = None, checkpoint: str = "") -> str:
        head, found = in_journal(*facts, size=size)
        order = replace(listed, checkpoint=checkpoint or head)
        given = {"policy": b64(cast.policy.written()), "order": b64(order.written())}
        by_root = {first: found[:1], second: found[1:]}
        return str(call(page, "deposits", {**given, "proofs": by_root if proofs is None else proofs(found)}))

    own, other = fact(listed), fact(listed, 1)
    late = fact(listed, 1, "kept_late")
    admitted = fact(listed, 1, "admitted")
    after = {"completed_at": "2099-01-05T09:00:00.000001Z"}
    for size in (2, 3, 4, 7, 8, 11):
        assert verdict([own, other], size) == "proved"
    assert verdict([own, late, admitted]) == "proved"
    for unproved in (
        [own, own],
        [own, late],
        [own, late, fact(listed, 0, "admitted")],
        [own, fact(listed, 1, facts=after)],
        [own, fact(listed, 1, facts={"round": 2})],
        [own, fact(listed, 1, matter=str(uuid4()))],
        [own, fact(listed, 1, "withdrawn")],
    ):
        assert verdict(unproved) == "not-proved", unproved
    assert verdict([own, other], proofs=lambda found: {first: found[:1]}) == "not-proved"
    for spoilt in (
        lambda found: {first: found[:1], second: [{**found[1], "body": b64(late)}]},
        lambda found: {first: found[:1], second: [{**found[1], "seq": 3}]},
        lambda found: {first: found[:1], second: [{**found[1], "seq": 11}]},
        lambda found: {first: found[:1], second: [{**found[1], "path": found[1]["path"][:-1]}]},
        lambda found: {first: found[:1], second: [{**found[1], "path": found[1]["path"] * 2}]},
    ):
        assert verdict([own, other], proofs=spoilt) == "mismatch"
    elsewhere, _ = in_journal(own, size=11)
    for checkpoint in (elsewhere, "journal 11", elsewhere.replace(" 11 ", " 12 ")):
        assert verdict([own, other], checkpoint=checkpoint) == "mismatch"


def test_browser_releases_nothing_early_or_for_others(page: Page, trials: trial.Site) -> None:
    cast = Cast()
    [block] = Bid(cast, {}).blocks
    order, holder = order_for(cast, block), cast.ids[0]
    asked = {
        "policy": b64(cast.policy.written()),
        "order": b64(order.written()),
        "blocks": {str(block.context.block): b64(block.written())},
        "holder": str(holder),
        "key": b64(suites.private_bytes(cast.keys[holder])),
        "now": AFTER.isoformat(),
    }
    assert call(page, "release", asked)
    later = replace(cast.policy, version=2, previous=cast.policy.hash)
    moved = {
        "policy": b64(later.written()),
        "order": b64(replace(order, policy=later.hash).written()),
        "older": [asked["policy"]],
    }
    assert call(page, "release", {**asked, **moved}), "sealed before a change of deadline"
    changed = replace(block, commit=b"\0" * 32).written()
    other = b64(suites.private_bytes(cast.keys[cast.ids[1]]))
    for wrong in (
        {"now": DEADLINE.isoformat()},
        {"blocks": {}},
        {"blocks": {str(block.context.block): b64(changed)}},
        {"key": other},
        {"policy": b64(Cast(4, 2).policy.written())},
        {**moved, "older": []},
    ):
        failed = page.evaluate(
            "given => window.trials.release(given).then(() => 'released', error => 'refused')",
            {**asked, **wrong},
        )
        assert failed == "refused", wrong
