"""The life of a document: received, attached to what it is part of, let go, purged."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Corrupt, Gone
from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from . import storage
from .facts import DocumentReceived, DocumentReleased
from .media_types import media_type_of
from .models import Document, Reference
from .names import safe_name
from .permissions import Documents
from .storage import Draft

HOLD = "documents.hold"
# One statement: locked as ``release`` locks it, so that the last holder to go and a new one see each other; in the order
# of their ids, so that two that lock the same documents wait for each other and never both.
_ATTACH = """
WITH held AS (
    SELECT document.*, given.* FROM documents_document AS document
    JOIN unnest(%(document)s::uuid[], %(reference)s::uuid[], %(holder_type)s::text[], %(holder)s::uuid[])
        AS given (document_id, reference, holder_type, holder) ON document.id = given.document_id
    ORDER BY document.id FOR UPDATE OF document), kept AS (
    INSERT INTO documents_reference (id, document_id, holder_type, holder_id, retention_until, hold_reason)
    SELECT reference, document_id, holder_type, holder, %(until)s, '' FROM held WHERE purged_at IS NULL
    ON CONFLICT ON CONSTRAINT reference_once_a_holder DO UPDATE SET retention_until = excluded.retention_until)
SELECT * FROM held"""
KEPT_UNATTACHED = timedelta(days=7)
"""How long an upload waits for the form that it belongs to: a week of holidays loses nothing."""


def receive(chunks: Iterable[bytes], *, name: str, organisation: UUID, actor: Actor, limit: int) -> Document:
    """Streams bytes into the store, in bounded memory, and returns their document.

    The caller has checked that the actor may deposit here. Raises TooBig past ``limit`` bytes (nothing is kept) and
    Unavailable when the store cannot write. The document waits ``KEPT_UNATTACHED`` for ``attach``.
    """
    draft = Draft(limit)
    try:
        for chunk in chunks:
            draft.write(chunk)
        return keep_draft(actor=actor, draft=draft, name=name, organisation=organisation)
    finally:
        draft.discard()


def receive_all(
    files: Iterable[tuple[str, bytes]], *, organisation: UUID, actor: Actor, limit: int
) -> list[Document]:
    """The same for small files that came together, by name: all of them are kept, or none."""
    drafts: list[tuple[str, Draft]] = []
    try:
        for name, content in files:
            drafts.append((name, Draft(limit)))
            drafts[-1][1].write(content)
        return keep_drafts(actor=actor, drafts=drafts, organisation=organisation)
    finally:
        for _name, draft in drafts:
            draft.discard()


@action(Documents.RECEIVE)
def keep_draft(*, actor: Actor, draft: Draft, name: str, organisation: UUID) -> Outcome[Document]:
    """Makes a complete draft a document."""
    (document,) = _keep(actor, [(name, draft)], organisation)
    return Outcome(document, _received(document))


@action(Documents.RECEIVE)
def keep_drafts(
    *, actor: Actor, drafts: Sequence[tuple[str, Draft]], organisation: UUID
) -> Outcome[list[Document]]:
    """Makes several drafts, each with its name, documents."""
    kept = _keep(actor, drafts, organisation)
    return Outcome(kept, *(_received(one) for one in kept))


def attach(document: Document | UUID, *, holder: Subject, retention_until: date | None = None) -> Document:
    """Says that ``holder`` needs the document, at least until that legal day; saying it again moves the day.

    Belongs inside the holder's action. Raises Gone when the document was purged meanwhile.
    """
    return attach_all([(document, holder)], retention_until=retention_until)[0]


def attach_all(
    held: Sequence[tuple[Document | UUID, Subject]], *, retention_until: date | None = None
) -> list[Document]:
    """The same for several documents, each with its holder, at once; in the order of their ids."""
    found = list(
        Document.objects.raw(
            _ATTACH,
            {
                "document": [one.pk if isinstance(one, Document) else one for one, _holder in held],
                "reference": [new_id() for _ in held],
                "holder_type": [holder.type for _one, holder in held],
                "holder": [holder.id for _one, holder in held],
                "until": retention_until,
            },
        )
    )
    for one in found:
        require_bytes(one)
    return found


def hold(document: Document | UUID, *, reason: str) -> UUID:
    """Forbids the purge (a dispute, an inspection) whatever its holders do; returns the hold's id."""
    with transaction.atomic():
        found = _lock(document)
        require_bytes(found)
        held = Reference(document=found, holder_type=HOLD, holder_id=new_id(), hold_reason=reason)
        held.save()
    return held.holder_id


def lift(document: Document | UUID, held: UUID) -> None:
    """Ends a hold; the document stays until a holder lets it go."""
    key = document.pk if isinstance(document, Document) else document
    Reference.objects.filter(document_id=key, holder_type=HOLD, holder_id=held).delete()


@action(Documents.RELEASE, on="document")
def release(*, actor: Actor, document: Document, holder: Subject, reason: str) -> Outcome[bool]:
    """Ends ``holder``'s need of the document; the last one to let go purges it, and hash and ``reason`` stay.

    Answers whether the bytes are gone. Raises Conflict while the holder's retention runs.
    """
    references = document.references.filter(holder_type=holder.type, holder_id=holder.id)
    today = legal_day(actor.now())
    if references.filter(retention_until__gte=today).exists():
        raise Conflict(
            "retention-runs",
            "This file must still be kept: its retention has not ended.",
            "Wait for the end of the retention, shown on the file's page.",
        )
    references.delete()
    is_last = document.purged_at is None and not document.references.exists()
    if is_last:
        _purge(document, reason, actor)
    return Outcome(is_last, _released(document, reason))


