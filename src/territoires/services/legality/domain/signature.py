"""The signature of an act: by hand, the paper is the act and the scan its copy; electronic, the file is the act."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from territoires.kernel.errors import Fault
from territoires.kernel.text import fold

BY_HAND = "hand"
ELECTRONIC = "electronic"
AUTHOR, SECRETARY = "author", "secretary"
CAPACITIES = (AUTHOR, SECRETARY)
DELIBERATION = "1"


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody whom the law wants to sign: the author of the act, or a secretary of its sitting."""

    capacity: str
    given_names: str
    usual_name: str
    quality: str

    @property
    def name_key(self) -> str:
        return name_key(self.given_names, self.usual_name)


def name_key(given_names: str, usual_name: str) -> str:
    """How a person is recognised in an act, in a certificate, in an account: name and first of the first names, folded."""
    first = fold(given_names).partition(" ")[0]
    return f"{fold(usual_name)}/{first}"


def expected_signatories(
    *, nature: str, author: Expected, secretaries: Iterable[Expected]
) -> tuple[Expected, ...]:
    """Who signs: a deliberation, the mayor and the secretaries of its sitting (CGCT L.2121-23); any other act, its author.

    Who is both is asked once.
    """
    wanted = [author, *(secretaries if nature == DELIBERATION else ())]
    return tuple({one.name_key: one for one in reversed(wanted)}.values())[::-1]


def faults_of_signature(
    *, signed_on: date, decided_on: date | None, original_is_kept: bool, today: date
) -> list[Fault]:
    """What is wrong with a signature by hand; empty when it may be recorded."""
    faults = []
    if decided_on is not None and not decided_on <= signed_on <= today:
        faults.append(
            Fault(
                "signed_on",
                "signature-date",
                "The day of the signature lies between the decision and today.",
                "Give the day on which the act was signed.",
            )
        )
    if not original_is_kept:
        faults.append(
            Fault(
                "original_is_kept",
                "original-not-kept",
                "It is not confirmed that your body keeps the signed original.",
                "Keep it in your register of acts and tick the box: the scan is only its copy.",
            )
        )
    return faults
