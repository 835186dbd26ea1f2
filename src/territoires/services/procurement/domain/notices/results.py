"""What a notice says of results: awards, contracts, bids received, winners."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

from territoires.kernel.xml import Element

from .elements import (
    BUYER,
    FIRST_WINNER,
    LONG,
    MEDIUM,
    SEE_DOCUMENTS,
    SHORT,
    amount,
    el,
    flag,
    legal,
    named_notice,
    ref,
    ref_id,
    worded,
)
from .sheets import LotOutcome, LotSheet, NoticeSheet, Party, WinnerSheet
from .subtypes import CONCESSIONS, INTENTION, RESULT, UTILITIES, Subtype

Numbered: TypeAlias = tuple[int, LotOutcome]
"""An outcome with its rank in the notice."""
NOTHING_RECEIVED = "no-rece"


def organisations_of(outcomes: Iterable[LotOutcome]) -> dict[str, Party]:
    """The enterprises that won, each once, by its id in the notice."""
    parties: dict[str, Party] = {}
    for outcome in outcomes:
        for party in outcome.winner.members if outcome.winner else ():
            parties.setdefault(party.identifier, party)
    return {f"ORG-{rank:04}": one for rank, one in enumerate(parties.values(), start=FIRST_WINNER)}


def notice_result(sheet: NoticeSheet, kind: Subtype, winners: dict[str, Party]) -> Element:
    """The result, with one lot result for each lot: TEN, CON and TPA bear the rank of the outcome, RES that of the first
    of its lot, of which a dynamic purchasing system may tell several contracts."""
    numbered = list(enumerate(sheet.outcomes, start=1))
    lots = {one.number: one for one in sheet.procedure.lots} if kind.tells_techniques else {}
    frameworks = {number: one for number, one in lots.items() if one.is_framework}
    by_lot: dict[int, list[Numbered]] = {}
    for rank, one in numbered:
        by_lot.setdefault(one.lot, []).append((rank, one))
    has_results = kind.does != INTENTION or kind.basis != CONCESSIONS
    return el(
        "efac:NoticeResult",
        *_totals(sheet, kind, frameworks),
        [
            _lot_result(lot, several, kind, frameworks.get(lot))
            for lot, several in by_lot.items()
            if has_results
        ],
        [_lot_tender(rank, one, kind) for rank, one in numbered if one.winner is not None],
        [_settled(rank, one, kind, lots.get(one.lot)) for rank, one in numbered if one.contract is not None],
        [_tendering_party(rank, one, winners) for rank, one in numbered if one.winner is not None],
    )


def _totals(sheet: NoticeSheet, kind: Subtype, frameworks: Mapping[int, LotSheet]) -> list[Element | None]:
    """What the contracts are worth; apart, what may be bought under the framework agreements."""
    won = [(one.lot, one.winner.amount) for one in sheet.outcomes if one.winner]
    firm = sum((value for lot, value in won if lot not in frameworks), Decimal(0))
    agreed = sum((value for lot, value in won if lot in frameworks), Decimal(0))
    maxima = [frameworks[lot].framework_maximum for lot, _value in won if lot in frameworks]
    most = sum((one for one in maxima if one is not None), Decimal(0))
    return [
        amount("cbc:TotalAmount", firm) if firm > 0 and not kind.is_contest else None,
        amount("efbc:OverallApproximateFrameworkContractsAmount", agreed) if agreed > 0 else None,
        amount("efbc:OverallMaximumFrameworkContractsAmount", most) if most > 0 else None,
    ]


def _lot_result(lot: int, several: Sequence[Numbered], kind: Subtype, framework: LotSheet | None) -> Element:
    rank, outcome = several[0]
    says_status = kind.does == RESULT
    says_range = says_status and (kind.is_ordinary or kind.is_voluntary)
    won = [one for _rank, one in several if one.winner is not None]
    closed = not won
    highest = max((one.highest for one in won if one.highest), default=None)
    lowest = min((one.lowest for one in won if one.lowest), default=None)
    return el(
        "efac:LotResult",
        el("cbc:ID", f"RES-{rank:04}", schemeName="result"),
        amount("cbc:HigherTenderAmount", highest) if highest and says_range else None,
        amount("cbc:LowerTenderAmount", lowest) if lowest and says_range else None,
        el("cbc:TenderResultCode", outcome.status, listName="winner-selection-status")
        if says_status
        else None,
        el("efbc:DPSTerminationIndicator", flag(outcome.system_ends))
        if outcome.system_ends is not None and says_status and kind.tells_techniques
        else None,
        el(
            "efac:DecisionReason",
            el(
                "efbc:DecisionReasonCode",
                outcome.reason or NOTHING_RECEIVED,
                listName="non-award-justification",
            ),
        )
        if closed and says_status
        else None,
        [el("efac:LotTender", ref_id("tender", f"TEN-{each:04}")) for each, one in several if one.winner],
        _framework_values(won, framework) if framework and won else None,
        _statistics(several) if says_status else None,
        [
            el("efac:SettledContract", ref_id("contract", f"CON-{each:04}"))
            for each, one in several
            if one.contract is not None
        ],
        el("efac:TenderLot", ref_id("Lot", f"LOT-{lot:04}")),
    )


def _framework_values(won: Sequence[LotOutcome], framework: LotSheet) -> Element:
    """The most that may be bought under the agreement, where the lot has a bound of its own, and the bid's estimate."""
    estimated = sum((one.winner.amount for one in won if one.winner), Decimal(0))
    return el(
        "efac:FrameworkAgreementValues",
        amount("cbc:MaximumValueAmount", framework.framework_maximum)
        if framework.framework_maximum
        else None,
        amount("efbc:ReestimatedValueAmount", estimated),
    )


