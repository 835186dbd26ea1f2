"""The messages that a body sends, as bytes valid against the official schema."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lxml import etree

from territoires.kernel.errors import Invalid
from territoires.kernel.xml import Element

from ..wording import OBJECT_LENGTH, foreign_characters, name_characters
from .names import ActIdentifier
from .xml import ACTES, ENCODING, INSEE, named

_SCHEMA = "http://www.w3.org/2001/XMLSchema-instance"
_REPLIES = {
    "2-2": "ReponseCourrierSimple",
    "3-2": "ARDemandePieceComplementaire",
    "3-3": "RefusPieceComplementaire",
    "3-4": "PieceComplementaire",
    "4-2": "ARLettreObservations",
    "4-3": "RejetLettreObservations",
    "4-4": "ReponseLettreObservations",
}
_EMAIL = re.compile(r"[\w-]+(\.[\w-]+)*@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)*\.[a-zA-Z]{2,6}", re.ASCII)
_DEEPEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ActMessage:
    """Message 1-1. ``nature_code`` is one digit, ``matter_code`` dotted (``7.1``, two to five levels).

    ``classification_on`` dates the classification used: the prefecture refuses any but the one in force.
    ``document`` and ``annexes`` are names of files of the same archive; ``on_paper`` announces paper besides.
    """

    act: ActIdentifier
    nature_code: str
    matter_code: str
    object: str
    classification_on: date
    document: str
    annexes: Sequence[str] = ()
    preceding: ActIdentifier | None = None
    on_paper: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sends the envelope. ``arrondissement`` is one digit, ``nature`` the two digits of the body's kind.

    ``contact`` is a name, ``telephone`` and ``email`` are its own; ``return_addresses`` receive the answers.
    """

    siren: str
    department: str
    arrondissement: str
    nature: str
    contact: str = ""
    telephone: str = ""
    email: str = ""
    return_addresses: Sequence[str]


def write_act(message: ActMessage) -> bytes:
    """Message 1-1 ``Acte``. Raises Invalid for what the schema or its encoding cannot hold."""
    levels = message.matter_code.split(".")
    if not 2 <= len(levels) <= _DEEPEST or not all(level.isdecimal() for level in levels):
        raise Invalid(
            "actes-matter",
            "The matter “%(code)s” has not between two and five levels.",
            "Choose a line of the classification.",
            params={"code": message.matter_code},
        )
    if not 0 < len(message.object) <= OBJECT_LENGTH:
        raise Invalid(
            "actes-object",
            "The object has %(length)d characters; the State accepts from 1 to %(limit)d.",
            "Shorten it.",
            params={"length": len(message.object), "limit": OBJECT_LENGTH},
        )
    root = _root(
        "Acte",
        Date=message.act.decided_on,
        NumeroInterne=message.act.number,
        CodeNatureActe=message.nature_code,
    )
    for rank, level in enumerate(levels, 1):
        _add(root, f"CodeMatiere{rank}", CodeMatiere=int(level))
    _add(root, "Objet", message.object)
    if message.preceding is not None:
        _add(root, "PrecedentIdentifiantActe", IDActe=message.preceding)
    _add(root, "ClassificationDateVersion", message.classification_on)
    _add_file(root, "Document", message.document)
    annexes = _add(root, "Annexes", Nombre=len(message.annexes))
    for name in message.annexes:
        _add_file(annexes, "Annexe", name)
    _add(root, "DocumentPapier", "O" if message.on_paper else "N")
    return _bytes(root)


def write_cancellation(act: ActIdentifier) -> bytes:
    """Message 6-1 ``Annulation`` of an act that the prefecture acknowledged."""
    return _bytes(_root("Annulation", IDActe=act))


def write_reply(kind: str, act: ActIdentifier, *, letter_on: date, documents: Sequence[str] = ()) -> bytes:
    """What a body answers to a letter of the prefecture (2-2, 3-2 to 3-4, 4-2 to 4-4).

    ``letter_on`` is the day of the letter, by which the State knows it. ``documents`` are names of files of the same
    archive: none in a receipt (3-2, 4-2), one or more in 3-4, one in the others.
    """
    root = _root(_REPLIES[kind], IDActe=act, DateCourrierPref=letter_on)
    parent = _add(root, "Documents") if kind == "3-4" else root
    for name in documents:
        _add_file(parent, "Document", name)
    return _bytes(root)


def write_classification_request(known_on: date | None) -> bytes:
    """Message 7-1 ``DemandeClassification``; without ``known_on`` the whole classification is answered."""
    root = _root("DemandeClassification")
    if known_on is not None:
        _add(root, "DateClassification", known_on)
    return _bytes(root)


def write_envelope(sender: Sender, messages: Sequence[str]) -> bytes:
    """``EnveloppeCLMISILL``: who sends, where to answer, which messages. Raises Invalid for a refused address."""
    root = _root("EnveloppeCLMISILL")
    origin = _add(root, "Emetteur")
    body = _add(
        origin,
        "IDCL",
        Departement=sender.department,
        Arrondissement=sender.arrondissement,
        Nature=sender.nature,
    )
    body.set(named("SIREN", INSEE), sender.siren)
    if sender.contact or sender.telephone or sender.email:
        contact = _add(origin, "Referent")
        for name, value in (("Nom", sender.contact), ("Telephone", sender.telephone)):
            if value:
                _add(contact, name, value)
        if sender.email:
            _add(contact, "Email", _email(sender.email))
    addresses = _add(root, "AdressesRetour")
    for address in sender.return_addresses:
        _add(addresses, "Email", _email(address))
    forms = _add(root, "FormulairesEnvoyes")
    for name in messages:
        _add_file(forms, "Formulaire", name)
    return _bytes(root)


def _root(name: str, **attributes: object) -> Element:
    root = etree.Element(named(name), nsmap={"actes": ACTES, "insee": INSEE, "xsi": _SCHEMA})
    root.set(named("schemaLocation", _SCHEMA), f"{ACTES} actesv1_1.xsd")
    return _set(root, attributes)


def _add(parent: Element, name: str, value: object = None, **attributes: object) -> Element:
    element = _set(etree.SubElement(parent, named(name)), attributes)
    if value is not None:
        element.text = _held(str(value))
    return element


def _add_file(parent: Element, name: str, file: str) -> None:
    _add(_add(parent, name), "NomFichier", file)


def _set(element: Element, attributes: dict[str, object]) -> Element:
    for name, value in attributes.items():
        element.set(named(name), _held(str(value)))
    return element


def _held(value: str) -> str:
    """The text, when the message's encoding holds all of it: a character reference would reach the prefecture as is."""
    if foreign := foreign_characters(value):
        raise Invalid(
            "actes-characters",
            "The State's format does not know these characters: %(characters)s.",
            "Replace them in the act, then send it again.",
            params={"characters": name_characters(foreign)},
        )
    return value


def is_address(address: str) -> bool:
    """Whether the ministry's schema takes the e-mail address."""
    return _EMAIL.fullmatch(address) is not None


def _email(address: str) -> str:
    if not is_address(address):
        raise Invalid(
            "actes-email",
            "The ministry's schema refuses the address “%(address)s”.",
            "Give an address without + and with a domain ending of two to six letters.",
            params={"address": address[:100]},
        )
    return address


def _bytes(root: Element) -> bytes:
    return etree.tostring(root, encoding=ENCODING, xml_declaration=True, pretty_print=True)
