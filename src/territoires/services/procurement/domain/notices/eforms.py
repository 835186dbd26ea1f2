"""Notices in eForms: values in, the bytes of a UBL 2.3 document out.

The order of elements is that of the schemas; which mentions a subtype asks for or forbids is that of the SDK's rules,
by which what is made here is judged before it is sent.
"""

from __future__ import annotations

from datetime import date, datetime, time

from lxml import etree

from territoires.kernel.clock import PARIS
from territoires.kernel.errors import Invalid
from territoires.kernel.xml import Element

from .elements import (
    BUYER,
    LONG,
    MEDIUM,
    PLATFORM,
    REVIEW,
    SEE_DOCUMENTS,
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
    period,
    place,
    plain,
    ref,
    time_of,
    worded,
)
from .judging import NAMES
from .results import notice_result, organisations_of
from .sheets import (
    AUTHORITIES,
    FRENCH,
    Buyer,
    Call,
    Change,
    CriterionSheet,
    LotSheet,
    Modification,
    NoticeSheet,
    Party,
)
from .sheets import ProcedureSheet as Procedure
from .subtypes import (
    CALL,
    CAN,
    CLASSIC,
    CONCESSIONS,
    INTENTION,
    MODIFICATION,
    PRIOR,
    RESULT,
    SUBTYPES,
    UTILITIES,
    Subtype,
)

TWO_STAGES = ("restricted", "neg-w-call", "comp-dial", "innovation", "oth-mult")
"""By whose codes enterprises first ask to take part: the call then tells the last day of requests, and none of bids."""
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
        _contracting_party(sheet.procedure.buyer, kind, sheet.platform is not None),
        _procedure_terms(sheet.procedure, kind),
        _procedure_process(sheet, kind),
        _project(sheet.procedure, kind),
        [_lot(sheet, one, kind) for one in sheet.procedure.lots],
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
        _organisations(sheet, winners),
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
    scheme = "notice-id-ref" if change.of.count("-") > 1 else "ojs-notice-id"
    return el(
        "efac:ContractModification",
        el("efbc:ChangedNoticeIdentifier", change.of, schemeName=scheme),
        el("efbc:ModifiedContractIdentifier", "CON-0001", schemeName="contract"),
        el("efac:Change", worded("efbc:ChangeDescription", change.text, LONG)),
        el(
            "efac:ChangeReason",
            el("cbc:ReasonCode", change.reason, listName="modification-justification"),
            worded("efbc:ReasonDescription", change.justification, LONG),
        ),
    )


# --- organisations


def _organisations(sheet: NoticeSheet, winners: dict[str, Party]) -> Element:
    says_sizes = SUBTYPES[sheet.head.subtype].does != MODIFICATION
    named = {BUYER: sheet.procedure.buyer.party, REVIEW: sheet.procedure.review}
    if sheet.platform is not None:
        named[PLATFORM] = sheet.platform
    return el(
        "efac:Organizations",
        [_organisation(key, party) for key, party in named.items()],
        [_organisation(key, party, is_winner=says_sizes) for key, party in winners.items()],
    )


def _organisation(key: str, party: Party, *, is_winner: bool = False) -> Element:
    company = el(
        "efac:Company",
        el("cbc:WebsiteURI", party.website) if party.website else None,
        el("efbc:CompanySizeCode", party.size, listName="economic-operator-size")
        if is_winner and party.size
        else None,
        ref("organization", key),
        el("cac:PartyName", worded("cbc:Name", party.name, MEDIUM)),
        _address(party),
        el("cac:PartyLegalEntity", el("cbc:CompanyID", party.identifier)) if party.identifier else None,
        _contact(party),
    )
    if not is_winner:
        return el("efac:Organization", company)
    return el("efac:Organization", el("efbc:ListedOnRegulatedMarketIndicator", "false"), company)


