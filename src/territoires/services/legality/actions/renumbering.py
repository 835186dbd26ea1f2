"""Another number for an act whose own is taken where it is sent, though nothing of the body bears it."""

from __future__ import annotations

from territoires.contracts import legality as facts
from territoires.kernel.errors import Conflict, Fault, Invalid
from territoires.kernel.fact import Fact

from ..domain.wording import NUMBER
from ..models import Act
from ..queries.renumbering import original_number, proposed_number
from .signing import save_numbered
from .telling import about


def renumber(act: Act, number: str) -> list[Fact]:
    """Gives a refused act its number with a suffix, which is how the State will know it; the same number changes nothing.

    Raises Conflict unless its number was the reason of the refusal and it took no effect yet, or when it is taken here;
    Invalid for a number that is not the one on the act with a suffix.
    """
    former = act.number
    if not number or number == former:
        return []
    if not proposed_number(act):
        raise Conflict(
            "number-stays",
            "This act keeps its number: it was not refused for it, or it took effect under it already.",
            "Send it again under its number, or ask the third party to delete the failed transaction.",
        )
    if not number.startswith(original_number(act)) or NUMBER.fullmatch(number) is None:
        raise Invalid(
            "number-without-suffix",
            "The number was not changed.",
            "Correct the point below.",
            faults=[
                Fault(
                    "number",
                    "number-suffix",
                    "The number must begin with the one that stands on the act: at most 15 capitals, digits or _.",
                    "Add a suffix, as proposed.",
                )
            ],
        )
    act.number = number
    save_numbered(act)
    return [facts.ActRenumbered(**about(act), former=former)]
