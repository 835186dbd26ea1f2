"""The door of ``identity``."""

from .actors import Acting, Place, actor_for_person, places_of, register_always_on, session_assurance
from .directory import (
    count_by_kind,
    department_names,
    find,
    groupings_of,
    names_of,
    operator,
    organisation_by_reference,
    persons_named,
    public_body,
)
from .middleware import enter
from .models import TERRITORIAL, Kind

__all__ = [
    "TERRITORIAL",
    "Acting",
    "Kind",
    "Place",
    "actor_for_person",
    "count_by_kind",
    "department_names",
    "enter",
    "find",
    "groupings_of",
    "names_of",
    "operator",
    "organisation_by_reference",
    "persons_named",
    "places_of",
    "public_body",
    "register_always_on",
    "session_assurance",
]
