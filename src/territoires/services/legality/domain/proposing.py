"""Proposes the matter of an act from its words, by the pack ``actes-matter-words``. A person always decides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from territoires.kernel.text import fold


def propose_matter(text: str, entries: Iterable[Mapping[str, Any]], known: Collection[str]) -> str:
    """The code of the matter whose words the text holds, the longest word first; empty when it holds none.

    A word of the pack stands for all that begin like it (``subvention`` for ``subventions``). ``known`` are the codes of
    the classification in force: no other is proposed.
    """
    said = f" {fold(text)}"
    found = [
        (len(word), entry["code"])
        for entry in entries
        if entry["code"] in known
        for word in map(fold, entry["words"])
        if f" {word}" in said
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else ""
