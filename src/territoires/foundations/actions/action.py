"""The decorator that makes a function a verb of the business."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar, Generic, ParamSpec, TypeVar, cast

from django.apps import apps
from django.db import transaction
from django.db.models import Model, QuerySet

from territoires.foundations.journal import api as journal
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Denied, Missing, StepUpRequired
from territoires.kernel.fact import Fact, Subject
from territoires.kernel.ids import new_id

from . import idempotency, rights

P = ParamSpec("P")
R = TypeVar("R")


class Outcome(Generic[R]):
    """What a body returns: the value for the caller and the fact (or facts) for the journal."""

    def __init__(self, value: R, *facts: Fact) -> None:
        if not facts:
            raise ValueError("an action leaves at least one fact")
        self.value = value
        self.facts = facts


@dataclass(frozen=True, slots=True)
class StepUp:
    """The proof of presence that an action asks: level A1 to A4, not older than ``within``."""

    level: int
    within: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Declared:
    """An action as tests and docs see it."""

    name: str
    permission: StrEnum
    on: str | None
    step_up: StepUp | None


_actions: dict[str, Declared] = {}


def declared_actions() -> dict[str, Declared]:
    """Every action, by dotted name."""
    return dict(_actions)


@dataclass(frozen=True, kw_only=True)
class RightRefused(Fact):
    """An attempt that the rights refused."""

    KIND: ClassVar[str] = "actions.right.refused"
    permission: str
    action: str


def action(
    permission: StrEnum, *, on: str | None = None, along: Sequence[str] = (), step_up: StepUp | None = None
) -> Callable[[Callable[P, Outcome[R]]], Callable[P, R]]:
    """Opens the transaction, checks the right, runs the body, writes the facts, keeps the answer.

    ``on`` names the keyword argument that holds the object, or a list of several: the body receives them locked and read
    again, several in the order of their keys, so that it decides on what is true now. ``along`` names relations of it that never change, read in the same query. The body
    makes no network call and uses no key: it records an intent.
    """

    def decorate(body: Callable[P, Outcome[R]]) -> Callable[P, R]:
        name = f"{body.__module__}.{body.__qualname__}"
        _actions[name] = Declared(name, permission, on, step_up)

        @functools.wraps(body)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            actor = cast(Actor, kwargs["actor"])
            given = {key: value for key, value in kwargs.items() if key != "actor"}
            try:
                return _perform(actor, given)
            except Denied as refusal:
                if not isinstance(refusal, StepUpRequired):
                    _record_refusal(actor, permission, name)
                raise

        @transaction.atomic
        def _perform(actor: Actor, given: dict[str, Any]) -> R:
            if actor.idempotency_key:
                answer = idempotency.claim(actor, name, given)
                if answer is not idempotency.NOT_YET:
                    return cast(R, answer)
            if on is None:
                rights.require(actor, permission)
            elif isinstance(given[on], list):
                given[on] = _locked_all(actor, permission, given[on], along)
            else:
                given[on] = _locked(actor, permission, given[on], along)
            if step_up is not None:
                _require_presence(actor, step_up)
            outcome = body(actor=actor, **given)  # type: ignore[arg-type, call-arg]
            if actor.idempotency_key:
                idempotency.keep(actor, name, outcome.value)
            journal.append_all(outcome.facts, actor=actor)
            return outcome.value

        return run

    return decorate


def together() -> AbstractContextManager[None]:
    """Inside an action: several others that hold or fall together, and whose failure leaves the rest alone."""
    return transaction.atomic()


def rehearse(verb: Callable[..., R], **arguments: Any) -> R:
    """What an action would answer or raise: it runs whole, and is undone."""
    with transaction.atomic():
        answer = verb(**arguments)
        transaction.set_rollback(True)
    return answer


def unchanged(row: Model, version: int | None) -> None:
    """Optimistic lock: raises Conflict when the row's ``version`` is no longer the one that the caller saw."""
    if version is not None and row.version != version:  # type: ignore[attr-defined]
        raise Conflict(
            "changed-meanwhile",
            "Somebody changed this while you were working on it; what you typed is still in the form.",
            "Compare with the present version, then save again.",
            params={"version": row.version},  # type: ignore[attr-defined]
        )


def _locked(actor: Actor, permission: StrEnum, target: Any, along: Sequence[str]) -> Model:
    key = target.pk if isinstance(target, Model) else target
    row = _to_lock(permission, along).filter(pk=key).order_by().first()
    if row is None:
        raise _gone()
    _require(actor, permission, row)
    return row


def _locked_all(
    actor: Actor, permission: StrEnum, targets: Sequence[Any], along: Sequence[str]
) -> list[Model]:
    """In one order for everybody: two that lock the same rows wait for each other and never both."""
    keys = {target.pk if isinstance(target, Model) else target for target in targets}
    rows = list(_to_lock(permission, along).filter(pk__in=keys).order_by("pk"))
    if len(rows) < len(keys):
        raise _gone()
    for row in rows:
        _require(actor, permission, row)
    return rows


def _to_lock(permission: StrEnum, along: Sequence[str]) -> QuerySet[Model]:
    model: type[Model] = apps.get_model(cast(str, rights.right_of(permission).on))
    rows = model._default_manager.select_for_update(of=("self",))
    return rows.select_related(*along) if along else rows


def _require(actor: Actor, permission: StrEnum, row: Model) -> None:
    if not rights.holds_plainly(actor, permission, row) and not rights.may(actor, permission, row):
        raise rights.denied(permission)


def _gone() -> Missing:
    return Missing("missing", "This is no longer here.", "Go back to the list.")


def is_present(actor: Actor, asked: StepUp) -> bool:
    """Whether the session proved enough, recently enough: a page asks before it shows a form that would be refused."""
    proved_at = actor.assurance.proved_at
    fresh = proved_at is not None and actor.now() - proved_at <= asked.within
    return fresh and actor.assurance.level >= asked.level


def _require_presence(actor: Actor, asked: StepUp) -> None:
    if not is_present(actor, asked):
        raise StepUpRequired(level=asked.level, within_seconds=int(asked.within.total_seconds()))


def _record_refusal(actor: Actor, permission: StrEnum, name: str) -> None:
    if actor.is_anonymous:
        return  # a stranger's refusals are counted at the edge; the book is not theirs to fill
    subject = Subject("actions.right", actor.person or new_id())
    journal.append(RightRefused(subject=subject, permission=str(permission), action=name), actor=actor)
