"""The bytes of an envelope's archive, made from what is stored: the same today and after any crash."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any
from uuid import UUID

from django.db.models import Q

from territoires.foundations.documents import api as documents

from ..domain.actes import archives
from ..domain.actes.archives import Entry
from ..domain.actes.names import (
    FIRST_DOCUMENT,
    ActIdentifier,
    classification_request_name,
    document_name,
    message_name,
)
from ..domain.actes.writing import (
    ActMessage,
    Sender,
    write_act,
    write_cancellation,
    write_classification_request,
    write_envelope,
    write_reply,
)
from ..domain.files import PDF, XML
from ..models import Act, Envelope, LetterReply, Transmission, known
from .files import annexes_of
from .transmissions import STILL_ORDERED

_IMAGES = {"image/jpeg": "jpg", "image/png": "png"}
BATCH = 100


def envelopes_to_make(organisation: UUID | None = None) -> Iterator[Envelope]:
    """Those still ordered whose archive is not made, of a body or of all, oldest first, with all that goes into it."""
    rows = Envelope.objects.filter(STILL_ORDERED, archive=None).order_by("made_at", "id")
    rows = rows.select_related("transmission__act__main", "organisation", "convention", "route")
    if organisation is not None:
        rows = rows.filter(organisation=organisation)
    some = list(rows[:BATCH])
    while some:
        yield from some
        last = some[-1]
        later = Q(made_at__gt=last.made_at) | Q(made_at=last.made_at, pk__gt=last.pk)
        some = list(rows.filter(later, made_at__gte=last.made_at)[:BATCH])


def is_still_ordered(envelope: Envelope) -> bool:
    """Whether what it carries still waits to leave, which nobody changes before the end of the transaction."""
    if envelope.transmission_id is not None:
        Transmission.objects.select_for_update().get(pk=envelope.transmission_id)
    if envelope.reply_id is not None:
        LetterReply.objects.select_for_update().get(pk=envelope.reply_id)
    return Envelope.objects.filter(STILL_ORDERED, pk=envelope.pk).exists()


def envelope_at(key: UUID) -> Envelope:
    """An envelope by its key, with what it belongs to."""
    return Envelope.objects.select_related("organisation", "transmission", "reply", "route").get(pk=key)


def is_classification_asked(department: str, *, since: datetime | None = None, siren: str = "") -> bool:
    """Whether the prefecture of a department was asked for its classification, lately, in the name of a body."""
    rows = Envelope.objects.filter(kind=Envelope.Kind.CLASSIFICATION, convention__department=department)
    if since is not None:
        rows = rows.filter(made_at__gt=since)
    return (rows.filter(organisation__siren=siren) if siren else rows).exists()


def write_archive(envelope: Envelope, target: IO[bytes]) -> None:
    """Writes the archive. Raises Invalid for what the State's format cannot hold or past 150 MiB, Corrupt for lost bytes."""
    archives.pack(_entries(envelope), target, at=envelope.made_at)


def _entries(envelope: Envelope) -> Iterator[Entry]:
    name, message, files = _message(envelope)
    yield _entry(envelope.name, write_envelope(_sender(envelope), [name]))
    yield _entry(name, message)
    yield from files


def _message(envelope: Envelope) -> tuple[str, bytes, list[Entry]]:
    """The message's file name, its bytes, and the files that go with it."""
    if envelope.kind == Envelope.Kind.CLASSIFICATION:
        name = classification_request_name(envelope.convention.department, envelope.organisation.siren)
        return name, write_classification_request(envelope.known_on), []
    transmission = known(envelope.transmission)
    act = ActIdentifier.parse(transmission.identifier)
    if envelope.kind == Envelope.Kind.CANCELLATION:
        return message_name(act, "6-1"), write_cancellation(act), []
    if envelope.reply is not None:
        files = _reply_files(envelope.reply, act)
        return message_name(act, envelope.kind), _reply_message(envelope.reply, act, files), files
    files = _files(transmission.act, act)
    return message_name(act, "1-1"), _act_message(transmission, act, [file.name for file in files]), files


def _act_message(transmission: Transmission, identifier: ActIdentifier, names: list[str]) -> bytes:
    act = transmission.act
    return write_act(
        ActMessage(
            act=identifier,
            nature_code=act.nature,
            matter_code=act.matter_code,
            object=act.object,
            classification_on=transmission.classification_on,
            document=names[0],
            annexes=names[1:],
            preceding=ActIdentifier.parse(transmission.preceding) if transmission.preceding else None,
        )
    )


def _reply_message(reply: LetterReply, identifier: ActIdentifier, files: list[Entry]) -> bytes:
    names = [file.name for file in files]
    return write_reply(reply.kind, identifier, letter_on=reply.letter.dated_on, documents=names)


def _files(act: Act, identifier: ActIdentifier) -> list[Entry]:
    pieces = [(known(act.main), act.main_type)]
    pieces += [(annex.document, annex.piece_type) for annex in annexes_of(act)]
    return _named(pieces, identifier, "1-1")


def _reply_files(reply: LetterReply, identifier: ActIdentifier) -> list[Entry]:
    pieces = [(file.document, reply.piece_type) for file in reply.files.select_related("document")]
    return _named(pieces, identifier, reply.kind)


def _named(pieces: list[tuple[Any, str]], identifier: ActIdentifier, kind: str) -> list[Entry]:
    return [
        Entry(
            document_name(piece_type, identifier, kind, rank=rank, extension=_extension(document)),
            document.size,
            documents.open_stream(document),
        )
        for rank, (document, piece_type) in enumerate(pieces, FIRST_DOCUMENT)
    ]


def _extension(document: Any) -> str:
    if document.media_type in XML:
        return "xml"
    return "pdf" if document.media_type == PDF else _IMAGES[document.media_type]


def _sender(envelope: Envelope) -> Sender:
    convention = envelope.convention
    return Sender(
        siren=envelope.organisation.siren,
        department=convention.department,
        arrondissement=convention.arrondissement,
        nature=convention.nature,
        return_addresses=[envelope.route.return_address],
    )


def _entry(name: str, content: bytes) -> Entry:
    return Entry(name, len(content), [content])
