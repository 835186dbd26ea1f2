"""Makes the test vectors of TSB1: ``python -m tests.services.procurement.sealing.make_vectors``.

Keys, identifiers, contents and nonces are the same each time. What HPKE and XOR sharing draw at random is drawn anew, so
those vectors are to be opened, not made. They were committed once: a change of theirs is a change of the protocol.
"""

from __future__ import annotations

import json
import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from territoires.services.procurement.domain.sealing import block as blocks
from territoires.services.procurement.domain.sealing import documents as doc
from territoires.services.procurement.domain.sealing import files, sharing, suites
from territoires.services.procurement.domain.sealing.block import Block, Context
from territoires.services.procurement.domain.sealing.sharing import Shape

from .cast import SHAPES, SIZES, Bid, Cast, content, known_id
from .test_transfer import Handover, followed

FOLDER = Path(__file__).parent / "vectors" / "tsb1"
BLOCK, FILE = known_id("block"), known_id("file")
NAMES = [
    "Mémoire technique.pdf",
    unicodedata.normalize("NFD", "Mémoire technique.pdf"),
    "プラン № 3.dwg",
    "شرط.pdf",
    "план\u00a0«1».odt",
    "e\u0301\u200d👩\u200d🚒.txt",
    'quo"te\\back\u0001\u007f\u2028.txt',
    "\U0001f512 price.xlsx",
]


def encoded(data: bytes) -> str:
    return doc.base64url(data)


