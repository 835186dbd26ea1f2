"""French text: folding to sort and search without accents, and refusing invisible trickery."""

from __future__ import annotations

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ø": "o", "Ø": "O"})
_NOT_WORD = re.compile(r"[^0-9a-z]+")
# Bidirectional controls and other invisible formats: they make a name look like another one.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)


def fold(text: str) -> str:
    """Lower case, no accents, no ligatures, single spaces: ``Saint-Léger`` -> ``saint leger``.

    Fills the ``*_folded`` columns; idempotent.
    """
    # Compatibility forms first: "№" only then becomes letters, which casefold can lower.
    lowered = unicodedata.normalize("NFKD", text).casefold().translate(_LIGATURES)
    bare = unicodedata.normalize("NFKD", lowered)
    letters = "".join(c for c in bare if not unicodedata.combining(c))
    return _NOT_WORD.sub(" ", letters).strip()


def clean(text: str) -> str:
    """NFC, without control or direction characters, spaces at the ends removed."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFC", text)).strip()
