"""The demonstration: real bodies drawn from the territory, everybody in them invented, and visibly so.

Invented bodies have a SIREN that begins 99999: its key holds, and no unit bears it. Addresses end in ``.example``
(RFC 2606), which nobody can own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from territoires.kernel.errors import Unavailable
from territoires.kernel.text import fold

PASSWORD = "demonstration-territoires"  # noqa: S105 - printed at every start, and refused in production
VILLAGE_POPULATION = 200
TOWN_POPULATION = range(3_501, 10_000)


@dataclass(frozen=True, slots=True)
class InventedBody:
    """``key`` names it for the services; ``kind`` is identity's; ``category`` is INSEE's; enterprises answer by SIRET."""

    key: str
    name: str
    kind: str
    siren: str
    category: str = ""
    siret: str = ""


BODIES = (
    InventedBody("operator", "Territoires BFC (démonstration)", "operator", "999990013", "7355"),
    InventedBody("school", "Collège Modèle (démonstration)", "school", "999990021", "7331"),
    InventedBody("hospital", "Hôpital Exemple (démonstration)", "hospital", "999990039", "7364"),
    InventedBody(
        "care_home", "Résidence Essai, maison de retraite (démonstration)", "care_home", "999990047", "7366"
    ),
    InventedBody("association", "Les Amis de l'Exemple (démonstration)", "association", "999990054", "9220"),
    InventedBody(
        "enterprise",
        "Travaux Modèle SARL (démonstration)",
        "enterprise",
        "999990062",
        "5499",
        "99999006200013",
    ),
    InventedBody(
        "second_enterprise",
        "Imprimerie Essai SAS (démonstration)",
        "enterprise",
        "999990070",
        "5710",
        "99999007000016",
    ),
)


@dataclass(frozen=True, slots=True)
class InventedPerson:
    """``place`` is the key of the organisation, empty for a citizen; ``roles`` are held there."""

    given_names: str
    usual_name: str
    place: str
    roles: tuple[str, ...]
    job_title: str

    @property
    def email(self) -> str:
        local = ".".join(fold(part).replace(" ", "-") for part in (self.given_names, self.usual_name))
        domain = self.place.replace("_", "-") or "citoyen"
        return f"{local}@{domain}.example"


PEOPLE = (
    InventedPerson("Olive", "Exemple", "operator", ("operator", "administrator"), "directrice du groupement"),
    InventedPerson(
        "Oscar", "Modèle", "operator", ("operator", "administrator"), "responsable de la plateforme"
    ),
    InventedPerson("Sofia", "Essai", "operator", ("support",), "assistance aux membres"),
    InventedPerson("Alix", "Modèle", "operator", ("agent",), "secrétaire itinérante"),
    InventedPerson("Claire", "Exemple", "village", ("secretary", "administrator"), "secrétaire de mairie"),
    InventedPerson("Paul", "Essai", "village", ("executive", "administrator"), "maire"),
    InventedPerson("Émile", "Modèle", "village", ("elected",), "conseiller municipal"),
    InventedPerson("Anne", "Exemple", "neighbour", ("executive", "administrator"), "maire"),
    InventedPerson("Louis", "Essai", "neighbour", ("administrator",), "adjoint au maire"),
    InventedPerson("Nadia", "Essai", "town", ("executive", "administrator"), "maire"),
    InventedPerson("Karim", "Exemple", "town", ("administrator",), "directeur général des services"),
    InventedPerson("Lucie", "Modèle", "town", ("secretary",), "responsable des assemblées"),
    InventedPerson("Hugo", "Essai", "town", ("agent",), "agent du service juridique"),
    InventedPerson("Irène", "Exemple", "town", ("observer",), "archiviste"),
    InventedPerson("Marc", "Modèle", "grouping", ("executive", "administrator"), "président"),
    InventedPerson(
        "Julie", "Essai", "grouping", ("secretary", "administrator"), "responsable des assemblées"
    ),
    InventedPerson(
        "Denis", "Exemple", "department", ("secretary", "administrator"), "chef du service des assemblées"
    ),
    InventedPerson("Rachel", "Modèle", "department", ("executive", "administrator"), "présidente"),
    InventedPerson("Sylvie", "Essai", "school", ("secretary", "administrator"), "gestionnaire"),
    InventedPerson("Thomas", "Exemple", "school", ("executive", "administrator"), "principal"),
    InventedPerson(
        "Fatou", "Modèle", "hospital", ("secretary", "administrator"), "attachée d'administration"
    ),
    InventedPerson("Henri", "Essai", "hospital", ("executive", "administrator"), "directeur"),
    InventedPerson(
        "Gisèle", "Exemple", "care_home", ("secretary", "administrator"), "adjointe administrative"
    ),
    InventedPerson("Yves", "Modèle", "care_home", ("executive", "administrator"), "directeur"),
    InventedPerson("Zoé", "Essai", "association", ("representative", "administrator"), "présidente"),
    InventedPerson("Victor", "Exemple", "association", ("administrator",), "trésorier"),
    InventedPerson("Manon", "Modèle", "enterprise", ("representative", "administrator"), "gérante"),
    InventedPerson("Rémi", "Essai", "enterprise", ("administrator",), "chargé d'affaires"),
    InventedPerson("Inès", "Exemple", "second_enterprise", ("representative", "administrator"), "présidente"),
    InventedPerson("Noé", "Modèle", "second_enterprise", ("administrator",), "commercial"),
    InventedPerson("Camille", "Exemple", "", (), ""),
    InventedPerson("Sacha", "Essai", "", (), ""),
)

# The agent of the grouping who works for several communes, with the instrument of each.
MANDATED = PEOPLE[3]
MANDATE_ROLE = "secretary"
MANDATES = {
    "village": "Convention de mise à disposition n° 2026-01 (exemple)",
    "neighbour": "Convention de mise à disposition n° 2026-02 (exemple)",
    "town": "Convention de mise à disposition n° 2026-03 (exemple)",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A body of the territory that the demonstration may be drawn from; ``grouping`` is the SIREN of its EPCI."""

    siren: str
    kind: str
    insee: str
    department: str
    legal_category: str
    population: int | None
    grouping: str = ""


