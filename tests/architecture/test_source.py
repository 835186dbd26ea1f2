"""What imports do not show, read in the syntax trees. Each rule is itself tried on a line that breaks it."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from territoires.kernel.fact import Fact

SOURCE = Path(__file__).resolve().parents[2] / "src" / "territoires"
Rule = Callable[[ast.AST, Path], str | None]


def modules(*parts: str) -> Iterator[Path]:
    """Our source files, without migrations."""
    for path in sorted(SOURCE.joinpath(*parts).rglob("*.py")):
        if "migrations" not in path.parts:
            yield path


def calls(node: ast.AST, dotted: str) -> bool:
    if not isinstance(node, ast.Call):
        return False
    last = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
    if last != dotted.rpartition(".")[2]:  # writing every node out would take long
        return False
    name = ast.unparse(node.func)
    return name == dotted or name.endswith(f".{dotted}")


def no_objects_outside_queries_and_actions(node: ast.AST, path: Path) -> str | None:
    rooms = {"models", "queries", "actions"}
    if rooms & {part.removesuffix(".py") for part in path.parts}:
        return None
    if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager"):
        return "reads are queries, writes are actions"
    return None


def no_transaction_in_a_service(node: ast.AST, path: Path) -> str | None:
    is_atomic = isinstance(node, ast.Attribute) and node.attr == "atomic"
    if is_atomic and ast.unparse(node) == "transaction.atomic":
        return "the action decorator opens the transaction"
    return None


def no_naive_time(node: ast.AST, path: Path) -> str | None:
    if any(calls(node, name) for name in ("date.today", "datetime.today", "datetime.utcnow", "timezone.now")):
        return "time comes from the actor's clock"
    if (
        calls(node, "datetime.now")
        and not getattr(node, "args", None)
        and not getattr(node, "keywords", None)
    ):
        return "an instant is aware"
    return None


def no_signal_receiver(node: ast.AST, path: Path) -> str | None:
    if isinstance(node, ast.FunctionDef) and any("receiver" in ast.unparse(d) for d in node.decorator_list):
        return "services follow facts, not signals"
    return None


def no_key_to_another_service(node: ast.AST, path: Path) -> str | None:
    if not (calls(node, "ForeignKey") or calls(node, "OneToOneField") or calls(node, "ManyToManyField")):
        return None
    target = node.args[0] if isinstance(node, ast.Call) and node.args else None
    label = target.value if isinstance(target, ast.Constant) else ""
    own = f"t_{path.relative_to(SOURCE / 'services').parts[0]}" if "services" in path.parts else ""
    if isinstance(label, str) and label.startswith("t_") and not label.startswith(f"{own}."):
        return "a service refers to another by id and type, never by a foreign key"
    return None


def no_print(node: ast.AST, path: Path) -> str | None:
    return "say it through the logger or the command's stdout" if calls(node, "print") else None


RULES: list[tuple[Rule, tuple[str, ...], str]] = [
    (no_objects_outside_queries_and_actions, ("services",), "x = Act.objects.all()"),
    (no_transaction_in_a_service, ("services",), "with transaction.atomic():\n    pass"),
    (no_naive_time, (), "x = datetime.now()"),
    (no_signal_receiver, ("services",), "@receiver(post_save)\ndef f(): pass"),
    (no_key_to_another_service, ("services",), "x = ForeignKey('t_other.Thing')"),
    (no_print, ("services",), "print(1)"),
    (no_print, ("foundations",), "print(1)"),
    (no_print, ("kernel",), "print(1)"),
]


@pytest.mark.parametrize(("rule", "where", "bad"), RULES, ids=lambda value: getattr(value, "__name__", ""))
def test_rule_holds_and_bites(rule: Rule, where: tuple[str, ...], bad: str) -> None:
    specimen = SOURCE / "services" / "specimen" / "web.py"
    assert any(rule(node, specimen) for node in ast.walk(ast.parse(bad))), (
        "the rule does not find its bad line"
    )
    found = [
        f"{path.relative_to(SOURCE)}:{node.lineno}: {fault}"  # type: ignore[attr-defined]
        for path in modules(*where)
        for node in ast.walk(ast.parse(path.read_text()))
        if (fault := rule(node, path))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("contract", [path.stem for path in modules("contracts") if path.stem != "__init__"])
def test_every_fact_of_a_contract_is_declared(contract: str) -> None:
    module = importlib.import_module(f"territoires.contracts.{contract}")
    own = {one for one in vars(module).values() if getattr(one, "__module__", "") == module.__name__}
    facts = {one for one in own if isinstance(one, type) and issubclass(one, Fact) and hasattr(one, "KIND")}
    declared = getattr(module, "FACTS", ())
    assert set(declared) == facts
    assert len({fact.KIND for fact in declared}) == len(declared)


def test_package_doors_import_nothing() -> None:
    """But those of models and of jobs: Django and the worker find them nowhere else."""
    guilty = [
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("__init__.py")
        if path.parent.name not in ("models", "jobs")
        and any(isinstance(n, ast.Import | ast.ImportFrom) for n in ast.parse(path.read_text()).body)
    ]
    assert not guilty


def test_no_room_without_a_name() -> None:
    nameless = {"utils", "helpers", "common", "managers", "misc", "util", "helper"}
    assert not [str(path) for path in SOURCE.rglob("*") if path.stem in nameless]