def pkcs8(key: suites.PrivateKey) -> str:
    return encoded(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def cast_of(cast: Cast) -> dict[str, Any]:
    return {
        "policy": encoded(cast.policy.written()),
        "hash": cast.policy.hash.hex(),
        "keys": [{"id": str(holder), "pkcs8": pkcs8(key)} for holder, key in cast.keys.items()],
        "time": pkcs8(cast.time_key),
        "session": pkcs8(cast.session),
    }


def policies() -> Any:
    return [
        {"holders": n, "threshold": k, "suite": suite, **cast_of(Cast(n, k, suite))}
        for suite in (1, 2)
        for n, k in SHAPES
    ]


def shares() -> Any:
    found = []
    for n, k in [*SHAPES, (5, 3), (7, 4), (8, 4), (12, 2)]:
        shape, secret = Shape(n, k), doc.sha256(f"secret {n} {k}".encode())
        found.append(
            {
                "holders": n,
                "threshold": k,
                "absent": [list(one) for one in shape.absent],
                "held": [shape.of(holder) for holder in range(n)],
                "secret": secret.hex(),
                "pieces": [piece.hex() for piece in sharing.split(secret, shape.pieces)],
            }
        )
    return found


def derivations() -> Any:
    policy, lot, bidder = Cast().policy, known_id("lot"), known_id("bidder")
    context = Context(policy.hash, policy.consultation, 1, lot, "tender", bidder, BLOCK)
    quorum, time, ctx = doc.sha256(b"Q"), doc.sha256(b"T"), context.hash
    master = blocks.master_key(ctx, quorum, time)
    return {
        "context": context.plain(),
        "ctx": ctx.hex(),
        "Q": quorum.hex(),
        "T": time.hex(),
        "M": master.hex(),
        "commitment": blocks.commitment(ctx, quorum, time).hex(),
        "file": str(FILE),
        "file_key": blocks.derived(master, FILE.bytes, "TSB1/file").hex(),
        "header_key": blocks.derived(master, FILE.bytes, "TSB1/header").hex(),
        "piece": doc.sha256(b"piece").hex(),
        "piece_hash_2": blocks.piece_hash(ctx, 2, doc.sha256(b"piece")).hex(),
        "holder_info": blocks.holder_info(ctx, policy.holders[0].id).hex(),
        "time_info": blocks.time_info(ctx, policy.time.id).hex(),
    }


def chunks() -> Any:
    """Sealed under M of derivations.json with the nonces SHA-256("nonce" + index)[:12]."""
    master = bytes.fromhex(derivations()["M"])
    key, found = files.file_key(master, FILE), []
    for size in SIZES:
        padded = files.padded_size(size)
        count = files.chunk_count(padded)
        plain = content(size).ljust(padded, b"\0")
        sealed = []
        for index in range(count):
            nonce = doc.sha256(b"nonce", str(index).encode())[:12]
            data = files.chunk_data(BLOCK, FILE, index, count)
            start = index * files.CHUNK_BYTES
            stored = nonce + key.encrypt(nonce, plain[start : start + files.CHUNK_BYTES], data)
            sealed.append(
                {
                    "nonce": nonce.hex(),
                    "data": data.hex(),
                    "sha256": doc.sha256(stored).hex(),
                    "leaf": files.leaf(stored).hex(),
                }
            )
        root = files.merkle_root(bytes.fromhex(one["leaf"]) for one in sealed)
        found.append({"size": size, "padded": padded, "chunks": sealed, "root": root.hex()})
    return {"block": str(BLOCK), "file": str(FILE), "files": found}


def trees() -> Any:
    leaves = [doc.sha256(bytes([n])) for n in range(20)]
    return {
        "leaves": [leaf.hex() for leaf in leaves],
        "roots": [files.merkle_root(leaves[:n]).hex() for n in range(1, 21)],
    }


def padding() -> Any:
    powers = [2**n + step for n in range(12, 34) for step in (-1, 0, 1)]
    sizes = sorted({0, 1, 4095, 4096, 4097, *powers})
    padded = [files.padded_size(size) for size in sizes]
    assert all(a <= b for a, b in pairwise(padded))
    return [list(pair) for pair in zip(sizes, padded, strict=True)]


def wraps() -> Any:
    found = []
    for suite in (1, 2):
        cast, info = Cast(suite=suite), doc.label("TSB1/holder") + bytes(range(48))
        key = cast.keys[cast.ids[0]]
        plain = doc.sha256(b"plain") * 3
        found.append(
            {
                "suite": suite,
                "pkcs8": pkcs8(key),
                "public": encoded(cast.public(key)),
                "info": encoded(info),
                "plain": encoded(plain),
                "wrap": encoded(suites.seal(suite, cast.public(key), info, plain)),
            }
        )
    return found


def names() -> Any:
    values = [
        {"name": name, "z": [0, -1, 2**53 - 1, None, True], "A": {"b": "", "a": name}} for name in NAMES
    ]
    return [{"value": value, "canonical": encoded(doc.canonical(value))} for value in values]


def bid() -> Any:
    """A whole bid for four holders of whom three are needed, its order, every release, and what comes out."""
    cast = Cast(4, 3)
    made = Bid(cast, {NAMES[0]: content(5000), NAMES[2]: b""}, bidder=known_id("bidder"))
    order = cast.order([made])
    return {
        **cast_of(cast),
        "blocks": {str(block): encoded(data) for block, data in made.received.items()},
        "manifest": encoded(made.manifest.written()),
        "root": made.manifest.root.hex(),
        "files": {str(file): [encoded(one) for one in stored] for file, stored in made.stored.items()},
        "order": encoded(order.written()),
        "order_hash": order.hash.hex(),
        "releases": [
            encoded(cast.release_of(holder, order, made.blocks).written()) for holder in cast.ids[1:]
        ],
        "time_release": encoded(cast.time_release(order, made.blocks).written()),
        "opened": [
            {"name": name, "size": len(data), "sha256": doc.sha256(data).hex()}
            for name, data in made.plain.items()
        ],
    }


def handover() -> Any:
    """Four holders (two needed) hand one block over to six (three needed)."""
    old = Cast(4, 2, suite=2)
    over = Handover(old, followed(old, 6, 3))
    return {
        "old": cast_of(old),
        "new": cast_of(over.new),
        "block": encoded(over.block.written()),
        "plan": encoded(over.plan.written()),
        "dealings": [encoded(one.written()) for one in over.dealings],
        "received": {
            str(holder): {str(number): piece.hex() for number, piece in over.received(holder).items()}
            for holder in over.new.ids
        },
    }


def refused() -> Any:
    """Documents that both ends refuse, with the code: the browser's is the last part of the platform's."""
    cast = Cast()
    made = Bid(cast, {"a.pdf": b"a"})
    [block] = made.blocks
    policy, order = json.loads(cast.policy.written()), json.loads(cast.order([made]).written())
    holder, found = cast.ids[0], []

    def one(what: str, kind: str, document: Any, code: str) -> None:
        data = document if isinstance(document, bytes) else doc.canonical(document)
        found.append({"what": what, "kind": kind, "document": encoded(data), "code": code})

    one("unknown version", "policy", {**policy, "v": 2}, "unknown-form")
    one("unknown type", "policy", {**policy, "type": "territoires/sealed-bid/order"}, "unknown-form")
    one("reserved suite", "policy", {**policy, "suite": 3}, "unknown-form")
    one("one more key", "policy", {**policy, "more": 1}, "malformed")
    one("a float", "policy", cast.policy.written().replace(b'"round":1', b'"round":1.0'), "malformed")
    one("spaces", "policy", json.dumps(policy, sort_keys=True).encode(), "malformed")
    one("a key twice", "policy", cast.policy.written().replace(b'"v":1', b'"v":1,"v":1'), "malformed")
    one("other policy", "order", {**order, "policy": "0" * 64}, "mismatch")
    one("other round", "order", {**order, "round": 2}, "mismatch")
    one("other deadline", "order", {**order, "deadline": "2026-03-02T16:00:01Z"}, "mismatch")
    one("unknown envelope", "order", {**order, "envelope": "candidature"}, "mismatch")
    one("a bid twice", "order", {**order, "bids": order["bids"] * 2}, "mismatch")
    one("unknown reason", "order", {**order, "excluded": [{"root": "0" * 64, "reason": "x"}]}, "malformed")
    for name, value in {
        "bidder": known_id("other"),
        "lot": known_id("other"),
        "block": known_id("other"),
        "consultation": known_id("other"),
        "policy": "0" * 64,
        "envelope": "candidature",
        "round": 2,
    }.items():
        changed = json.loads(block.written())
        changed["context"][name] = value if isinstance(value, int) else str(value)
        one(f"other {name}", "block", changed, "cannot-unwrap")
    one("short wrap", "block", _with_wrap(block, lambda wrap: wrap[:-1]), "cannot-unwrap")
    for region, at in {"enc": 5, "ciphertext": 70, "tag": -1}.items():
        one(
            f"{region} flipped",
            "block",
            _with_wrap(block, lambda wrap, at=at: _flip(wrap, at)),
            "cannot-unwrap",
        )
    lied = json.loads(block.written())
    lied["pieces"] = ["0" * 64] * 3
    one("wrong piece", "block", lied, "wrong-piece")
    others = json.loads(block.written())
    others["holders"] = others["holders"][::-1]
    one("other order of holders", "block", others, "mismatch")
    return {**cast_of(cast), "holder": str(holder), "documents": found}


def _with_wrap(block: Block, change: Any) -> Any:
    value = json.loads(block.written())
    value["holders"][0]["wrap"] = encoded(change(block.holders[0].wrap))
    return value


def _flip(data: bytes, at: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


VECTORS = {
    "policies": policies,
    "shares": shares,
    "derivations": derivations,
    "chunks": chunks,
    "trees": trees,
    "padding": padding,
    "wraps": wraps,
    "names": names,
    "bid": bid,
    "transfer": handover,
    "refused": refused,
}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    numbers = iter(range(1000))
    with patch(f"{Bid.__module__}.uuid4", lambda: known_id(f"made {next(numbers)}")):
        for name, make in VECTORS.items():
            text = json.dumps(make(), indent=1, ensure_ascii=True)
            (FOLDER / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
