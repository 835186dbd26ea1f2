"""The messages that come back from the ministry, read by namespace and never by prefix.

Tolerant where the ministry is known to deviate from its schema (anomaly natures outside the enumeration, empty
``DocumentPapier``, identifiers missing from names); what cannot be understood raises Invalid with the reason, and
belongs in quarantine with its bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from territoires.kernel.errors import Invalid
from territoires.kernel.xml import Element, parse_xml

from .names import ActIdentifier
from .xml import INSEE, attribute, child, children, day, local_name, named, text

MESSAGE_LIMIT = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedAct:
    """The copy of message 1-1 that an answer carries."""

    number: str
    decided_on: date
    nature_code: str
    matter_code: str
    object: str
    classification_on: date
    document: str
    annexes: tuple[str, ...]
    preceding: str = ""


@dataclass(frozen=True, slots=True)
class ActAcknowledged:
    """1-2: received at the prefecture on that legal day, under this identifier."""

    act: ActIdentifier
    received_on: date
    received: ReceivedAct
    classification_on: date


@dataclass(frozen=True, slots=True)
class ActRefused:
    """1-3: ``nature`` has three digits (open list), ``detail`` starts with the rule (``ODT-VERIF-01 : ...``)."""

    reported_on: date
    nature: str
    detail: str
    received: ReceivedAct
    classification_on: date


@dataclass(frozen=True, slots=True)
class EnvelopeRefused:
    """The whole envelope was refused: every message that it named is in error."""

    reported_on: date
    nature: str
    detail: str
    siren: str
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CancellationAcknowledged:
    """6-2: the act counts as never transmitted from that day."""

    act: ActIdentifier
    received_on: date


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter of the prefecture about an act: 2-1 simple, 3-1 pieces asked for, 4-1 observations.

    ``text`` is what is asked or observed; ``documents`` are names of files of the same archive.
    """

    kind: str
    act: ActIdentifier
    dated_on: date
    text: str
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReplyAcknowledged:
    """3-5 or 4-5: the body's answer to a letter arrived."""

    kind: str
    act: ActIdentifier
    letter_on: date
    received_on: date


@dataclass(frozen=True, slots=True)
class Referred:
    """5-1: the prefect referred the act to the administrative court."""

    act: ActIdentifier
    filed_on: date
    illegality: str
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClassificationEntry:
    """A line of the classification: a nature's, a matter's (dotted code) or a type of piece's label."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class ClassificationReturned:
    """7-2: the prefecture's classification. ``piece_types`` lists, by nature code, the types that it takes."""

    dated_on: date
    natures: tuple[ClassificationEntry, ...]
    abbreviations: Mapping[str, str]
    piece_types: Mapping[str, tuple[ClassificationEntry, ...]]
    matters: tuple[ClassificationEntry, ...]


@dataclass(frozen=True, slots=True)
class ClassificationUnchanged:
    """7-3: the classification of that date still holds."""

    dated_on: date


@dataclass(frozen=True, slots=True)
class ReceivedEnvelope:
    """The ministry's envelope: which office wrote, to which body, which messages it holds."""

    office: str
    department: str
    siren: str
    messages: tuple[str, ...]


StateMessage = (
    ActAcknowledged
    | ActRefused
    | EnvelopeRefused
    | CancellationAcknowledged
    | Letter
    | ReplyAcknowledged
    | Referred
    | ClassificationReturned
    | ClassificationUnchanged
    | ReceivedEnvelope
)


def read_message(data: bytes) -> StateMessage:
    """What the bytes say. Raises Invalid, with the reason, for anything that is no message of the State."""
    root = parse_xml(data, limit=MESSAGE_LIMIT)
    reader = _READERS.get(local_name(root)) if root.tag == named(local_name(root)) else None
    if reader is None:
        raise Invalid(
            "actes-unknown-message",
            "“%(name)s” is not a message that the State sends to a body.",
            "It is kept aside: the operator decides what to do with it.",
            params={"name": local_name(root)[:80]},
        )
    return reader(root)


def read_act(data: bytes) -> ReceivedAct:
    """Message 1-1, which bodies send. Raises Invalid."""
    return _received(parse_xml(data, limit=MESSAGE_LIMIT))


def _acknowledged(root: Element) -> ActAcknowledged:
    return ActAcknowledged(
        _act(root),
        day(attribute(root, "DateReception")),
        _received(child(root, "ActeRecu")),
        day(text(root, "ClassificationDateVersionEnCours")),
    )


def _refused(root: Element) -> ActRefused:
    return ActRefused(
        day(text(root, "Date")),
        text(root, "Nature"),
        text(root, "Detail", ""),
        _received(child(root, "ActeRecu")),
        day(text(root, "ClassificationDateVersionEnCours")),
    )


def _envelope_refused(root: Element) -> EnvelopeRefused:
    envelope = child(root, "EnveloppeRecue")
    sender = child(child(envelope, "Emetteur"), "IDCL")
    return EnvelopeRefused(
        day(text(root, "Date")),
        text(root, "Nature"),
        text(root, "Detail", ""),
        attribute(sender, "SIREN", INSEE),
        _files(child(envelope, "FormulairesEnvoyes"), "Formulaire"),
    )