def _address(party: Party) -> Element:
    return el(
        "cac:PostalAddress",
        el("cbc:StreetName", party.street[:MEDIUM]) if party.street else None,
        el("cbc:CityName", party.city[:MEDIUM]) if party.city else None,
        el("cbc:PostalZone", party.postal_code) if party.postal_code else None,
        el("cbc:CountrySubentityCode", party.nuts, listName="nuts") if party.nuts else None,
        el("cac:Country", el("cbc:IdentificationCode", party.country, listName="country")),
    )


def _contact(party: Party) -> Element | None:
    if not (party.telephone or party.email):
        return None
    return el(
        "cac:Contact",
        el("cbc:Telephone", party.telephone) if party.telephone else None,
        el("cbc:ElectronicMail", party.email) if party.email else None,
    )


def _contracting_party(buyer: Buyer, kind: Subtype, has_platform: bool) -> Element:
    is_bare = kind.does == MODIFICATION
    return el(
        "cac:ContractingParty",
        None if is_bare else _buyer_types(buyer, kind),
        None if is_bare else _activities(buyer, kind),
        el(
            "cac:Party",
            ref("organization", BUYER),
            el(
                "cac:ServiceProviderParty",
                el("cbc:ServiceTypeCode", "ted-esen", listName="organisation-role"),
                el("cac:Party", ref("organization", PLATFORM)),
            )
            if has_platform
            else None,
        ),
    )


def _activities(buyer: Buyer, kind: Subtype) -> list[Element]:
    """As an authority, as a utility, or both: a town that runs its water is still a town. The ordinary notices of each
    directive ask theirs of everybody; elsewhere authorities tell the one, undertakings the other."""
    is_authority = buyer.legal_type in AUTHORITIES
    asks_everybody = kind.does != INTENTION and not kind.is_social
    told = {}
    if is_authority or (asks_everybody and kind.basis == CLASSIC):
        told["authority-activity"] = buyer.activity
    if (asks_everybody and kind.basis == UTILITIES) or not (is_authority or kind.basis == CLASSIC):
        told["entity-activity"] = buyer.entity_activity
    return [
        el("cac:ContractingActivity", el("cbc:ActivityTypeCode", code, listName=list_name))
        for list_name, code in told.items()
        if code
    ]


def _buyer_types(buyer: Buyer, kind: Subtype) -> list[Element]:
    codes = {"buyer-legal-type": buyer.legal_type}
    if kind.basis == CONCESSIONS:
        codes["buyer-contracting-type"] = "cont-ent" if buyer.is_utility else "not-cont-ent"
    return [
        el("cac:ContractingPartyType", el("cbc:PartyTypeCode", code, listName=list_name))
        for list_name, code in codes.items()
    ]


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
        _requirement("exclusion-grounds-source", "epo-procurement-document") if kind.does == CALL else None
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


# --- lots


def _lot(sheet: NoticeSheet, lot: LotSheet, kind: Subtype) -> Element:
    is_part = kind.does == PRIOR
    return el(
        "cac:ProcurementProjectLot",
        el("cbc:ID", lot.part_id, schemeName="Part") if is_part else el("cbc:ID", lot.id, schemeName="Lot"),
        _lot_terms(sheet, lot, kind),
        _lot_process(sheet, lot, kind),
        _lot_project(lot, kind),
    )


