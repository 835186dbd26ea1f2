"""Files that come with a form: kept first, then handed to their action; each refusal is told at its field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import sentence
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Invalid

from ..domain.files import Place
from ..models import known
from ..queries.files import SoundFile, sound_file


def documents_of(request: HttpRequest, field: str, key: str) -> list[UUID]:
    """The documents sent in a field of this form."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return [
        documents.receive_upload(
            upload,
            organisation=known(actor.organisation),
            actor=replace(actor, idempotency_key=f"{key}:{field}:{place}"),
        ).pk
        for place, upload in enumerate(request.FILES.getlist(field))
    ]


def taken(request: HttpRequest, document: UUID, place: Place) -> SoundFile:
    """The document, found sound for its place; what a person should know of it is told on the next page."""
    file = sound_file(request.actor, document, place)  # type: ignore[attr-defined]
    for warning in file.warnings:
        said = (sentence(text, warning.params) for text in (warning.message, warning.remedy))
        messages.warning(request, " ".join(said))
    return file


def hand_over(form: Form, field: str, found: list[UUID], verb: Callable[[UUID, int], object]) -> None:
    """Calls ``verb`` on each document; a refusal is written at the field, and does not stop the others."""
    for place, document in enumerate(found):
        try:
            verb(document, place)
        except Invalid as refusal:
            for fault in refusal.faults:
                form.add_error(
                    field, f"{sentence(fault.message, fault.params)} {sentence(fault.remedy, fault.params)}"
                )
            if not refusal.faults:
                form.add_error(field, sentence(refusal.message, refusal.params))
        except Conflict as already_there:
            if already_there.code != "file-already-there":
                raise
