"""Essential data of public contracts (DECP): strict records, their faults, the file that is published.

Source: decrees of 22 December 2022 (CCP annexes 15 and 17), schema 2.0.3. The schema itself is the operator's pack.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from territoires.kernel.siret import is_siret
from territoires.kernel.text import fold

from ..findings import msgid

CONTRACT, CONCESSION = "marche", "contrat-concession"
LONGEST_ID, LONGEST_OBJECT = 16, 1000
DAYS = re.compile(r"^\d{4}-\d{2}-\d{2}$")

Record = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """``scheme`` is a value of typeIdentifiant."""

    identifier: str
    scheme: str = "SIRET"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeData:
    """A change of a contract: what is new in it alone, euros without VAT and whole months.

    ``holders``: all who hold the contract after it, where that changed.
    """

    number: int
    signed_on: date
    notified_on: date
    published_on: date
    months: int | None = None
    amount: Decimal | None = None
    holders: Sequence[Holder] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubcontractData:
    """``months`` None and ``variation`` empty: nobody said them, and the record lacks them."""

    number: int
    holder: Holder
    months: int | None
    notified_on: date
    published_on: date
    amount: Decimal
    variation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractData:
    """A contract as the register of essential data tells it; texts are values of the schema's lists.

    ``consortium`` empty: the form of the consortium is not known. ``has_subcontractors``: declared when it was notified.
    """

    identifier: str
    buyer: str
    object: str
    cpv: str
    procedure: str
    place_code: str
    place_kind: str
    months: int
    notified_on: date
    published_on: date
    amount: Decimal
    holders: Sequence[Holder]
    offers: int
    nature: str = "Marché"
    techniques: Sequence[str] = ("Sans objet",)
    manners: Sequence[str] = ("Sans objet",)
    terms: str = "Pas de CCAG"
    consortium: str = ""
    is_innovative: bool = False
    has_advance: bool = False
    advance_rate: Decimal | None = None
    price_kinds: Sequence[str] = ("Définitif révisable",)
    price_form: str = "Forfaitaire"
    social: Sequence[str] = ()
    environmental: Sequence[str] = ()
    framework: str = ""
    has_subcontractors: bool = False
    subcontracts: Sequence[SubcontractData] = ()
    changes: Sequence[ChangeData] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcessionData:
    """A concession; its nature, its procedure and the public money in it are the granting body's to say.

    ``starts_on`` None: not known yet. ``value`` in euros without VAT over the whole duration.
    """

    identifier: str
    buyer: str
    object: str
    months: int
    signed_on: date
    starts_on: date | None
    published_on: date
    value: Decimal
    holders: Sequence[Holder]
    changes: Sequence[ChangeData] = ()


@dataclass(frozen=True, slots=True)
class OpenFault:
    """What keeps a record from being published: its field, a stable code and a message id."""

    field: str
    code: str
    message: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class Format:
    """The official schema: which values it allows, and what a record has against it."""

    def __init__(self, schema: Mapping[str, Any], version: str) -> None:
        from jsonschema import Draft7Validator  # takes long to load, and only the job of open data needs it

        self.version = version
        self._definitions = schema["definitions"]
        self._validators = {
            kind: Draft7Validator(
                {"$ref": f"#/definitions/{kind}", "definitions": self._definitions}, format_checker=None
            )
            for kind in (CONTRACT, CONCESSION)
        }
        self._whole = Draft7Validator(schema)

    def fields(self, kind: str) -> frozenset[str]:
        return frozenset(self._definitions[kind]["properties"])

    def values(self, kind: str, name: str) -> tuple[str, ...]:
        """The values that a field may have; empty where it is free. ``name`` may be a field of a field, ``a.b``."""
        node: Any = self._definitions[kind]
        for step in name.split("."):
            node = self._item(self._resolved(node).get("properties", {}).get(step, {}))
        return tuple(node.get("enum", ()))

    def faults(self, kind: str, record: Record) -> Iterator[OpenFault]:
        for error in self._validators[kind].iter_errors(record):
            yield _told(error)

    def file_faults(self, package: Mapping[str, Any]) -> list[OpenFault]:
        """What the whole file has against the schema: nothing, when each record was sound."""
        return [_told(error) for error in self._whole.iter_errors(package)]

    def _item(self, node: Any) -> Any:
        """A field, or what its list is made of."""
        found = self._resolved(node)
        return self._resolved(found["items"]) if "items" in found else found

    def _resolved(self, node: Any) -> Any:
        while isinstance(node, dict) and "$ref" in node:
            found: Any = {"definitions": self._definitions}
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            node = found
        return node


def record_of(data: ContractData) -> Record:
    """The record of a contract, whole, with all its changes: the same is published again at each of them."""
    record: Record = {
        "id": data.identifier,
        "acheteur": {"id": data.buyer},
        "nature": data.nature,
        "objet": cut(data.object, LONGEST_OBJECT),
        "codeCPV": data.cpv,
        "techniques": {"technique": list(data.techniques)},
        "modalitesExecution": {"modaliteExecution": list(data.manners)},
        "marcheInnovant": data.is_innovative,
        "ccag": data.terms,
        "offresRecues": data.offers,
        "attributionAvance": data.has_advance,
        "typeGroupementOperateurs": data.consortium
        or ("Pas de groupement" if len(data.holders) == 1 else ""),
        "procedure": data.procedure,
        "lieuExecution": {"code": data.place_code, "typeCode": data.place_kind},
        "dureeMois": data.months,
        "dateNotification": data.notified_on.isoformat(),
        "datePublicationDonnees": data.published_on.isoformat(),
        "montant": number(data.amount),
        "typesPrix": {"typePrix": list(data.price_kinds)},
        "formePrix": data.price_form,
        "sousTraitanceDeclaree": data.has_subcontractors,
        "titulaires": [{"titulaire": _holder(one)} for one in data.holders],
        "considerationsSociales": {
            "considerationSociale": list(data.social) or ["Pas de considération sociale"]
        },
        "considerationsEnvironnementales": {
            "considerationEnvironnementale": list(data.environmental)
            or ["Pas de considération environnementale"]
        },
    }
    if data.framework:
        record["idAccordCadre"] = data.framework
    if data.has_advance:
        record["tauxAvance"] = number(data.advance_rate or Decimal(0))
    if data.subcontracts:
        record["actesSousTraitance"] = [{"acteSousTraitance": _subcontract(one)} for one in data.subcontracts]
    if data.changes:
        record["modifications"] = [{"modification": _change(one)} for one in data.changes]
    return record


def concession_record_of(data: ConcessionData) -> Record:
    """The record of a concession, as far as the platform knows it, with all its changes."""
    record: Record = {
        "id": data.identifier,
        "autoriteConcedante": {"id": data.buyer},
        "objet": cut(data.object, LONGEST_OBJECT),
        "dureeMois": data.months,
        "dateSignature": data.signed_on.isoformat(),
        "datePublicationDonnees": data.published_on.isoformat(),
        "valeurGlobale": number(data.value),
        "concessionnaires": [{"concessionnaire": _holder(one)} for one in data.holders],
    }
    if data.starts_on is not None:
        record["dateDebutExecution"] = data.starts_on.isoformat()
    if data.changes:
        record["modifications"] = [{"modification": _concession_change(one)} for one in data.changes]
    return record


def faults_of(
    record: Record,
    kind: str,
    official: Format,
    *,
    today: date,
    is_cpv: Callable[[str], bool],
) -> list[OpenFault]:
    """What keeps a record from being published: against the schema, or beyond it."""
    found = list(official.faults(kind, record))
    if not found:
        found = list(_beyond(record, kind, today, is_cpv))
    return found


def package(records: Iterable[tuple[str, Record]]) -> dict[str, Any]:
    """The file of a buyer: its contracts and its concessions, each by its id. The schema admits no empty file."""
    lists: dict[str, list[Record]] = {}
    for kind, record in sorted(records, key=lambda one: (one[0], str(one[1].get("id")))):
        lists.setdefault(kind, []).append(record)
    return {"marches": lists or {CONTRACT: []}}


def written(value: Mapping[str, Any]) -> bytes:
    """As it is published: UTF-8, the same bytes for the same records."""
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=False).encode()


def number(value: Decimal) -> int | float:
    """A JSON number: whole where it is."""
    return int(value) if value == value.to_integral_value() else float(value)


def cut(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}…"


def holders_in(record: Record, kind: str) -> list[Record]:
    """The holders of a record, without their wrapping."""
    outer, inner = (
        ("titulaires", "titulaire") if kind == CONTRACT else ("concessionnaires", "concessionnaire")
    )
    found = record.get(outer)
    if not isinstance(found, list):
        return []
    return [one[inner] for one in found if isinstance(one, dict) and isinstance(one.get(inner), dict)]


def buyer_in(record: Record, kind: str) -> str:
    """The SIRET of the buyer of a record; empty where it has none."""
    found = record.get("acheteur" if kind == CONTRACT else "autoriteConcedante")
    return str(found.get("id", "")) if isinstance(found, dict) else ""


def match(said: str, values: Iterable[str]) -> str | None:
    """The value of a list that words mean, whatever their accents and capitals."""
    wanted = fold(said)
    return next((value for value in values if fold(value) == wanted), None)


def _holder(one: Holder) -> Record:
    return {"id": one.identifier, "typeIdentifiant": one.scheme}


def _subcontract(one: SubcontractData) -> Record:
    told: Record = {
        "id": one.number,
        "sousTraitant": _holder(one.holder),
        "dateNotification": one.notified_on.isoformat(),
        "montant": number(one.amount),
        "datePublicationDonnees": one.published_on.isoformat(),
    }
    if one.months is not None:
        told["dureeMois"] = one.months
    if one.variation:
        told["variationPrix"] = one.variation
    return told


def _change(one: ChangeData) -> Record:
    told: Record = {"id": one.number}
    if one.months is not None:
        told["dureeMois"] = one.months
    if one.amount is not None:
        told["montant"] = number(one.amount)
    if one.holders:
        told["titulaires"] = [{"titulaire": _holder(holder)} for holder in one.holders]
    return told | {
        "dateNotificationModification": one.notified_on.isoformat(),
        "datePublicationDonneesModification": one.published_on.isoformat(),
    }


def _concession_change(one: ChangeData) -> Record:
    told: Record = {"id": one.number}
    if one.months is not None:
        told["dureeMois"] = one.months
    if one.amount is not None:
        told["valeurGlobale"] = number(one.amount)
    return told | {
        "dateSignatureModification": one.signed_on.isoformat(),
        "datePublicationDonneesModification": one.published_on.isoformat(),
    }


def _beyond(record: Record, kind: str, today: date, is_cpv: Callable[[str], bool]) -> Iterator[OpenFault]:
    """Rules that the schema cannot say: keys of SIRET, codes that exist, days in their order, members of a consortium."""
    buyer = buyer_in(record, kind)
    if not is_siret(buyer):
        yield OpenFault(
            "acheteur", "siret-key", msgid("The SIRET %(siret)s has not a valid key."), {"siret": buyer}
        )
    holders = holders_in(record, kind)
    for one in holders:
        if one["typeIdentifiant"] == "SIRET" and not is_siret(one["id"]):
            yield OpenFault(
                "titulaires",
                "siret-key",
                msgid("The SIRET %(siret)s has not a valid key."),
                {"siret": one["id"]},
            )
    if len({one["id"] for one in holders}) < len(holders):
        yield OpenFault("titulaires", "holder-twice", msgid("The same holder is told twice."))
    yield from _days(record, today)
    yield from _lists(record)
    if kind == CONTRACT:
        yield from _of_a_contract(record, holders, is_cpv)


_NONE = {
    "techniques": "Sans objet",
    "modalitesExecution": "Sans objet",
    "considerationsSociales": "Pas de considération sociale",
    "considerationsEnvironnementales": "Pas de considération environnementale",
}
_NUMBERED = {
    "modifications": "modification",
    "actesSousTraitance": "acteSousTraitance",
}


def _lists(record: Record) -> Iterator[OpenFault]:
    """What says that there is none stands alone; numbers go up."""
    for name, none in _NONE.items():
        (values,) = record.get(name, {"": [none]}).values()
        if none in values and len(values) > 1:
            yield OpenFault(
                name, "none-among-others", msgid("“%(none)s” stands beside another value."), {"none": none}
            )
    for name, inner in _NUMBERED.items():
        numbers = [one[inner]["id"] for one in record.get(name, ())]
        if numbers != sorted(set(numbers)):
            yield OpenFault(name, "numbers-order", msgid("Numbers go up in the order of the notifications."))


def _of_a_contract(
    record: Record, holders: Sequence[Record], is_cpv: Callable[[str], bool]
) -> Iterator[OpenFault]:
    code = str(record["codeCPV"])[:8]
    if not is_cpv(code):
        yield OpenFault("codeCPV", "cpv-unknown", msgid("There is no CPV code %(code)s."), {"code": code})
    is_group = record["typeGroupementOperateurs"] != "Pas de groupement"
    is_framework = "Accord-cadre" in record["techniques"]["technique"]
    if is_group and len(holders) < 2:
        yield OpenFault(
            "titulaires",
            "consortium-alone",
            msgid("A consortium has several members: all of them are listed."),
        )
    if not is_group and len(holders) > 1 and not is_framework:
        yield OpenFault(
            "typeGroupementOperateurs",
            "several-without-consortium",
            msgid("Several holders form a consortium, or hold a framework agreement."),
        )
    european, french = record.get("origineUE"), record.get("origineFrance")
    if european is not None and french is not None and french > european:
        yield OpenFault(
            "origineFrance", "origin-order", msgid("The French share is not larger than the European one.")
        )
    acts = {one["acteSousTraitance"]["id"] for one in record.get("actesSousTraitance", ())}
    changed = record.get("modificationsActesSousTraitance", ())
    if not {one["modificationActeSousTraitance"]["id"] for one in changed} <= acts:
        yield OpenFault(
            "modificationsActesSousTraitance",
            "act-unknown",
            msgid("A change names an act of subcontracting that is not told."),
        )


_ORDER = (
    ("dateNotification", "datePublicationDonnees"),
    ("dateSignature", "datePublicationDonnees"),
    ("dateNotificationModification", "datePublicationDonneesModification"),
    ("dateSignatureModification", "datePublicationDonneesModification"),
    ("dateNotificationModificationSousTraitance", "datePublicationDonnees"),
)


def _days(value: Any, today: date, place: str = "") -> Iterator[OpenFault]:
    """Every day exists and is not in the future; what is notified is published afterwards."""
    if isinstance(value, list):
        for one in value:
            yield from _days(one, today, place)
    if not isinstance(value, dict):
        return
    for name, said in value.items():
        if name.startswith("date") and isinstance(said, str):
            day = day_in(said)
            if day is None:
                yield OpenFault(name, "day-unknown", msgid("%(day)s is not a day."), {"day": said})
            elif day > today and name != "dateDebutExecution":
                yield OpenFault(name, "day-to-come", msgid("%(day)s is still to come."), {"day": said})
        yield from _days(said, today, name)
    for first, second in _ORDER:
        if str(value.get(first, "")) > str(value.get(second, "9")):
            yield OpenFault(second, "days-order", msgid("It is published after it is notified."))


def day_in(said: str) -> date | None:
    """The day that is written so, year first; None when there is none."""
    if not DAYS.match(said):
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None


_MESSAGES = {
    "required": msgid("%(field)s is missing."),
    "additionalProperties": msgid("The format knows no field of this name: %(said)s."),
    "enum": msgid("%(said)s is not a value of the official list."),
    "type": msgid("%(said)s has not the form that the format asks for."),
    "pattern": msgid("%(said)s has not the form that the format asks for."),
    "minimum": msgid("%(said)s is less than the format allows."),
    "maximum": msgid("%(said)s is more than the format allows."),
    "minLength": msgid("It is empty."),
    "maxLength": msgid("It is longer than the format allows."),
    "minItems": msgid("The list is empty."),
    "uniqueItems": msgid("The same value stands twice."),
}


def _told(error: Any) -> OpenFault:
    path = [str(one) for one in error.absolute_path]
    keyword = str(error.validator)
    if keyword == "required":
        path.append(
            error.message.split("'")[1]
        )  # each missing field is an error of its own, named there alone
    if keyword == "additionalProperties":
        said = ", ".join(sorted(set(error.instance) - set(error.schema.get("properties", {}))))
    else:
        is_plain = isinstance(error.instance, str | int | float)
        said = str(error.instance) if is_plain else json.dumps(error.instance)
    name = ".".join(path) or "-"
    message = _MESSAGES.get(keyword, _MESSAGES["type"])
    return OpenFault(name, f"decp-{keyword}", message, {"field": name, "said": said[:100]})