def draw(candidates: Iterable[Candidate]) -> dict[str, str]:
    """The SIREN of village, neighbour, town, grouping and department: the same territory gives the same ones.

    The village is the commune nearest to 200 inhabitants whose EPCI is a community of communes with another small
    commune; the neighbour is that one; the town is in the same department. Raises Unavailable in a territory that
    has none.
    """
    bodies = sorted(candidates, key=lambda body: body.insee)
    communities = {body.siren for body in bodies if body.kind == "epci" and body.legal_category == "7346"}
    departments = {body.department: body.siren for body in bodies if body.kind == "department"}
    towns = {
        body.department: body.siren
        for body in reversed(bodies)
        if (body.population or 0) in TOWN_POPULATION and body.kind == "commune"
    }
    small = [
        body
        for body in bodies
        if body.kind == "commune"
        and body.grouping in communities
        and body.department in departments.keys() & towns.keys()
    ]
    small.sort(key=lambda body: (abs((body.population or 0) - VILLAGE_POPULATION), body.insee))
    for village in small:
        neighbours = [other for other in small if other.grouping == village.grouping and other is not village]
        if neighbours:
            return {
                "village": village.siren,
                "neighbour": neighbours[0].siren,
                "town": towns[village.department],
                "grouping": village.grouping,
                "department": departments[village.department],
            }
    raise Unavailable(
        "no-territory",
        "There is no territory to draw the demonstration from.",
        "Load it first: territoires load territory --region 27.",
    )


def role_of(person: InventedPerson) -> str:
    """What the list of demonstration accounts calls the person by: the first role, or citizen."""
    return person.roles[0] if person.roles else "citizen"


def keyed(people: Iterable[InventedPerson]) -> Mapping[str, Any]:
    """People by ``<organisation>.<role>``, the first one for each."""
    found: dict[str, Any] = {}
    for person in people:
        for role in person.roles:
            found.setdefault(f"{person.place}.{role}", person)
    return found
