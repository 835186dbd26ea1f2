"""What the decorator promises: right, transaction, fact, idempotency, presence; on a specimen of our own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

import pytest
from django.db import connection

from territoires.foundations.actions import action as action_module
from territoires.foundations.actions import idempotency, jobs, rights
from territoires.foundations.actions.api import (
    Outcome,
    Right,
    StepUp,
    action,
    declare,
    granted,
    in_acting_organisation,
)
from territoires.foundations.actions.models import IdempotentAnswer
from territoires.kernel.actor import Actor, Assurance, Grant
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Conflict, Denied, Missing, StepUpRequired
from territoires.kernel.fact import Fact, Subject
from territoires.kernel.ids import new_id


class Specimen(StrEnum):
    MAKE = "specimen:thing:make"
    MARK = "specimen:thing:mark"


@dataclass(frozen=True, kw_only=True)
class ThingMade(Fact):
    KIND: ClassVar[str] = "specimen.thing.made"
    label: str


@pytest.fixture(autouse=True)
def specimen_rights() -> Iterator[None]:
    """The specimen's rights live as long as the test, so that other tests see only real ones."""
    actions_before = dict(action_module._actions)
    declare(
        Right(Specimen.MAKE, "make a thing", [granted()]),
        Right(
            Specimen.MARK, "mark a thing", [in_acting_organisation("caller")], on="actions.IdempotentAnswer"
        ),
    )
    yield
    for permission in Specimen:
        del rights._rights[permission]
    action_module._actions.clear()
    action_module._actions.update(actions_before)


def make_action(step_up: StepUp | None = None):
    @action(Specimen.MAKE, step_up=step_up)
    def make(*, actor: Actor, label: str) -> Outcome[str]:
        if label == "broken":
            raise Conflict("broken", "It broke.")
        return Outcome(f"made {label}", ThingMade(subject=Subject("specimen.thing", new_id()), label=label))

    return make


def mark_action():
    @action(Specimen.MARK, on="thing")
    def mark(*, actor: Actor, thing: IdempotentAnswer) -> Outcome[IdempotentAnswer]:
        thing.answer = {"marks": ((thing.answer or {}).get("marks", 0)) + 1}
        thing.save()
        return Outcome(thing, ThingMade(subject=Subject("specimen.thing", thing.pk), label="mark"))

    return mark


def mark_all_action():
    @action(Specimen.MARK, on="things")
    def mark_all(*, actor: Actor, things: list[IdempotentAnswer]) -> Outcome[list[IdempotentAnswer]]:
        for thing in things:
            thing.answer = {"marks": 1}
            thing.save()
        made = [ThingMade(subject=Subject("specimen.thing", one.pk), label="mark") for one in things]
        return Outcome(things, *made)

    return mark_all


@pytest.fixture
def clerk() -> Actor:
    grants = {str(p): Grant(str(p), "role", "secretary") for p in Specimen}
    return Actor(person=new_id(), organisation=UUID(int=1), grants=grants, services=frozenset({"specimen"}))


def thing_of(organisation: UUID) -> IdempotentAnswer:
    return IdempotentAnswer.objects.create(
        caller=str(organisation),
        action="draft",
        key=str(new_id()),
        fingerprint=b"",
        created_at=system_clock(),
    )


def kinds() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT convert_from(body, 'UTF8')::json ->> 'kind' FROM journal_entry ORDER BY n")
        return [kind for (kind,) in cursor.fetchall()]