@action(Documents.RELEASE, on="document")
def expire(*, actor: Actor, document: Document) -> Outcome[None]:
    """Purges an upload that no form claimed in time. Raises Conflict when one just did."""
    if document.purged_at is not None or document.references.exists():
        raise Conflict("file-claimed", "This file was claimed meanwhile; it is kept.", "Nothing to do.")
    _purge(document, "unattached", actor)
    return Outcome(None, _released(document, "unattached"))


def open_stream(document: Document) -> Iterator[bytes]:
    """The document's bytes by chunks of 1 MiB. Raises Gone once purged, Corrupt when the store has lost them."""
    require_bytes(document)
    return storage.read(storage.open_object(document.organisation_id, document.sha256))


def require_bytes(document: Document) -> None:
    """Raises Gone once the document was purged."""
    if document.purged_at is not None:
        raise Gone(
            "file-purged",
            "This file is no longer kept; its hash and the reason are.",
            "Ask the body that published it whether it holds a copy.",
            params={"sha256": document.sha256, "reason": document.purge_reason},
        )


def documents_of(holder: Subject) -> QuerySet[Document]:
    """The documents that a holder refers to, in the order received."""
    return Document.objects.filter(
        references__holder_type=holder.type, references__holder_id=holder.id
    ).order_by("received_at", "id")


def verify_document(document: Document, *, actor: Actor) -> None:
    """Reads the bytes again and compares. Raises Corrupt when they are not those received."""
    found = _rehash(document)
    if found != document.sha256:
        raise Corrupt(
            "file-altered",
            "The stored file is not the one that was received.",
            "Tell the operator: the file must be restored from a backup, or deposited again.",
            params={"document": str(document.pk), "sha256": document.sha256, "found": found},
        )
    Document.objects.filter(pk=document.pk).update(verified_at=actor.now())


def purge_unattached(actor: Actor) -> int:
    """Purges the uploads that no form claimed in time; returns how many."""
    waiting = Document.objects.filter(
        purged_at=None, references=None, received_at__lt=actor.now() - KEPT_UNATTACHED
    )
    purged = 0
    for document in list(waiting[:1000]):
        with contextlib.suppress(Conflict):
            expire(actor=actor, document=document)
            purged += 1
    return purged


def purge_orphans() -> int:
    """Removes stored bytes that no document names (left by a process killed before its commit); returns how many."""
    return sum(_delete_if_unnamed(organisation, sha256) for organisation, sha256 in storage.stored_objects())


def _keep(actor: Actor, drafts: Sequence[tuple[str, Draft]], organisation: UUID) -> list[Document]:
    kept = [
        Document(
            organisation_id=organisation,
            sha256=draft.sha256,
            size=draft.size,
            media_type=media_type_of(draft.head, draft.tail()),
            name=safe_name(name),
            received_at=actor.now(),
            received_by=actor.person,
        )
        for name, draft in drafts
    ]
    _lock_contents(organisation, [draft.sha256 for _name, draft in drafts])
    for _name, draft in drafts:
        draft.keep(organisation)
    return Document.objects.bulk_create(kept)


def _received(document: Document) -> DocumentReceived:
    return DocumentReceived(
        subject=Subject("documents.document", document.pk),
        sha256=document.sha256,
        size=document.size,
        media_type=document.media_type,
        name=document.name,
    )


def _released(document: Document, reason: str) -> DocumentReleased:
    return DocumentReleased(
        subject=Subject("documents.document", document.pk),
        sha256=document.sha256,
        reason=reason,
        purged=document.purged_at is not None,
    )


def _rehash(document: Document) -> str:
    digest = hashlib.sha256()
    for chunk in open_stream(document):
        digest.update(chunk)
    return digest.hexdigest()


def _purge(document: Document, reason: str, actor: Actor) -> None:
    document.purged_at, document.purge_reason, document.name = actor.now(), reason, ""
    document.save(update_fields=["purged_at", "purge_reason", "name"])
    transaction.on_commit(partial(_delete_if_unnamed, document.organisation_id, document.sha256))


def _delete_if_unnamed(organisation: UUID, sha256: str) -> bool:
    with transaction.atomic():
        _lock_contents(organisation, [sha256])
        named = Document.objects.filter(organisation_id=organisation, sha256=sha256, purged_at=None)
        if named.exists():
            return False
        storage.delete_object(organisation, sha256)
        return True


def _lock_contents(organisation: UUID, hashes: Iterable[str]) -> None:
    """Until the end of the transaction nobody else keeps or deletes these bytes."""
    numbers = {(organisation.int ^ int(sha256[:32], 16)) & ((1 << 63) - 1) for sha256 in hashes}
    with connection.cursor() as cursor:
        # in one order for everybody: unnest gives its elements one by one
        cursor.execute(
            "SELECT pg_advisory_xact_lock(one) FROM unnest(%s::bigint[]) AS one", [sorted(numbers)]
        )


def _lock(document: Document | UUID) -> Document:
    key = document.pk if isinstance(document, Document) else document
    return Document.objects.select_for_update().get(pk=key)
