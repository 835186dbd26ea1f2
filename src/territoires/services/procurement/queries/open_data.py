"""Essential data and releases: what is written, what may be published, what the feed gives."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Max
from django.urls import reverse

from territoires.foundations.packs.api import pack
from territoires.kernel.errors import Invalid, Missing, Unavailable

from ..domain import life
from ..domain.law import CONCESSION, CONTEST, DYNAMIC, SPECIFIC
from ..domain.notices import decp, ocds
from ..domain.notices.decp import Format, OpenFault, Record
from ..models import (
    AwardOutcome,
    BidDraft,
    Consultation,
    Contract,
    ContractChange,
    OpenFile,
    OpenImport,
    OpenRecord,
    RecordKind,
    RecordSource,
    Release,
    Subcontract,
    SubcontractState,
)
from .award import awards_of
from .buyers import buyers_of
from .cpv import label_of
from .holding import first_holders, holders_after
from .law import law_on
from .notice_data import public_amount
from .notice_results import bids_of
from .notice_rules import decp_on
from .publication import amendments_of, state_at
from .sheets import lots_of, pieces_of
from .systems import agreement_held

ASKED = (
    "ccag",
    "typesPrix",
    "formePrix",
    "attributionAvance",
    "tauxAvance",
    "marcheInnovant",
    "modalitesExecution",
    "considerationsSociales",
    "considerationsEnvironnementales",
    "origineUE",
    "origineFrance",
    "modificationsActesSousTraitance",
)
"""What only the buyer knows of a contract: never guessed, and kept when the record is written anew."""
ASKED_OF_A_CONCESSION = (
    "nature",
    "procedure",
    "montantSubventionPublique",
    "considerationsSociales",
    "considerationsEnvironnementales",
    "donneesExecution",
)
"""The same of a concession."""
PRICE_VARIATIONS = {"firm": "Ferme", "adjusted": "Actualisable", "revised": "Révisable"}
ADDED_TECHNIQUES = ("Système de qualification", "Catalogue électronique", "Enchère électronique")
MAY_LACK = ("dureeMois", "typeGroupementOperateurs", "offresRecues", "procedure")
"""What the platform knows of most contracts; where it does not, what the buyer wrote stays."""
PAGE = 100


@dataclass(frozen=True, slots=True)
class Kept:
    """A record and what keeps it from being published; nothing: it is published."""

    row: OpenRecord
    faults: list[OpenFault]

    @property
    def is_sound(self) -> bool:
        return not self.faults


def kept_records(organisation: UUID, today: date) -> list[Kept]:
    """The records of a body, each with its faults. Raises Unavailable without the official schema."""
    official = decp_on(today)
    rows = OpenRecord.objects.filter(organisation=organisation)
    return [Kept(row, faults_of(row.content, row.kind, official, today)) for row in rows]


def faults_of(record: Record, kind: str, official: Format, today: date) -> list[OpenFault]:
    return decp.faults_of(record, kind, official, today=today, is_cpv=lambda code: is_cpv(code, today))


def present_faults(row: OpenRecord, today: date) -> list[OpenFault] | None:
    """What keeps a record from being published today; None without the official schema."""
    return faults_of(row.content, row.kind, decp_on(today), today) if has_schema(today) else None


def is_cpv(code: str, day: date) -> bool:
    """Whether a code is in the list of the day; with the divisions alone, whether its division is."""
    return label_of(code, day) is not None


def file_of(organisation: UUID, today: date) -> tuple[bytes, int, int]:
    """The file of essential data of a body, how many records it holds and how many were left out.

    Raises Unavailable without the official schema.
    """
    kept = kept_records(organisation, today)
    sound = [one.row for one in kept if one.is_sound]
    package = decp.package((row.kind, row.content) for row in sound)
    return decp.written(package), len(sound), len(kept) - len(sound)


def public_file(organisation: UUID, today: date) -> bytes:
    """The file of a body as anybody reads it. Raises Missing while the official schema is not on this platform."""
    if not has_schema(today):
        raise Missing(
            "open-data-not-here",
            "This file cannot be published for the moment: the official format is not on this platform.",
            "Come back later; the records are kept.",
        )
    return file_of(organisation, today)[0]


def own_record(organisation: UUID, key: UUID) -> OpenRecord:
    """A record of the body. Raises Missing."""
    found = OpenRecord.objects.filter(organisation=organisation, pk=key).first()
    if found is None:
        raise Missing("no-open-record", "There is no such record here.", "Look at the list.")
    return found


def files_of(organisation: UUID) -> list[OpenFile]:
    """The files handed to the portal, the latest first."""
    return list(OpenFile.objects.filter(organisation=organisation)[:20])


def imports_of(organisation: UUID) -> list[OpenImport]:
    return list(OpenImport.objects.filter(organisation=organisation).select_related("content")[:20])


def file_by_key(key: UUID) -> OpenFile | None:
    return OpenFile.objects.select_related("organisation").filter(pk=key).first()


def content_for(contract: Contract, today: date, row: OpenRecord | None = None) -> tuple[str, Record]:
    """The record of a contract as it stands, whole; what the buyer alone knows comes from the record before."""
    before: Record = row.content if row else {}
    dates = before if row and is_published(row, today) else {}
    is_concession = contract.consultation.procedure == CONCESSION
    if is_concession:
        record = decp.concession_record_of(_concession(contract, today, before, dates))
    else:
        record = decp.record_of(_contract(contract, today, before, dates))
        record["techniques"] = {"technique": _with_others(record, before)}
        record["nature"] = before.get("nature", record["nature"])
    for name in ASKED_OF_A_CONCESSION if is_concession else ASKED:
        record.pop(name, None)
        if name in before:
            record[name] = before[name]
    for name in MAY_LACK:
        if not record.get(name):
            record.pop(name, None)
            if name in before:
                record[name] = before[name]
    return RecordKind.CONCESSION if is_concession else RecordKind.CONTRACT, record


def is_published(row: OpenRecord, today: date) -> bool:
    """Whether others have read this record: nothing keeps it from them, or it was published elsewhere."""
    return row.source != RecordSource.PLATFORM or present_faults(row, today) == []


def _with_others(record: Record, before: Record) -> list[str]:
    """The techniques that the platform knows of, and those that the buyer added: catalogue, auction, qualification."""
    known: list[str] = record["techniques"]["technique"]
    added = [one for one in before.get("techniques", {}).get("technique", ()) if one in ADDED_TECHNIQUES]
    return [*(one for one in known if one != "Sans objet"), *added] or known


def _concession(contract: Contract, today: date, before: Record, dates: Record) -> decp.ConcessionData:
    return decp.ConcessionData(
        identifier=contract.number,
        buyer=contract.consultation.organisation.siret or "",
        object=contract.title,
        months=_months(contract),
        signed_on=contract.signed_on or today,
        starts_on=contract.started_on or decp.day_in(str(before.get("dateDebutExecution", ""))),
        published_on=_first_published(dates, today),
        value=contract.amount,
        holders=_holders(contract),
        changes=_changes(contract, contract.amount, today, dates),
    )


def _holders(contract: Contract) -> list[decp.Holder]:
    return [decp.Holder(identifier=siret) for siret in first_holders(contract)]


def _first_published(before: Record, today: date) -> date:
    return decp.day_in(str(before.get("datePublicationDonnees", ""))) or today


def _months(contract: Contract) -> int:
    """The duration at the notification; 0 where it is not known."""
    return contract.duration_months or contract.consultation.duration_months or 0


def _most(contract: Contract) -> Decimal:
    """What is told of the price: the estimated maximum of a framework agreement, where its lot has one of its own."""
    consultation = contract.consultation
    has_maximum = consultation.technique and contract.lot_id is None and consultation.framework_maximum
    most: Decimal = consultation.framework_maximum if has_maximum else contract.amount
    return most


def _contract(contract: Contract, today: date, before: Record, dates: Record) -> decp.ContractData:
    consultation = contract.consultation
    procedure = pack("procurement-procedures", on=today).by_code(consultation.procedure)
    holders, subcontracts = _holders(contract), _subcontracts(contract)
    notified = contract.notified_on or today
    place_code, place_kind = _place((contract.lot.nuts if contract.lot else "") or consultation.nuts, today)
    return decp.ContractData(
        identifier=contract.number,
        buyer=consultation.organisation.siret or "",
        object=contract.title,
        cpv=(contract.lot.cpv if contract.lot else "") or consultation.cpv,
        procedure=procedure.get("decp", ""),
        place_code=place_code,
        place_kind=place_kind,
        months=_months(contract),
        notified_on=notified,
        published_on=_first_published(dates, today),
        amount=_most(contract),
        holders=holders,
        offers=len(bids_of(contract.award)),
        techniques=_techniques(consultation),
        framework=agreement_number(contract),
        consortium=_consortium(contract, len(holders)),
        has_subcontractors=any(one.asked_on <= notified for one in subcontracts),
        subcontracts=[_subcontract(one, today, before, dates) for one in subcontracts],
        changes=_changes(contract, _most(contract), today, dates),
    )


def releases_of(consultation: Consultation) -> list[Release]:
    """The releases of a procedure, in their order."""
    return list(Release.objects.filter(consultation=consultation))


def feed(cursor: str, *, limit: int = PAGE) -> tuple[list[Release], str]:
    """The releases after a cursor, and the cursor to go on from. Nothing is skipped: numbers become visible in their
    order. Raises Invalid for a cursor that is not ours."""
    after = _position(cursor)
    rows = list(Release.objects.filter(number__gt=after).order_by("number")[:limit])
    last = rows[-1].number if rows else after
    return rows, urlsafe_b64encode(f"r1:{last}".encode()).decode().rstrip("=")


def ocid_for(consultation: Consultation) -> str:
    return ocds.ocid_of(settings.OCDS_PREFIX, str(consultation.pk))


def release_data(consultation: Consultation, tag: str, at: datetime, rank: int) -> ocds.ReleaseData:
    """What a release of the procedure says at an instant: all that is public of it then."""
    body = consultation.organisation
    has_results = tag not in (ocds.TENDER, ocds.AMENDMENT, ocds.UPDATE, ocds.CANCELLATION)
    return ocds.ReleaseData(
        ocid=ocid_for(consultation),
        rank=rank,
        tag=tag,
        at=at,
        buyer=ocds.PartyData(
            siret=body.siret or body.siren or str(body.pk),
            name=body.name,
            email=consultation.contact_email,
        ),
        tender=_tender(consultation, at),
        members=[
            ocds.PartyData(siret=one.siret, name=one.name or f"SIRET {one.siret}")
            for one in buyers_of(consultation)
        ],
        awards=_awards(consultation) if has_results else (),
        contracts=_contracts(consultation) if has_results else (),
    )


def _tender(consultation: Consultation, at: datetime) -> ocds.TenderData:
    law = law_on(at.date())
    procedure = law.procedures.get(consultation.procedure)
    url = settings.SITE_URL + reverse("procurement:consultation", kwargs={"consultation": consultation.pk})
    lots = lots_of(consultation)
    return ocds.TenderData(
        id=str(consultation.pk),
        title=consultation.title,
        description=consultation.description,
        status=_status(state_at(consultation, at)),
        method=law.method_of(consultation),
        method_details=procedure.label.fr if procedure else "",
        category=consultation.main_procurement_category,
        cpv=consultation.cpv,
        value=public_amount(consultation),
        lots=[ocds.LotData(number=lot.number, title=lot.title) for lot in lots],
        published_at=consultation.published_at,
        tenders_until=consultation.tenders_until,
        questions_until=consultation.questions_until,
        url=url,
        documents=_documents(consultation),
        amendments=[
            {"id": str(one.version), "date": ocds.instant(one.made_at), "rationale": one.reason}
            for one in amendments_of(consultation)
        ],
    )


def _status(state: str) -> str:
    """The status of OCDS (tenderStatus) for a state of the life of a consultation."""
    return {
        life.PUBLISHED: "active",
        life.SUSPENDED: "active",
        life.WITHDRAWN: "withdrawn",
        life.ABANDONED: "cancelled",
        life.UNSUCCESSFUL: "unsuccessful",
    }.get(state, "complete")


def _documents(consultation: Consultation) -> list[ocds.DocumentData]:
    pieces = pieces_of(consultation)
    return [
        ocds.DocumentData(
            id=piece.sha256[:16],
            title=piece.document.name,
            url=settings.SITE_URL
            + reverse(
                "procurement:document", kwargs={"consultation": consultation.pk, "sha256": piece.sha256}
            ),
            media_type=piece.document.media_type,
            published_at=consultation.published_at,
        )
        for piece in pieces
    ]


def _awards(consultation: Consultation) -> list[ocds.AwardData]:
    contracts = {one.award_id for one in Contract.objects.filter(consultation=consultation)}
    made = []
    for award in awards_of(consultation):
        is_awarded = award.outcome == AwardOutcome.AWARDED
        status = "active" if award.pk in contracts else "pending"
        made.append(
            ocds.AwardData(
                id=str(award.pk),
                lot=award.lot.number if award.lot else None,
                status=status if is_awarded else "unsuccessful",
                decided_on=award.decided_on,
                title=award.lot.title if award.lot else consultation.title,
                value=award.amount if is_awarded else None,
                suppliers=_suppliers(award) if is_awarded else (),
            )
        )
    return made


def _suppliers(award: Any) -> list[ocds.PartyData]:
    contract = Contract.objects.filter(award=award).first()
    if contract is None:
        one = award.supplier
        return [ocds.PartyData(siret=one.siret or one.siren or str(one.pk), name=one.name)] if one else []
    return [ocds.PartyData(siret=siret, name=name) for siret, name in first_holders(contract).items()]


def _contracts(consultation: Consultation) -> list[ocds.SignedData]:
    rows = Contract.objects.filter(consultation=consultation, signed_on__isnull=False)
    made = []
    for contract in rows:
        changes = list(ContractChange.objects.filter(contract=contract).order_by("number"))
        made.append(
            ocds.SignedData(
                id=contract.number,
                award=str(contract.award_id),
                title=contract.title,
                status="terminated" if contract.ended_on else "active",
                value=changes[-1].new_amount if changes else contract.amount,
                signed_on=contract.signed_on,
                starts_on=contract.started_on or contract.notified_on,
                ends_on=contract.ended_on,
                changes=[
                    ocds.ContractChangeData(id=str(one.number), on=one.signed_on, rationale=one.object)
                    for one in changes
                ],
            )
        )
    return made


def _techniques(consultation: Consultation) -> list[str]:
    found = {
        "Accord-cadre": bool(consultation.technique),
        "Concours": consultation.procedure == CONTEST,
        "Système d'acquisition dynamique": consultation.procedure in (DYNAMIC, SPECIFIC),
    }
    return [name for name, is_used in found.items() if is_used] or ["Sans objet"]


def agreement_number(contract: Contract) -> str:
    """The number of the framework agreement under which the contract is called, as its holder has it (idAccordCadre).

    Empty for any other contract: a dynamic purchasing system is neither an agreement nor a contract.
    """
    parent = contract.consultation.parent
    if parent is None or parent.procedure == DYNAMIC:
        return ""
    return agreement_held(contract.consultation, contract.award.supplier_id or contract.holder_id)


def _place(nuts: str, day: date) -> tuple[str, str]:
    """The department where it is carried out; the code of the place as it is known where the list has no more."""
    for entry in pack("nuts-departments", on=day).entries:
        if entry["code"] == nuts:
            return entry["department"], "Code département"
    return nuts, ""


def _consortium(contract: Contract, holders: int) -> str:
    if holders < 2:
        return "Pas de groupement"
    drafts = BidDraft.objects.filter(
        consultation=contract.consultation_id, bidder=contract.award.supplier_id
    ).order_by("-round")
    form = drafts.values_list("consortium", flat=True).first() or BidDraft.Consortium.ALONE
    if form == BidDraft.Consortium.ALONE:
        return ""
    return "Solidaire" if form == BidDraft.Consortium.SEVERAL else "Conjoint"


def _subcontracts(contract: Contract) -> list[Subcontract]:
    """Those whom the buyer accepted."""
    rows = Subcontract.objects.filter(contract=contract, state=SubcontractState.ACCEPTED)
    return list(rows.order_by("number"))


def _subcontract(row: Subcontract, today: date, before: Record, dates: Record) -> decp.SubcontractData:
    """An act keeps the day on which it was first published; what nobody said here stays as the buyer wrote it."""
    said, told = (
        _numbered(one, "actesSousTraitance", "acteSousTraitance").get(row.number, {})
        for one in (before, dates)
    )
    return decp.SubcontractData(
        number=row.number,
        holder=decp.Holder(identifier=row.siret),
        months=row.duration_months or said.get("dureeMois"),
        notified_on=row.decided_on or today,
        published_on=_first_published(told, today),
        amount=row.amount,
        variation=PRICE_VARIATIONS.get(row.price_variation) or said.get("variationPrix", ""),
    )


def _numbered(record: Record, outer: str, inner: str) -> dict[Any, Record]:
    """The items of a list of a record by their number; what was written otherwise is left out."""
    found = record.get(outer)
    items = [one.get(inner) for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return {one.get("id"): one for one in items if isinstance(one, dict)}


def _changes(contract: Contract, amount: Decimal, today: date, dates: Record) -> list[decp.ChangeData]:
    """The changes that the holder received, each with what then holds; it keeps the day on which it was first published.

    ``amount`` is what the record told at first.
    """
    told = _numbered(dates, "modifications", "modification")
    months, holders, made = _months(contract), first_holders(contract), []
    for row in ContractChange.objects.filter(contract=contract).order_by("number"):
        months, amount, holders = months + row.months, amount + row.amount, holders_after(holders, row)
        if row.notified_on is None:
            continue
        made.append(
            decp.ChangeData(
                number=row.number,
                signed_on=row.signed_on,
                notified_on=row.notified_on,
                published_on=decp.day_in(
                    str(told.get(row.number, {}).get("datePublicationDonneesModification", ""))
                )
                or today,
                months=months if row.months else None,
                amount=amount if row.amount else None,
                holders=[decp.Holder(identifier=siret) for siret in holders] if row.new_holder_siret else (),
            )
        )
    return made


def _position(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        said = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        version, _colon, number = said.partition(":")
        if version == "r1" and number.isascii() and number.isdigit() and len(number) < 19:
            return int(number)
    except ValueError:
        pass
    raise Invalid(
        "cursor-unknown",
        "This cursor is not one of ours.",
        "Go on from the cursor of the last answer, or begin without one.",
    )


def has_schema(today: date) -> bool:
    """Whether the official schema of essential data is on this platform."""
    try:
        decp_on(today)
    except Unavailable:
        return False
    return True


def own_import(organisation: UUID, key: UUID) -> OpenImport:
    """An import of the body. Raises Missing."""
    found = OpenImport.objects.select_related("content").filter(organisation=organisation, pk=key).first()
    if found is None:
        raise Missing("no-open-import", "There is no such file here.", "Look at the list.")
    return found


def public_body(reference: str) -> Any:
    """A body that publishes essential data, by its reference. Raises Missing."""
    found = (
        OpenRecord.objects.filter(organisation__reference=reference).select_related("organisation").first()
    )
    if found is None:
        raise Missing(
            "no-open-data",
            "This body publishes no essential data here.",
            "Look at the list of the bodies that do.",
        )
    return found.organisation


def publishing_bodies() -> list[Any]:
    """The bodies with essential data, by name, each with the number of its records and the day of the latest."""
    return list(
        OpenRecord.objects.values("organisation__reference", "organisation__name", "organisation__siret")
        .annotate(records=Count("id"), latest=Max("written_at"))
        .order_by("organisation__name")
    )