def _lot_terms(sheet: NoticeSheet, lot: LotSheet, kind: Subtype) -> Element | None:
    call = sheet.call
    review = _review(sheet.procedure, kind)
    more = (
        el("cac:AdditionalInformationParty", ref("organization", BUYER)) if _says_whom_to_ask(kind) else None
    )
    if kind.does != CALL or call is None:
        return el("cac:TenderingTerms", *_terms_after_the_call(lot, kind), more, review)
    is_concession = kind.basis == CONCESSIONS
    is_detailed = kind.code == "17"
    is_reservable = not (kind.is_voluntary or kind.is_contest)
    has_details = kind.is_ordinary
    return el(
        "cac:TenderingTerms",
        el(
            "cbc:VariantConstraintCode",
            "allowed" if lot.allows_variants else "not-allowed",
            listName="permission",
        )
        if not is_concession and not kind.is_social
        else None,
        el("cbc:FundingProgramCode", "no-eu-funds", listName="eu-funded") if not kind.is_voluntary else None,
        el("cbc:RequiredCurriculaCode", "not-requ", listName="requirement-stage") if is_detailed else None,
        el(
            "cac:RequiredFinancialGuarantee",
            el("cbc:GuaranteeTypeCode", "false", listName="tender-guarantee-required"),
        )
        if is_detailed
        else None,
        _documents(call),
        el("cac:PaymentTerms", worded("cbc:Note", SEE_DOCUMENTS, LONG)) if is_detailed else None,
        _requirement("reserved-procurement", lot.reserved) if is_reservable else None,
        el("cac:TendererQualificationRequest", el("cbc:CompanyLegalFormCode", "false", listName="required"))
        if is_detailed
        else None,
        _requirement("selection-criteria-source", "epo-procurement-document"),
        _execution("reserved-execution", "no") if is_reservable else None,
        _execution("einvoicing", "required") if has_details else None,
        _execution("ecatalog-submission", "not-allowed") if has_details else None,
        _execution("conditions", "performance", call.terms or SEE_DOCUMENTS) if is_detailed else None,
        _criteria(
            lot,
            is_negotiated=sheet.procedure.code == "neg-w-call" and has_details,
            is_contest=kind.is_contest,
        ),
        more,
        el("cac:TenderRecipientParty", el("cbc:EndpointID", call.submission_url)),
        el("cac:TenderValidityPeriod", el("cbc:DurationMeasure", str(call.validity_days), unitCode="DAY"))
        if call.validity_days and has_details and sheet.procedure.code == "open"
        else None,
        review,
        el("cac:Language", el("cbc:ID", FRENCH)),
        el(
            "cac:PostAwardProcess",
            el("cbc:ElectronicOrderUsageIndicator", "false"),
            el("cbc:ElectronicPaymentUsageIndicator", "true"),
        )
        if has_details
        else None,
    )


def _says_whom_to_ask(kind: Subtype) -> bool:
    return kind.basis in (UTILITIES, CONCESSIONS) and kind.does != PRIOR


def _review(procedure: Procedure, kind: Subtype) -> Element:
    is_told = kind.does in (CALL, RESULT)
    return el(
        "cac:AppealTerms",
        el("cac:PresentationPeriod", worded("cbc:Description", procedure.review_deadline, LONG))
        if is_told and procedure.review_deadline
        else None,
        el("cac:AppealInformationParty", ref("organization", REVIEW)) if is_told else None,
        el("cac:AppealReceiverParty", ref("organization", REVIEW)),
    )


def _terms_after_the_call(lot: LotSheet, kind: Subtype) -> tuple[Child, ...]:
    if kind.does != RESULT or kind.is_voluntary:
        return ()
    return (
        el("cbc:FundingProgramCode", "no-eu-funds", listName="eu-funded"),
        _criteria(lot),
    )


def _documents(call: Call) -> Element:
    return el(
        "cac:CallForTendersDocumentReference",
        el("cbc:ID", "1"),
        el("cbc:DocumentType", "non-restricted-document"),
        el("cac:Attachment", el("cac:ExternalReference", el("cbc:URI", call.documents_url))),
    )


def _requirement(list_name: str, code: str) -> Element:
    return el(
        "cac:TendererQualificationRequest",
        el(
            "cac:SpecificTendererRequirement",
            el("cbc:TendererRequirementTypeCode", code, listName=list_name),
        ),
    )


def _execution(list_name: str, code: str, words: str = "") -> Element:
    return el(
        "cac:ContractExecutionRequirement",
        el("cbc:ExecutionRequirementCode", code, listName=list_name),
        worded("cbc:Description", words, LONG) if words else None,
    )


