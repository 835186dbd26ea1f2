"""What the package of a consultation holds: one declared list, to which each part of the service adds its own.

Every table is written whole, one row a line, in canonical JSON: fields by name, ids and instants as text, bytes in base64.
Every document that a row names is there once, under its digest; sealed files are there as they were received. What is left
out is named with its reason (``LEFT_OUT``): a test asks that nothing be forgotten.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Field, ForeignKey, GeneratedField, Model, QuerySet

from territoires.contracts.archives import Piece
from territoires.foundations.documents import api as documents
from territoires.foundations.journal import api as journal
from territoires.kernel.fact import instant_text

from ..models import BidDraft, ChunkEvent, Consultation, SealedFile
from . import archiving
from .sealed_files import stored_chunks

BATCH = 500
CHUNK = 1024 * 1024
_DOCUMENT = "documents.Document"


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one model: ``path`` leads from a row to the consultation, ``without`` names what is never written out."""

    model: str
    path: str
    without: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.model.lower()

    def rows(self, consultation: Consultation) -> QuerySet[Any]:
        manager: Any = apps.get_model("t_procurement", self.model)._default_manager
        found: QuerySet[Any] = manager.filter(**{self.path: consultation.pk}).order_by("pk")
        return found


# -- preparation and publication ----------------------------------------------------------------------------------------

PREPARATION = (
    Table("Consultation", "pk"),
    Table("Participant", "consultation"),
    Table("Lot", "consultation"),
    Table("Criterion", "consultation"),
    Table("SubCriterion", "criterion__consultation"),
    Table("ContractOption", "consultation"),
    Table("SelectionCriterion", "consultation"),
    Table("AskedPiece", "consultation"),
    Table("Piece", "consultation"),
    Table("Override", "consultation"),
    Table("Member", "consultation"),
)
PUBLICATION = (
    Table("Amendment", "consultation"),
    Table("Correspondent", "consultation", without=("token",)),
    Table("Withdrawal", "consultation"),
    Table("Question", "consultation"),
)

# -- bids and their opening ---------------------------------------------------------------------------------------------

BIDS = (
    Table("BidDraft", "consultation"),
    Table("ConsortiumMember", "draft__consultation"),
    Table("SealedBlock", "draft__consultation"),
    Table("SealedFile", "block__draft__consultation"),
    Table("StoredChunk", "file__block__draft__consultation"),
    Table("Deposit", "consultation"),
    Table("DepositLot", "deposit__consultation"),
    Table("Receipt", "deposit__consultation"),
    Table("LateDecision", "deposit__consultation"),
)
OPENING = (
    Table("Quorum", "consultation"),
    Table("HolderKey", "consultation"),
    Table("KeySlot", "holder__consultation"),
    Table("TimeKey", "consultation", without=("backup",)),
    Table("PolicyVersion", "consultation"),
    Table("Handover", "consultation"),
    Table("BlockTransfer", "handover__consultation"),
    Table("TransferPart", "transfer__handover__consultation"),
    Table("OpeningOrder", "consultation"),
    Table("ExcludedDeposit", "order__consultation"),
    Table("Presence", "order__consultation"),
    Table("HolderRelease", "order__consultation", without=("document",)),
    Table("DeclinedRelease", "order__consultation"),
    Table("OpenedBlock", "order__consultation", without=("master",)),
    Table("OpenedFile", "order__consultation"),
    Table("RepairAttempt", "file__order__consultation"),
    Table("SafetyCopy", "consultation"),
    Table("SafetyCopyFile", "copy__consultation"),
    Table("Minutes", "consultation"),
)

# -- from the evaluation to the contract --------------------------------------------------------------------------------

AWARD = (
    Table("NegotiationRound", "consultation"),
    Table("Candidacy", "consultation"),
    Table("Admission", "consultation"),
    Table("AdmissionFile", "admission__consultation"),
    Table("DialogueMeeting", "consultation"),
    Table("CandidacyPiece", "candidacy__consultation"),
    Table("BidderRequest", "consultation"),
    Table("BidderRequestFile", "request__consultation"),
    Table("Bid", "consultation"),
    Table("ScoringMethod", "criterion__consultation"),
    Table("Score", "bid__consultation"),
    Table("FinalScore", "bid__consultation"),
    Table("AnalysisReport", "consultation"),
    Table("CommitteeMeeting", "consultation"),
    Table("Attendance", "meeting__consultation"),
    Table("CommitteeDecision", "meeting__consultation"),
    Table("Award", "consultation"),
    Table("Letter", "consultation"),
    Table("ReasonsAsked", "consultation"),
    Table("Contract", "consultation"),
    Table("ContractHolder", "contract__consultation"),
    Table("ContractSignature", "contract__consultation"),
    Table("ContractPiece", "contract__consultation"),
    Table("ContractChange", "contract__consultation"),
    Table("Subcontract", "contract__consultation"),
)

