"""What a notice says of each lot: its terms, how enterprises compete for it, what is bought."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal

from territoires.kernel.clock import PARIS
from territoires.kernel.xml import Element

from .elements import (
    BUYER,
    LONG,
    MEDIUM,
    REVIEW,
    SEE_DOCUMENTS,
    Child,
    amount,
    cpvs,
    el,
    flag,
    in_extension,
    legal,
    period,
    place,
    plain,
    ref,
    requirement,
    worded,
)
from .sheets import FRENCH, Call, CriterionSheet, LotSheet, NoticeSheet
from .sheets import ProcedureSheet as Procedure
from .subtypes import CALL, CONCESSIONS, INTENTION, MODIFICATION, PRIOR, RESULT, UTILITIES, Subtype

TWO_STAGES = ("restricted", "neg-w-call", "comp-dial", "innovation", "oth-mult")
"""By whose codes enterprises first ask to take part: the call then tells the last day of requests, and none of bids."""

EACH_PRIZE = "Prime versée à chaque participant qui remet un projet conforme au règlement du concours."


def lot_of(sheet: NoticeSheet, lot: LotSheet, kind: Subtype) -> Element:
    """One lot, with its terms, its competition and its object; a part where there is no lot yet."""
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
        requirement("reserved-procurement", lot.reserved) if is_reservable else None,
        el("cac:TendererQualificationRequest", el("cbc:CompanyLegalFormCode", "false", listName="required"))
        if is_detailed
        else None,
        requirement("selection-criteria-source", "epo-procurement-document"),
        _execution("reserved-execution", "no") if is_reservable else None,
        _execution("einvoicing", "required") if has_details else None,
        _execution("ecatalog-submission", "not-allowed") if has_details else None,
        _execution("conditions", "performance", call.terms or SEE_DOCUMENTS) if is_detailed else None,
        _criteria(
            lot,
            is_negotiated=sheet.procedure.code == "neg-w-call" and has_details,
            is_contest=kind.is_contest,
            prize=call.prize if kind.is_contest else None,
        ),
        more,
        el("cac:TenderRecipientParty", el("cbc:EndpointID", call.submission_url)),
        el("cac:TenderValidityPeriod", el("cbc:DurationMeasure", str(call.validity_days), unitCode="DAY"))
        if call.validity_days and sheet.procedure.code in ("open", "oth-single") and not kind.is_contest
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


def _execution(list_name: str, code: str, words: str = "") -> Element:
    return el(
        "cac:ContractExecutionRequirement",
        el("cbc:ExecutionRequirementCode", code, listName=list_name),
        worded("cbc:Description", words, LONG) if words else None,
    )


def _criteria(
    lot: LotSheet, *, is_negotiated: bool = False, is_contest: bool = False, prize: Decimal | None = None
) -> Element | None:
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
        _prize(prize) if prize is not None else None,
    )


def _prize(value: Decimal) -> Element:
    """The form asks for ranks; in France each project that is what was asked earns the same (CCP R2162-20)."""
    return el(
        "cac:Prize",
        el("cbc:RankCode", "1"),
        amount("cbc:ValueAmount", value),
        worded("cbc:Description", EACH_PRIZE, MEDIUM),
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
    if kind.does == PRIOR:
        return None
    call = sheet.call
    gpa = el("cbc:GovernmentAgreementConstraintIndicator", flag(sheet.procedure.is_covered_by_gpa))
    has_gpa = kind.is_ordinary
    if kind.does == CALL and call is not None:
        children = _call_process(sheet, call, lot, kind, gpa if has_gpa else None)
    elif kind.does in (INTENTION, MODIFICATION):
        is_told = kind.tells_techniques and (lot.is_framework or lot.is_called)
        children = [gpa if kind.does == INTENTION else None, _agreement(lot) if is_told else None]
    else:
        children = [
            gpa if has_gpa else None,
            *(_techniques(lot, kind) if kind.tells_techniques else ()),
        ]
    found = [child for child in children if child is not None]
    return el("cac:TenderingProcess", found) if found else None


def _call_process(
    sheet: NoticeSheet, call: Call, lot: LotSheet, kind: Subtype, gpa: Element | None
) -> list[Element | None]:
    code = sheet.procedure.code
    is_two_stage = code in TWO_STAGES
    is_detailed = kind.is_ordinary
    invites_on = call.invites_on if is_two_stage else None
    return [
        el("cbc:SubmissionMethodCode", "required", listName="esubmission"),
        el("cbc:CandidateReductionConstraintIndicator", "false")
        if code in TWO_STAGES[1:] and is_detailed
        else None,
        gpa,
        period("cac:TenderSubmissionDeadlinePeriod", call.tenders_until) if not is_two_stage else None,
        el("cac:InvitationSubmissionPeriod", el("cbc:StartDate", legal(invites_on))) if invites_on else None,
        period("cac:ParticipationRequestReceptionPeriod", call.applications_until) if is_two_stage else None,
        _questions(call) if is_detailed else None,
        _short_list(call) if is_two_stage and is_detailed else None,
        *(_techniques(lot, kind) if is_detailed or kind.is_voluntary else ()),
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


def _techniques(lot: LotSheet, kind: Subtype) -> list[Element | None]:
    says_operators = lot.is_framework and kind.does == CALL
    return [
        el("cac:AuctionTerms", el("cbc:AuctionConstraintIndicator", "false")),
        el("cac:FrameworkAgreement", el("cbc:MaximumOperatorQuantity", "1")) if says_operators else None,
        _agreement(lot),
        _system("dps-usage", "dps-list" if lot.is_dynamic else "none"),
    ]


def _agreement(lot: LotSheet) -> Element:
    """An agreement has one holder for each lot here: its contracts are called without a new competition."""
    return _system("framework-agreement", "fa-wo-rc" if lot.is_framework or lot.is_called else "none")


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
        _period(lot) if kind.does == CALL and not kind.is_contest else None,
        _extensions(lot, kind) if kind.does == CALL and not kind.is_contest else None,
    )


def _period(lot: LotSheet) -> Element | None:
    """How long it lasts: from a day to another where both are known, else so many months."""
    if lot.starts_on is not None and lot.ends_on is not None:
        days = el("cbc:StartDate", legal(lot.starts_on)), el("cbc:EndDate", legal(lot.ends_on))
        return el("cac:PlannedPeriod", *days)
    if lot.duration_months:
        return el("cac:PlannedPeriod", el("cbc:DurationMeasure", str(lot.duration_months), unitCode="MONTH"))
    return None


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