def _criteria(lot: LotSheet, *, is_negotiated: bool = False, is_contest: bool = False) -> Element | None:
    """By what bids are judged. Of a contest: the winner may get the contract that follows, and the jury advises."""
    if not (lot.criteria or is_contest):
        return None
    return el(
        "cac:AwardingTerms",
        el("cbc:FollowupContractIndicator", "true") if is_contest else None,
        el("cbc:BindingOnBuyerIndicator", "false") if is_contest else None,
        el("cbc:NoFurtherNegotiationIndicator", "false") if is_negotiated else None,
        el(
            "cac:AwardingCriterion",
            [_criterion(one) for one in lot.criteria],
        )
        if lot.criteria
        else None,
    )


def _criterion(one: CriterionSheet) -> Element:
    """With its parts in its description: the European form knows no criteria of criteria."""
    return el(
        "cac:SubordinateAwardingCriterion",
        in_extension(
            el(
                "efac:AwardCriterionParameter",
                el("efbc:ParameterCode", "per-exa", listName="number-weight"),
                el("efbc:ParameterNumeric", plain(one.weight)),
            )
        ),
        el("cbc:AwardingCriterionTypeCode", one.kind, listName="award-criterion-type"),
        worded("cbc:Name", one.name, MEDIUM),
        worded("cbc:Description", _described(one), LONG),
    )


def _described(one: CriterionSheet) -> str:
    """In the language of notices."""
    parts = [f"{part.name} : {plain(part.weight).replace('.', ',')} %" for part in one.parts]
    return f"{one.name} ({' ; '.join(parts)})" if parts else one.name


def _lot_process(sheet: NoticeSheet, lot: LotSheet, kind: Subtype) -> Element | None:
    if kind.does in (PRIOR, MODIFICATION):
        return None
    call = sheet.call
    gpa = el("cbc:GovernmentAgreementConstraintIndicator", flag(sheet.procedure.is_covered_by_gpa))
    has_gpa = kind.is_ordinary
    if kind.does == CALL and call is not None:
        children = _call_process(sheet, call, lot, kind, gpa if has_gpa else None)
    elif kind.does == INTENTION:
        children = [gpa]
    else:
        children = [
            gpa if has_gpa else None,
            *(_techniques(lot) if has_gpa else ()),
        ]
    found = [child for child in children if child is not None]
    return el("cac:TenderingProcess", found) if found else None


def _call_process(
    sheet: NoticeSheet, call: Call, lot: LotSheet, kind: Subtype, gpa: Element | None
) -> list[Element | None]:
    code = sheet.procedure.code
    is_two_stage = code in TWO_STAGES
    is_detailed = kind.is_ordinary
    return [
        el("cbc:SubmissionMethodCode", "required", listName="esubmission"),
        el("cbc:CandidateReductionConstraintIndicator", "false")
        if code in TWO_STAGES[1:] and is_detailed
        else None,
        gpa,
        period("cac:TenderSubmissionDeadlinePeriod", call.tenders_until) if not is_two_stage else None,
        period("cac:ParticipationRequestReceptionPeriod", call.applications_until) if is_two_stage else None,
        _questions(call) if is_detailed else None,
        _short_list(call) if is_two_stage and is_detailed else None,
        _opening(call) if code == "open" and not (kind.is_voluntary or kind.is_contest) else None,
        *(_techniques(lot) if is_detailed or kind.is_voluntary else ()),
    ]


def _questions(call: Call) -> Element | None:
    if call.questions_until is None:
        return None
    end = datetime.combine(call.questions_until, time(23, 59, 59), PARIS)
    return period("cac:AdditionalInformationRequestPeriod", end)


def _short_list(call: Call) -> Element:
    return el(
        "cac:EconomicOperatorShortList",
        el("cbc:LimitationDescription", flag(call.maximum_candidates is not None)),
        el("cbc:MaximumQuantity", str(call.maximum_candidates)) if call.maximum_candidates else None,
        el("cbc:MinimumQuantity", str(call.minimum_candidates)) if call.minimum_candidates else None,
    )


