"""A very small France, in the shape of the geographic package: region 99 with one department, and its neighbour."""

from __future__ import annotations

from typing import Any

AUTHORITIES = [
    {"code": "region-99", "kind": "region", "insee": "99", "siren": "732829320", "name": "Région Modèle"},
    {
        "code": "department-9A",
        "kind": "department",
        "insee": "9A",
        "siren": "404833048",
        "name": "Département Modèle",
    },
]
REGIONS = [{"code": "99", "nom": "Modèle"}, {"code": "98", "nom": "Voisine"}]
DEPARTMENTS = [
    {"code": "9A", "region": "99", "nom": "Modèle"},
    {"code": "9B", "region": "98", "nom": "Voisin"},
]


def siren(stem: int) -> str:
    """A SIREN for a test: eight digits and their key."""
    from territoires.kernel.siret import luhn

    return next(f"{stem:08d}{key}" for key in range(10) if luhn(f"{stem:08d}{key}"))


ALPHA, BETA, GAMMA, BEYOND, NEW = (siren(stem) for stem in (1001, 1002, 1003, 1004, 1005))
GROUPING, OTHER_GROUPING = siren(2001), siren(2002)


def commune(code: str, name: str, key: str, *, region: str = "99", population: int = 400) -> dict[str, Any]:
    return {
        "code": code,
        "nom": name,
        "type": "commune-actuelle",
        "region": region,
        "departement": "9A" if region == "99" else "9B",
        "siren": key,
        "codesPostaux": ["99100"],
        "population": population,
    }


def former(code: str, name: str, seat: str) -> dict[str, Any]:
    return {
        "code": code,
        "nom": name,
        "type": "commune-deleguee",
        "region": "99",
        "departement": "9A",
        "chefLieu": seat,
    }


def grouping(key: str, name: str, *members: str) -> dict[str, Any]:
    return {
        "code": key,
        "nom": name,
        "type": "CC",
        "populationMunicipale": 1200,
        "membres": [{"siren": member, "code": "?"} for member in members],
    }


BEFORE = {
    "communes": [
        commune("9A001", "Alpha", ALPHA),
        commune("9A002", "Bêta", BETA),
        commune("9A003", "Gamma", GAMMA, population=3500),
        commune("9B001", "Au-Delà", BEYOND, region="98"),
    ],
    "groupings": [
        grouping(GROUPING, "CC des Modèles", ALPHA, BETA, BEYOND),
        grouping(OTHER_GROUPING, "CC Voisine", GAMMA),
    ],
}
# Alpha and Bêta become Alpha-sur-Bêta, which keeps Alpha's code under another SIREN; both groupings become one.
AFTER = {
    "communes": [
        commune("9A001", "Alpha-sur-Bêta", NEW, population=800),
        commune("9A003", "Gamma", GAMMA, population=3510),
        former("9A001", "Alpha", "9A001"),
        former("9A002", "Bêta", "9A001"),
        commune("9B001", "Au-Delà", BEYOND, region="98"),
    ],
    "groupings": [grouping(OTHER_GROUPING, "CC des Modèles réunis", NEW, GAMMA, BEYOND)],
}


def arguments(files: dict[str, Any], vintage: int) -> dict[str, Any]:
    return {
        "region": "99",
        "vintage": vintage,
        "departments": DEPARTMENTS,
        "regions": REGIONS,
        "upper_authorities": AUTHORITIES,
        **files,
    }
