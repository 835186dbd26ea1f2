"""Files of essential data as they are found: read with patience, each repair told.

What can be understood is brought to the form of the schema; what is missing is never invented: such a record is taken
over with its gap, and is not published before somebody fills it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from lxml import etree

from territoires.kernel.errors import Invalid
from territoires.kernel.siret import compact
from territoires.kernel.text import fold
from territoires.kernel.xml import Element, parse_xml

from .decp import (
    CONCESSION,
    CONTRACT,
    LONGEST_ID,
    LONGEST_OBJECT,
    Format,
    Record,
    buyer_in,
    cut,
    day_in,
    match,
)

MOST_RECORDS = 200_000
DEEPEST = 40
LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Repair:
    """One thing that was mended, or that could not be: ``before`` as it was found, ``after`` what was made of it."""

    record: str
    field: str
    code: str
    before: str = ""
    after: str = ""


@dataclass(slots=True)
class Reading:
    """``records`` by kind in their order; ``refused`` are those of which not even the name is known."""

    records: list[tuple[str, Record]] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    refused: list[Repair] = field(default_factory=list)


def read(content: bytes, official: Format) -> Reading:
    """The records of a file. Raises Invalid when it is no file of essential data at all."""
    reading = Reading()
    found: dict[tuple[str, str, str], Record] = {}
    for rank, (kind, raw) in enumerate(_raw_records(_content(content)), start=1):
        if rank > MOST_RECORDS:
            raise Invalid(
                "open-file-too-long",
                "This file holds more than %(most)d records; nothing was taken over.",
                "Cut it into several files.",
                params={"most": MOST_RECORDS},
            )
        mended = _Mending(kind, official, str(rank)).mend(raw)
        reading.repairs += mended.repairs
        reading.refused += mended.refused
        if mended.refused or mended.record is None:
            continue
        key = (mended.kind, buyer_in(mended.record, mended.kind), mended.record["id"])
        if key in found:
            reading.repairs.append(Repair(mended.record["id"], "id", "told-twice"))
            if _published(mended.record) < _published(found[key]):
                continue
        found[key] = mended.record
    reading.records = [(kind, record) for (kind, _buyer, _id), record in found.items()]
    return reading


def _content(content: bytes) -> Any:
    """What the file says, whichever of its two forms it has."""
    bare = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    return _plain(parse_xml(bare, limit=LARGEST)) if bare.startswith(b"<") else _json(content)


def _json(content: bytes) -> Any:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as failure:
        raise Invalid(
            "open-file-unreadable",
            "This file is not a file of essential data: it is neither JSON nor XML.",
            "Ask the platform it comes from for its JSON or its XML file.",
        ) from failure


_LISTS = (
    "titulaires",
    "concessionnaires",
    "modifications",
    "actesSousTraitance",
    "modificationsActesSousTraitance",
    "donneesExecution",
    "tarifs",
)
_NUMBERED = ("modification", "acteSousTraitance", "modificationActeSousTraitance")


def _plain(element: Element) -> Any:
    """An element as the JSON form says it. XML has no types: numbers and yes or no that are written as they should be
    are read so, without being told as repairs; so is an empty element as none."""
    children = [one for one in element if isinstance(one.tag, str)]
    if not children:
        return (element.text or "").strip()
    name = etree.QName(element).localname
    if name in _LISTS:
        return [{etree.QName(one).localname: _plain(one)} for one in children]
    found: dict[str, Any] = {}
    for one in children:
        field_name = etree.QName(one).localname
        value = _typed(field_name, _plain(one), is_numbered=name in _NUMBERED)
        if value == "":
            continue
        if field_name not in found:
            is_many = field_name in (CONTRACT, CONCESSION, *_WRAPPED.values())
            found[field_name] = [value] if is_many else value
        else:
            before = found[field_name]
            found[field_name] = [*(before if isinstance(before, list) else [before]), value]
    return found


def _typed(name: str, value: Any, *, is_numbered: bool) -> Any:
    if not isinstance(value, str):
        return value
    if name in _FLAGS and value in ("oui", "non", "true", "false", "1", "0"):
        return value in ("oui", "true", "1")
    if name in _WHOLE or (name == "id" and is_numbered):
        return int(value) if re.fullmatch(r"[0-9]{1,15}", value) else value
    if name in (*_AMOUNTS, "depensesInvestissement", "tarif"):
        found = _number(value) if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value) else None
        return value if found is None else int(found) if found == int(found) else found
    return value


def _raw_records(found: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The records whatever they are wrapped in: the schema's two lists, the former single list, a list, one record."""
    if depth > DEEPEST:
        return
    if isinstance(found, list):
        for one in found:
            yield _kind_of(one), one
        return
    if not isinstance(found, dict):
        raise _no_records()
    if "marches" in found:
        yield from _raw_records(found["marches"], depth + 1)
        return
    lists = [name for name in (CONTRACT, CONCESSION, "contratConcession") if name in found]
    for name in lists:
        kind = CONTRACT if name == CONTRACT else CONCESSION
        content = found[name]
        for one in content if isinstance(content, list) else [content]:
            yield kind, one
    if not lists:
        if "id" not in found:
            raise _no_records()
        yield _kind_of(found), found


