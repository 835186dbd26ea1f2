"""The norm of ACTES as the ministry reads it: names, limits, and the grammar of messages (``norm.rng``)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from lxml import etree

ACTES = "http://www.interieur.gouv.fr/ACTES#v1.1-20040216"
INSEE = "http://xml.insee.fr/schema"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
ENCODING = "ISO-8859-1"
LARGEST_ARCHIVE = 150 * 1024 * 1024

_ARCHIVE = re.compile(
    r"[A-Z]{3}-(?P<envelope>(?:EACT|TACT)--\d{9}--\d{8}-(?:0|[1-9]\d{0,8}))\.tar\.gz", re.ASCII
)
_ENVELOPE = re.compile(
    r"(?P<application>EACT|TACT)--(?P<siren>\d{9})--(?P<day>\d{8})-(?P<serial>0|[1-9]\d{0,8})\.xml", re.ASCII
)
_ACT = r"(?P<act>[09]\d[AB0-9]-\d{9}-\d{8}-\w{1,15}-[A-Z]{2})"
_ACT_MESSAGE = re.compile(rf"{_ACT}-(?P<kind>[1-6]-[1-5])_0\.xml", re.ASCII)
_REQUEST = re.compile(r"(?P<department>[09]\d[AB0-9])-(?P<siren>\d{9})----7-1_0\.xml", re.ASCII)
_DOCUMENT = re.compile(
    rf"(?P<type>[A-Z0-9_]{{5}})-{_ACT}-(?P<kind>[1-6]-[1-5])_(?P<rank>[1-9]\d{{0,3}})\.(?P<extension>[a-z]{{3,4}})",
    re.ASCII,
)
_MAGIC = {
    "pdf": re.compile(rb"%PDF-"),
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "jpg": re.compile(rb"\xff\xd8\xff"),
    "jpeg": re.compile(rb"\xff\xd8\xff"),
    "xml": re.compile(rb"(?:\xef\xbb\xbf)?\s*<"),
}


class Unreadable(Exception):
    """The bytes are no message of the norm; the words say why."""


@dataclass(frozen=True, slots=True)
class EnvelopeName:
    """``<APPL>--<SIREN>--<YYYYMMDD>-<serial>.xml``."""

    application: str
    siren: str
    day: date
    serial: int

    @classmethod
    def parse(cls, name: str) -> EnvelopeName | None:
        found = _ENVELOPE.fullmatch(name)
        day = read_day(found["day"]) if found else None
        if found is None or day is None:
            return None
        return cls(found["application"], found["siren"], day, int(found["serial"]))

    def __str__(self) -> str:
        return f"{self.application}--{self.siren}--{self.day:%Y%m%d}-{self.serial}.xml"


@dataclass(frozen=True, slots=True)
class MessageName:
    """A message's file name: ``kind`` (``1-1``), and the identifier of its act, empty for 7-1."""

    kind: str
    act: str
    department: str
    siren: str

    @classmethod
    def parse(cls, name: str) -> MessageName | None:
        if found := _ACT_MESSAGE.fullmatch(name):
            department, siren, *_rest = found["act"].split("-")
            return cls(found["kind"], found["act"], department, siren)
        if found := _REQUEST.fullmatch(name):
            return cls("7-1", "", found["department"], found["siren"])
        return None


@dataclass(frozen=True, slots=True)
class DocumentName:
    """A document's file name: the code of its type, its act, the message that it belongs to, its rank (1: the act)."""

    type: str
    act: str
    kind: str
    rank: int
    extension: str

    @classmethod
    def parse(cls, name: str) -> DocumentName | None:
        found = _DOCUMENT.fullmatch(name)
        if found is None:
            return None
        return cls(found["type"], found["act"], found["kind"], int(found["rank"]), found["extension"])


def envelope_of_archive(name: str) -> str | None:
    """The envelope that an archive of that name must hold; None when it is no archive's name."""
    found = _ARCHIVE.fullmatch(name)
    return f"{found['envelope']}.xml" if found else None


def read_day(text: str) -> date | None:
    """A day written YYYYMMDD; None when there is no such day."""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def holds_what_it_says(extension: str, head: bytes) -> bool:
    """Whether the first bytes of a file are those of its extension."""
    magic = _MAGIC.get(extension)
    return magic is not None and magic.match(head) is not None


def is_siren(text: str) -> bool:
    """Nine digits whose Luhn sum holds."""
    if re.fullmatch(r"\d{9}", text, re.ASCII) is None:
        return False
    doubled = [int(digit) * (1 + rank % 2) for rank, digit in enumerate(text)]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def read(data: bytes) -> etree._Element:
    """A message in ISO-8859-1, without DTD or entities, that the grammar accepts. Raises Unreadable."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        document = etree.fromstring(data, parser).getroottree()
    except etree.XMLSyntaxError as failure:
        raise Unreadable(f"XML mal formé : {failure.msg}") from failure
    if document.docinfo.internalDTD is not None or document.docinfo.doctype:
        raise Unreadable("DOCTYPE interdit")
    if (document.docinfo.encoding or "").upper() != ENCODING:
        raise Unreadable(f"encodage {document.docinfo.encoding} au lieu de {ENCODING}")
    if fault := fault_of(document):
        raise Unreadable(f"XML non valide : {fault}")
    return document.getroot()


def fault_of(document: etree._ElementTree) -> str:
    """Why the grammar refuses a document; empty when it accepts it."""
    grammar = etree.RelaxNG(_grammar())  # one each time: its log of errors is not for several threads
    if grammar.validate(document):
        return ""
    return grammar.error_log[0].message


def name(local: str, namespace: str = ACTES) -> str:
    """A qualified name as lxml writes it."""
    return f"{{{namespace}}}{local}"


def local_name(element: etree._Element) -> str:
    """The name of a message without its namespace."""
    return etree.QName(element).localname


def child(element: etree._Element, *path: str) -> etree._Element:
    """A descendant that the grammar guarantees."""
    for step in path:
        found = element.find(name(step))
        if found is None:
            raise Unreadable(f"{step} absent")
        element = found
    return element


def text(element: etree._Element, *path: str) -> str:
    """The text of a descendant."""
    return "".join(child(element, *path).itertext()).strip()


def attribute(element: etree._Element, local: str, namespace: str = ACTES) -> str:
    """An attribute that the grammar guarantees."""
    return str(element.get(name(local, namespace), ""))


@cache
def _grammar() -> etree._ElementTree:
    return etree.parse(Path(__file__).with_name("norm.rng"))
