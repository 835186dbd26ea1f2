"""Each verb of a service has its operation, or stands below with the reason why a program does not need one."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

from territoires.foundations.actions.api import (
    ROLES,
    Declared,
    declared_actions,
    permissions_of,
    right_of,
)
from territoires.foundations.identity.roles import PROGRAM_AUDIENCES
from territoires.foundations.registry.api import rest_api

WITHOUT_OPERATION = {
    "procurement": {
        "contracts.signatures.record_holder_signature": "the person signs, on the page of the contract",
        "frozen.keep_attempt": "the book's own line on what was tried and refused",
        "handing_over.deal_again": "an officer's key deals, which never leaves her browser",
        "holders.record_trial": "an officer's key is tried, which never leaves her browser",
        "rehearsing.start_rehearsal": "what is rehearsed is the visitor's own browser",
    },
}


@pytest.mark.parametrize("service", WITHOUT_OPERATION)
def test_each_verb_has_its_operation_or_its_reason(service: str) -> None:
    home = f"territoires.services.{service}"
    modules = {module.__name__ for module in _modules(f"{home}.actions")}
    declared = {name: one for name, one in declared_actions().items() if name.rpartition(".")[0] in modules}
    verbs = {name for name, one in declared.items() if _is_open(one)}
    reached = _reached(home)
    excused = {f"{home}.actions.{name}" for name in WITHOUT_OPERATION[service]}
    assert sorted(verbs - reached - excused) == []
    assert excused <= verbs - reached, "a reason that holds no more"


def _is_open(verb: Declared) -> bool:
    """Whether a program may do it at all: no key proves that somebody is present, nor holds a right of the platform or of
    its operator."""
    if verb.step_up is not None:
        return False
    audiences = [role.code for role in ROLES.values() if role.audience in PROGRAM_AUDIENCES]
    given = frozenset().union(*(permissions_of(code) for code in audiences))
    return verb.permission in given or "public" in [
        ground.name for ground in right_of(verb.permission).grounds
    ]


def _reached(service: str) -> set[str]:
    """What the operations of a service call, directly or through other functions of its actions."""
    rest_api()
    waiting = [one for module in _modules(f"{service}.rest") for one in _functions_of(module)]
    found: set[str] = set()
    while waiting:
        one = inspect.unwrap(waiting.pop())
        name = f"{one.__module__}.{one.__qualname__}"
        if name not in found:
            found.add(name)
            waiting += [called for called in _called(one) if _is_verb(called, service)]
    return found


def _modules(package: str) -> Iterator[ModuleType]:
    for one in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
        yield importlib.import_module(one.name)


def _functions_of(module: ModuleType) -> list[Any]:
    return [one for one in vars(module).values() if isinstance(one, FunctionType)]


def _is_verb(one: Any, service: str) -> bool:
    return isinstance(one, FunctionType) and one.__module__.startswith(
        (f"{service}.actions.", f"{service}.rest.")
    )


def _called(function: Any) -> Iterator[Any]:
    """The functions that its code names: as they stand in its module, or in a module that it imports."""
    names = set(_names(function.__code__))
    known = [function.__globals__[name] for name in names if name in function.__globals__]
    for one in known:
        yield one
        if isinstance(one, ModuleType):
            yield from (vars(one)[name] for name in names if name in vars(one))


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
