"""What people type to find a public body: a name with or without accents, a postal code, a SIREN, an INSEE code."""

from __future__ import annotations

import re
from dataclasses import dataclass

from territoires.kernel.siret import compact
from territoires.kernel.text import fold

_ABBREVIATIONS = {
    "st": "saint",
    "ste": "sainte",
    "sts": "saints",
    "stes": "saintes",
    "s": "sur",
    "ss": "sous",
}
_INSEE = re.compile(r"^(\d{2}|2[ab])\d{3}$", re.ASCII)
LONGEST = 80


@dataclass(frozen=True, slots=True)
class Search:
    """What was typed, understood. At most one of ``siren`` and ``code`` is set; ``words`` are folded."""

    words: tuple[str, ...] = ()
    siren: str = ""
    code: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.words or self.siren or self.code)


def understand(text: str) -> Search:
    """Reads ``st léger``, ``71990``, ``217 104 389``, ``2A004``; what is longer than 80 characters is cut."""
    text = text[:LONGEST]
    digits = compact(text).lower()
    if digits.isdigit() and digits.isascii() and len(digits) in (9, 14):
        return Search(siren=digits[:9])
    if _INSEE.fullmatch(digits):
        return Search(code=digits.upper())
    words = fold(text).split()
    return Search(words=tuple(_ABBREVIATIONS.get(word, word) if len(words) > 1 else word for word in words))


_BEFORE_A_DEPARTMENT = re.compile(r"^Département (?:de la |de l['’]|des |du |de )")


def short_department(name: str) -> str:
    """``Département de la Nièvre`` -> ``Nièvre``: the place, where the institution is not meant."""
    return _BEFORE_A_DEPARTMENT.sub("", name)
