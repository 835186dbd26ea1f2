"""What the ministry writes: each message checked against the grammar before it leaves."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from functools import partial

from lxml import etree

from .classification import Classification
from .norm import ACTES, ENCODING, INSEE, XSI, fault_of, name

LETTERS = {"2-1": "CourrierSimple", "3-1": "DemandePieceComplementaire", "4-1": "LettreObservations"}
REPLIES = {"3-5": "ARPieceComplementaire", "4-5": "ARReponseRejetLettreObservations"}


def act_acknowledged(act: str, received_on: date, received: etree._Element, in_force: date) -> bytes:
    """1-2."""
    root = _root("ARActe", DateReception=received_on, IDActe=act)
    root.append(_copy(received, "ActeRecu"))
    _add(root, "ClassificationDateVersionEnCours", in_force)
    return _bytes(root)


def act_refused(day: date, nature: str, detail: str, received: etree._Element, in_force: date) -> bytes:
    """1-3. ``nature`` has three digits."""
    root = _root("AnomalieActe")
    _add(root, "Date", day)
    _add(root, "Nature", nature)
    _add(root, "Detail", detail)
    root.append(_copy(received, "ActeRecu"))
    _add(root, "ClassificationDateVersionEnCours", in_force)
    return _bytes(root)


def envelope_refused(day: date, nature: str, detail: str, received: etree._Element) -> bytes:
    """``ANO_``: the whole envelope. ``nature`` is one that the schema lists, though 999 is seen in the field."""
    root = _root("AnomalieEnveloppe")
    _add(root, "Date", day)
    _add(root, "Nature", nature)
    _add(root, "Detail", detail)
    root.append(_copy(received, "EnveloppeRecue"))
    return _bytes(root)


def cancellation_acknowledged(act: str, received_on: date) -> bytes:
    """6-2."""
    return _bytes(_root("ARAnnulation", DateReception=received_on, IDActe=act))


def reply_acknowledged(kind: str, act: str, letter_on: str, received_on: date) -> bytes:
    """3-5 or 4-5. ``letter_on`` is the day of the letter, as the reply wrote it."""
    root = _root(REPLIES[kind], DateReception=received_on)
    _add(root, "InfosCourrierPref", IDActe=act, DateCourrierPref=letter_on)
    return _bytes(root)


def letter_of(kind: str) -> Callable[[str, date, str, str], bytes]:
    """Writes 2-1, 3-1 or 4-1."""
    return partial(_letter, kind)


def _letter(kind: str, act: str, dated_on: date, words: str, document: str) -> bytes:
    root = _root(LETTERS[kind], IDActe=act, DateCourrierPref=dated_on)
    if kind == "3-1":
        _add(root, "DescriptionPieces", words)
    elif kind == "4-1":
        _add(root, "Motif", words)
    _add_file(root, "Document", document)
    return _bytes(root)


def referred(act: str, filed_on: date, illegality: str, document: str) -> bytes:
    """5-1: the prefect brings the act before the administrative court."""
    root = _root("DefereTA", IDActe=act)
    _add(root, "DateDepot", filed_on)
    _add(root, "NatureIllegalite", illegality)
    _add_file(_add(root, "PiecesJointes"), "PieceJointe", document)
    return _bytes(root)


def classification_unchanged(dated_on: date) -> bytes:
    """7-3."""
    root = _root("ReponseClassificationSansChangement")
    _add(root, "DateClassification", dated_on)
    return _bytes(root)


def classification(current: Classification) -> bytes:
    """7-2, matters in the order of their numbers (7.10 after 7.9)."""
    root = _root("RetourClassification")
    _add(root, "DateClassification", current.dated_on)
    natures = _add(root, "NaturesActes")
    for nature in current.natures:
        line = _add(
            natures,
            "NatureActe",
            CodeNatureActe=nature.code,
            Libelle=nature.label,
            TypeAbrege=nature.abbreviation,
        )
        for code, label in nature.types.items():
            _add(line, "TypePJNatureActe", CodeTypePJ=code, Libelle=label)
    branch = [_add(root, "Matieres")]
    for code in sorted(current.matters, key=lambda code: [int(level) for level in code.split(".")]):
        levels = code.split(".")
        parent = branch[len(levels) - 1]
        matter = _add(parent, f"Matiere{len(levels)}", CodeMatiere=levels[-1], Libelle=current.matters[code])
        branch[len(levels) :] = [matter]
    return _bytes(root)


def envelope(department: str, arrondissement: str, siren: str, messages: list[str]) -> bytes:
    """The envelope of an answer; arrondissement 0 is the prefecture itself."""
    root = _root("EnveloppeMISILLCL")
    sender = _add(root, "Emetteur")
    if arrondissement == "0":
        _add(sender, "IDPref", Departement=department)
    else:
        _add(sender, "IDSousPref", Departement=department, Arrondissement=arrondissement)
    contact = _add(sender, "Referent")
    _add(contact, "Nom", "Simulateur du service ACTES")
    _add(contact, "Telephone", "0000000000")
    _add(contact, "Email", "actes@ministere.test")
    forms = _add(root, "FormulairesEnvoyes")
    for message in messages:
        _add_file(forms, "Formulaire", message)
    _add(root, "Destinataire").set(name("SIREN", INSEE), siren)
    return _bytes(root)


def envelope_name(
    application: str, department: str, arrondissement: str, siren: str, day: date, serial: int
) -> str:
    """``EACT--SPREF0441-214400152-20181012-9.xml``."""
    office = f"PREF{department}" if arrondissement == "0" else f"SPREF{department}{arrondissement}"
    return f"{application}--{office}-{siren}-{day:%Y%m%d}-{serial}.xml"


def _root(local: str, **attributes: object) -> etree._Element:
    root = etree.Element(name(local), nsmap={"actes": ACTES, "insee": INSEE, "xsi": XSI})
    root.set(name("schemaLocation", XSI), f"{ACTES} actesv1_1.xsd")
    return _set(root, attributes)


def _add(parent: etree._Element, local: str, value: object = None, **attributes: object) -> etree._Element:
    element = _set(etree.SubElement(parent, name(local)), attributes)
    if value is not None:
        element.text = str(value)
    return element


def _add_file(parent: etree._Element, local: str, file: str) -> None:
    _add(_add(parent, local), "NomFichier", file)


def _set(element: etree._Element, attributes: dict[str, object]) -> etree._Element:
    for local, value in attributes.items():
        element.set(name(local), str(value))
    return element


def _copy(received: etree._Element, local: str) -> etree._Element:
    """What was received, under another name; the place of its schema is the root's to say."""
    copied = deepcopy(received)
    copied.tag = name(local)
    copied.attrib.pop(name("schemaLocation", XSI), None)
    copied.tail = None
    return copied


def _bytes(root: etree._Element) -> bytes:
    if fault := fault_of(root.getroottree()):
        raise ValueError(f"the ministry would write an invalid message: {fault}")
    return etree.tostring(root, encoding=ENCODING, xml_declaration=True, pretty_print=True)
