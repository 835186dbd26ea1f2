"""Releases and records of the Open Contracting Data Standard.

A release says what changed at one moment and is never changed; a record gathers those of one procedure and their
merger. Amounts are euros without VAT. Source: OCDS 1.1.5, with the extension ``lots``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from territoires.kernel.clock import PARIS

from .decp import number

VERSION = "1.1"
EXTENSIONS = (
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_lots_extension/v1.1.5/extension.json",
)
COMPANY_SCHEME = "FR-INSEE"
EUROS = "EUR"
TENDER, AMENDMENT, UPDATE, CANCELLATION = "tender", "tenderAmendment", "tenderUpdate", "tenderCancellation"
AWARD, CONTRACT, CHANGE, IMPLEMENTATION = "award", "contract", "contractAmendment", "implementation"
TERMINATION = "contractTermination"
TAGS = (TENDER, AMENDMENT, UPDATE, CANCELLATION, AWARD, CONTRACT, CHANGE, IMPLEMENTATION, TERMINATION)

Node = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyData:
    """An organisation by its SIRET, or its foreign number."""

    siret: str
    name: str
    email: str = ""

    @property
    def id(self) -> str:
        return f"{COMPANY_SCHEME}-{self.siret}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LotData:
    number: int
    title: str
    value: Decimal | None = None
    status: str = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentData:
    id: str
    title: str
    url: str
    kind: str = "biddingDocuments"
    media_type: str = ""
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderData:
    """``method`` is one of OCDS (open, selective, limited, direct), ``category`` goods, services or works."""

    id: str
    title: str
    description: str
    status: str
    method: str
    method_details: str
    category: str
    cpv: str
    value: Decimal | None
    lots: Sequence[LotData] = ()
    published_at: datetime | None = None
    tenders_until: datetime | None = None
    questions_until: date | None = None
    url: str = ""
    documents: Sequence[DocumentData] = ()
    amendments: Sequence[Mapping[str, str]] = ()
    electronic: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardData:
    """``status`` pending, active, cancelled or unsuccessful; ``lot`` None where the procedure is not divided."""

    id: str
    lot: int | None
    status: str
    decided_on: date
    title: str = ""
    value: Decimal | None = None
    suppliers: Sequence[PartyData] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractChangeData:
    id: str
    on: date
    rationale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedData:
    """A contract; ``status`` pending, active, terminated or cancelled; ``value`` with its changes."""

    id: str
    award: str
    title: str
    status: str
    value: Decimal
    signed_on: date | None
    starts_on: date | None = None
    ends_on: date | None = None
    changes: Sequence[ContractChangeData] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseData:
    """What one release says; ``rank`` counts the releases of the procedure, ``members`` are the other buyers."""

    ocid: str
    rank: int
    tag: str
    at: datetime
    buyer: PartyData
    tender: TenderData
    members: Sequence[PartyData] = ()
    awards: Sequence[AwardData] = ()
    contracts: Sequence[SignedData] = ()


def ocid_of(prefix: str, key: str) -> str:
    """The open contracting id: the publisher's registered prefix and the procedure's id."""
    return f"{prefix}-{key}"


def release_of(data: ReleaseData) -> Node:
    """A release as JSON. Its id ends with a digest of what it says: even a platform that was put back from a copy, and
    has forgotten its latest releases, gives no id a second time to something else."""
    said = _said(data)
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:12]
    return {"ocid": data.ocid, "id": f"{data.ocid}-{data.rank:04}-{data.tag}-{digest}"} | said


def _said(data: ReleaseData) -> Node:
    return _full(
        {
            "date": instant(data.at),
            "tag": [data.tag],
            "initiationType": "tender",
            "language": "fr",
            "parties": _parties(data),
            "buyer": _reference(data.buyer),
            "tender": _tender(data.tender, data.buyer),
            "awards": [_award(one) for one in data.awards],
            "contracts": [_contract(one) for one in data.contracts],
        }
    )


def release_package(releases: Sequence[Node], *, uri: str, publisher: str, at: datetime) -> Node:
    """Releases as they are published together."""
    return _package(uri, publisher, at) | {"releases": list(releases)}


def record_of(ocid: str, releases: Sequence[Node]) -> Node:
    """The record of a procedure: its releases, what they come to, and each value's history."""
    from ocdsmerge import Merger  # brings an HTTP client, which takes long to load

    # The rules are ours, so that merging never asks the network for a schema.
    merger = Merger(merge_rules=MERGING)
    return {
        "ocid": ocid,
        "releases": list(releases),
        "compiledRelease": merger.create_compiled_release(list(releases)),
        "versionedRelease": merger.create_versioned_release(list(releases)),
    }


