"""Numbers of contracts: the reference of the consultation, with the lot; sixteen characters at most (DECP)."""

from __future__ import annotations

import re

from ..models import LONGEST_CONTRACT_NUMBER, Consultation, Contract, Lot

_TAKEN_OUT = re.compile(r"[^A-Za-z0-9-]+")


def contract_number(consultation: Consultation, lot: Lot | None) -> str:
    """The first free number, such as 2026-007-L2."""
    end = f"-L{lot.number}" if lot else ""
    room = LONGEST_CONTRACT_NUMBER - len(end)
    stem = (_TAKEN_OUT.sub("-", consultation.reference).strip("-") or "M")[:room]
    taken = set(
        Contract.objects.filter(organisation=consultation.organisation_id).values_list("number", flat=True)
    )
    found, turn = f"{stem}{end}", 1
    while found in taken:
        turn += 1
        mark = f"-{turn}"
        found = f"{stem[: room - len(mark)]}{mark}{end}"
    return found
