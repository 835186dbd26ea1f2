"""Removes each check of the protocol, one at a time: ``python -m tests.services.procurement.sealing.mutate [MODULE…]``.

Every check must be missed by a test. A check is an ``if`` that refuses; of those that ask several things at once (``or``,
or tuples compared), each thing is removed by itself too. Run in forks, since importing costs more than a test does. Some
fifteen minutes; says what survived, and that is the exit status.
"""

from __future__ import annotations

import ast
import copy
import importlib
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, ModuleType

import pytest
from hypothesis import settings

from . import cast

HERE = Path(__file__).parent
PACKAGE = "territoires.services.procurement.domain.sealing"
BIDS = [
    "test_bids.py",
    "test_vectors.py",
    "-k",
    "not slots and not every_quorum and not comes_back and not garbled",
]
TESTS = {
    "documents": ["test_documents.py", "test_vectors.py"],
    "policy": ["test_documents.py", *BIDS],
    "sharing": ["test_sharing.py", "-k", "bounds or needed"],
    "suites": ["test_documents.py", *BIDS],
    "block": BIDS,
    "files": BIDS,
    "manifest": BIDS,
    "opening": BIDS,
    "slots": ["test_bids.py", "-k", "slots or garbled"],
    "transfer": ["test_transfer.py", "-k", "not new_holders_open"],
}
Change = Callable[[ast.expr], ast.expr]


def changes(test: ast.expr) -> Iterator[tuple[str, Change]]:
    """The ways to ask less in a check."""
    yield "removed", lambda _: ast.Constant(False)
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        for place in range(len(test.values)):
            yield f"alternative {place}", lambda asked, place=place: _without(asked, "values", place)
    if isinstance(test, ast.Compare) and all(isinstance(side, ast.Tuple) for side in _sides(test)):
        for place in range(len(_sides(test)[0].elts)):  # type: ignore[attr-defined]
            yield f"item {place}", lambda asked, place=place: _less(asked, place)


def _without(asked: ast.expr, field: str, place: int) -> ast.expr:
    less = copy.deepcopy(asked)
    getattr(less, field)[place] = ast.Constant(False)
    return less


def _less(asked: ast.expr, place: int) -> ast.expr:
    less = copy.deepcopy(asked)
    for side in _sides(less):
        del side.elts[place]  # type: ignore[attr-defined]
    return less


def _sides(test: ast.expr) -> list[ast.expr]:
    return [test.left, *test.comparators] if isinstance(test, ast.Compare) else []


def refuses(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and len(node.body) == 1 and isinstance(node.body[0], ast.Raise)


def put(module: ModuleType, source: ast.Module) -> None:
    """Gives the module's functions the code of the changed source: whoever imported them runs it."""
    for path, code in _codes(compile(ast.unparse(source), str(module.__file__), "exec")):
        found: object = module
        try:
            for part in path:
                found = inspect.getattr_static(found, part)
        except AttributeError:
            continue
        if isinstance(found, property):
            found = found.fget
        if inspect.isfunction(found) and found.__code__.co_freevars == code.co_freevars:
            found.__code__ = code


def _codes(code: CodeType, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], CodeType]]:
    for inner in filter(inspect.iscode, code.co_consts):
        yield (*path, inner.co_name), inner
        yield from _codes(inner, (*path, inner.co_name))


def status(module: ModuleType, source: ast.Module, tests: list[str]) -> int:
    """Of the tests on that source, in a child: 0 when no test saw a difference, 1 when one did."""
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        put(module, source)
        files = [str(HERE / one) if one.endswith(".py") else one for one in tests]
        os._exit(int(pytest.main(["-x", "--noconftest", "-p", "no:xdist", "-p", "no:django", *files])))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def survivors(name: str) -> Iterator[str]:
    module = importlib.import_module(f"{PACKAGE}.{name}")
    source = ast.parse(Path(str(module.__file__)).read_text())
    assert status(module, source, TESTS[name]) == 0, f"{name}: the tests fail without any change"
    for place, node in enumerate(ast.walk(source)):
        if not refuses(node):
            continue
        for what, change in changes(node.test):  # type: ignore[attr-defined]
            changed = copy.deepcopy(source)
            check = next(one for at, one in enumerate(ast.walk(changed)) if at == place)
            check.test = ast.fix_missing_locations(change(check.test))  # type: ignore[attr-defined]
            if status(module, changed, TESTS[name]) == 0:
                yield f"{name}.py:{node.lineno}: {what}: {ast.unparse(node.test)}"  # type: ignore[attr-defined]


def main(names: list[str]) -> int:
    settings.register_profile("few", max_examples=20, deadline=None, derandomize=True)
    settings.load_profile("few")
    assert cast.Cast().policy  # what every child needs is made once
    found = 0
    for name in names or TESTS:
        for survivor in survivors(name):
            sys.stdout.write(f"{survivor}\n")
            sys.stdout.flush()
            found += 1
    return min(found, 100)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
