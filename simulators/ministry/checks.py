"""What the ministry verifies, from the archive down to the last file, and the words in which it refuses.

The two texts that begin with ``ODT-VERIF`` are the ministry's own, seen in its answers. It publishes no list: the
others say the rule in words, without a number that we would have made up. The numbers of ``nature`` are those that
the schema allows; what each means is not written anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from lxml import etree

from .archives import File
from .classification import Classification
from .norm import (
    INSEE,
    DocumentName,
    EnvelopeName,
    MessageName,
    Unreadable,
    attribute,
    child,
    envelope_of_archive,
    holds_what_it_says,
    is_siren,
    local_name,
    name,
    read,
    read_day,
    text,
)

# Letter for letter, the ministry's slips of grammar included.
OUTDATED = "ODT-VERIF-01 : Votre acte a été transmis avec une date de classification qui n'est pas à jour"
UNKNOWN_TRANSACTION = (
    "ODT-VERIF-17 : La transaction que vous avez envoyé n'est pas reconnu dans l'application ACTES."
)
TEXTS = {"ODT-VERIF-01": OUTDATED, "ODT-VERIF-17": UNKNOWN_TRANSACTION}
"""The known texts by their code, for anomalies on demand."""

SENDER, FORMAT, FILES, DOUBLE, MESSAGE = "001", "002", "003", "004", "005"
ROOTS = {
    "1-1": "Acte",
    "2-2": "ReponseCourrierSimple",
    "3-2": "ARDemandePieceComplementaire",
    "3-3": "RefusPieceComplementaire",
    "3-4": "PieceComplementaire",
    "4-2": "ARLettreObservations",
    "4-3": "RejetLettreObservations",
    "4-4": "ReponseLettreObservations",
    "6-1": "Annulation",
    "7-1": "DemandeClassification",
}
"""What a body may send: the root element of each message."""

_EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR"  # the test file of antivirus programs
_BUDGET = 5
_ACT_EXTENSIONS, _OTHER_EXTENSIONS = frozenset({"pdf"}), frozenset({"pdf", "xml", "jpg", "jpeg", "png"})
_NUMBER = re.compile(r"[a-zA-Z0-9_]{1,15}", re.ASCII)


class Unanswerable(Exception):
    """There is no envelope to read: nobody is known to whom an answer could go."""


class EnvelopeRefused(Exception):
    """Answered by ``ANO_``."""

    def __init__(self, nature: str, detail: str) -> None:
        super().__init__(detail)
        self.nature, self.detail = nature, detail


class ActRefused(Exception):
    """Answered by 1-3."""

    def __init__(self, detail: str, nature: str = "001") -> None:
        super().__init__(detail)
        self.nature, self.detail = nature, detail


@dataclass(frozen=True, slots=True)
class Sender:
    """A body that has a convention with its prefect, as its envelopes must name it."""

    siren: str
    department: str
    arrondissement: str
    nature: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope that could be read: answers are possible from here on."""

    name: EnvelopeName
    element: etree._Element

    @property
    def sender(self) -> Sender:
        body = child(self.element, "Emetteur", "IDCL")
        return Sender(
            attribute(body, "SIREN", INSEE),
            attribute(body, "Departement"),
            attribute(body, "Arrondissement"),
            attribute(body, "Nature"),
        )

    @property
    def return_addresses(self) -> list[str]:
        return [email.text or "" for email in child(self.element, "AdressesRetour")]

    @property
    def forms(self) -> list[str]:
        return [text(form, "NomFichier") for form in child(self.element, "FormulairesEnvoyes")]

    @property
    def act_numbers(self) -> set[str]:
        """The numbers of the acts that its messages are named after."""
        named = (MessageName.parse(form) for form in self.forms)
        return {message.act.split("-")[3] for message in named if message is not None and message.act}


@dataclass(frozen=True, slots=True)
class Message:
    """A message of an envelope: its file, what the file's name says, what the file holds."""

    file: str
    name: MessageName
    element: etree._Element

    @property
    def documents(self) -> list[str]:
        """The names of the files that belong to it, the act first."""
        return [(file.text or "").strip() for file in self.element.iter(name("NomFichier"))]


