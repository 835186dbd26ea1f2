"""Facts of governance: which bodies the platform knows, and since when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from territoires.kernel.actor import Actor
from territoires.kernel.fact import Fact


@dataclass(frozen=True, kw_only=True)
class TerritoryLoaded(Fact):
    """A vintage of the territory was brought in. ``subject`` is the load.

    ``opened``, ``revised`` and ``closed`` count bodies; ``regions``, ``departments``, ``groupings`` and
    ``communes`` say what the territory holds after it.
    """

    KIND: ClassVar[str] = "governance.territory.loaded"
    region: str
    vintage: int
    regions: int
    departments: int
    groupings: int
    communes: int
    memberships: int
    opened: int
    revised: int
    closed: int


@dataclass(frozen=True, kw_only=True)
class BodyMerged(Fact):
    """A body ended on ``closed_on``; its acts keep its name. ``successor`` is empty when nobody has said yet."""

    KIND: ClassVar[str] = "governance.body.merged"
    siren: str
    closed_on: date
    successor: UUID | None


@dataclass(frozen=True, kw_only=True)
class MemberAdmitted(Fact):
    """An organisation is a member of the grouping from ``since``. ``is_new``: the platform did not know it before."""

    KIND: ClassVar[str] = "governance.member.admitted"
    reference: str
    since: date
    is_new: bool


@dataclass(frozen=True, kw_only=True)
class MembersImported(Fact):
    """A file of members, persons and roles was carried out. ``lines`` were done, ``refused`` were not."""

    KIND: ClassVar[str] = "governance.members.imported"
    lines: int
    refused: int


@dataclass(frozen=True, kw_only=True)
class DemonstrationLoaded(Fact):
    """The demonstration grouping and its invented people were put in place."""

    KIND: ClassVar[str] = "governance.demonstration.loaded"
    organisations: int
    persons: int


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What a service's demonstration function receives (``Manifest.demonstration``), to add its own part.

    ``organisations`` by key: operator, village, neighbour, town, grouping, department, school, hospital, care_home,
    association, enterprise, second_enterprise. ``actors`` by ``<organisation>.<role>``, such as
    ``village.secretary``, and ``village.mandated``, the grouping's agent acting for the village.
    """

    organisations: Mapping[str, UUID]
    actors: Mapping[str, Actor]


FACTS: tuple[type[Fact], ...] = (
    TerritoryLoaded,
    BodyMerged,
    MemberAdmitted,
    MembersImported,
    DemonstrationLoaded,
)
