"""The cases of the law in which a safety copy is opened."""

from __future__ import annotations

from datetime import date

from territoires.foundations.packs.api import Entry, pack

PACK = "procurement-safety-copies"


def grounds_on(day: date) -> tuple[Entry, ...]:
    """The cases. Raises Unavailable, naming the pack that the operator must add."""
    return tuple(pack(PACK, on=day).entries)


def ground_choices(day: date, language: str) -> list[tuple[str, str]]:
    """Each case by its code, in words, with its article where that was verified."""
    return [
        (entry["code"], f"{words} ({entry['article']})" if entry["is_verified"] else words)
        for entry in grounds_on(day)
        for words in [str(entry[f"label_{language}"])]
    ]


def ground_label(code: str, day: date, language: str) -> str:
    """The case in words; the code itself when the pack does not know it any more."""
    for entry in grounds_on(day):
        if entry["code"] == code:
            return str(entry[f"label_{language}"])
    return code
