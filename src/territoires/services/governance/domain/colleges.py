"""In which college a member votes: the first whose conditions hold, in the order of the list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

OTHER = "other"


def college_of(
    *, kind: str, legal_category: str, population: int | None, colleges: Iterable[Mapping[str, Any]]
) -> str:
    """The code of the college of a member, ``other`` when no condition holds.

    ``colleges`` are the entries of the pack ``colleges``: each may name ``legal_categories`` (INSEE, four digits),
    ``kinds`` of organisation, and the bounds ``population_from`` and ``population_to`` (inhabitants, both included).
    """
    for college in sorted(colleges, key=lambda entry: int(entry["rank"])):
        named = legal_category in college.get("legal_categories", ()) or kind in college.get("kinds", ())
        if named and _is_within(population, college):
            return str(college["code"])
    return OTHER


def _is_within(population: int | None, college: Mapping[str, Any]) -> bool:
    if population is None:
        return "population_from" not in college and "population_to" not in college
    low, high = int(college.get("population_from", 0)), int(college.get("population_to", population))
    return low <= population <= high
