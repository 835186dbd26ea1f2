"""Essential data and releases: written, taken over from files, handed to the portal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Q

from territoires.contracts import procurement_notices as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.foundations.exchange import api as exchange
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid
from territoires.kernel.ids import new_id

from ..domain.notices import decp_import, ocds
from ..domain.notices.decp import CONTRACT, LONGEST_ID, Record, buyer_in
from ..domain.notices.decp_import import Reading
from ..models import (
    Consultation,
    Contract,
    OpenFile,
    OpenImport,
    OpenRecord,
    RecordKind,
    RecordSource,
    Release,
)
from ..permissions import Procurement
from ..queries import open_data
from ..queries.notice_rules import decp_on
from ..queries.notice_ways import OPEN_DATA, way_to

MOST_TOLD = 2000
LARGEST = 64 * 1024 * 1024
_FEED_LOCK = 0x0CD5FEED


@action(Procurement.OPEN_DATA_WRITE)
def write_record(
    *, actor: Actor, organisation: Any, kind: str, record: Mapping[str, Any], key: UUID | None = None
) -> Outcome[OpenRecord]:
    """Writes a record by hand: a contract awarded elsewhere (``key`` None), or what a record still lacks.

    What it lacks keeps it from being published, not from being kept. Raises Invalid without a name of its own or for
    another body's, Conflict for a name that is taken.
    """
    content = dict(record)
    faults = _name_faults(organisation, kind, content)
    if faults:
        raise Invalid("open-record-refused", "The record was not saved.", "Correct it.", faults=faults)
    identifier = str(content["id"])
    found = (
        OpenRecord.objects.select_for_update()
        .filter(organisation=organisation, identifier=identifier)
        .first()
    )
    if found is not None and found.pk != key:
        raise Conflict(
            "open-record-taken",
            "Your body already has a record under the number %(identifier)s.",
            "Open that one, or give another number.",
            params={"identifier": identifier},
        )
    if key is not None and found is None:
        raise Conflict(
            "open-record-renamed",
            "The number of a record never changes: it is what others know it by.",
            "Put the former number back.",
        )
    today = legal_day(actor.now())
    if found is not None and not open_data.is_published(found, today):
        content["datePublicationDonnees"] = today.isoformat()  # what lacked something was read by nobody
    row = _put(actor, organisation, kind, content, found, RecordSource.ENTERED)
    return Outcome(row, _written(row))


@action(Procurement.OPEN_DATA_RECORD)
def write_contract_record(*, actor: Actor, contract: Contract) -> Outcome[OpenRecord]:
    """Writes the record of a contract of the platform, whole, under its lasting number.

    Where the body wrote or imported one under this number meanwhile, it becomes that of the contract: what only the buyer
    knows stays.
    """
    today = legal_day(actor.now())
    before = (
        OpenRecord.objects.select_for_update()
        .filter(
            Q(contract=contract.pk)
            | Q(organisation=contract.organisation_id, identifier=contract.number, contract=None)
        )
        .order_by(F("contract").asc(nulls_last=True))
        .first()
    )
    kind, content = open_data.content_for(contract, today, before)
    row = before or OpenRecord(
        organisation_id=contract.organisation_id, identifier=contract.number, revision=0
    )
    row.consultation_id, row.contract = contract.consultation_id, contract.pk
    row.source = RecordSource.PLATFORM
    row.kind, row.content = kind, content
    row.revision += 1
    row.written_at = actor.now()
    row.save()
    return Outcome(row, _written(row))


def take_over_file(*, actor: Actor, organisation: Any, document: Any) -> OpenImport:
    """Reads a received file and takes over what it holds. Raises Invalid for no such file, Unavailable without the schema."""
    content = b"".join(documents.open_stream(document))
    reading = decp_import.read(content, decp_on(legal_day(actor.now())))
    return import_records(actor=actor, organisation=organisation, document=document, reading=reading)


@action(Procurement.OPEN_DATA_WRITE)
def import_records(
    *, actor: Actor, organisation: Any, document: Any, reading: Reading
) -> Outcome[OpenImport]:
    """Takes over what a file holds for the acting body; each repair and each refusal stays told.

    A record that the platform itself keeps is not overwritten.
    """
    taken, refused = 0, len(reading.refused)
    told = [_repair(one) for one in reading.repairs]
    for kind, record in reading.records:
        buyer = buyer_in(record, kind)
        if not _is_ours(organisation, buyer):
            told.append(_line(record["id"], "acheteur", "other-buyer", buyer))
            refused += 1
            continue
        found = (
            OpenRecord.objects.select_for_update()
            .filter(organisation=organisation, identifier=record["id"])
            .first()
        )
        if found is not None and found.source == RecordSource.PLATFORM:
            told.append(_line(record["id"], "id", "kept-here", ""))
            refused += 1
            continue
        _put(actor, organisation, kind, record, found, RecordSource.IMPORTED)
        taken += 1
    told += [_repair(one) for one in reading.refused]
    row = OpenImport(
        id=new_id(),
        organisation=organisation,
        content=document,
        taken=taken,
        refused=refused,
        repairs=told[:MOST_TOLD],
        imported_at=actor.now(),
    )
    row.save(force_insert=True)
    documents.attach(document, holder=row.subject)
    fact = facts.OpenRecordsImported(
        subject=row.subject,
        taken=taken,
        refused=row.refused,
        repairs=len(told),
        content=document.sha256,
    )
    return Outcome(row, fact)


def publish_file(*, actor: Actor, organisation: Any) -> OpenFile:
    """Makes the file of the body and orders it to the portal. Raises Conflict when nothing can be published."""
    content, records, left_out = open_data.file_of(organisation.pk, legal_day(actor.now()))
    document = documents.receive(
        [content],
        name=f"decp-{organisation.siret or organisation.reference}.json",
        organisation=organisation.pk,
        actor=actor,
        limit=LARGEST,
    )
    return order_file(
        actor=actor, organisation=organisation, document=document, records=records, left_out=left_out
    )


@action(Procurement.OPEN_DATA_SEND)
def order_file(
    *, actor: Actor, organisation: Any, document: Any, records: int, left_out: int
) -> Outcome[OpenFile]:
    """Orders the file of the body, whole, to the national portal. Raises Conflict when it is empty or the way closed."""
    if not records:
        raise Conflict(
            "nothing-to-publish",
            "No record is complete yet: there is nothing to publish.",
            "Complete one first: what it lacks is told beside it.",
        )
    if way_to(OPEN_DATA) is None:
        raise Conflict(
            "portal-closed",
            "The way to the open-data portal is not open on this platform; nothing was sent.",
            "The file is public here all the same. Ask the operator to open the way.",
        )
    last = OpenFile.objects.select_for_update().filter(organisation=organisation).first()
    row = OpenFile(
        id=new_id(),
        organisation=organisation,
        revision=(last.revision if last else 0) + 1,
        content=document,
        sha256=document.sha256,
        records=records,
        ordered_at=actor.now(),
    )
    row.save(force_insert=True)
    documents.attach(document, holder=row.subject)
    exchange.post(
        actor=actor,
        channel=OPEN_DATA,
        organisation=organisation.pk,
        key=f"decp-{organisation.siret or organisation.reference}-{row.revision}.json",
        document=document,
        subject=row.subject,
        matter=None,
    )
    fact = facts.OpenFileOrdered(
        subject=row.subject,
        revision=row.revision,
        records=records,
        left_out=left_out,
        content=row.sha256,
    )
    return Outcome(row, fact)


@action(Procurement.OPEN_DATA_RECORD)
def settle_file(*, actor: Actor, file: OpenFile, state: str, reason: str = "") -> Outcome[OpenFile]:
    """What became of a file at the portal."""
    row = OpenFile.objects.select_for_update().get(pk=file.pk)
    if row.state != OpenFile.State.ORDERED:
        raise Conflict("file-settled", "What became of this file is known already.", "Nothing to do.")
    row.state, row.settled_at, row.reason = state, actor.now(), reason[:1000]
    row.save()
    return Outcome(row, facts.OpenFileSettled(subject=row.subject, revision=row.revision, state=state))


@action(Procurement.RELEASE_WRITE)
def publish_release(
    *, actor: Actor, consultation: Consultation, tag: str, cause: UUID | None = None
) -> Outcome[Release]:
    """Adds a release of what is public now to the feed. Raises Conflict when the cause has given its release."""
    if cause is not None and Release.objects.filter(cause=cause, tag=tag).exists():
        raise Conflict("release-made", "This release is made already.", "Nothing to do.")
    number = _next_number()
    rank = Release.objects.filter(consultation=consultation).count() + 1
    data = open_data.release_data(consultation, tag, actor.now(), rank)
    row = Release(
        id=new_id(),
        number=number,
        consultation=consultation,
        organisation_id=consultation.organisation_id,
        ocid=data.ocid,
        tag=tag,
        dated_at=actor.now(),
        content=ocds.release_of(data),
        cause=cause,
    )
    row.save(force_insert=True)
    fact = facts.ReleasePublished(
        subject=row.subject, matter=consultation.pk, ocid=row.ocid, tag=tag, number=number
    )
    return Outcome(row, fact)


def _next_number() -> int:
    """Under a lock that ends with the transaction: whoever sees a number sees all those before it.

    It follows the last one, and is at least the microseconds of the hour: after the platform was put back from a copy,
    new numbers come after those that were lost, so that a reader's cursor skips none of them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_FEED_LOCK])
        cursor.execute(
            "SELECT greatest(coalesce(max(number), 0) + 1,"
            " (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) FROM t_procurement_release"
        )
        return int(cursor.fetchone()[0])