def _kind_of(one: Any) -> str:
    is_concession = isinstance(one, dict) and (
        "autoriteConcedante" in one or "concession" in fold(str(one.get("_type", "")))
    )
    return CONCESSION if is_concession else CONTRACT


def _no_records() -> Invalid:
    return Invalid(
        "open-file-empty",
        "This file holds no essential data: neither contracts nor concessions were found in it.",
        "Ask the platform it comes from for its file of essential data (DECP).",
    )


def _published(record: Record) -> str:
    return str(record.get("datePublicationDonnees", ""))


_TRUE, _FALSE = ("true", "vrai", "oui", "1", "o"), ("false", "faux", "non", "0", "n")
_NOTHING = ("", "nc", "n c", "non communique", "cdl", "inx", "null", "none", "nan", "x", "xx")
_WRAPPED = {
    "techniques": "technique",
    "modalitesExecution": "modaliteExecution",
    "typesPrix": "typePrix",
    "considerationsSociales": "considerationSociale",
    "considerationsEnvironnementales": "considerationEnvironnementale",
}
_FLAGS = ("marcheInnovant", "attributionAvance", "sousTraitanceDeclaree")
_WHOLE = ("dureeMois", "offresRecues")
_AMOUNTS = (
    "montant",
    "valeurGlobale",
    "montantSubventionPublique",
    "tauxAvance",
    "origineUE",
    "origineFrance",
)
_LISTED = ("nature", "ccag", "typeGroupementOperateurs", "procedure", "formePrix")
# The words of the schema of 2019 that have another place or another name in this one.
_FORMER_PROCEDURES = {
    "procedure negociee avec mise en concurrence prealable": "Procédure avec négociation",
    "procedure concurrentielle avec negociation": "Procédure avec négociation",
    "marche negocie sans publicite ni mise en concurrence prealable": (
        "Marché passé sans publicité ni mise en concurrence préalable"
    ),
    "marche public negocie sans publicite ni mise en concurrence prealable": (
        "Marché passé sans publicité ni mise en concurrence préalable"
    ),
}
_FORMER_PRICES = {
    "ferme": "Définitif ferme",
    "ferme et actualisable": "Définitif actualisable",
    "revisable": "Définitif révisable",
}
_FORMER_NATURES = {
    "accord cadre": ("techniques", "Accord-cadre"),
    "marche subsequent": ("modalitesExecution", "Marchés subséquents"),
}


# Codes that begin with zeros, which tables lose.
_CODE_LENGTHS = {"Code postal": 5, "Code commune": 5, "Code département": 2, "Code région": 2}


