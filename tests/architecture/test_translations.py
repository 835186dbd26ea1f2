"""French is complete: no message is missing from its application's catalogue, untranslated or fuzzy."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest

from territoires.ui import messages

APPLICATIONS = messages.applications()
KNOWN = {
    said
    for application in APPLICATIONS
    for message in application.catalog
    for said in ((message.id,) if isinstance(message.id, str) else message.id)
}
# What is written in French for others than readers of pages: files, feeds, notices.
IN_FRENCH = ("procurement/domain/notices/", "procurement/queries/package.py")


@pytest.mark.parametrize("application", APPLICATIONS, ids=lambda application: application.name)
def test_french_is_complete(application: messages.Application) -> None:
    assert list(messages.faults(application)) == []


def test_an_english_text_has_one_french() -> None:
    """Catalogues are merged: what one service means by a word would be read on the pages of another."""
    said: dict[tuple[Any, str | None], set[str]] = {}
    for application in APPLICATIONS:
        for message in application.catalog:
            said.setdefault((message.id, message.context), set()).add(str(message.string))
    assert {key: french for key, french in said.items() if key[0] and len(french) > 1} == {}


@pytest.mark.parametrize("room", ["domain", "queries", "actions"])
def test_no_sentence_is_left_out_of_the_catalogues(room: str) -> None:
    """A refusal may be built by a helper that hides its words from the extraction: they would be read in English."""
    left_out = [
        f"{path}:{constant.lineno}: {constant.value}"
        for path in sorted(messages.PACKAGE.glob(f"services/*/{room}/**/*.py"))
        if not any(part in path.as_posix() for part in IN_FRENCH)
        for constant in _sentences(ast.parse(path.read_text()))
        if constant.value not in KNOWN
    ]
    assert left_out == []


def _sentences(tree: ast.AST) -> Iterator[ast.Constant]:
    """Texts that read as a sentence; a docstring is no argument of anything, nor in a collection."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Expr):
            for child in ast.iter_child_nodes(node):
                is_text = isinstance(child, ast.Constant) and isinstance(child.value, str)
                if is_text and re.fullmatch(r"[A-Z].* .*[.?]", child.value):
                    yield child
