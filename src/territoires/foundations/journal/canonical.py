"""Canonical JSON (RFC 8785, JCS) on a closed subset, so that the same value always has the same bytes.

ASCII keys, strings without lone surrogates, integers within ±(2^53-1), booleans, null, arrays, objects. No float: a
decimal is a string. On this subset the standard library writes what JCS asks.
"""

from __future__ import annotations

import json
from typing import Any

from territoires.kernel.errors import Invalid

LARGEST_INTEGER = 2**53 - 1


def canonical(value: Any) -> bytes:
    """The value's canonical bytes, UTF-8, not normalised.

    Raises TypeError for a type outside the subset (a programming error), Invalid for text that is no Unicode.
    """
    _check(value)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Invalid(
            "journal-text",
            "A text holds half of a character and cannot be recorded; nothing was done.",
            "Type the text again instead of pasting it.",
        ) from None


def _check(value: Any) -> None:
    if value is None or isinstance(value, (bool, str)):
        return
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise TypeError("a journal integer stays within 2^53 - 1; write it as text")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not (isinstance(key, str) and key.isascii()):
                raise TypeError(f"a journal key is ASCII text, not {key!r}")
            _check(item)
    elif isinstance(value, list):
        for item in value:
            _check(item)
    else:
        raise TypeError(f"the journal cannot hold a {type(value).__name__}")
