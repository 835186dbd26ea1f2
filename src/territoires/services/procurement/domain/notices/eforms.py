"""Notices in eForms: values in, the bytes of a UBL 2.3 document out.

The order of elements is that of the schemas; which mentions a subtype asks for or forbids is that of the SDK's rules,
by which what is made here is judged before it is sent.
"""

from __future__ import annotations

from datetime import date

from lxml import etree

from territoires.kernel.clock import PARIS
from territoires.kernel.errors import Invalid
from territoires.kernel.xml import Element

from .elements import (
    LONG,
    MEDIUM,
    SHORT,
    Child,
    amount,
    append,
    cpvs,
    day_of,
    el,
    flag,
    in_extension,
    legal,
    named_notice,
    place,
    requirement,
    time_of,
    worded,
)
from .judging import NAMES
from .lots import lot_of
from .parties import contracting_parties, organisations
from .results import notice_result, organisations_of
from .sheets import (
    FRENCH,
    Change,
    Modification,
    NoticeSheet,
)
from .sheets import ProcedureSheet as Procedure
from .subtypes import (
    CALL,
    CAN,
    MODIFICATION,
    PRIOR,
    SUBTYPES,
    Subtype,
)

NOT_KNOWN_YET = date(2000, 1, 1)
"""What the SDK asks in the result's date of notices whose contracts carry their own."""


def build(sheet: NoticeSheet) -> bytes:
    """The document of a notice, in UTF-8. Raises Invalid for a subtype that the platform does not make."""
    kind = SUBTYPES.get(sheet.head.subtype)
    if kind is None:
        raise Invalid(
            "notice-subtype-unknown",
            "The official rules know no notice of the type %(subtype)s.",
            "Choose another type of notice, or ask the operator for newer rules.",
            params={"subtype": sheet.head.subtype},
        )
    namespace = f"urn:oasis:names:specification:ubl:schema:xsd:{kind.document}-2"
    names = dict[str | None, str](NAMES.items())
    names[None] = namespace
    root = etree.Element(f"{{{namespace}}}{kind.document}", nsmap=names)
    children: tuple[Child, ...] = (
        _extension(sheet, kind),
        *_head(sheet, kind),
        contracting_parties(sheet.procedure, kind, sheet.platform is not None),
        _procedure_terms(sheet.procedure, kind),
        _procedure_process(sheet, kind),
        _project(sheet.procedure, kind),
        [lot_of(sheet, one, kind) for one in sheet.procedure.lots],
        _result_date(kind),
    )
    for child in children:
        append(root, child)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


# --- the document's head


def _head(sheet: NoticeSheet, kind: Subtype) -> list[Child]:
    head = sheet.head
    at = head.issued_at.astimezone(PARIS)
    has_folder = kind.does != PRIOR
    return [
        el("cbc:UBLVersionID", "2.3"),
        el("cbc:CustomizationID", f"eforms-sdk-{head.sdk}"),
        el("cbc:ID", str(head.identifier), schemeName="notice-id"),
        el("cbc:ContractFolderID", str(sheet.procedure.folder)) if has_folder else None,
        el("cbc:IssueDate", day_of(at)),
        el("cbc:IssueTime", time_of(at)),
        el("cbc:VersionID", f"{head.edition:02}"),
        el("cbc:PlannedDate", legal(sheet.procedure.planned_on))
        if kind.does == PRIOR and sheet.procedure.planned_on
        else None,
        el("cbc:RegulatoryDomain", kind.basis),
        el("cbc:NoticeTypeCode", kind.type, listName=kind.form),
        el("cbc:NoticeLanguageCode", FRENCH),
    ]


def _extension(sheet: NoticeSheet, kind: Subtype) -> Element:
    winners = organisations_of(sheet.outcomes)
    return in_extension(
        _changes(sheet.head.change) if sheet.head.change else None,
        _modification(sheet.modification) if sheet.modification else None,
        notice_result(sheet, kind, winners) if sheet.outcomes else None,
        el("efac:NoticeSubType", el("cbc:SubTypeCode", kind.code, listName="notice-subtype")),
        organisations(sheet, winners),
    )


