"""A territory as one vintage of the official geographic code knows it: region, departments, EPCI, communes.

The shapes are those of the package ``@etalab/decoupage-administratif`` (``communes.json``, ``epci.json``,
``departements.json``, ``regions.json``), handed in as loaded JSON. Nothing is derived: a body without a published
SIREN is left out and named in ``without_siren``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from territoires.kernel.errors import Fault, Invalid
from territoires.kernel.siret import is_siren
from territoires.kernel.text import clean

CURRENT = "commune-actuelle"
LEGAL_CATEGORIES = {
    "commune": "7210",
    "department": "7220",
    "region": "7230",
    "CC": "7346",
    "CA": "7348",
    "CU": "7343",
    "METRO": "7344",
    "MET69": "7229",
}

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Body:
    """A public body of the territory.

    ``kind`` is region, department, epci or commune; ``insee`` its code in the official geographic code (for an EPCI,
    its SIREN). ``population`` is municipal, in inhabitants, None when not published.
    """

    siren: str
    kind: str
    name: str
    insee: str
    legal_category: str
    region: str
    department: str = ""
    postal_codes: tuple[str, ...] = ()
    population: int | None = None


@dataclass(frozen=True)
class Territory:
    """One region in one vintage (year).

    ``memberships`` are (commune, EPCI) by SIREN, members outside the region left out. ``absorbed`` leads from the
    geographic code of a former commune to that of the commune that holds it now. ``without_siren`` names what could
    not be loaded; ``stood_for`` are pairs (department or region, the one body that has its powers).
    """

    vintage: int
    region: str
    bodies: tuple[Body, ...]
    memberships: frozenset[tuple[str, str]]
    absorbed: Mapping[str, str] = field(default_factory=dict)
    without_siren: tuple[str, ...] = ()
    stood_for: tuple[tuple[str, str], ...] = ()

    def counts(self) -> dict[str, int]:
        """How many bodies of each kind."""
        kinds = [body.kind for body in self.bodies]
        return {kind: kinds.count(kind) for kind in ("region", "department", "epci", "commune")}


def read_territory(
    *,
    region: str,
    vintage: int,
    communes: Rows,
    groupings: Rows,
    departments: Rows,
    regions: Rows,
    upper_authorities: Rows,
) -> Territory:
    """The territory of a region.

    ``upper_authorities`` are the lines of the pack of that name: SIREN, full names and legal categories of regions and
    departments, which the geographic package does not have, and what one body administers for another. Raises Invalid for an unknown region or a malformed file.
    """
    try:
        return _read(region, vintage, communes, groupings, departments, regions, upper_authorities)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Invalid(
            "territory-malformed",
            "The files of the territory do not have the expected form; nothing was changed.",
            "Give the data folder of the package @etalab/decoupage-administratif, version 1 to 6.",
            faults=[
                Fault(
                    "source", "territory-malformed", "Unexpected: %(detail)s.", params={"detail": repr(error)}
                )
            ],
        ) from None


def _read(
    region: str,
    vintage: int,
    communes: Rows,
    groupings: Rows,
    departments: Rows,
    regions: Rows,
    upper_authorities: Rows,
) -> Territory:
    if region not in {row["code"] for row in regions}:
        raise Invalid(
            "unknown-region",
            "There is no region %(region)s in this vintage; nothing was changed.",
            "Give the two digits of the region, for instance 27 for Bourgogne-Franche-Comté.",
            params={"region": region},
        )
    here = [row for row in communes if row.get("region") == region and row["type"] == CURRENT]
    found = [_commune(row) for row in here]
    sirens = {body.siren for body in found}
    kept_groupings = [row for row in groupings if any(m.get("siren") in sirens for m in row["membres"])]
    seats = {body.siren: body.department for body in found}
    found += [_grouping(row, region, seats) for row in kept_groupings]
    places = _upper_places(region, departments, regions)
    uppers = list(_upper_bodies(region, places, upper_authorities, here, _apart(groupings)))
    kept = [body for body in [*uppers, *found] if is_siren(body.siren)]
    return Territory(
        vintage=vintage,
        region=region,
        bodies=tuple(kept),
        memberships=frozenset(
            (member["siren"], row["code"])
            for row in kept_groupings
            for member in row["membres"]
            if member.get("siren") in sirens
        ),
        absorbed={
            row["code"]: row["chefLieu"]
            for row in communes
            if row.get("chefLieu") and row["chefLieu"] != row["code"]
        },
        without_siren=tuple(body.name for body in [*uppers, *found] if not is_siren(body.siren)),
        stood_for=tuple(
            (name, row["name"])
            for place, name in places.items()
            for row in upper_authorities
            if place in row.get("also", ())
        ),
    )


def _commune(row: Mapping[str, Any]) -> Body:
    return Body(
        siren=row.get("siren", ""),
        kind="commune",
        name=clean(row["nom"]),
        insee=row["code"],
        legal_category=LEGAL_CATEGORIES["commune"],
        region=row["region"],
        department=row["departement"],
        postal_codes=tuple(row.get("codesPostaux", ())),
        population=row.get("population"),
    )


def _grouping(row: Mapping[str, Any], region: str, seats: Mapping[str, str]) -> Body:
    """The department of an EPCI is that of most of its members here."""
    departments = [seats[member["siren"]] for member in row["membres"] if member.get("siren") in seats]
    return Body(
        siren=row["code"],
        kind="epci",
        name=clean(row["nom"]),
        insee=row["code"],
        legal_category=LEGAL_CATEGORIES[row["type"]],
        region=region,
        department=max(sorted(set(departments)), key=departments.count),
        population=row.get("populationMunicipale"),
    )


def _upper_places(region: str, departments: Rows, regions: Rows) -> dict[str, str]:
    """The region and its departments, ``region-94`` or ``department-2A``, with the name of each place."""
    places = {f"region-{row['code']}": clean(row["nom"]) for row in regions if row["code"] == region}
    return places | {
        f"department-{row['code']}": clean(row["nom"]) for row in departments if row.get("region") == region
    }


def _apart(groupings: Rows) -> frozenset[str]:
    """SIREN of the communes of Lyon's metropolis: it has the powers of the department there (CGCT, L3611-1)."""
    return frozenset(
        member.get("siren", "") for row in groupings if row["type"] == "MET69" for member in row["membres"]
    )