def _cancelled(root: Element) -> CancellationAcknowledged:
    return CancellationAcknowledged(_act(root), day(attribute(root, "DateReception")))


def _letter(kind: str, words: str = "") -> Callable[[Element], Letter]:
    def read(root: Element) -> Letter:
        return Letter(
            kind,
            _act(root),
            day(attribute(root, "DateCourrierPref")),
            text(root, words) if words else "",
            _files(root, "Document"),
        )

    return read


def _reply_acknowledged(kind: str) -> Callable[[Element], ReplyAcknowledged]:
    def read(root: Element) -> ReplyAcknowledged:
        letter = child(root, "InfosCourrierPref")
        return ReplyAcknowledged(
            kind,
            _act(letter),
            day(attribute(letter, "DateCourrierPref")),
            day(attribute(root, "DateReception")),
        )

    return read


def _referred(root: Element) -> Referred:
    pieces = root.find(named("PiecesJointes"))
    return Referred(
        _act(root),
        day(text(root, "DateDepot")),
        text(root, "NatureIllegalite", ""),
        () if pieces is None else _files(pieces, "PieceJointe"),
    )


def _classification(root: Element) -> ClassificationReturned:
    natures = list(children(child(root, "NaturesActes"), "NatureActe"))
    return ClassificationReturned(
        day(text(root, "DateClassification")),
        tuple(_entry(nature, "CodeNatureActe") for nature in natures),
        {attribute(nature, "CodeNatureActe"): attribute(nature, "TypeAbrege") for nature in natures},
        {
            attribute(nature, "CodeNatureActe"): tuple(
                _entry(piece, "CodeTypePJ") for piece in children(nature, "TypePJNatureActe")
            )
            for nature in natures
        },
        tuple(_matters(child(root, "Matieres"))),
    )


def _matters(parent: Element, above: str = "", level: int = 1) -> list[ClassificationEntry]:
    found = []
    for element in children(parent, f"Matiere{level}"):
        entry = _entry(element, "CodeMatiere", above)
        found.append(entry)
        found.extend(_matters(element, f"{entry.code}.", level + 1))
    return found


def _entry(element: Element, code: str, above: str = "") -> ClassificationEntry:
    return ClassificationEntry(
        above + attribute(element, code), " ".join(attribute(element, "Libelle").split())
    )


def _unchanged(root: Element) -> ClassificationUnchanged:
    return ClassificationUnchanged(day(text(root, "DateClassification")))


def _envelope(root: Element) -> ReceivedEnvelope:
    offices = {"IDSGAR": "SGAR", "IDPref": "PREF", "IDSousPref": "SPREF"}
    for element in child(root, "Emetteur"):
        if office := offices.get(local_name(element)):
            return ReceivedEnvelope(
                office,
                attribute(element, "Departement"),
                attribute(child(root, "Destinataire"), "SIREN", INSEE),
                _files(child(root, "FormulairesEnvoyes"), "Formulaire"),
            )
    raise Invalid(
        "actes-sender-unknown",
        "The envelope does not say which office of the State sends it.",
        "It is kept aside: the operator decides what to do with it.",
    )


def _received(element: Element) -> ReceivedAct:
    levels: list[str] = []
    for rank in range(1, 6):
        level = element.find(named(f"CodeMatiere{rank}"))
        if level is not None:  # the ministry has skipped a level before
            levels.append(attribute(level, "CodeMatiere"))
    preceding = element.find(named("PrecedentIdentifiantActe"))
    return ReceivedAct(
        number=attribute(element, "NumeroInterne"),
        decided_on=day(attribute(element, "Date")),
        nature_code=attribute(element, "CodeNatureActe"),
        matter_code=".".join(levels),
        object=text(element, "Objet"),
        classification_on=day(text(element, "ClassificationDateVersion")),
        document=_files(element, "Document")[0],
        annexes=_files(child(element, "Annexes"), "Annexe"),
        preceding="" if preceding is None else attribute(preceding, "IDActe"),
    )


def _act(element: Element) -> ActIdentifier:
    return ActIdentifier.parse(attribute(element, "IDActe"))


def _files(parent: Element, name: str) -> tuple[str, ...]:
    return tuple(text(element, "NomFichier") for element in children(parent, name))


_READERS: Mapping[str, Callable[[Element], StateMessage]] = {
    "ARActe": _acknowledged,
    "AnomalieActe": _refused,
    "AnomalieEnveloppe": _envelope_refused,
    "ARAnnulation": _cancelled,
    "CourrierSimple": _letter("2-1"),
    "DemandePieceComplementaire": _letter("3-1", "DescriptionPieces"),
    "LettreObservations": _letter("4-1", "Motif"),
    "ARPieceComplementaire": _reply_acknowledged("3-5"),
    "ARReponseRejetLettreObservations": _reply_acknowledged("4-5"),
    "DefereTA": _referred,
    "RetourClassification": _classification,
    "ReponseClassificationSansChangement": _unchanged,
    "EnveloppeMISILLCL": _envelope,
}