def _opening(call: Call) -> Element | None:
    at = call.opens_at or call.tenders_until
    if at is None:
        return None
    there = at.astimezone(PARIS)
    return el(
        "cac:OpenTenderEvent",
        el("cbc:OccurrenceDate", day_of(there)),
        el("cbc:OccurrenceTime", time_of(there)),
    )


def _techniques(lot: LotSheet) -> list[Element | None]:
    return [
        el("cac:AuctionTerms", el("cbc:AuctionConstraintIndicator", "false")),
        el("cac:FrameworkAgreement", el("cbc:MaximumOperatorQuantity", "1")) if lot.is_framework else None,
        _system("framework-agreement", "fa-wo-rc" if lot.is_framework else "none"),
        _system("dps-usage", "dps-list" if lot.is_dynamic else "none"),
    ]


def _system(list_name: str, code: str) -> Element:
    return el("cac:ContractingSystem", el("cbc:ContractingSystemTypeCode", code, listName=list_name))


def _lot_project(lot: LotSheet, kind: Subtype) -> Element:
    says_more = kind.does == CALL
    values: list[Element | None] = []
    if says_more and lot.value is not None:
        values.append(amount("cbc:EstimatedOverallContractAmount", lot.value))
    if says_more and lot.is_framework and lot.framework_maximum is not None:
        values.insert(0, in_extension(amount("efbc:FrameworkMaximumAmount", lot.framework_maximum)))
    return el(
        "cac:ProcurementProject",
        el("cbc:ID", str(lot.number or 1), schemeName="InternalID") if kind.does != PRIOR else None,
        worded("cbc:Name", lot.title, MEDIUM),
        worded("cbc:Description", lot.description, LONG),
        el("cbc:ProcurementTypeCode", lot.nature, listName="contract-nature"),
        _strategic(lot, kind),
        el("cac:RequestedTenderTotal", values) if values else None,
        cpvs(lot.cpv, lot.additional_cpvs if kind.does != PRIOR else ()),
        place(lot.nuts),
        el("cac:PlannedPeriod", el("cbc:DurationMeasure", str(lot.duration_months), unitCode="MONTH"))
        if lot.duration_months and kind.does == CALL and not kind.is_contest
        else None,
        _extensions(lot, kind) if kind.does == CALL and not kind.is_contest else None,
    )


def _extensions(lot: LotSheet, kind: Subtype) -> Element | None:
    """Options and renewals; the form of utilities says them even where there is none."""
    if not (lot.options or lot.renewals or kind.code == "17"):
        return None
    return el(
        "cac:ContractExtension",
        worded("cbc:OptionsDescription", lot.options or SEE_DOCUMENTS, LONG)
        if lot.options or kind.code == "17"
        else None,
        el("cbc:MaximumNumberNumeric", str(lot.renewals)),
        el("cac:Renewal", el("cac:Period", worded("cbc:Description", lot.renewal or SEE_DOCUMENTS, LONG)))
        if lot.renewals
        else None,
    )


def _strategic(lot: LotSheet, kind: Subtype) -> list[Element]:
    if kind.does not in (CALL, RESULT) or kind.is_voluntary:
        return []
    told = []
    if lot.environmental:
        told += [
            _aim("strategic-procurement", "env-imp", lot.environmental),
            _aim("environmental-impact", "other"),
        ]
    if lot.social:
        told += [_aim("strategic-procurement", "soc-obj", lot.social), _aim("social-objective", "other")]
    return told


def _aim(list_name: str, code: str, words: str = "") -> Element:
    return el(
        "cac:ProcurementAdditionalType",
        el("cbc:ProcurementTypeCode", code, listName=list_name),
        worded("cbc:ProcurementType", words, LONG) if words else None,
    )
