"""One form for a document, read strictly; policies and their successors."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from territoires.kernel.errors import Invalid
from territoires.services.procurement.domain.sealing import documents as doc
from territoires.services.procurement.domain.sealing.policy import (
    check_successor,
    read_policy,
    sealing_for_the_same,
)

from .cast import SHAPES, Cast, known_id

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON)
def test_canonical_bytes_come_back(value: Any) -> None:
    assert doc.parsed(doc.canonical(value)) == value


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":2}',
        b'{"a": 1}',
        b'{"b":1,"a":2}',
        b"1.0",
        b"1e3",
        b"NaN",
        b"9007199254740992",
        '{"é":1}'.encode(),
        b'"\\ud800"',
        b'"\\u0041"',
        b"\xef\xbb\xbf1",
        b"\xff",
        b"[" * 100_000,
        b"",
    ],
)
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(Invalid, match="sealing-malformed"):
        doc.parsed(data)


@pytest.mark.parametrize("suite", [1, 2])
@pytest.mark.parametrize(("n", "k"), SHAPES)
def test_policy_comes_back_with_its_hash(n: int, k: int, suite: int) -> None:
    policy = Cast(n, k, suite).policy
    assert read_policy(policy.written()) == policy
    assert policy.hash == doc.sha256(policy.written())


def altered(policy_bytes: bytes, **changes: Any) -> bytes:
    return doc.canonical({**json.loads(policy_bytes), **changes})


def swapped(policy_bytes: bytes, place: int, **changes: Any) -> bytes:
    value = json.loads(policy_bytes)
    value["holders"][place].update(changes)
    return doc.canonical(value)


def test_policies_that_protect_nothing_are_refused() -> None:
    cast = Cast()
    good, other = cast.policy.written(), json.loads(cast.policy.written())["holders"]
    point = cast.keys[cast.ids[0]].public_key()
    compressed = point.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    bad = {
        "sealing-unknown-form": [
            altered(good, v=2),
            altered(good, type="territoires/sealed-bid/block"),
            altered(good, suite=3),
            altered(good, suite=9),
        ],
        "sealing-policy-refused": [
            altered(good, threshold=3),
            swapped(good, 2, role="officer"),
            swapped(good, 0, role="custodian"),
            swapped(good, 0, key=other[1]["key"]),
            swapped(good, 0, id=other[1]["id"]),
            altered(good, envelopes=["tender", "tender"]),
        ],
        "sealing-malformed": [
            altered(good, threshold=1),
            altered(good, more=1),
            altered(good, version=True),
            altered(good, deadline="2026-03-02T16:00:00+00:00"),
            altered(good, deadline="2026-02-30T16:00:00Z"),
            altered(good, previous="AB" * 32),
            altered(good, suite=2),
            swapped(good, 0, key=doc.base64url(b"\4" + b"\1" * 64)),
            swapped(good, 0, key=doc.base64url(compressed)),
            swapped(good, 0, id="not-a-uuid"),
            swapped(good, 0, name=""),
        ],
    }
    for code, documents in bad.items():
        for document in documents:
            with pytest.raises(Invalid, match=code):
                read_policy(document)


def test_deadline_moves_only_later_and_before_the_opening() -> None:
    old = Cast().policy
    new = replace(old, version=2, previous=old.hash, deadline=old.deadline + timedelta(days=1))
    check_successor(old, new, release_began=False)
    for bad, began in [
        (new, True),
        (replace(new, deadline=old.deadline - timedelta(seconds=1)), False),
        (replace(new, version=3), False),
        (replace(new, previous=None), False),
        (replace(new, round=2), False),
        (replace(new, consultation=known_id("other")), False),
    ]:
        with pytest.raises(Invalid, match="sealing-policy-refused"):
            check_successor(old, bad, release_began=began)


def test_a_later_deadline_keeps_what_was_sealed_and_other_officers_do_not() -> None:
    first = Cast().policy
    later = replace(first, version=2, previous=first.hash, deadline=first.deadline + timedelta(days=1))
    assert list(sealing_for_the_same([first, later])) == [first.hash, later.hash]
    others = replace(Cast(prefix="other").policy, version=3, previous=later.hash)
    assert list(sealing_for_the_same([first, later, others])) == [others.hash]


ID = "0190a3c4-5d6e-7f80-9a0b-1c2d3e4f5061"
FIELDS: list[tuple[str, Any, list[Any], list[Any]]] = [
    ("text", doc.text, ["a", "é" * 255], ["", "x" * 256, 1, None, ["a"]]),
    ("truth", doc.truth, [True, False], [0, 1, None, "true"]),
    (
        "identifier",
        doc.identifier,
        [ID],
        [ID.upper(), ID.replace("-", ""), f"{{{ID}}}", f"urn:uuid:{ID}", "None", 5, None],
    ),
    ("digest", doc.digest_hex, ["0a" * 32], ["0A" * 32, "0a" * 31, "0g" * 32, ["0"] * 64, None]),
    ("octets", doc.octets, ["AA", "-_8"], ["", "AA==", "A", "AB", "+/8", "A A", "é", 5, None, ["AA"]]),
    ("integer", doc.integer(1, 9), [1, 9], [0, 10, True, 1.0, "1", None]),
    ("choice", doc.one_of("a", "b"), ["a", "b"], ["c", "", None, ["a"]]),
    ("list", doc.listed(doc.truth, 2), [[True], [True, False]], [[], [True] * 3, {}, None, "ab", [1]]),
    ("object", doc.fields({"a": doc.truth}), [{"a": True}], [{}, {"a": True, "b": 1}, {"b": True}, [], None]),
    (
        "instant",
        doc.instant,
        ["2026-03-02T16:00:00Z"],
        ["2026-03-02T16:00:00", "2026-3-2T16:00:00Z", "2026-02-29T16:00:00Z", "2026-03-02T16:00:00.5Z", None],
    ),
    ("option", doc.optional(doc.truth), [None, True], [0, "x"]),
]


@pytest.mark.parametrize(
    ("check", "good", "bad"), [row[1:] for row in FIELDS], ids=[row[0] for row in FIELDS]
)
def test_each_kind_of_field_takes_its_own_values_alone(
    check: doc.Check, good: list[Any], bad: list[Any]
) -> None:
    for value in good:
        check(value)
    for value in bad:
        with pytest.raises(Invalid, match="sealing-malformed"):
            check(value)


POLICY = "territoires/sealed-bid/policy"


@pytest.mark.parametrize(
    "value", [[], "policy", None, 1, {}, {"v": 1}, {"type": POLICY}, {"v": True, "type": POLICY}]
)
def test_document_says_what_it_is(value: Any) -> None:
    with pytest.raises(Invalid, match="sealing-unknown-form"):
        doc.read(doc.canonical(value), "policy", {})


@pytest.mark.parametrize("value", [{1: 1}, {"é": 1}, [1.5], {"a": object()}, 2**53, -(2**53)])
def test_nothing_outside_of_the_subset_is_written(value: Any) -> None:
    with pytest.raises(Invalid, match="sealing-malformed"):
        doc.canonical(value)