def _statistics(several: Sequence[Numbered]) -> list[Element]:
    counted = [one.statistics for _rank, one in several]
    told = [one for one in counted if one is not None]
    if len(told) < len(counted) or several[0][1].reason == NOTHING_RECEIVED:
        return []
    figures = {
        code: sum(getattr(one, name) for one in told)
        for code, name in {
            "tenders": "tenders",
            "t-esubm": "electronic",
            "t-micro": "micro",
            "t-small": "small",
            "t-med": "medium",
            "t-large": "large",
            "t-oth-eea": "other_european",
            "t-no-eea": "foreign",
        }.items()
    }
    return [
        el(
            "efac:ReceivedSubmissionsStatistics",
            el("efbc:StatisticsCode", code, listName="received-submission-type"),
            el("efbc:StatisticsNumeric", str(number)),
        )
        for code, number in figures.items()
    ]


def _lot_tender(rank: int, outcome: LotOutcome, kind: Subtype) -> Element:
    winner = outcome.winner
    assert winner is not None
    says_rank = kind.does == RESULT and kind.basis != CONCESSIONS
    applies = {None: "not-known", True: "yes", False: "no"}[winner.subcontracted]
    return el(
        "efac:LotTender",
        el("cbc:ID", f"TEN-{rank:04}", schemeName="tender"),
        el("cbc:RankCode", str(winner.rank)) if says_rank else None,
        el("efbc:TenderRankedIndicator", "true") if says_rank else None,
        el("efbc:TenderVariantIndicator", flag(winner.is_variant))
        if kind.does == RESULT and kind.basis == UTILITIES
        else None,
        el("cac:LegalMonetaryTotal", amount("cbc:PayableAmount", winner.amount))
        if not kind.is_contest
        else None,
        _concession_revenue(winner) if kind.basis == CONCESSIONS and kind.does == RESULT else None,
        el("efac:SubcontractingTerm", el("efbc:TermCode", applies, listName="applicability"))
        if kind.does == RESULT and not kind.is_contest
        else None,
        el("efac:TenderingParty", ref_id("tendering-party", f"TPA-{rank:04}")),
        el("efac:TenderLot", ref_id("Lot", f"LOT-{outcome.lot:04}")),
        el("efac:TenderReference", el("cbc:ID", winner.reference[:SHORT])),
    )


def _concession_revenue(winner: WinnerSheet) -> Element | None:
    if winner.paid_by_buyer is None or winner.paid_by_users is None:
        return None
    return el(
        "efac:ConcessionRevenue",
        amount("efbc:RevenueBuyerAmount", winner.paid_by_buyer),
        amount("efbc:RevenueUserAmount", winner.paid_by_users),
        worded("efbc:ValueDescription", winner.valuation or SEE_DOCUMENTS, LONG),
    )


def _settled(rank: int, outcome: LotOutcome, kind: Subtype, lot: LotSheet | None) -> Element:
    """``lot``: where the notice tells techniques."""
    contract = outcome.contract
    assert contract is not None
    is_told = lot is not None and (lot.is_framework or lot.is_called) and kind.does != INTENTION
    agreement = lot.framework_notice if lot is not None and kind.does == RESULT else ""
    return el(
        "efac:SettledContract",
        el("cbc:ID", f"CON-{rank:04}", schemeName="contract"),
        el("cbc:AwardDate", legal(contract.decided_on)) if contract.decided_on else None,
        el("cbc:IssueDate", legal(contract.signed_on))
        if contract.signed_on and kind.does != INTENTION
        else None,
        worded("cbc:Title", contract.title, MEDIUM) if contract.title else None,
        # whether it is a contract called under an agreement, and not the agreement itself
        el("efbc:ContractFrameworkIndicator", flag(lot.is_called)) if lot is not None and is_told else None,
        el("cac:NoticeDocumentReference", named_notice("cbc:ID", agreement)) if agreement else None,
        el("cac:SignatoryParty", ref("organization", BUYER)) if kind.does != INTENTION else None,
        el("efac:ContractReference", el("cbc:ID", contract.reference[:SHORT]))
        if not kind.is_contest
        else None,
        el("efac:LotTender", ref_id("tender", f"TEN-{rank:04}")),
    )


def _tendering_party(rank: int, outcome: LotOutcome, winners: dict[str, Party]) -> Element:
    assert outcome.winner is not None
    keys = {party.identifier: key for key, party in winners.items()}
    members = outcome.winner.members
    return el(
        "efac:TenderingParty",
        el("cbc:ID", f"TPA-{rank:04}", schemeName="tendering-party"),
        [
            el(
                "efac:Tenderer",
                ref_id("organization", keys[member.identifier]),
                el("efbc:GroupLeadIndicator", flag(place == 0)) if len(members) > 1 else None,
            )
            for place, member in enumerate(members)
        ],
    )