def read_envelope(archive_name: str, files: Mapping[str, File]) -> Envelope:
    """The envelope of an archive. Raises Unanswerable."""
    expected = envelope_of_archive(archive_name)
    parsed = EnvelopeName.parse(expected or "")
    if expected is None or parsed is None:
        raise Unanswerable(f"nom d'archive non conforme : {archive_name}")
    file = files.get(expected)
    if file is None or file.content is None:
        raise Unanswerable(f"l'enveloppe {expected} est absente de l'archive")
    try:
        element = read(file.content)
    except Unreadable as failure:
        raise Unanswerable(f"l'enveloppe {expected} est illisible : {failure}") from failure
    if local_name(element) != "EnveloppeCLMISILL":
        raise Unanswerable(f"{expected} n'est pas une enveloppe")
    return Envelope(parsed, element)


def check_envelope(envelope: Envelope, known: Sender | None, is_double: bool, today: date) -> None:
    """The sender, the serial, the day. ``known`` is the convention of its SIREN. Raises EnvelopeRefused."""
    sender = envelope.sender
    if is_double:
        raise EnvelopeRefused(
            DOUBLE, f"Une enveloppe du même nom a déjà été reçue (numéro de série {envelope.name.serial})."
        )
    if not is_siren(sender.siren) or known is None:
        raise EnvelopeRefused(SENDER, f"Émetteur inconnu : SIREN {sender.siren}.")
    if envelope.name.siren != sender.siren:
        raise EnvelopeRefused(
            SENDER,
            f"Le SIREN de l'enveloppe ({sender.siren}) n'est pas celui de son nom ({envelope.name.siren}).",
        )
    if sender != known:
        raise EnvelopeRefused(
            SENDER,
            f"Le département, l'arrondissement ou la nature de l'émetteur {sender.siren} ne sont pas ceux de la convention.",
        )
    if envelope.name.day > today:
        raise EnvelopeRefused(FORMAT, "La date du nom de l'enveloppe est dans le futur.")


def read_messages(envelope: Envelope, files: Mapping[str, File]) -> list[Message]:
    """The messages of an envelope, each readable and named as what it is. Raises EnvelopeRefused."""
    messages = []
    for form in envelope.forms:
        parsed = MessageName.parse(form)
        if parsed is None or parsed.kind not in ROOTS:
            raise EnvelopeRefused(MESSAGE, UNKNOWN_TRANSACTION)
        file = files.get(form)
        if file is None or file.content is None:
            raise EnvelopeRefused(FILES, f"Fichier absent de l'archive : {form}.")
        try:
            element = read(file.content)
        except Unreadable as failure:
            raise EnvelopeRefused(FORMAT, f"Le message {form} est refusé : {failure}.") from failure
        if local_name(element) != ROOTS[parsed.kind]:
            raise EnvelopeRefused(MESSAGE, UNKNOWN_TRANSACTION)
        if (parsed.department, parsed.siren) != (envelope.sender.department, envelope.sender.siren):
            raise EnvelopeRefused(SENDER, f"Le message {form} n'est pas de l'émetteur de l'enveloppe.")
        messages.append(Message(form, parsed, element))
    return messages


def check_files(archive_name: str, messages: Iterable[Message], files: Mapping[str, File]) -> None:
    """Nothing more than what is named, and nothing infected. Raises EnvelopeRefused."""
    envelope = envelope_of_archive(archive_name)
    unnamed = set(files) - {envelope}
    for message in messages:
        unnamed -= {message.file, *message.documents}
    if unnamed:
        raise EnvelopeRefused(FILES, f"Fichier de l'archive qu'aucun message ne nomme : {min(unnamed)}.")
    for file_name, file in files.items():
        if _EICAR in file.head:
            raise EnvelopeRefused(FILES, f"Un virus a été trouvé dans le fichier {file_name}.")


