"""A SIRET as it is typed on a contract."""

from __future__ import annotations

from territoires.kernel.errors import Fault, Invalid
from territoires.kernel.siret import compact, is_siret


def own_siret(text: str, fallback: str) -> str:
    """A SIRET as typed. Raises Invalid for one whose digits do not agree."""
    found = compact(text)
    if not found:
        return fallback
    if not is_siret(found):
        fault = Fault("siret", "siret-wrong", "This is no SIRET.", "Copy its fourteen digits.")
        raise Invalid("siret-wrong", "Nothing was saved.", "Correct the SIRET.", faults=[fault])
    return found