def _upper_bodies(
    region: str, places: Mapping[str, str], authorities: Rows, communes: Rows, apart: Collection[str]
) -> Iterator[Body]:
    """One body for each place, or for several together; none for a place whose powers are a commune's."""
    told: set[str] = set()
    for place, name in places.items():
        authority = next(
            (row for row in authorities if place == row["code"] or place in row.get("also", ())), None
        )
        if authority is None:
            kind, code = place.split("-")
            yield Body("", kind, f"{name} ({place})", code, LEGAL_CATEGORIES[kind], region)
        elif authority["kind"] != "commune" and authority["code"] not in told:
            told.add(authority["code"])
            yield _upper_body(authority, region, communes, apart)


def _upper_body(authority: Mapping[str, Any], region: str, communes: Rows, apart: Collection[str]) -> Body:
    kind, code = authority["kind"], authority["insee"]
    inside = {f"department-{code}", *authority.get("also", ())}
    return Body(
        siren=authority["siren"],
        kind=kind,
        name=authority["name"],
        insee=code,
        legal_category=authority.get("legal_category") or LEGAL_CATEGORIES[kind],
        region=region,
        department=code if kind == "department" else "",
        population=sum(
            commune.get("population") or 0
            for commune in communes
            if kind == "region"
            or (f"department-{commune['departement']}" in inside and commune.get("siren") not in apart)
        ),
    )


@dataclass(frozen=True, slots=True)
class Known:
    """A body as the platform holds it before a load; ``values`` are the fields that a load may change."""

    siren: str
    kind: str
    insee: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Merger:
    """A body that the new vintage no longer has. ``successor`` is a SIREN, empty when the vintage does not say."""

    siren: str
    successor: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What a load does: bodies to open, bodies whose values change, bodies to close."""

    opened: tuple[Body, ...]
    revised: tuple[Body, ...]
    closed: tuple[Merger, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.opened or self.revised or self.closed)


def compare(
    territory: Territory,
    known: Iterable[Known],
    memberships: Collection[tuple[str, str]],
    settled: frozenset[str],
) -> Changes:
    """What must change so that the platform holds ``territory``.

    ``known`` are the open bodies of the same region, ``memberships`` those held (commune, EPCI), ``settled`` the SIREN
    of bodies that ended or are another region's. Bodies are recognised by their SIREN: a new commune that keeps the geographic code of its
    seat is another legal person, hence a merger.
    """
    held = {body.siren: body for body in known}
    present = {body.siren: body for body in territory.bodies}
    gone = [body for siren, body in held.items() if siren not in present]
    heirs = {body.siren: _heir(body, territory) for body in gone if body.kind == "commune"}
    heirs |= {
        body.siren: _heir_of_grouping(body, territory, memberships, heirs)
        for body in gone
        if body.kind == "epci"
    }
    return Changes(
        opened=tuple(body for siren, body in present.items() if siren not in held and siren not in settled),
        revised=tuple(
            body
            for siren, body in present.items()
            if siren in held and values_of(body) != dict(held[siren].values)
        ),
        closed=tuple(Merger(body.siren, heirs.get(body.siren, "")) for body in gone),
    )


def values_of(body: Body) -> dict[str, Any]:
    """What a load may change in a body that it knows, in the shape of ``Known.values``."""
    return {
        "name": body.name,
        "insee": body.insee,
        "region": body.region,
        "legal_category": body.legal_category,
        "department": body.department,
        "postal_codes": body.postal_codes,
        "population": body.population,
    }


def _heir(gone: Known, territory: Territory) -> str:
    """The SIREN of the commune that holds a former one now, empty when the vintage does not say."""
    code = territory.absorbed.get(gone.insee, gone.insee)
    return next(
        (body.siren for body in territory.bodies if body.kind == "commune" and body.insee == code), ""
    )


def _heir_of_grouping(
    gone: Known, territory: Territory, memberships: Collection[tuple[str, str]], heirs: Mapping[str, str]
) -> str:
    """The EPCI where all former members are now; when they went different ways, a person decides: empty."""
    members = {heirs.get(commune, commune) for commune, grouping in memberships if grouping == gone.siren}
    now = {grouping for commune, grouping in territory.memberships if commune in members}
    return now.pop() if len(now) == 1 else ""
