"""Numbers of contracts: the reference of the consultation, with the lot; sixteen characters at most (DECP)."""

from __future__ import annotations

import re
from uuid import UUID

from ..models import LONGEST_CONTRACT_NUMBER, Consultation, Contract, Lot, OpenRecord

_TAKEN_OUT = re.compile(r"[^A-Za-z0-9-]+")


def contract_number(consultation: Consultation, lot: Lot | None) -> str:
    """The first free number, such as 2026-007-L2."""
    end = f"-L{lot.number}" if lot else ""
    room = LONGEST_CONTRACT_NUMBER - len(end)
    stem = (_TAKEN_OUT.sub("-", consultation.reference).strip("-") or "M")[:room]
    taken = numbers_taken(consultation.organisation_id)
    found, turn = f"{stem}{end}", 1
    while found in taken:
        turn += 1
        mark = f"-{turn}"
        found = f"{stem[: room - len(mark)]}{mark}{end}"
    return found


def numbers_taken(organisation: UUID, but: UUID | None = None) -> set[str]:
    """The numbers of a body's contracts, save ``but``: those of the platform, and those awarded elsewhere of which it
    keeps the essential data, where a number occurs once."""
    own = dict(Contract.objects.filter(organisation=organisation).values_list("pk", "number"))
    elsewhere = OpenRecord.objects.filter(organisation=organisation, contract=None)
    return {
        *(number for pk, number in own.items() if pk != but),
        *elsewhere.values_list("identifier", flat=True),
    }