def check_act(
    message: Message, files: Mapping[str, File], in_force: Classification, is_taken: bool, today: date
) -> None:
    """The rules for message 1-1; ``is_taken`` when an act of that number and day was acknowledged. Raises ActRefused."""
    act = message.element
    if text(act, "ClassificationDateVersion") != in_force.dated_on.isoformat():
        raise ActRefused(OUTDATED, "002")
    _check_identity(message, in_force, today)
    if is_taken:
        raise ActRefused(f"Numéro interne déjà existant : {attribute(act, 'NumeroInterne')} (doublon).")
    if not 0 < len(text(act, "Objet")) <= 500:
        raise ActRefused("L'objet de l'acte est vide ou dépasse 500 caractères.")
    matter = matter_of(act)
    if not in_force.is_leaf(matter):
        raise ActRefused(f"La matière {matter} n'existe pas dans la classification en vigueur.")
    annexes = child(act, "Annexes")
    if int(attribute(annexes, "Nombre")) != len(annexes):
        raise ActRefused(f"Le nombre d'annexes annoncé n'est pas celui des annexes nommées ({len(annexes)}).")
    check_documents(message, files, in_force)


def check_documents(message: Message, files: Mapping[str, File], in_force: Classification) -> None:
    """The files of a message: names, ranks, types, contents. Raises ActRefused."""
    ranks = []
    for file_name in message.documents:
        parsed = DocumentName.parse(file_name)
        if parsed is None or (parsed.act, parsed.kind) != (message.name.act, message.name.kind):
            raise ActRefused(f"Nom de fichier non conforme : {file_name}.")
        file = files.get(file_name)
        if file is None:
            raise ActRefused(f"Fichier absent de l'archive : {file_name}.")
        ranks.append(parsed.rank)
        _check_type(message, parsed, in_force)
        if not holds_what_it_says(parsed.extension, file.head):
            raise ActRefused(f"Le contenu du fichier {file_name} est vide ou n'est pas du type annoncé.")
    if ranks != list(range(1, len(ranks) + 1)):
        raise ActRefused("Les fichiers de l'acte ne sont pas numérotés de 1 en 1.")


def matter_of(act: etree._Element) -> str:
    """The dotted code of the matter of a 1-1; a level after a gap makes it a code that no classification has."""
    levels = [act.find(name(f"CodeMatiere{rank}")) for rank in range(1, 6)]
    codes = ["?" if level is None else attribute(level, "CodeMatiere") for level in levels]
    return ".".join(codes).rstrip(".?")


def _check_identity(message: Message, in_force: Classification, today: date) -> None:
    act = message.element
    decided_on, number = attribute(act, "Date"), attribute(act, "NumeroInterne")
    nature = in_force.nature(int(attribute(act, "CodeNatureActe")))
    if nature is None:
        raise ActRefused(f"Nature d'acte inconnue : {attribute(act, 'CodeNatureActe')}.")
    if _NUMBER.fullmatch(number) is None:
        raise ActRefused(f"Numéro interne non conforme : {number}.")
    _department, _siren, day, named_number, abbreviation = message.name.act.split("-")
    written = read_day(day)
    if (named_number, abbreviation) != (number, nature.abbreviation) or written is None:
        raise ActRefused("Le nom du message n'est pas celui de l'acte qu'il contient.")
    if written.isoformat() != decided_on:
        raise ActRefused("La date du nom du message n'est pas celle de l'acte.")
    if written > today:
        raise ActRefused("La date de l'acte est dans le futur.")


def _check_type(message: Message, document: DocumentName, in_force: Classification) -> None:
    if message.name.kind != "1-1":
        if document.extension not in _OTHER_EXTENSIONS:
            raise ActRefused(f"Format de fichier refusé : {document.extension}.")
        return
    nature = in_force.nature(int(attribute(message.element, "CodeNatureActe")))
    if nature is None or document.type not in nature.types:
        raise ActRefused(f"Type de pièce {document.type} (CodePJ) non admis pour la nature de l'acte.")
    is_budget = nature.code == _BUDGET and f"{matter_of(message.element)}.".startswith("7.1.")
    if document.rank == 1:
        accepted = _ACT_EXTENSIONS | {"xml"} if is_budget else _ACT_EXTENSIONS
    else:
        accepted = _ACT_EXTENSIONS if is_budget else _OTHER_EXTENSIONS
    if document.extension not in accepted:
        raise ActRefused(f"Format de fichier refusé pour cette pièce : {document.extension}.")
