"""The published vectors, read by this end. ``pyhpke`` is a second opinion on HPKE."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pyhpke import AEADId, CipherSuite, KDFId, KEMId, KEMKey

from territoires.kernel.errors import Invalid
from territoires.services.procurement.domain.sealing import block as blocks
from territoires.services.procurement.domain.sealing import documents as doc
from territoires.services.procurement.domain.sealing import files, opening, sharing, suites, transfer
from territoires.services.procurement.domain.sealing.manifest import check_manifest, read_manifest
from territoires.services.procurement.domain.sealing.policy import read_policy
from territoires.services.procurement.domain.sealing.sharing import Shape

from . import make_vectors
from .cast import AFTER, content, opened

KEMS = {1: KEMId.DHKEM_P256_HKDF_SHA256, 2: KEMId.DHKEM_X25519_HKDF_SHA256}


def vectors(name: str) -> Any:
    return json.loads((Path(__file__).parent / "vectors" / "tsb1" / f"{name}.json").read_text())


def test_what_is_made_without_chance_is_still_the_same() -> None:
    for name in ("policies", "derivations", "chunks", "trees", "padding", "names"):
        assert make_vectors.VECTORS[name]() == vectors(name), name


def test_shares() -> None:
    for one in vectors("shares"):
        shape = Shape(one["holders"], one["threshold"])
        assert [list(absent) for absent in shape.absent] == one["absent"]
        assert [shape.of(holder) for holder in range(shape.holders)] == one["held"]
        pieces = {number: bytes.fromhex(piece) for number, piece in enumerate(one["pieces"])}
        assert sharing.join(pieces, shape).hex() == one["secret"]


def test_policies() -> None:
    for one in vectors("policies"):
        policy = read_policy(doc.octets(one["policy"]))
        assert policy.hash.hex() == one["hash"]
        for holder, key in zip(policy.holders, one["keys"], strict=True):
            private = suites.read_private(policy.suite, doc.octets(key["pkcs8"]))
            assert suites.suite(policy.suite).public_bytes(private) == holder.key
            with pytest.raises(Invalid, match="sealing-malformed"):
                suites.read_private(3 - policy.suite, doc.octets(key["pkcs8"]))


def test_wraps_are_opened_by_two_libraries_and_sealed_by_either() -> None:
    for one in vectors("wraps"):
        found = {name: doc.octets(value) for name, value in one.items() if name != "suite"}
        suite = one["suite"]
        private = suites.read_private(suite, found["pkcs8"])
        assert suites.unseal(suite, private, found["info"], found["wrap"]) == found["plain"]
        second = second_library(suite)
        length = len(found["public"])
        mine = KEMKey.from_pyca_cryptography_key(private)
        receiver = second.create_recipient_context(found["wrap"][:length], mine, info=found["info"])
        assert receiver.open(found["wrap"][length:]) == found["plain"]
        public = KEMKey.from_pyca_cryptography_key(private.public_key())
        enc, sender = second.create_sender_context(public, info=found["info"])
        assert suites.unseal(suite, private, found["info"], enc + sender.seal(b"x")) == b"x"


def test_the_vectors_of_rfc_9180_for_both_suites() -> None:
    """Our library takes no associated data, and the vectors have some: so the second library opens the very vector, and ours
    what the vector's own key and nonce seal without any, which checks its KEM and its key schedule whole."""
    found = json.loads((Path(__file__).parent / "vectors" / "rfc9180.json").read_text())
    info, aad, plain = (bytes.fromhex(found[name]) for name in ("info", "aad", "plain"))
    for one in found["suites"]:
        suite, fixed = one["suite"], {name: bytes.fromhex(one[name]) for name in one if name != "suite"}
        private = private_key(suite, fixed["private"])
        assert suites.suite(suite).public_bytes(private) == fixed["public"]
        mine = KEMKey.from_pyca_cryptography_key(private)
        assert (
            second_library(suite)
            .create_recipient_context(fixed["enc"], mine, info=info)
            .open(fixed["sealed"], aad)
            == plain
        )
        cipher = AESGCM(fixed["key"])
        assert cipher.encrypt(fixed["nonce"], plain, aad) == fixed["sealed"]
        bare = cipher.encrypt(fixed["nonce"], plain, b"")
        assert suites.unseal(suite, private, info, fixed["enc"] + bare) == plain


