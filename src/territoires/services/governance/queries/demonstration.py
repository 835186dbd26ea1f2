"""The demonstration as it stands: what it may be drawn from, its bodies and its people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from territoires.foundations.actions.api import ROLES

from ..domain.demonstration import BODIES, PEOPLE, Candidate, draw, role_of
from ..models import identity_rows, organisations
from .territory import TERRITORY_KINDS, open_attachments


@dataclass(frozen=True, slots=True)
class DemonstrationAccount:
    """An invented person who can sign in."""

    role: str
    name: str
    place: str
    email: str


def candidates() -> Iterator[Candidate]:
    """The open bodies of the territory, with the EPCI of each commune."""
    groupings = dict(open_attachments().values_list("member_id", "grouping__siren"))
    rows = organisations().filter(kind__in=TERRITORY_KINDS, closed_on__isnull=True)
    for row in rows.iterator():
        yield Candidate(
            siren=row.siren,
            kind=row.kind,
            insee=row.insee_code or row.siren,
            department=row.department,
            legal_category=row.legal_category,
            population=row.population,
            grouping=groupings.get(row.pk, ""),
        )


def bodies_by_key() -> dict[str, Any]:
    """The demonstration's organisations by key; empty before it is loaded."""
    invented = {body.siren: body.key for body in BODIES}
    drawn = {siren: key for key, siren in draw(candidates()).items()}
    rows = organisations().filter(siren__in=[*invented, *drawn])
    return {(invented | drawn)[row.siren]: row for row in rows}


def persons_by_email() -> dict[str, Any]:
    """The invented people by e-mail."""
    accounts = identity_rows("Account").filter(is_demonstration=True).select_related("person")
    return {account.email: account.person for account in accounts}


def accounts() -> list[DemonstrationAccount]:
    """Who can sign in to the demonstration, in the order of the list; empty before it is loaded."""
    present = persons_by_email()
    if not present:
        return []
    places = {key: row.name for key, row in bodies_by_key().items()}
    return [
        DemonstrationAccount(
            role=str(ROLES[role_of(person)].label),
            name=f"{person.given_names} {person.usual_name}",
            place=places.get(person.place, ""),
            email=person.email,
        )
        for person in PEOPLE
        if person.email in present
    ]
