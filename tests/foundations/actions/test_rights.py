"""``may``, ``visible`` and ``why`` agree with each other and with an oracle written by hand."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

import pytest
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoires.foundations.actions import rights
from territoires.foundations.actions.api import (
    Ground,
    Right,
    anyone,
    in_acting_organisation,
    may,
    oneself,
    platform_wide,
    visible,
    why,
)
from territoires.foundations.actions.models import IdempotentAnswer
from territoires.kernel.actor import Actor, Grant
from territoires.kernel.clock import system_clock
from territoires.kernel.ids import new_id

TOWNS = [UUID(int=n) for n in (1, 2, 3)]
PEOPLE = [UUID(int=n) for n in (11, 12)]


class Specimen(StrEnum):
    """A permission on a borrowed table: ``caller`` plays the organisation, ``key`` the owner, ``action`` the state."""

    READ = "specimen:row:read"


def state_is(state: str) -> Ground:
    return Ground("state", "the state", lambda actor, permission: Q(action=state))


def own_conflict() -> Ground:
    """A declared conflict of interest: forbids the actor's own rows."""
    return Ground("conflict", "a conflict", lambda a, p: Q(key=a.person) if a.person else None)


GROUNDS = {
    "organisation": in_acting_organisation("caller"),
    "operator": platform_wide(),
    "public": anyone(Q(action="published")),
    "oneself": oneself("key"),
}
FORBIDDING = {"sealed": state_is("sealed"), "conflict": own_conflict()}


def oracle(row: IdempotentAnswer, actor: Actor, grounds: set[str], forbidding: set[str]) -> bool:
    """The same rules in plain words, without the database."""
    granted = Specimen.READ in actor.grants and "specimen" in actor.services
    allowed = (
        (
            "organisation" in grounds
            and granted
            and actor.organisation is not None
            and row.caller == str(actor.organisation)
        )
        or ("operator" in grounds and granted and actor.is_operator)
        or ("public" in grounds and row.action == "published")
        or ("oneself" in grounds and actor.person is not None and row.key == str(actor.person))
    )
    forbidden = ("sealed" in forbidding and row.action == "sealed") or (
        "conflict" in forbidding and actor.person is not None and row.key == str(actor.person)
    )
    return allowed and not forbidden


actors = st.builds(
    Actor,
    person=st.sampled_from([None, *PEOPLE]),
    organisation=st.sampled_from([None, *TOWNS]),
    is_operator=st.booleans(),
    grants=st.sampled_from([{}, {Specimen.READ: Grant(Specimen.READ, "role", "secretary")}]),
    services=st.sampled_from([frozenset(), frozenset({"specimen"})]),
)


@pytest.fixture
def rows(db: None) -> list[IdempotentAnswer]:
    """Every combination of organisation, state and owner, once."""
    made = [
        IdempotentAnswer(caller=town, action=state, key=person, fingerprint=b"", created_at=system_clock())
        for town in map(str, TOWNS)
        for state in ("draft", "published", "sealed")
        for person in map(str, PEOPLE)
    ]
    return IdempotentAnswer.objects.bulk_create(made)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    actor=actors,
    grounds=st.sets(st.sampled_from([*GROUNDS])),
    forbidding=st.sets(st.sampled_from([*FORBIDDING])),
)
def test_three_questions_one_answer(
    rows: list[IdempotentAnswer], actor: Actor, grounds: set[str], forbidding: set[str]
) -> None:
    rule = Right(
        Specimen.READ,
        "read a specimen",
        [GROUNDS[name] for name in sorted(grounds)],
        on="actions.IdempotentAnswer",
        forbidding=[FORBIDDING[name] for name in sorted(forbidding)],
    )
    rights._rights[Specimen.READ] = rule
    try:
        expected = {row.pk for row in rows if oracle(row, actor, grounds, forbidding)}
        assert set(visible(actor, Specimen.READ).values_list("pk", flat=True)) == expected
        for row in rows:
            assert may(actor, Specimen.READ, row) == (row.pk in expected)
            assert why(actor, Specimen.READ, row).allowed == (row.pk in expected)
            assert row.pk in expected or not rights.holds_plainly(actor, Specimen.READ, row)
    finally:
        del rights._rights[Specimen.READ]


@pytest.mark.parametrize(
    ("allowing", "state", "is_certain"),
    [
        (Q(action="draft") | Q(action="published"), "published", True),
        (Q(action="draft") | Q(action="published"), "sealed", False),
        (Q(action="draft") | Q(action__startswith="pub"), "draft", True),
        (Q(action="draft") | Q(action__startswith="pub"), "published", False),
        (Q(action="draft") & Q(action__startswith="dra"), "draft", False),
        (~Q(action="draft"), "published", False),
        (Q(action="draft") ^ Q(caller=""), "draft", False),
    ],
)
def test_a_row_just_read_may_be_enough(allowing: Q, state: str, is_certain: bool) -> None:
    class Plain(StrEnum):
        READ = "plain:row:read"

    ground = Ground("state", "the state", lambda actor, permission: allowing)
    rights.declare(Right(Plain.READ, "read", [ground], on="actions.IdempotentAnswer"))
    try:
        assert rights.holds_plainly(Actor(), Plain.READ, IdempotentAnswer(action=state)) == is_certain
    finally:
        del rights._rights[Plain.READ]


def test_a_permission_has_one_rule_only() -> None:
    class Once(StrEnum):
        READ = "once:row:read"

    rights.declare(Right(Once.READ, "read", [anyone()]))
    with pytest.raises(ValueError, match="already has a rule"):
        rights.declare(Right(Once.READ, "read", [anyone()]))
    del rights._rights[Once.READ]


def test_nothing_is_allowed_by_no_ground() -> None:
    class Alone(StrEnum):
        READ = "alone:row:read"

    rights.declare(Right(Alone.READ, "read", []))
    actor = Actor(
        person=new_id(), grants={Alone.READ: Grant(Alone.READ, "role", "x")}, services=frozenset({"alone"})
    )
    assert not may(actor, Alone.READ)
    del rights._rights[Alone.READ]