def _put(
    actor: Actor,
    organisation: Any,
    kind: str,
    content: Record,
    found: OpenRecord | None,
    source: str,
) -> OpenRecord:
    row = found or OpenRecord(organisation=organisation, identifier=content["id"], source=source, revision=0)
    row.kind, row.content = kind, content
    row.revision += 1
    row.written_at = actor.now()
    row.save()
    return row


def _written(row: OpenRecord) -> facts.OpenRecordWritten:
    return facts.OpenRecordWritten(
        subject=row.subject,
        matter=row.consultation_id,
        identifier=row.identifier,
        revision=row.revision,
        record_kind=row.kind,
        source=row.source,
    )


def _name_faults(organisation: Any, kind: str, content: Record) -> list[Fault]:
    faults = []
    name = str(content.get("id", ""))
    if not 0 < len(name) <= LONGEST_ID:
        faults.append(
            Fault(
                "id",
                "open-record-id",
                "The number has from 1 to 16 characters.",
                "Give the internal number of the contract.",
            )
        )
    if kind not in RecordKind.values:
        faults.append(Fault("kind", "open-record-kind", "This kind is unknown.", "Choose one in the list."))
    elif not _is_ours(organisation, buyer_in(content, kind)):
        field = "acheteur" if kind == CONTRACT else "autoriteConcedante"
        faults.append(
            Fault(
                field,
                "open-record-buyer",
                "The record is that of another body.",
                "Write the records of your own body.",
            )
        )
    return faults


def _is_ours(organisation: Any, buyer: str) -> bool:
    """Whether a SIRET or SIREN is of the body: any of its establishments buys for it."""
    return bool(organisation.siren) and buyer[:9] == organisation.siren


def _repair(one: Any) -> dict[str, str]:
    return _line(one.record, one.field, one.code, one.before, one.after)


def _line(record: str, field: str, code: str, before: str, after: str = "") -> dict[str, str]:
    return {"record": record, "field": field, "code": code, "before": before, "after": after}
