"""The files of a consultation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.apps import apps

from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Fault, Invalid, Missing

from ..domain.findings import msgid
from ..models import Consultation, Piece

LARGEST = 500 * 1024 * 1024


def received(actor: Actor, key: UUID) -> Any:
    """A document that the acting organisation received, sound enough to be given to enterprises.

    Raises Missing for another's, Invalid for an empty one, a program or a disguised file.
    """
    rows: Any = apps.get_model("documents.Document")._default_manager
    found = rows.filter(pk=key, organisation_id=actor.organisation).first()
    if found is None:
        raise Missing("no-document", "This file is no longer here.", "Send it again.")
    if found.size == 0:
        raise _refused("file-empty", msgid("The file “%(name)s” is empty."), found.name)
    if documents.is_program(found.media_type) or documents.is_disguised(found.name, found.media_type):
        raise _refused(
            "file-program",
            msgid("The file “%(name)s” is a program, or is not what its name says."),
            found.name,
        )
    return found


def examined(actor: Actor, key: UUID) -> Any:
    """A document that an enterprise gives to a buyer: received, and judged by the antivirus.

    Raises what ``received`` raises, Invalid when it is infected, Unavailable when the antivirus does not judge.
    """
    found = received(actor, key)
    if virus := documents.infection_of(found):
        raise _refused(
            "file-infected",
            msgid("The antivirus finds “%(virus)s” in the file “%(name)s”."),
            found.name,
            virus=virus,
        )
    return found


def piece_of(consultation: Consultation, sha256: str) -> Piece:
    """One document of the consultation. Raises Missing."""
    found = Piece.objects.filter(consultation=consultation, sha256=sha256).select_related("document").first()
    if found is None:
        raise Missing(
            "no-document", "This file is not part of the consultation.", "Go back to its documents."
        )
    return found


def _refused(code: str, message: str, name: str, **params: str) -> Invalid:
    remedy = msgid("Send another one: PDF, or an office file.")
    fault = Fault("document", code, message, remedy, {"name": name} | params)
    return Invalid("file-refused", "The file was not added.", "Correct it and send it again.", faults=[fault])