@pytest.mark.django_db
class TestRight:
    def test_the_value_comes_back_and_the_fact_is_in_the_book(self, clerk: Actor) -> None:
        assert make_action()(actor=clerk, label="one") == "made one"
        assert kinds() == ["specimen.thing.made"]

    def test_a_refusal_does_nothing_and_is_recorded(self, clerk: Actor) -> None:
        with pytest.raises(Denied, match="no-right"):
            make_action()(actor=replace(clerk, grants={}), label="one")
        assert kinds() == ["actions.right.refused"]

    def test_several_objects_are_locked_in_one_order_and_judged_each(self, clerk: Actor) -> None:
        ours = [thing_of(UUID(int=1)) for _ in range(3)]
        given = [ours[2], ours[0].pk, ours[1], ours[2]]
        assert mark_all_action()(actor=clerk, things=given) == sorted(ours, key=lambda one: one.pk)
        assert len(kinds()) == 3
        with pytest.raises(Denied, match="no-right"):
            mark_all_action()(actor=clerk, things=[ours[0], thing_of(UUID(int=2))])
        with pytest.raises(Missing):
            mark_all_action()(actor=clerk, things=[ours[0], new_id()])
        assert kinds()[3:] == ["actions.right.refused"]

    def test_a_strangers_refusal_leaves_no_trace_in_the_book(self) -> None:
        with pytest.raises(Denied):
            make_action()(actor=Actor(), label="one")
        assert kinds() == []

    def test_a_service_switched_off_refuses(self, clerk: Actor) -> None:
        with pytest.raises(Denied):
            make_action()(actor=replace(clerk, services=frozenset()), label="one")

    def test_a_failure_undoes_everything(self, clerk: Actor) -> None:
        with pytest.raises(Conflict):
            make_action()(actor=replace(clerk, idempotency_key="k"), label="broken")
        assert kinds() == []
        assert not IdempotentAnswer.objects.exists()

    def test_an_object_of_another_organisation_is_refused(self, clerk: Actor) -> None:
        with pytest.raises(Denied):
            mark_action()(actor=clerk, thing=thing_of(UUID(int=2)))

    def test_an_object_that_is_gone_is_missing(self, clerk: Actor) -> None:
        thing = thing_of(UUID(int=1))
        IdempotentAnswer.objects.all().delete()
        with pytest.raises(Missing):
            mark_action()(actor=clerk, thing=thing)

    def test_the_body_decides_on_what_is_true_now(self, clerk: Actor) -> None:
        seen = thing_of(UUID(int=1))
        mark_action()(actor=clerk, thing=seen)
        assert mark_action()(actor=clerk, thing=seen).answer == {"marks": 2}


@pytest.mark.django_db
class TestPresence:
    def test_without_a_fresh_proof_the_gesture_asks_for_one(self, clerk: Actor) -> None:
        sign = make_action(StepUp(level=2, within=timedelta(minutes=5)))
        now = system_clock()
        for assurance in (
            Assurance(),
            Assurance(level=1, methods=("password",), proved_at=now),
            Assurance(level=2, methods=("password", "totp"), proved_at=now - timedelta(minutes=6)),
        ):
            with pytest.raises(StepUpRequired):
                sign(actor=replace(clerk, assurance=assurance).at(now), label="one")
        assert kinds() == []

    def test_a_fresh_and_strong_proof_is_enough(self, clerk: Actor) -> None:
        now = system_clock()
        proved = replace(clerk, assurance=Assurance(2, ("password", "totp"), now - timedelta(minutes=4))).at(
            now
        )
        assert make_action(StepUp(level=2))(actor=proved, label="one") == "made one"


@pytest.mark.django_db
class TestIdempotency:
    def test_the_second_click_gets_the_first_ones_answer(self, clerk: Actor) -> None:
        keyed = replace(clerk, idempotency_key="k")
        make = make_action()
        assert [make(actor=keyed, label="one"), make(actor=keyed, label="one")] == ["made one"] * 2
        assert kinds() == ["specimen.thing.made"]

    def test_a_row_comes_back_as_it_stands(self, clerk: Actor) -> None:
        keyed, thing, mark = replace(clerk, idempotency_key="k"), thing_of(UUID(int=1)), mark_action()
        assert mark(actor=keyed, thing=thing) == mark(actor=keyed, thing=thing)
        thing.refresh_from_db()
        assert thing.answer == {"marks": 1}

    def test_a_key_serves_one_request(self, clerk: Actor) -> None:
        keyed, make = replace(clerk, idempotency_key="k"), make_action()
        make(actor=keyed, label="one")
        with pytest.raises(Conflict, match="idempotency-key-reused"):
            make(actor=keyed, label="two")

    def test_keys_of_two_persons_never_meet(self, clerk: Actor) -> None:
        make = make_action()
        make(actor=replace(clerk, idempotency_key="k"), label="one")
        assert make(actor=replace(clerk, idempotency_key="k", person=new_id()), label="two") == "made two"

    def test_an_answer_is_forgotten_after_its_time(
        self, clerk: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(idempotency, "_AT_ONCE", 2)
        make, now = make_action(), system_clock()
        for days in (91, 91, 91, 89, 0):
            made = replace(clerk, idempotency_key=f"{days}-{new_id()}").at(now - timedelta(days=days))
            make(actor=made, label="one")
        jobs.forget_answers(timestamp=0)
        left = IdempotentAnswer.objects.values_list("key", flat=True)
        assert sorted(key.split("-")[0] for key in left) == ["0", "89"]


def test_two_clicks_at_once_are_one(live_database: str, clerk: Actor) -> None:
    keyed, make, answers = replace(clerk, idempotency_key="k"), make_action(), []
    start = threading.Barrier(4)

    def click() -> None:
        start.wait()
        try:
            answers.append(make(actor=keyed, label="one"))
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["made one"] * 4
    assert kinds() == ["specimen.thing.made"]