# -- what was told, and what went wrong ---------------------------------------------------------------------------------

NOTICES = (
    Table("Notice", "consultation"),
    Table("OpenRecord", "consultation"),
    Table("Release", "consultation"),
)
CONTINUITY = (
    Table("Touched", "consultation"),
    Table("Dispute", "consultation"),
    Table("Destruction", "consultation"),
)

TABLES: tuple[Table, ...] = (
    *PREPARATION,
    *PUBLICATION,
    *BIDS,
    *OPENING,
    *AWARD,
    *NOTICES,
    *CONTINUITY,
)

LEFT_OUT = {
    "DocumentTemplate": "of the body; what was written from it is there",
    "Listing": "made anew from the consultation",
    "SavedSearch": "of the reader, not of the consultation",
    "AlertSent": "of the reader, not of the consultation",
    "Rehearsal": "a trial, of no consultation",
    "SealIntent": "the deposit that follows it says the same",
    "ChunkEvent": "written beside, of its drafts alone",
    "UploadDay": "sums up the bids of all consultations of a day; the journal holds it",
    "UploadDayBid": "sums up lines of the upload log, which are written beside",
    "Attestation": "of the enterprise",
    "EnterpriseSheet": "of the enterprise",
    "EspdAnswer": "of the enterprise; what it deposited is in its bid, sealed",
    "CustodianKey": "of the platform",
    "Committee": "of the body; what met for the consultation is there",
    "CommitteeMember": "of the body; those who attended are there",
    "Told": "counts who was told, the letters are there",
    "KnownAct": "an act of another service",
    "BuyerProfile": "of the body",
    "OpenFile": "of the body",
    "OpenImport": "of the body",
    "Probe": "of the platform",
    "ProbedDay": "of the platform",
    "Incident": "of the platform; what was decided for the consultation is there",
    "ImportRun": "of the body",
    "ImportLine": "of the body",
    "FormerAccount": "of the enterprise",
    "FormerAddress": "an address, not a piece",
    "Package": "the package itself",
    "PackageEntry": "the package itself",
}

README = """Dossier d'une consultation, entier, tel que la plateforme le gardait.

manifest.json nomme chaque fichier, sa taille et son empreinte SHA-256 ; description.json dit le dossier dans les mots du
SEDA. tables/ contient les données, une ligne JSON par enregistrement ; documents/ chaque fichier sous son empreinte
(tables/documents.jsonl dit son nom) ; sealed/ les plis tels que reçus, chiffrés ; journal/ les faits et leurs preuves, que
tools/verify_evidence.py vérifie sans la plateforme.

--

The whole file of a consultation, as the platform kept it.

manifest.json names every file, its size and its SHA-256; description.json tells the whole in the words of SEDA. tables/
holds the data, one JSON line a record; documents/ every file under its digest (tables/documents.jsonl says its name);
sealed/ the bids as they were received, encrypted; journal/ the facts and their proofs, which tools/verify_evidence.py
checks without the platform.
"""


def pieces_of_package(consultation: Consultation) -> Iterator[Piece]:
    """Every file of the package; bytes are read only while it is written."""
    yield Piece("LISEZMOI.txt", lambda: [README.encode()])
    yield Piece(archiving.DESCRIPTION, lambda: [archiving.written(archiving.described(consultation, titles))])
    named: dict[UUID, None] = {}
    titles: dict[str, str] = {}  # whole once every piece was named, and then only read
    for table in TABLES:
        named |= dict.fromkeys(_documents_named(table, consultation))
        if table.rows(consultation).exists():
            yield Piece(f"tables/{table.name}.jsonl", _lines(table, consultation))
    found = _documents(named)
    if found:
        yield Piece("tables/documents.jsonl", lambda: [_line(_described(one)) for one in found])
    by_digest = {one.sha256: one for one in found if one.purged_at is None}
    for sha256, document in by_digest.items():
        titles[f"documents/{sha256}"] = document.name
        yield Piece(f"documents/{sha256}", _bytes_of(document), sha256)
    for sealed in SealedFile.objects.filter(
        block__draft__consultation=consultation, stored__isnull=False
    ).distinct():
        yield Piece(f"sealed/{sealed.pk}", _sealed(sealed))
    if (events := _upload_log(consultation)).exists():
        yield Piece(
            "tables/chunkevent.jsonl", lambda: (_line(_row(one, ())) for one in events.iterator(BATCH))
        )
    yield Piece("tables/people.jsonl", lambda: list(_people(consultation)))
    yield from _journal(consultation)


