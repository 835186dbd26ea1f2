"""The documents of a consultation: added and removed while it is prepared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from territoires.contracts import procurement as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Invalid

from ..models import Consultation, DocumentKind, Piece
from ..permissions import Procurement
from ..queries.files import piece_of, received
from ..queries.sheets import pieces_of
from .moving import about, move

MOST_PIECES = 200


@action(Procurement.PREPARE, on="consultation")
def add_document(
    *, actor: Actor, consultation: Consultation, document: UUID, kind: str, version: int | None = None
) -> Outcome[Piece]:
    """Adds a received file. Raises Invalid for one that nobody could open, Conflict for the same bytes again."""
    move(consultation, "prepare", actor, version)
    file = received(actor, document)
    present = pieces_of(consultation)
    if any(piece.sha256 == file.sha256 for piece in present):
        raise Conflict(
            "file-already-there",
            "This very file is already among the documents; nothing was done twice.",
            "Choose another file.",
        )
    if len(present) >= MOST_PIECES:
        raise Invalid(
            "too-many-documents",
            "A consultation holds at most %(most)d documents.",
            "Put several in one archive.",
            params={"most": MOST_PIECES},
        )
    documents.attach(file, holder=consultation.subject)
    piece = Piece(
        consultation=consultation,
        document=file,
        sha256=file.sha256,
        kind=kind if kind in DocumentKind.values else DocumentKind.OTHER,
        position=max((one.position for one in present), default=0) + 1,
    )
    piece.save()
    consultation.save()
    fact = facts.DocumentAdded(
        **about(consultation),
        document_kind=piece.kind,
        media_type=file.media_type,
        size=file.size,
        content=file.sha256,
        name=file.name,
    )
    return Outcome(piece, fact)


@action(Procurement.PREPARE, on="consultation")
def remove_document(
    *, actor: Actor, consultation: Consultation, sha256: str, version: int | None = None
) -> Outcome[Consultation]:
    """Takes a file off. Raises Missing when it is no longer there."""
    move(consultation, "prepare", actor, version)
    piece = piece_of(consultation, sha256)
    piece.delete()
    let_go(actor, consultation, piece.document, "removed")
    consultation.save()
    fact = facts.DocumentRemoved(**about(consultation), document_kind=piece.kind, sha256=sha256)
    return Outcome(consultation, fact)


def let_go(actor: Actor, consultation: Consultation, document: Any, reason: str) -> None:
    """The consultation needs the document no more."""
    # The caller's idempotency key is already taken by the verb that contains this one.
    documents.release(
        actor=replace(actor, idempotency_key=None),
        document=document,
        holder=consultation.subject,
        reason=reason,
    )
