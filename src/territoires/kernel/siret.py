"""SIREN (9 digits) and SIRET (14 digits): keys of French legal units and establishments.

Luhn key on all digits; exception: establishments of La Poste (SIREN 356000000), whose digits sum to a multiple
of five. A valid key does not mean that the unit exists.
"""

from __future__ import annotations

import re

LA_POSTE = "356000000"
_SPACES = re.compile(r"[\s\u00a0\u202f.\-]")


def compact(text: str) -> str:
    """Without the spaces, dots and hyphens that people type."""
    return _SPACES.sub("", text)


def luhn(digits: str) -> bool:
    """True when the digits satisfy the Luhn key."""
    total = 0
    for place, character in enumerate(reversed(digits)):
        value = int(character) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_siren(text: str) -> bool:
    return len(text) == 9 and text.isascii() and text.isdigit() and luhn(text)


def is_siret(text: str) -> bool:
    if not (len(text) == 14 and text.isascii() and text.isdigit()):
        return False
    if text.startswith(LA_POSTE) and sum(map(int, text)) % 5 == 0:
        return True
    return is_siren(text[:9]) and luhn(text)


def vat_number(siren: str) -> str:
    """The French VAT number of a legal unit: FR, key, SIREN."""
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"
