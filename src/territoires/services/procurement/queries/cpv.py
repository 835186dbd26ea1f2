"""The common procurement vocabulary: the operator's official list where it has one, else the divisions alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from territoires.foundations.packs.api import Entry, pack
from territoires.kernel.errors import Unavailable
from territoires.kernel.text import fold

from ..domain.law import Label

OFFICIAL, DIVISIONS, EVERYDAY = "cpv", "cpv-divisions", "cpv-words"
MOST = 20


@dataclass(frozen=True, slots=True)
class Code:
    """Eight digits, without the check digit, and the label; ``depth`` counts its significant digits."""

    code: str
    label: Label

    @property
    def depth(self) -> int:
        return max(2, len(self.code.rstrip("0")))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """``is_whole`` is False where the operator has not put the official list in its folder."""

    codes: dict[str, Code]
    words: tuple[tuple[str, str], ...]
    everyday: tuple[tuple[str, tuple[str, ...]], ...]
    is_whole: bool


@lru_cache(maxsize=4)
def vocabulary(day: date) -> Vocabulary:
    """The codes of a day, read once."""
    entries, is_whole = _entries(day)
    codes = {
        entry["code"]: Code(entry["code"], Label(entry["label_fr"], entry["label_en"])) for entry in entries
    }
    return Vocabulary(
        codes,
        tuple((code, f" {fold(one.label.fr)} {fold(one.label.en)}") for code, one in codes.items()),
        tuple((fold(entry["code"]), tuple(entry["cpv"])) for entry in pack(EVERYDAY, on=day).entries),
        is_whole,
    )


def search_cpv(words: str, day: date, *, limit: int = MOST) -> list[Code]:
    """The codes that the words or digits name: everyday words first, then labels whose words begin so, widest first."""
    wanted = fold(words).split()
    if not wanted:
        return []
    known = vocabulary(day)
    found = dict.fromkeys(_everyday(known, wanted))
    found |= dict.fromkeys(sorted(_labelled(known, wanted), key=lambda code: (known.codes[code].depth, code)))
    return [known.codes[code] for code in found if code in known.codes][:limit]


def label_of(code: str, day: date) -> Label | None:
    """The label of a code; that of its division where the list has no more."""
    known = vocabulary(day)
    found = known.codes.get(code) or known.codes.get(f"{code[:2]}000000")
    return found.label if found else None


def children_of(prefix: str, day: date) -> list[Code]:
    """The codes right below a code, given by its significant digits (none: the divisions), in their order."""
    found: list[Code] = []
    below = (one for one in vocabulary(day).codes.values() if one.code.startswith(prefix))
    for one in sorted(below, key=lambda code: (code.depth, code.code)):
        is_deeper = one.depth > len(prefix)
        if is_deeper and not any(one.code.startswith(upper.code[: upper.depth]) for upper in found):
            found.append(one)
    return found


def path_of(prefix: str, day: date) -> list[Code]:
    """The codes that lead down to a code, given by its significant digits, the division first."""
    codes = vocabulary(day).codes
    steps = (prefix[:length].ljust(8, "0") for length in range(2, len(prefix) + 1))
    return [codes[code] for code in dict.fromkeys(steps) if code in codes]


def _entries(day: date) -> tuple[tuple[Entry, ...], bool]:
    try:
        return pack(OFFICIAL, on=day).entries, True
    except Unavailable:
        return pack(DIVISIONS, on=day).entries, False


def _everyday(known: Vocabulary, wanted: list[str]) -> Iterable[str]:
    """Codes of the everyday words; a code that the list lacks is given by its division."""
    for phrase, codes in known.everyday:
        if all(any(part.startswith(word) for part in phrase.split()) for word in wanted):
            for code in codes:
                yield code if code in known.codes else f"{code[:2]}000000"


def _labelled(known: Vocabulary, wanted: list[str]) -> Iterable[str]:
    for code, words in known.words:
        if all(code.startswith(word) if word.isdigit() else f" {word}" in words for word in wanted):
            yield code
