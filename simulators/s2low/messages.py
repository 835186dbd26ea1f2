"""The messages that the third party writes in the body's name (1-1, 6-1, answers to letters), from what was posted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from ..ministry.norm import ACTES, ENCODING, INSEE


@dataclass(frozen=True, slots=True)
class Act:
    """An act as posted; ``levels`` are those of its matter, ``files`` names of the norm, the act first."""

    identifier: str
    number: str
    decided_on: str
    nature: int
    levels: Sequence[str]
    subject: str
    on_paper: bool
    files: Sequence[str]

    @property
    def message_name(self) -> str:
        return f"{self.identifier}-1-1_0.xml"


def act(posted: Act, classification_on: str) -> bytes:
    """Message 1-1."""
    matters = "".join(
        f"<actes:CodeMatiere{rank} actes:CodeMatiere={quoteattr(level)}/>"
        for rank, level in enumerate(posted.levels, 1)
    )
    first, *annexes = [f"<actes:NomFichier>{escape(name)}</actes:NomFichier>" for name in posted.files]
    listed = "".join(f"<actes:Annexe>{name}</actes:Annexe>" for name in annexes)
    return _message(
        "Acte",
        f"actes:Date={quoteattr(posted.decided_on)} actes:NumeroInterne={quoteattr(posted.number)}"
        f' actes:CodeNatureActe="{posted.nature}"',
        f"{matters}<actes:Objet>{escape(posted.subject)}</actes:Objet>"
        f"<actes:ClassificationDateVersion>{classification_on}</actes:ClassificationDateVersion>"
        f"<actes:Document>{first}</actes:Document>"
        f'<actes:Annexes actes:Nombre="{len(annexes)}">{listed}</actes:Annexes>'
        f"<actes:DocumentPapier>{'O' if posted.on_paper else 'N'}</actes:DocumentPapier>",
    )


def cancellation(identifier: str) -> bytes:
    """Message 6-1."""
    return _message("Annulation", f"actes:IDActe={quoteattr(identifier)}", "")


REPLIES = {
    "2-2": "ReponseCourrierSimple",
    "3-3": "RefusPieceComplementaire",
    "3-4": "PieceComplementaire",
    "4-3": "RejetLettreObservations",
    "4-4": "ReponseLettreObservations",
}


def reply(kind: str, identifier: str, letter_on: str, files: Sequence[str]) -> bytes:
    """Messages 2-2, 3-3, 3-4, 4-3 and 4-4, about the letter of that day."""
    named = "".join(
        f"<actes:Document><actes:NomFichier>{escape(name)}</actes:NomFichier></actes:Document>"
        for name in files
    )
    return _message(
        REPLIES[kind],
        f"actes:IDActe={quoteattr(identifier)} actes:DateCourrierPref={quoteattr(letter_on)}",
        f"<actes:Documents>{named}</actes:Documents>" if kind == "3-4" else named,
    )


def _message(root: str, attributes: str, content: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="{ENCODING}"?>\n'
        f'<actes:{root} xmlns:actes="{ACTES}" xmlns:insee="{INSEE}" {attributes}>{content}</actes:{root}>'
    ).encode("latin-1", "xmlcharrefreplace")
