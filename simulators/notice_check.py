"""What a publisher looks at in a notice before it takes it: the official schema where it is there, names, versions, days.

Read by itself from the operator's folder of packs; nothing of the platform is used.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from lxml import etree

from . import clock

CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
DOCUMENTS = ("PriorInformationNotice", "ContractNotice", "ContractAwardNotice")
VERSION_4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
ACCEPTED = ("eforms-sdk-1.13", "eforms-sdk-1.14", "eforms-sdk-1.15")
FURTHEST = timedelta(days=2)
PARIS = ZoneInfo("Europe/Paris")


class Unread(ValueError):
    """What was sent is no notice."""


def name_of(content: bytes) -> tuple[str, str]:
    """The name of a notice (identifier and version) and its procedure. Raises Unread."""
    root = _root(content)
    identifier = root.findtext(f"{CBC}ID", "").strip()
    version = root.findtext(f"{CBC}VersionID", "").strip()
    if not identifier or not version:
        raise Unread("no identifier")
    return f"{identifier}-{version}", root.findtext(f"{CBC}ContractFolderID", "").strip()


def faults(content: bytes) -> list[str]:
    """What is wrong with a notice."""
    return list(_faults(_root(content)))


def _faults(root: etree._Element) -> Iterator[str]:
    document = etree.QName(root).localname
    if document not in DOCUMENTS:
        yield f"{document}: unknown document"
        return
    schema = _schema(document)
    if schema is not None and not schema.validate(root):
        yield from (f"XSD: {one.message}" for one in list(schema.error_log)[:5])
    identifier = root.findtext(f"{CBC}ID", "").strip()
    if not VERSION_4.fullmatch(identifier):
        yield f"BR-BT-00701: {identifier} is no UUID of version 4"
    version = root.findtext(f"{CBC}CustomizationID", "").strip()
    if version not in ACCEPTED:
        yield f"{version}: this version of the SDK is not accepted"
    issued = root.findtext(f"{CBC}IssueDate", "")[:10]
    try:
        day = date.fromisoformat(issued)
    except ValueError:
        yield f"BT-05: {issued} is no day"
        return
    today = clock.now().astimezone(PARIS).date()
    if abs(day - today) > FURTHEST:
        yield f"BR-BT-00005: {issued} is too far from {today}"


def _root(content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as failure:
        raise Unread(str(failure)) from failure


@lru_cache(maxsize=4)
def _schema(document: str) -> etree.XMLSchema | None:
    packs = os.environ.get("TERRITOIRES_PACKS")
    found = sorted(Path(packs).glob(f"eforms-*/schemas/maindoc/UBL-{document}-2.3.xsd")) if packs else []
    return etree.XMLSchema(file=str(found[-1])) if found else None