class _Mending:
    """One record on its way to the form of the schema."""

    def __init__(self, kind: str, official: Format, rank: str) -> None:
        self.kind, self.official, self.name = kind, official, rank
        self.record: Record | None = None
        self.repairs: list[Repair] = []
        self.refused: list[Repair] = []

    def mend(self, raw: Any) -> _Mending:
        if not isinstance(raw, dict):
            return self._refuse("-", "no-record", raw)
        record = dict(raw)
        for name in [name for name in record if name.startswith("_")]:
            self._told(name, "field-dropped", record.pop(name), "")
        self._name(record)
        if self.refused:
            return self
        self._party(record, "acheteur" if self.kind == CONTRACT else "autoriteConcedante")
        self._former(record)
        self._holders(record)
        for name, inner in _WRAPPED.items():
            self._wrapped(record, name, inner)
        for names, mend in (
            (_FLAGS, self._flag),
            (_WHOLE, self._whole),
            (_AMOUNTS, self._amount),
            (_LISTED, self._listed),
        ):
            for name in names:
                mend(record, name)
        self._days(record)
        self._place(record)
        self._cpv(record)
        self._inner_lists(record)
        if isinstance(record.get("objet"), str) and len(record["objet"]) > LONGEST_OBJECT:
            self._set(record, "objet", cut(record["objet"], LONGEST_OBJECT), "cut-short")
        self._drop_unknown(record)
        self.record = record
        return self

    def _name(self, record: Record) -> None:
        said = str(record.get("id", "") if record.get("id") is not None else "").strip()
        raw_buyer = record.get("acheteur", record.get("autoriteConcedante"))
        buyer = compact(str(raw_buyer.get("id", "") if isinstance(raw_buyer, dict) else raw_buyer or ""))
        name = said.removeprefix(buyer) if len(buyer) == 14 and len(said) > LONGEST_ID else said
        self.name = (name or self.name)[:60]
        if not name:
            self._refuse("id", "no-id", record.get("id"))
        elif len(name) > LONGEST_ID:
            self._refuse("id", "id-too-long", said)
        elif name != record.get("id"):
            self._set(record, "id", name, "id-written-anew")

    def _party(self, record: Record, name: str) -> None:
        found = record.get(name)
        if isinstance(found, str | int):
            found = {"id": str(found)}
            self._told(name, "wrapped", record[name], found)
        if not isinstance(found, dict) or not found.get("id"):
            self._refuse(name, "no-buyer", record.get(name))
            return
        sound = _siret(str(found["id"]))
        kept = {"id": sound}
        if kept != record[name]:
            self._set(record, name, kept, "buyer-written-anew")

    def _former(self, record: Record) -> None:
        """What the schema of 2019 said elsewhere or otherwise."""
        nature = fold(str(record.get("nature", "")))
        if self.kind == CONTRACT and nature in _FORMER_NATURES:
            place, value = _FORMER_NATURES[nature]
            record.setdefault(place, {_WRAPPED[place]: [value]})
            self._set(record, "nature", "Marché", "former-schema")
        if (former := fold(str(record.get("procedure", "")))) in _FORMER_PROCEDURES:
            self._set(record, "procedure", _FORMER_PROCEDURES[former], "former-schema")
        if (price := fold(str(record.get("formePrix", "")))) in _FORMER_PRICES:
            record.setdefault("typesPrix", {"typePrix": [_FORMER_PRICES[price]]})
            self._told("formePrix", "former-schema", record.pop("formePrix"), _FORMER_PRICES[price])
        if "typePrix" in record and "typesPrix" not in record:
            record["typesPrix"] = record.pop("typePrix")
            self._told("typesPrix", "former-schema", "typePrix", "typesPrix")

    def _holders(self, record: Record) -> None:
        outer, inner = (
            ("titulaires", "titulaire") if self.kind == CONTRACT else ("concessionnaires", "concessionnaire")
        )
        if outer in record:
            record[outer] = self._holder_list(record[outer], outer, inner)

    def _holder_list(self, found: Any, outer: str, inner: str) -> list[Record]:
        made = []
        for one in found if isinstance(found, list) else [found]:
            bare = one.get(inner, one) if isinstance(one, dict) else one
            if not isinstance(bare, dict):
                self._told(outer, "dropped", one, "")
                continue
            said = str(bare.get("typeIdentifiant") or "SIRET")
            scheme = match(said, self.official.values(CONTRACT, "titulaires.titulaire.typeIdentifiant"))
            name = str(bare.get("id") or "")
            mended = {
                "id": _siret(name) if scheme == "SIRET" else compact(name),
                "typeIdentifiant": scheme or said,
            }
            if {inner: mended} != one:
                self._told(outer, "holder-written-anew", one, mended)
            if {inner: mended} not in made:
                made.append({inner: mended})
        return made

    def _wrapped(self, record: Record, name: str, inner: str) -> None:
        if name not in record:
            return
        found = record[name]
        values = found.get(inner, []) if isinstance(found, dict) else found
        listed = values if isinstance(values, list) else [values]
        allowed = self.official.values(self.kind, f"{name}.{inner}")
        sound: list[Any] = []
        for value in listed:
            meant = match(str(value), allowed) or (None if _says_nothing(value) else value)
            if meant is not None and meant not in sound:
                sound.append(meant)
        if not sound:
            self._told(name, "gap", record.pop(name), "")
        elif {inner: sound} != found:
            self._set(record, name, {inner: sound}, "list-written-anew")

    def _flag(self, record: Record, name: str) -> None:
        found = record.get(name)
        if name not in record or isinstance(found, bool):
            return
        said = fold(str(found))
        if said in _TRUE or said in _FALSE:
            self._set(record, name, said in _TRUE, "flag-written-anew")
        else:
            self._told(name, "gap", record.pop(name), "")

    def _whole(self, record: Record, name: str) -> None:
        if name not in record:
            return
        value = _number(record[name])
        if value is None or value < 1:
            self._told(name, "gap", record.pop(name), "")
        elif not _is_int(record[name]):
            self._set(record, name, -int(-value // 1), "number-written-anew")

    def _amount(self, record: Record, name: str) -> None:
        if name not in record:
            return
        value = _number(record[name])
        if value is None:
            self._told(name, "gap", record.pop(name), "")
        elif isinstance(record[name], bool) or not isinstance(record[name], int | float):
            self._set(record, name, int(value) if value == int(value) else value, "number-written-anew")

    def _listed(self, record: Record, name: str) -> None:
        if name not in record:
            return
        found, allowed = record[name], self.official.values(self.kind, name)
        if found in allowed or not allowed:
            return
        meant = match(str(found), allowed)
        if meant is not None:
            self._set(record, name, meant, "value-written-anew")
        else:
            self._told(name, "gap", record.pop(name), "")

    def _days(self, value: Any) -> None:
        if isinstance(value, list):
            for one in value:
                self._days(one)
        if not isinstance(value, dict):
            return
        for name in list(value):
            if not name.startswith("date"):
                self._days(value[name])
                continue
            day = _day(value[name])
            if day is None:
                self._told(name, "gap", value.pop(name), "")
            elif day.isoformat() != value[name]:
                self._set(value, name, day.isoformat(), "day-written-anew")

    def _place(self, record: Record) -> None:
        found = record.get("lieuExecution")
        if not isinstance(found, dict):
            if found is not None:
                self._told("lieuExecution", "gap", record.pop("lieuExecution"), "")
            return
        allowed = self.official.values(self.kind, "lieuExecution.typeCode")
        kind = match(str(found.get("typeCode", "")), allowed) or found.get("typeCode")
        code = str(found.get("code", "")).strip()
        sound = {"code": code.zfill(_CODE_LENGTHS.get(str(kind), 0)) if code else "", "typeCode": kind}
        if sound != found:
            self._set(record, "lieuExecution", sound, "place-written-anew")

    def _cpv(self, record: Record) -> None:
        if "codeCPV" not in record:
            return
        said = re.sub(r"[^0-9-]", "", str(record["codeCPV"]))
        head, _dash, check = said.partition("-")
        sound = f"{head.zfill(8)}-{check}" if check else head.zfill(8)
        if sound != record["codeCPV"]:
            self._set(record, "codeCPV", sound, "cpv-written-anew")

    def _inner_lists(self, record: Record) -> None:
        for outer, inner in (
            ("modifications", "modification"),
            ("actesSousTraitance", "acteSousTraitance"),
            ("modificationsActesSousTraitance", "modificationActeSousTraitance"),
        ):
            if outer not in record:
                continue
            found = record.pop(outer)
            made = [
                {inner: self._inner(bare, outer, rank)}
                for rank, bare in enumerate(_unwrapped(found, inner), start=1)
            ]
            if made:
                record[outer] = made
            if made != found:
                self._told(outer, "list-written-anew", found, made)
        if "donneesExecution" in record:
            self._executions(record)

    def _executions(self, record: Record) -> None:
        """What a concession says each year, each year and each price in its wrapping."""
        found = record.pop("donneesExecution")
        made = []
        for year in _unwrapped(found, "donneesAnnuelles"):
            self._amount(year, "depensesInvestissement")
            prices = _unwrapped(year.pop("tarifs", None), "tarif", named="intituleTarif")
            for price in prices:
                self._amount(price, "tarif")
            if prices:
                year["tarifs"] = [{"tarif": price} for price in prices]
            made.append({"donneesAnnuelles": year})
        if made:
            record["donneesExecution"] = made
        if made != found:
            self._told("donneesExecution", "list-written-anew", found, made)

    def _inner(self, bare: Record, outer: str, rank: int) -> Record:
        for name in ("objetModification", "dateSignatureModification"):
            if name in bare and (self.kind == CONTRACT or name == "objetModification"):
                self._told(name, "field-dropped", bare.pop(name), "")
        number = _number(bare.get("id"))
        if outer == "modifications":
            bare["id"] = int(number or rank)
        elif number is not None:
            bare["id"] = int(number)
        for name, mend in (
            ("dureeMois", self._whole),
            ("montant", self._amount),
            ("valeurGlobale", self._amount),
        ):
            mend(bare, name)
        if "titulaires" in bare:
            bare["titulaires"] = self._holder_list(bare["titulaires"], "titulaires", "titulaire")
        return bare

    def _drop_unknown(self, record: Record) -> None:
        for name in sorted(set(record) - self.official.fields(self.kind)):
            self._told(name, "field-dropped", record.pop(name), "")

    def _set(self, record: Record, name: str, value: Any, code: str) -> None:
        self._told(name, code, record.get(name), value)
        record[name] = value

    def _told(self, name: str, code: str, before: Any, after: Any) -> None:
        self.repairs.append(Repair(self.name, name, code, _short(before), _short(after)))

    def _refuse(self, name: str, code: str, before: Any) -> _Mending:
        self.refused.append(Repair(self.name, name, code, _short(before)))
        return self


def _siret(said: str) -> str:
    """A SIRET as it is written; a table that took it for a number lost the zeros that it begins with."""
    bare = compact(said)
    return bare.zfill(14) if re.fullmatch(r"[0-9]{11,13}", bare) else bare


def _unwrapped(found: Any, inner: str, *, named: str = "") -> list[Record]:
    """The items of a list, out of their wrapping where they have one. ``named``: the field of an item that is bare, where
    its wrapping bears the name of another of its fields."""
    items = []
    for one in found if isinstance(found, list) else [found]:
        is_bare = isinstance(one, dict) and named in one
        bare = one.get(inner, one) if isinstance(one, dict) and not is_bare else one
        if bare and isinstance(bare, dict):
            items.append(dict(bare))
    return items


def _says_nothing(value: Any) -> bool:
    return value is None or fold(str(value)) in _NOTHING


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: Any) -> float | int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value if value == value and abs(value) < 1e15 else None
    said = re.sub(r"[\s\u00a0\u202f€]", "", str(value)).replace(",", ".")
    return float(said) if re.fullmatch(r"-?\d{1,15}(\.\d{1,6})?", said) else None


def _day(value: Any) -> date | None:
    """A day however it is written: year first or day first, with or without an hour."""
    said = str(value).strip()[:40]
    if found := re.match(r"(\d{4}-\d{2}-\d{2})", said):
        return day_in(found[1])
    if found := re.match(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", said):
        day, month, year = map(int, found.groups())
        try:
            return date(year, month, day)
        except ValueError:
            return None
    if re.fullmatch(r"\d{8}", said):
        try:
            return datetime.strptime(said, "%Y%m%d").date()  # noqa: DTZ007 - a legal day has no zone
        except ValueError:
            return None
    return None


def _short(value: Any) -> str:
    said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return said.replace("\0", "")[:200]
