"""What an act says of itself; for number and object, what message 1-1 of @ctes accepts and how to say the rest."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from territoires.kernel.text import clean

NUMBER_LENGTH = 15
NUMBER = re.compile(r"(?:[A-Z0-9][A-Z0-9_]{0,13})?[A-Z0-9]")
OBJECT_LENGTH = 499  # the schema says 500; the ministry counts one more

# What French typing produces and ISO-8859-1 lacks; the rest is decomposed, or dropped.
_CLOSEST = {
    "’": "'",
    "‘": "'",
    "ʼ": "'",
    "“": '"',
    "”": '"',
    "„": '"',
    "–": "-",
    "—": "-",
    "−": "-",
    "‑": "-",
    "…": "...",
    "œ": "oe",
    "Œ": "OE",
    "€": "EUR",
    "•": "-",
    "→": "->",
    "←": "<-",
    "™": "(TM)",
    "Ÿ": "Y",
    "\u202f": "\u00a0",
    "\u2009": " ",
}


@dataclass(frozen=True, kw_only=True)
class ActWords:
    """What is written of an act, complete or not; an empty text or None is "not given yet".

    ``given_names``, ``usual_name`` and ``quality`` are those of its author (CGCT R.2131-1).
    """

    number: str = ""
    nature: str = ""
    matter_code: str = ""
    object: str = ""
    decided_on: date | None = None
    given_names: str = ""
    usual_name: str = ""
    quality: str = ""

    def tidied(self) -> dict[str, str | date | None]:
        """The values to store: no invisible characters, single spaces."""
        return {
            name: one_line(value) if isinstance(value, str) else value
            for name, value in ((name, getattr(self, name)) for name in ActWords.__dataclass_fields__)
        }


def one_line(text: str) -> str:
    """Cleaned text with single spaces; no-break ones stay."""
    return re.sub(r"[ \t\r\n\f\v]+", " ", clean(text)).strip()


def next_number(number: str) -> str:
    """The number after this one: its last run of digits plus one, same width (``DEL_2026_041`` -> ``DEL_2026_042``).

    Empty when the number has no digits, or when the next one would be too long.
    """
    if not (found := re.search(r"(\d+)(?=\D*$)", number)):
        return ""
    digits = found[1]
    following = number[: found.start()] + str(int(digits) + 1).zfill(len(digits)) + number[found.end() :]
    return following if NUMBER.fullmatch(following) else ""


def with_suffix(number: str, taken: set[str]) -> str:
    """The number with the first suffix that is free (``DEL_2026_041`` -> ``DEL_2026_041_2``); empty when none fits."""
    candidates = (f"{number}_{rank}" for rank in range(2, 10))
    return next((one for one in candidates if one not in taken and NUMBER.fullmatch(one)), "")


def propose_number(text: str) -> str:
    """The closest accepted number: capitals, digits and ``_`` only (``Dél. 2026-041`` -> ``DEL_2026_041``).

    Empty when nothing of the text can be kept.
    """
    bare = unicodedata.normalize("NFKD", transliterate(text)).encode("ascii", "ignore").decode().upper()
    return re.sub(r"[^A-Z0-9]+", "_", bare)[:NUMBER_LENGTH].strip("_")


def foreign_characters(text: str) -> list[str]:
    """The characters that ISO-8859-1 cannot hold, each once, in order."""
    return list(dict.fromkeys(character for character in text if not _fits(character)))


def transliterate(text: str) -> str:
    """The same text with every character that ISO-8859-1 cannot hold replaced by its closest neighbour.

    Idempotent; what has no neighbour (an emoji, another script) is left out.
    """
    return "".join(character if _fits(character) else _closest(character) for character in text)


def name_characters(characters: Sequence[str]) -> str:
    """The characters as a person can read them: ``’ (U+2019)``."""
    return ", ".join(f"{character} (U+{ord(character):04X})" for character in characters)


def _fits(character: str) -> bool:
    # 0x80-0x9F are controls in ISO-8859-1: representable, and never meant.
    return ord(character) < 0x80 or 0xA0 <= ord(character) <= 0xFF


def _closest(character: str) -> str:
    if known := _CLOSEST.get(character):
        return known
    return "".join(c for c in unicodedata.normalize("NFKD", character) if _fits(c))
