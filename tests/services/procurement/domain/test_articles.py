"""Articles of law that anybody is shown: only those whose text was read, as the packs say of each."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import territoires.services.procurement as service
from territoires.foundations.packs.api import all_packs
from territoires.services.procurement.queries.law import law_on

TODAY = date(2026, 11, 30)
ARTICLE = re.compile(r"\b[LRD]\s?\.?\s?\d{4}-\d+(?:-\d+)?")
ROOT = Path(service.__file__).parent
# What a pack keeps for those who check it, and no page reads.
KEPT = ("article", "read_at")


def entries() -> Iterator[dict[str, Any]]:
    return (entry for one in all_packs() if one.subject == "procurement" for entry in one.entries)


def read() -> set[str]:
    """The articles whose text was read, and those that such a text names."""
    found = []
    for entry in entries():
        for name, value in entry.items():
            if name.endswith("article"):
                is_read = entry.get(name.removesuffix("article") + "is_verified")
            else:
                is_read = name.startswith("label") and entry.get("is_verified")
            found += ARTICLE.findall(value) if is_read else []
    return set(found)


def literals(path: Path) -> Iterator[str]:
    """The text that a module may show: its literals, docstrings apart."""
    tree = ast.parse(path.read_text())
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def texts() -> Iterator[tuple[str, str]]:
    """Where, and what: modules, templates, printed documents, translations."""
    for path in sorted(ROOT.rglob("*")):
        name = str(path.relative_to(ROOT))
        if path.suffix == ".py" and "migrations" not in path.parts:
            yield from ((name, text) for text in literals(path))
        elif path.suffix in (".html", ".txt", ".typ", ".po"):
            yield name, path.read_text()


def test_no_page_cites_what_was_not_read() -> None:
    known = read()
    assert {"R2122-8", "R2152-7", "L2152-6"} <= known
    unread = {(name, one) for name, text in texts() for one in ARTICLE.findall(text) if one not in known}
    assert unread == set()


def test_no_text_of_a_pack_cites_what_was_not_read() -> None:
    known = read()
    unread = {
        (entry.get("code"), one)
        for entry in entries()
        for name, value in entry.items()
        if isinstance(value, str) and not name.endswith(KEPT)
        for one in ARTICLE.findall(value)
        if one not in known and one != entry.get("code")
    }
    assert unread == set()


@pytest.mark.parametrize("day", [date(2026, 2, 1), TODAY])
def test_the_law_as_the_rules_read_it_names_no_other(day: date) -> None:
    law, known = law_on(day), read()
    limits = [limit for one in law.procedures.values() for limit in (one.applications, one.tenders)]
    named = [*law.rules.values(), *law.mentions, *law.reservations.values(), *limits]
    cited = [article for one in named for article in ARTICLE.findall(one.article)]
    assert "R2113-3" in cited and set(cited) <= known
    assert not any(one.article for one in (*law.rules.values(), *limits) if not one.is_verified)
    assert not any(one.article for one in law.mentions if one.code == "duration")
