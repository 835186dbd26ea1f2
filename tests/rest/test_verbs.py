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
from territoires.foundations.identity.roles import BY_A_PERSON, PROGRAM_AUDIENCES
from territoires.foundations.registry.api import rest_api

WITHOUT_OPERATION = {
    "procurement": {
        "contracts.signatures.record_holder_signature": "the person signs, on the page of the contract",
        "frozen.keep_attempt": "the book's own line on what was tried and refused",
        "handing_over.deal_again": "an officer's key deals, which never leaves her browser",
        "holders.record_trial": "an officer's key is tried, which never leaves her browser",
        "incidents.follow_incident": "the platform lists what an interruption that lasts touches besides",
        "opening.record_refused_release": "the book's own line on a part that was brought and refused",
        "rehearsing.start_rehearsal": "what is rehearsed is the visitor's own browser",
    },
    "legality": {},
    "governance": {"demonstration._fill": "a command at the server, in demonstration mode only"},
    "portal": {},
}
PAGES = "by a browser only: "
# The verbs of identity are those of governance's operations.
OF_IDENTITY = {
    "inviting.accept_invitation": PAGES + "the person invited proves the address and signs in",
    "inviting.sign_up_enterprise": PAGES + "it opens an account, and the address is proved by a mail",
    "machines._keep_key": PAGES + "a key is given in presence of its owner, and told once",
    "certificates.enrol_certificate": PAGES + "the certificate is presented by who holds it",
    "certificates.end_certificate": PAGES + "the holder ends it where it was enrolled",
    "certificates.announce_expiry": "told by the platform itself",
    "leaving.suspend_account": "it would outlive the key that did it; no page does it either",
}


@pytest.mark.parametrize("service", WITHOUT_OPERATION)
def test_each_verb_has_its_operation_or_its_reason(service: str) -> None:
    home = f"territoires.services.{service}"
    modules = {f"{home}.actions", *(module.__name__ for module in _modules(f"{home}.actions"))}
    declared = {name: one for name, one in declared_actions().items() if name.rpartition(".")[0] in modules}
    verbs = {name for name, one in declared.items() if _is_open(one)}
    reached = _reached(home)
    excused = {f"{home}.actions.{name}" for name in WITHOUT_OPERATION[service]}
    assert sorted(verbs - reached - excused) == []
    assert excused <= verbs - reached, "a reason that holds no more"


def test_each_verb_of_identity_has_its_operation_or_its_reason() -> None:
    home = "territoires.foundations.identity"
    verbs = {name for name in declared_actions() if name.startswith(f"{home}.")}
    reached = _reached("territoires.services.governance", home)
    excused = {f"{home}.{name}" for name in OF_IDENTITY}
    assert sorted(verbs - reached - excused) == []
    assert excused <= verbs - reached, "a reason that holds no more"


def _is_open(verb: Declared) -> bool:
    """Whether a program may do it at all: no key proves that somebody is present, nor holds a right of the platform."""
    if verb.step_up is not None:
        return False
    bearers = [role.code for role in ROLES.values() if role.audience in (*PROGRAM_AUDIENCES, "operator")]
    given = frozenset().union(*(permissions_of(code) for code in bearers)) - BY_A_PERSON
    return verb.permission in given or "public" in [
        ground.name for ground in right_of(verb.permission).grounds
    ]


def _reached(service: str, *beside: str) -> set[str]:
    """What the operations of a service call, directly or through other functions of its actions or of ``beside``."""
    rest_api()
    waiting = [one for module in _modules(f"{service}.rest") for one in _functions_of(module)]
    found: set[str] = set()
    while waiting:
        one = inspect.unwrap(waiting.pop())
        name = f"{one.__module__}.{one.__qualname__}"
        if name not in found:
            found.add(name)
            waiting += [called for called in _called(one) if _is_verb(called, service, *beside)]
    return found


def _modules(package: str) -> Iterator[ModuleType]:
    for one in pkgutil.walk_packages(
        getattr(importlib.import_module(package), "__path__", []), f"{package}."
    ):
        yield importlib.import_module(one.name)


def _functions_of(module: ModuleType) -> list[Any]:
    return [one for one in vars(module).values() if isinstance(one, FunctionType)]


def _is_verb(one: Any, service: str, *beside: str) -> bool:
    return isinstance(one, FunctionType) and one.__module__.startswith(
        (f"{service}.actions", f"{service}.rest.", *beside)
    )


def _called(function: Any) -> Iterator[Any]:
    """The functions that its code names: as they stand in its module, or in a module that it imports."""
    names = set(_names(function.__code__))
    known = [function.__globals__[name] for name in names if name in function.__globals__]
    for one in known:
        yield one
        if isinstance(one, type):
            yield from vars(one).values()
        if isinstance(one, ModuleType):
            yield from (vars(one)[name] for name in names if name in vars(one))


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
