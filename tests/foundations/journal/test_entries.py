"""What an entry says, what it refuses, and what stays beside the tree."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db import ProgrammingError, connection
from hypothesis import given
from hypothesis import strategies as st

from territoires.foundations.journal import disclosures
from territoires.foundations.journal.api import append
from territoires.foundations.journal.canonical import LARGEST_INTEGER, canonical
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Invalid
from territoires.kernel.fact import Fact, Subject, digest, personal
from territoires.kernel.ids import new_id

AT = datetime(2026, 3, 14, 9, 26, 53, 589793, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class LetterSent(Fact):
    KIND: ClassVar[str] = "post.letter.sent"
    VERSION: ClassVar[int] = 2
    weight: int
    content: str = digest()
    recipient: str = personal(default="")


def sent(**changes: Any) -> LetterSent:
    values = {"weight": 20, "content": "ab" * 32, "recipient": "Camille Exemple", "matter": new_id()}
    return LetterSent(subject=Subject("post.letter", new_id()), **{**values, **changes})


def body_of(entry: UUID) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM journal_entry WHERE id = %s", [entry])
        return bytes(cursor.fetchone()[0])


@pytest.mark.django_db
def test_an_entry_says_who_did_what_to_what_and_when():
    actor = Actor(person=new_id(), organisation=new_id(), mandate=new_id()).at(AT)
    fact = sent()
    entry = append(fact, actor=actor)
    body = body_of(entry)
    said = json.loads(body)
    assert body == canonical(said)
    assert said["id"] == str(entry)
    assert (said["kind"], said["version"], said["at"]) == (
        "post.letter.sent",
        2,
        "2026-03-14T09:26:53.589793Z",
    )
    assert said["actor"] == {"person": str(actor.person), "mandate": str(actor.mandate), "assurance": 0}
    assert said["subject"] == {"type": "post.letter", "id": str(fact.subject.id)}
    assert (said["facts"], said["files"]) == ({"weight": 20}, {"content": "ab" * 32})
    assert (said["organisation"], said["matter"]) == (str(actor.organisation), str(fact.matter))


@pytest.mark.django_db
def test_a_personal_value_stands_beside_the_entry_under_its_own_salt():
    entries = [append(sent(), actor=Actor(machine="test")) for _ in range(2)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT entry, disclosure FROM journal_private WHERE entry = ANY(%s)", [entries])
        kept = dict(cursor.fetchall())
    digests = set()
    for entry in entries:
        body = body_of(entry)
        assert b"Camille" not in body
        expected = urlsafe_b64encode(hashlib.sha256(kept[entry].encode()).digest()).rstrip(b"=").decode()
        assert json.loads(body)["private"] == {"recipient": expected}
        assert disclosures.opened(kept[entry]) == ("recipient", "Camille Exemple")
        digests.add(expected)
    assert len(digests) == 2


@pytest.mark.django_db
def test_an_entry_above_16_kib_is_refused_in_words():
    with pytest.raises(Invalid) as refused:
        append(sent(content="a" * 17_000), actor=Actor(machine="test"))
    assert refused.value.code == "journal-too-large"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_entry SET body = body",
        "DELETE FROM journal_entry",
        "TRUNCATE journal_entry",
        "TRUNCATE journal_entry_2026",
        "TRUNCATE journal_leaf",
        "TRUNCATE journal_checkpoint CASCADE",
    ],
)
@pytest.mark.django_db
def test_tables_that_prove_are_insert_only(statement):
    append(sent(), actor=Actor(machine="test"))
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="insert only"):
        cursor.execute(statement)


@pytest.mark.parametrize("value", [1.5, {"é": 1}, {1: "a"}, b"bytes", AT, (1,), LARGEST_INTEGER + 1])
def test_canonical_refuses_what_json_would_write_differently_elsewhere(value):
    with pytest.raises(TypeError):
        canonical({"value": value} if not isinstance(value, dict) else value)


def test_canonical_refuses_half_a_character():
    with pytest.raises(Invalid):
        canonical({"text": "\ud83d"})


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES)
def test_canonical_bytes_read_back_and_write_the_same(value):
    assert json.loads(canonical(value)) == value
    assert canonical(json.loads(canonical(value))) == canonical(value)
