"""What a publisher looks at in a notice before it takes it: the official schema and rules, names, versions, days.

Schema and rules are the official ones of the operator's folder of packs, run by the same interpreter of Schematron as the
platform's, which is the only thing of it that is used here. Without that folder only the rest is looked at.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from lxml import etree

from territoires.kernel.errors import Invalid
from territoires.services.procurement.domain.notices.judging import Judge

from . import clock

CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
DOCUMENTS = ("PriorInformationNotice", "ContractNotice", "ContractAwardNotice")
VERSION_4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
ACCEPTED = ("eforms-sdk-1.13", "eforms-sdk-1.14", "eforms-sdk-1.15")
FURTHEST = timedelta(days=2)
PARIS = ZoneInfo("Europe/Paris")
SVRL = "http://purl.oclc.org/dsdl/svrl"
ERROR, WARNING = "ERROR", "WARN"


class Unread(ValueError):
    """What was sent is no notice."""


class Finding(NamedTuple):
    """One thing that was found; a warning refuses nothing. ``place`` is an XPath."""

    rule: str
    words: str
    place: str = "/*"
    role: str = ERROR


def name_of(content: bytes) -> tuple[str, str]:
    """The name of a notice (identifier and version) and its procedure. Raises Unread."""
    root = _root(content)
    identifier = root.findtext(f"{CBC}ID", "").strip()
    version = root.findtext(f"{CBC}VersionID", "").strip()
    if not identifier or not version:
        raise Unread("no identifier")
    return f"{identifier}-{version}", root.findtext(f"{CBC}ContractFolderID", "").strip()


def findings(content: bytes) -> list[Finding]:
    """What is found in a notice. Raises Unread for what is none."""
    root = _root(content)
    document = etree.QName(root).localname
    if document not in DOCUMENTS:
        return [Finding("BR-XSD", f"{document}: unknown document")]
    return [*_judged(root, content), *_looked_at(root)]


def faults(content: bytes) -> list[str]:
    """Why a notice is refused, in words; empty when it is taken. Raises Unread."""
    return [f"{one.rule}: {one.words}" for one in findings(content) if one.role == ERROR]


def report(found: list[Finding]) -> bytes:
    """The report of a validation, in SVRL."""
    said = etree.Element(f"{{{SVRL}}}schematron-output", nsmap={"svrl": SVRL})
    etree.SubElement(said, f"{{{SVRL}}}active-pattern", id="EFORMS-validation-stage-1a")
    for one in found:
        failed = etree.SubElement(
            said, f"{{{SVRL}}}failed-assert", id=one.rule, location=one.place, role=one.role
        )
        etree.SubElement(failed, f"{{{SVRL}}}text").text = one.words
    return bytes(etree.tostring(said, xml_declaration=True, encoding="UTF-8"))


def _judged(root: etree._Element, content: bytes) -> Iterator[Finding]:
    """What the schema, or where it has nothing to say the rules, find."""
    judge = _judge(root.findtext(f"{CBC}CustomizationID", "").strip().removeprefix("eforms-sdk-"))
    if judge is None:
        return
    try:
        found = judge.judge(content)
    except Invalid as failure:
        raise Unread(failure.message) from failure
    for one in found:
        words = one.detail or f"rule|text|{one.rule}"
        yield Finding(
            "BR-XSD" if one.rule == "XSD" else one.rule,
            words,
            one.place or "/*",
            ERROR if one.stops else WARNING,
        )


def _looked_at(root: etree._Element) -> Iterator[Finding]:
    identifier = root.findtext(f"{CBC}ID", "").strip()
    if not VERSION_4.fullmatch(identifier):
        yield Finding("BR-BT-00701", f"{identifier} is no UUID of version 4")
    version = root.findtext(f"{CBC}CustomizationID", "").strip()
    if version not in ACCEPTED:
        yield Finding("BR-SDK", f"{version}: this version of the SDK is not accepted")
    issued = root.findtext(f"{CBC}IssueDate", "")[:10]
    try:
        day = date.fromisoformat(issued)
    except ValueError:
        yield Finding("BR-BT-00005", f"{issued} is no day")
        return
    today = clock.now().astimezone(PARIS).date()
    if abs(day - today) > FURTHEST:
        yield Finding("BR-BT-00005", f"{issued} is too far from {today}")


def _root(content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as failure:
        raise Unread(str(failure)) from failure


def _judge(version: str) -> Judge | None:
    """The judge of the last rules of a version (major and minor) in the operator's folder."""
    packs = os.environ.get("TERRITOIRES_PACKS")
    if not packs or not re.fullmatch(r"[0-9]+\.[0-9]+", version):
        return None
    found = sorted(Path(packs).glob(f"eforms-{version}*/schematrons/static"))
    return _kept(found[-1].parents[1]) if found else None


@lru_cache(maxsize=4)
def _kept(folder: Path) -> Judge:
    rules = folder / "schematrons" / "static"
    return Judge(folder.name, lambda name: (rules / name).read_bytes(), partial(_schema, folder))


def _schema(folder: Path, document: str) -> etree.XMLSchema:
    return etree.XMLSchema(file=str(folder / f"schemas/maindoc/UBL-{document}-2.3.xsd"))
