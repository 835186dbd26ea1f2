"""The cases of the law in which a safety copy is opened."""

from __future__ import annotations

from datetime import date

from territoires.foundations.packs.api import Entry, pack

PACK = "procurement-safety-copies"


def grounds_on(day: date) -> tuple[Entry, ...]:
    """The cases, with the article that names each. Raises Unavailable, naming the pack that the operator must add."""
    return tuple(pack(PACK, on=day).entries)


def ground_label(code: str, day: date, language: str) -> str:
    """The case in words; the code itself when the pack does not know it any more."""
    for entry in grounds_on(day):
        if entry["code"] == code:
            return str(entry[f"label_{language}"])
    return code