# -- rows ---------------------------------------------------------------------------------------------------------------


def _lines(table: Table, consultation: Consultation) -> Callable[[], Iterable[bytes]]:
    def read() -> Iterator[bytes]:
        for row in table.rows(consultation).iterator(chunk_size=BATCH):
            yield _line(_row(row, table.without))

    return read


def _row(row: Model, without: Sequence[str]) -> dict[str, Any]:
    fields: Iterable[Field[Any, Any]] = row._meta.concrete_fields
    return {
        field.name: _plain(getattr(row, field.attname))
        for field in fields
        if field.name not in without and not isinstance(field, GeneratedField)
    }


def _line(values: dict[str, Any]) -> bytes:
    said = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{said}\n".encode()


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case datetime():
            return instant_text(value)
        case date():
            return value.isoformat()
        case UUID() | Decimal() | float():
            return str(value)
        case bytes() | memoryview() | bytearray():
            return base64.b64encode(bytes(value)).decode()
        case dict():
            return {str(key): _plain(one) for key, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
    return str(value)


# -- files --------------------------------------------------------------------------------------------------------------


def _documents_named(table: Table, consultation: Consultation) -> Iterator[UUID]:
    model = apps.get_model("t_procurement", table.model)
    columns = [
        field.attname
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey)
        and field.related_model._meta.label == _DOCUMENT
        and field.name not in table.without
    ]
    for row in table.rows(consultation).values_list(*columns) if columns else ():
        yield from (key for key in row if key is not None)


def _documents(keys: Iterable[UUID]) -> list[Any]:
    rows: Any = apps.get_model(_DOCUMENT)._default_manager
    return list(rows.filter(pk__in=list(keys)).order_by("sha256", "pk"))


def _described(document: Any) -> dict[str, Any]:
    names = ("id", "sha256", "size", "media_type", "name", "received_at", "purged_at", "purge_reason")
    return {name: _plain(getattr(document, name)) for name in names}


def _bytes_of(document: Any) -> Callable[[], Iterable[bytes]]:
    return lambda: documents.open_stream(document)


def _sealed(sealed: SealedFile) -> Callable[[], Iterable[bytes]]:
    return lambda: stored_chunks(sealed)


def _upload_log(consultation: Consultation) -> QuerySet[ChunkEvent]:
    drafts = BidDraft.objects.filter(consultation=consultation).values("pk")
    return ChunkEvent.objects.filter(draft__in=drafts).order_by("pk")


def _people(consultation: Consultation) -> Iterator[bytes]:
    """Who the rows name: persons and organisations, as they are called today."""
    persons: set[UUID] = set()
    bodies: set[UUID] = set()
    for table in TABLES:
        model = apps.get_model("t_procurement", table.model)
        for field in model._meta.concrete_fields:
            if isinstance(field, ForeignKey) and field.name not in table.without:
                label = field.related_model._meta.label
                found = {"identity.Person": persons, "identity.Organisation": bodies}.get(label)
                if found is not None:
                    keys = table.rows(consultation).values_list(field.attname, flat=True)
                    found.update(key for key in keys if key is not None)
    rows: Any = apps.get_model("identity.Person")._default_manager
    for one in rows.filter(pk__in=persons).order_by("pk"):
        yield _line({"person": str(one.pk), "given_names": one.given_names, "usual_name": one.usual_name})
    rows = apps.get_model("identity.Organisation")._default_manager
    for one in rows.filter(pk__in=bodies).order_by("pk"):
        yield _line({"organisation": str(one.pk), "reference": one.reference, "name": one.name})


# -- the journal --------------------------------------------------------------------------------------------------------


def _journal(consultation: Consultation) -> Iterator[Piece]:
    facts = journal.timeline(consultation.pk)
    if not facts:
        return
    yield Piece("journal/facts.jsonl", lambda: [_line(_fact(one)) for one in facts])
    sealed = [one.id for one in facts if one.state in ("sealed", "anchored")]
    for number, start in enumerate(range(0, len(sealed), BATCH), start=1):
        part = sealed[start : start + BATCH]
        yield Piece(f"journal/evidence-{number:03}.zip", _evidence(part))


def _evidence(entries: Sequence[UUID]) -> Callable[[], Iterable[bytes]]:
    return lambda: journal.build_bundle(entries)


def _fact(one: journal.TimelineEntry) -> dict[str, Any]:
    names = ("id", "seq", "kind", "at", "organisation", "actor", "facts", "private", "files", "state")
    return {name: _plain(getattr(one, name)) for name in names}