def _changes(change: Change) -> Element:
    sections = change.sections or ("PROCEDURE",)
    return el(
        "efac:Changes",
        el("efbc:ChangedNoticeIdentifier", change.of),
        el(
            "efac:Change",
            worded("efbc:ChangeDescription", change.text, LONG),
            [el("efac:ChangedSection", el("efbc:ChangedSectionIdentifier", one)) for one in sections],
        ),
        el(
            "efac:ChangeReason",
            el("cbc:ReasonCode", change.reason, listName="change-corrig-justification"),
            worded("efbc:ReasonDescription", change.text, LONG),
        ),
    )


def _modification(change: Modification) -> Element:
    return el(
        "efac:ContractModification",
        named_notice("efbc:ChangedNoticeIdentifier", change.of),
        el("efbc:ModifiedContractIdentifier", "CON-0001", schemeName="contract"),
        el("efac:Change", worded("efbc:ChangeDescription", change.text, LONG)),
        el(
            "efac:ChangeReason",
            el("cbc:ReasonCode", change.reason, listName="modification-justification"),
            worded("efbc:ReasonDescription", change.justification, LONG),
        ),
    )


# --- the procedure


def _procedure_terms(procedure: Procedure, kind: Subtype) -> Element | None:
    legal = (
        el(
            "cac:ProcurementLegislationDocumentReference",
            el("cbc:ID", "LocalLegalBasis"),
            worded("cbc:DocumentDescription", procedure.legal_text, MEDIUM),
        )
        if kind.is_voluntary
        else None
    )
    exclusion = (
        requirement("exclusion-grounds-source", "epo-procurement-document") if kind.does == CALL else None
    )
    if legal is None and exclusion is None:
        return None
    lots = len(procedure.lots)
    distribution = (
        el("cac:LotDistribution", el("cbc:MaximumLotsSubmittedNumeric", str(lots)))
        if kind.does == CALL and lots > 1
        else None
    )
    return el("cac:TenderingTerms", legal, exclusion, distribution)


def _procedure_process(sheet: NoticeSheet, kind: Subtype) -> Element | None:
    if kind.does in (PRIOR, MODIFICATION):
        return None
    procedure = sheet.procedure
    says_speed = (
        kind.does == CALL
        and kind.code in ("16", "17")
        and procedure.code
        in (
            "open",
            "restricted",
            "neg-w-call",
        )
    )
    return el(
        "cac:TenderingProcess",
        worded("cbc:Description", procedure.description, LONG)
        if kind.is_social and kind.does == CALL
        else None,
        el("cbc:ProcedureCode", procedure.code, listName="procurement-procedure-type"),
        _acceleration(procedure) if says_speed else None,
        _direct_award(procedure) if procedure.code == "neg-wo-call" and procedure.direct_reason else None,
    )


def _acceleration(procedure: Procedure) -> Element:
    return el(
        "cac:ProcessJustification",
        el("cbc:ProcessReasonCode", flag(procedure.is_accelerated), listName="accelerated-procedure"),
        worded("cbc:ProcessReason", procedure.acceleration_reason, LONG)
        if procedure.is_accelerated
        else None,
    )


def _direct_award(procedure: Procedure) -> Element:
    return el(
        "cac:ProcessJustification",
        el("cbc:ProcessReasonCode", procedure.direct_reason, listName="direct-award-justification"),
        worded("cbc:ProcessReason", procedure.justification or procedure.description, LONG),
    )


def _project(procedure: Procedure, kind: Subtype) -> Element:
    says_value = kind.does in (PRIOR, CALL) and procedure.value is not None
    return el(
        "cac:ProcurementProject",
        el("cbc:ID", procedure.reference[:SHORT], schemeName="InternalID") if procedure.reference else None,
        worded("cbc:Name", procedure.title, MEDIUM),
        worded("cbc:Description", procedure.description, LONG),
        el("cbc:ProcurementTypeCode", procedure.nature, listName="contract-nature"),
        el(
            "cac:RequestedTenderTotal",
            amount("cbc:EstimatedOverallContractAmount", procedure.value) if procedure.value else None,
        )
        if says_value
        else None,
        cpvs(procedure.cpv, procedure.additional_cpvs),
        place(procedure.nuts),
    )


def _result_date(kind: Subtype) -> Element | None:
    if kind.document != CAN:
        return None
    return el("cac:TenderResult", el("cbc:AwardDate", f"{NOT_KNOWN_YET.isoformat()}Z"))
