"""The territory as it stands, for those who load it and for the operator's page."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from territoires.foundations.actions import api as actions
from territoires.kernel.actor import Actor

from ..domain.territory import Known
from ..models import TerritoryLoad, identity_rows, organisations
from ..permissions import Governance

TERRITORY_KINDS = ("region", "department", "epci", "commune")


def latest_load(region: str | None = None, *, lock: bool = False) -> TerritoryLoad | None:
    """The load that stands, of one region or of any; ``lock`` makes a second loader wait for the first."""
    loads = TerritoryLoad.objects.order_by("-loaded_at")
    if region:
        loads = loads.filter(region=region)
    return (loads.select_for_update() if lock else loads).first()


def known_bodies(region: str, named: Collection[str]) -> Iterator[Known]:
    """The open bodies of a region, as a load compares them; with those of no region yet that a load ``named``."""
    rows = organisations().filter(
        Q(region=region) | Q(region="", reference__in=named),
        kind__in=TERRITORY_KINDS,
        closed_on__isnull=True,
    )
    for row in rows.iterator():
        yield Known(
            siren=row.siren,
            kind=row.kind,
            insee=row.insee_code or row.siren,
            values={
                "name": row.name,
                "insee": row.insee_code or row.siren,
                "region": row.region,
                "legal_category": row.legal_category,
                "department": row.department,
                "postal_codes": tuple(row.postal_codes),
                "population": row.population,
            },
        )


def settled_sirens(region: str, named: Collection[str]) -> frozenset[str]:
    """Those of the SIREN ``named`` by a load that it leaves alone: bodies that ended, and those of another region,
    such as an EPCI across the border."""
    rows = organisations().filter(reference__in=named)
    elsewhere = rows.filter(
        Q(closed_on__isnull=False) | ~Q(region__in=(region, "")) | ~Q(kind__in=TERRITORY_KINDS)
    )
    return frozenset(elsewhere.values_list("siren", flat=True))


def open_attachments() -> QuerySet[Any]:
    """Which commune belongs to which EPCI now."""
    return identity_rows("GroupingMember").filter(until_on__isnull=True)


def attachments_by_siren(region: str) -> frozenset[tuple[str, str]]:
    """The pairs (commune, EPCI) of a region that hold now."""
    pairs = open_attachments().filter(member__region=region, member__kind="commune")
    return frozenset(pairs.values_list("member__siren", "grouping__siren"))


@dataclass(frozen=True, slots=True)
class TerritoryState:
    """What stands: the load, how many bodies of each kind, and the bodies that ended."""

    load: TerritoryLoad | None
    counts: tuple[tuple[str, int], ...]
    mergers: tuple[Any, ...]


def territory_state(actor: Actor) -> TerritoryState:
    """The territory as the operator sees it. Raises Denied for anybody else."""
    actions.require(actor, Governance.READ_TERRITORY)
    rows = organisations().filter(kind__in=TERRITORY_KINDS)
    counted = dict(rows.filter(closed_on__isnull=True).values_list("kind").annotate(n=Count("id")).order_by())
    return TerritoryState(
        load=latest_load(),
        counts=tuple((kind, counted.get(kind, 0)) for kind in TERRITORY_KINDS),
        mergers=tuple(
            rows.filter(closed_on__isnull=False)
            .select_related("successor")
            .order_by("-closed_on", "name_folded")
        ),
    )
