"""References of consultations: year and number, in the order of their validation."""

from __future__ import annotations

from datetime import date

from ..models import Consultation


def next_reference(consultation: Consultation, on: date) -> str:
    """The first free one of the year, such as 2026-007; the row lock of the caller does not cover its neighbours,
    the constraint of the database does."""
    prefix = f"{on.year}-"
    taken = set(
        Consultation.objects.filter(
            organisation=consultation.organisation_id, reference__startswith=prefix
        ).values_list("reference", flat=True)
    )
    number = 1
    while f"{prefix}{number:03}" in taken:
        number += 1
    return f"{prefix}{number:03}"
