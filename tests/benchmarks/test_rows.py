"""A measure says all of a row, beside a peer or a limit, and judges by figures: nothing is found good beforehand."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from benchmarks.__main__ import HERE, names
from benchmarks.report import Row

SAID = {
    "measure": "desk",
    "ours": "3 ms",
    "peer": "2 ms",
    "ratio": "1.5",
    "target": "< 50 ms",
    "verdict": "ok",
}


@pytest.mark.parametrize("unsaid", ["peer", "ratio", "target"])
def test_row_leaves_nothing_unsaid(unsaid: str) -> None:
    Row(**SAID)
    with pytest.raises(ValueError, match=unsaid):
        Row(**SAID | {unsaid: ""})


@pytest.mark.parametrize("name", names())
def test_no_verdict_is_given_beforehand(name: str) -> None:
    calls = [node for node in ast.walk(tree(HERE / f"{name}.py")) if isinstance(node, ast.Call)]
    rows = [call for call in calls if getattr(call.func, "id", "") == "Row"]
    for row in rows:
        given = {word.arg: word.value for word in row.keywords}
        verdict = given.get("verdict") or row.args[-1]
        assert isinstance(verdict, ast.IfExp), ast.unparse(row)
    assert any(getattr(call.func, "id", "") == "report" for call in calls)


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())
