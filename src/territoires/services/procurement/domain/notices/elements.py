"""The elements that notices are made of, each with the attributes that the rules ask for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from lxml import etree

from territoires.kernel.clock import PARIS
from territoires.kernel.xml import Element, xml_text

from .judging import NAMES
from .sheets import FRANCE, FRENCH

BUYER, REVIEW, PLATFORM = "ORG-0001", "ORG-0002", "ORG-0003"
FIRST_WINNER, FIRST_MEMBER = 4, 1001
SHORT, MEDIUM, LONG = 100, 400, 6000
SEE_DOCUMENTS = "Voir les documents de la consultation."

Child: TypeAlias = Element | Iterable[Element | None] | None


def el(name: str, /, *children: str | Child, **attributes: str) -> Element:
    """An element by its prefixed name, with its text or its children in their order; those that are None are left out."""
    prefix, local = name.split(":")
    element = etree.Element(f"{{{NAMES[prefix]}}}{local}", attributes)
    for child in children:
        if isinstance(child, str):
            element.text = child
        else:
            append(element, child)
    return element


def append(parent: Element, child: Child) -> None:
    """Adds a child, several, or none."""
    if child is None:
        return
    if isinstance(child, etree._Element):
        parent.append(child)
        return
    for one in child:
        if one is not None:
            parent.append(one)


def worded(name: str, words: str, most: int) -> Element:
    """Words in French, without what XML cannot hold, cut at the length that the rules allow."""
    sound = xml_text(words)
    return el(name, sound if len(sound) <= most else f"{sound[: most - 1]}…", languageID=FRENCH)


def amount(name: str, value: Decimal) -> Element:
    """An amount in euros."""
    return el(name, plain(value), currencyID="EUR")


def plain(value: Decimal) -> str:
    """Without exponent, nor zeros that say nothing."""
    said = f"{value:f}"
    return said.rstrip("0").rstrip(".") if "." in said else said


def ref(scheme: str, key: str) -> Element:
    """A party named by its id in the notice."""
    return el("cac:PartyIdentification", ref_id(scheme, key))


def ref_id(scheme: str, key: str) -> Element:
    """What is named by its id in the notice."""
    return el("cbc:ID", key, schemeName=scheme)


def named_notice(name: str, notice: str) -> Element:
    """Another notice: by its number in the Official Journal, or by its identifier and version."""
    scheme = "notice-id-ref" if notice.count("-") > 1 else "ojs-notice-id"
    return el(name, notice, schemeName=scheme)


def cpvs(main: str, additional: Iterable[str] = ()) -> list[Element]:
    """The main CPV code, eight digits, and the additional ones."""
    return [
        el("cac:MainCommodityClassification", el("cbc:ItemClassificationCode", main, listName="cpv")),
        *(
            el("cac:AdditionalCommodityClassification", el("cbc:ItemClassificationCode", one, listName="cpv"))
            for one in additional
        ),
    ]


def place(nuts: str) -> Element:
    """Where it is carried out: in France, by its NUTS code of the third level where it is known."""
    return el(
        "cac:RealizedLocation",
        el(
            "cac:Address",
            el("cbc:CountrySubentityCode", nuts, listName="nuts") if nuts else None,
            el("cac:Country", el("cbc:IdentificationCode", FRANCE, listName="country")),
        ),
    )


def requirement(list_name: str, code: str) -> Element:
    """What is asked of enterprises, by a code of a list."""
    return el(
        "cac:TendererQualificationRequest",
        el(
            "cac:SpecificTendererRequirement",
            el("cbc:TendererRequirementTypeCode", code, listName=list_name),
        ),
    )


def period(name: str, until: datetime | None) -> Element | None:
    """A deadline, in the time of Paris."""
    if until is None:
        return None
    there = until.astimezone(PARIS)
    return el(name, el("cbc:EndDate", day_of(there)), el("cbc:EndTime", time_of(there)))


def day_of(at: datetime) -> str:
    """The date of an instant in its own zone, with the offset."""
    return f"{at:%Y-%m-%d}{_offset(at)}"


def time_of(at: datetime) -> str:
    """The hour of an instant in its own zone, with the offset."""
    return f"{at:%H:%M:%S}{_offset(at)}"


def legal(day: date | None) -> str:
    """A legal day, with the offset of Paris on that day at noon."""
    assert day is not None
    return day_of(datetime(day.year, day.month, day.day, 12, tzinfo=PARIS))


def _offset(at: datetime) -> str:
    said = f"{at:%z}"
    return f"{said[:3]}:{said[3:]}"


def flag(value: bool) -> str:
    """As XML writes it."""
    return "true" if value else "false"


def in_extension(*children: Child) -> Element:
    """What the SDK adds to UBL stands in an extension."""
    content = el("ext:ExtensionContent", el("efext:EformsExtension", *children))
    return el("ext:UBLExtensions", el("ext:UBLExtension", content))
