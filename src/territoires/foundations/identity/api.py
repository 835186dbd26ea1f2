"""The door of ``identity``."""

from .actors import Acting, Place, actor_for_person, places_of, register_always_on, session_assurance
from .directory import find, names_of, operator, organisation_by_reference
from .middleware import enter
from .models import TERRITORIAL, Kind

__all__ = [
    "TERRITORIAL",
    "Acting",
    "Kind",
    "Place",
    "actor_for_person",
    "enter",
    "find",
    "names_of",
    "operator",
    "organisation_by_reference",
    "places_of",
    "register_always_on",
    "session_assurance",
]