def record_package(records: Sequence[Node], *, uri: str, publisher: str, at: datetime) -> Node:
    """Records as they are published together."""
    return _package(uri, publisher, at) | {"records": list(records)}


MERGING: Any = {
    ("awards", "suppliers"): {"wholeListMerge"},
    ("tender", "submissionMethod"): {"wholeListMerge"},
}


def instant(at: datetime) -> str:
    """An instant as the standard writes it, in the time of Paris."""
    return at.astimezone(PARIS).isoformat(timespec="seconds")


def _package(uri: str, publisher: str, at: datetime) -> Node:
    return {
        "uri": uri,
        "version": VERSION,
        "extensions": list(EXTENSIONS),
        "publishedDate": instant(at),
        "publisher": {"name": publisher},
        "license": "https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
    }


def _parties(data: ReleaseData) -> list[Node]:
    roles: dict[str, list[str]] = {data.buyer.id: ["buyer", "procuringEntity"]}
    known = {data.buyer.id: data.buyer}
    for member in data.members:
        known.setdefault(member.id, member)
        roles.setdefault(member.id, ["buyer"])
    for supplier in (one for award in data.awards for one in award.suppliers):
        known.setdefault(supplier.id, supplier)
        if "supplier" not in roles.setdefault(supplier.id, []):
            roles[supplier.id].append("supplier")
    return [_party(party) | {"roles": roles[key]} for key, party in known.items()]


def _party(party: PartyData) -> Node:
    return _full(
        {
            "id": party.id,
            "name": party.name,
            "identifier": {"scheme": COMPANY_SCHEME, "id": party.siret, "legalName": party.name},
            "contactPoint": _full({"email": party.email}),
        }
    )


def _reference(party: PartyData) -> Node:
    return {"id": party.id, "name": party.name}


def _tender(one: TenderData, buyer: PartyData) -> Node:
    return _full(
        {
            "id": one.id,
            "title": one.title,
            "description": one.description,
            "status": one.status,
            "procuringEntity": _reference(buyer),
            "procurementMethod": one.method,
            "procurementMethodDetails": one.method_details,
            "mainProcurementCategory": one.category,
            "value": _value(one.value),
            "items": [
                {"id": "1", "description": one.title, "classification": {"scheme": "CPV", "id": one.cpv}}
            ]
            if one.cpv
            else [],
            "submissionMethod": ["electronicSubmission"] if one.electronic else [],
            "submissionMethodDetails": one.url,
            "tenderPeriod": _period(one.published_at, one.tenders_until),
            "enquiryPeriod": _period(
                one.published_at, _end_of(one.questions_until) if one.questions_until else None
            ),
            "lots": [_lot(lot) for lot in one.lots],
            "documents": [_document(each) for each in one.documents],
            "amendments": [dict(each) for each in one.amendments],
        }
    )


def _lot(lot: LotData) -> Node:
    return _full(
        {
            "id": str(lot.number),
            "title": lot.title,
            "status": lot.status,
            "value": _value(lot.value),
        }
    )


def _document(one: DocumentData) -> Node:
    return _full(
        {
            "id": one.id,
            "documentType": one.kind,
            "title": one.title,
            "url": one.url,
            "format": one.media_type,
            "datePublished": instant(one.published_at) if one.published_at else "",
        }
    )


def _award(one: AwardData) -> Node:
    return _full(
        {
            "id": one.id,
            "title": one.title,
            "status": one.status,
            "date": instant(_noon(one.decided_on)),
            "value": _value(one.value),
            "suppliers": [_reference(each) for each in one.suppliers],
            "relatedLots": [str(one.lot)] if one.lot else [],
        }
    )


def _contract(one: SignedData) -> Node:
    return _full(
        {
            "id": one.id,
            "awardID": one.award,
            "title": one.title,
            "status": one.status,
            "value": _value(one.value),
            "dateSigned": instant(_noon(one.signed_on)) if one.signed_on else "",
            "period": _period(
                _noon(one.starts_on) if one.starts_on else None, _noon(one.ends_on) if one.ends_on else None
            ),
            "amendments": [
                {"id": each.id, "date": instant(_noon(each.on)), "rationale": each.rationale}
                for each in one.changes
            ],
        }
    )


def _value(amount: Decimal | None) -> Node:
    return {} if amount is None else {"amount": number(amount), "currency": EUROS}


def _period(start: datetime | None, end: datetime | None) -> Node:
    return _full({"startDate": instant(start) if start else "", "endDate": instant(end) if end else ""})


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=PARIS)


def _end_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=PARIS)


def _full(node: Node) -> Node:
    """Without what is empty: the standard has no blank values, and null would delete."""
    return {name: value for name, value in node.items() if value not in ("", None, [], {})}