def private_key(suite: int, raw: bytes) -> suites.PrivateKey:
    if suite == 1:
        return suites.ec.derive_private_key(int.from_bytes(raw, "big"), suites.ec.SECP256R1())
    return suites.x25519.X25519PrivateKey.from_private_bytes(raw)


def second_library(suite: int) -> CipherSuite:
    return CipherSuite.new(KEMS[suite], KDFId.HKDF_SHA256, AEADId.AES256_GCM)


def test_whole_bid() -> None:
    found = vectors("bid")
    policy = read_policy(doc.octets(found["policy"]))
    received = {UUID(block): doc.octets(data) for block, data in found["blocks"].items()}
    stored = {UUID(file): [doc.octets(one) for one in chunks] for file, chunks in found["files"].items()}
    data = doc.octets(found["manifest"])
    manifest = read_manifest(data)
    assert doc.sha256(data).hex() == found["root"]
    measured = {
        file: (len(chunks), sum(map(len, chunks)), files.merkle_root(map(files.leaf, chunks)))
        for file, chunks in stored.items()
    }
    check_manifest(manifest, policy, received, measured)
    order = opening.read_order(doc.octets(found["order"]))
    assert order.hash.hex() == found["order_hash"]
    opening.check_order(order, policy, AFTER)
    [block] = opening.ordered_blocks(order, {policy.hash: policy}, received)
    session = suites.read_private(policy.suite, doc.octets(found["session"]))
    shares = opening.shares_as_dealt(policy, block)
    pieces = []
    for release in found["releases"]:
        given = opening.read_release(doc.octets(release))
        pieces.append(
            opening.released_pieces(order, policy.suite, session, given, shares, block.context.block)
        )
    time = opening.released_time(
        order, policy, session, opening.read_release(doc.octets(found["time_release"])), block
    )
    master = opening.master(block, shares.shape, pieces, time)
    for entry, expected in zip(manifest.files, found["opened"], strict=True):
        header, plain = opened(master, entry, stored[entry.file])
        said = {"name": header.name, "size": header.size, "sha256": doc.sha256(plain).hex()}
        assert said == expected
    assert plain == content(0)


def test_transfer() -> None:
    found = vectors("transfer")
    new = read_policy(doc.octets(found["new"]["policy"]))
    block = blocks.read_block(doc.octets(found["block"]))
    plan = transfer.read_plan(doc.octets(found["plan"]))
    dealings = [transfer.read_dealing(doc.octets(one)) for one in found["dealings"]]
    for key in found["new"]["keys"]:
        private = suites.read_private(new.suite, doc.octets(key["pkcs8"]))
        got = transfer.received_pieces(plan, block, new, dealings, UUID(key["id"]), private)
        assert {str(n): piece.hex() for n, piece in got.items()} == found["received"][key["id"]]


@pytest.mark.parametrize(
    "one", vectors("refused")["documents"], ids=lambda one: f"{one['kind']}: {one['what']}"
)
def test_refused(one: dict[str, str]) -> None:
    found = vectors("refused")
    policy = read_policy(doc.octets(found["policy"]))
    data = doc.octets(one["document"])
    with pytest.raises(Invalid) as refused:
        if one["kind"] == "policy":
            read_policy(data)
        elif one["kind"] == "order":
            opening.check_order(opening.read_order(data), policy, AFTER)
        else:
            private = suites.read_private(policy.suite, doc.octets(found["keys"][0]["pkcs8"]))
            blocks.unwrap_pieces(policy, blocks.read_block(data), UUID(found["holder"]), private)
    assert refused.value.code == f"sealing-{one['code']}"
