"""What a notice says of results: awards, contracts, bids received, winners."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

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
    ref,
    ref_id,
    worded,
)
from .sheets import LotOutcome, NoticeSheet, Party, WinnerSheet
from .subtypes import CONCESSIONS, INTENTION, RESULT, UTILITIES, Subtype


def organisations_of(outcomes: Iterable[LotOutcome]) -> dict[str, Party]:
    """The enterprises that won, each once, by its id in the notice."""
    parties: dict[str, Party] = {}
    for outcome in outcomes:
        for party in outcome.winner.members if outcome.winner else ():
            parties.setdefault(party.identifier, party)
    return {f"ORG-{rank:04}": one for rank, one in enumerate(parties.values(), start=FIRST_WINNER)}


def notice_result(sheet: NoticeSheet, kind: Subtype, winners: dict[str, Party]) -> Element:
    """The result, with one lot result for each lot: RES, TEN, CON and TPA bear the rank of the lot among the outcomes."""
    awarded = [one for one in sheet.outcomes if one.winner is not None]
    total = sum((one.winner.amount for one in awarded if one.winner), Decimal(0))
    numbered = list(enumerate(sheet.outcomes, start=1))
    has_results = kind.does != INTENTION or kind.basis != CONCESSIONS
    return el(
        "efac:NoticeResult",
        amount("cbc:TotalAmount", total) if awarded and total > 0 and not kind.is_contest else None,
        [_lot_result(rank, one, kind) for rank, one in numbered if has_results],
        [_lot_tender(rank, one, kind) for rank, one in numbered if one.winner is not None],
        [_settled(rank, one, kind) for rank, one in numbered if one.contract is not None],
        [_tendering_party(rank, one, winners) for rank, one in numbered if one.winner is not None],
    )


def _lot_result(rank: int, outcome: LotOutcome, kind: Subtype) -> Element:
    says_status = kind.does == RESULT
    says_range = says_status and (kind.is_ordinary or kind.is_voluntary)
    closed = outcome.winner is None
    return el(
        "efac:LotResult",
        el("cbc:ID", f"RES-{rank:04}", schemeName="result"),
        amount("cbc:HigherTenderAmount", outcome.highest)
        if outcome.highest and says_range and not closed
        else None,
        amount("cbc:LowerTenderAmount", outcome.lowest)
        if outcome.lowest and says_range and not closed
        else None,
        el("cbc:TenderResultCode", outcome.status, listName="winner-selection-status")
        if says_status
        else None,
        el(
            "efac:DecisionReason",
            el(
                "efbc:DecisionReasonCode",
                outcome.reason or "no-rece",
                listName="non-award-justification",
            ),
        )
        if closed and says_status
        else None,
        el("efac:LotTender", ref_id("tender", f"TEN-{rank:04}")) if not closed else None,
        _statistics(outcome) if says_status else None,
        el("efac:SettledContract", ref_id("contract", f"CON-{rank:04}"))
        if outcome.contract is not None
        else None,
        el("efac:TenderLot", ref_id("Lot", f"LOT-{outcome.lot:04}")),
    )


def _statistics(outcome: LotOutcome) -> list[Element]:
    counted = outcome.statistics
    if counted is None or (outcome.winner is None and counted.tenders == 0):
        return []
    figures = {
        "tenders": counted.tenders,
        "t-esubm": counted.electronic,
        "t-micro": counted.micro,
        "t-small": counted.small,
        "t-med": counted.medium,
        "t-large": counted.large,
        "t-oth-eea": counted.other_european,
        "t-no-eea": counted.foreign,
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


def _settled(rank: int, outcome: LotOutcome, kind: Subtype) -> Element:
    contract = outcome.contract
    assert contract is not None
    return el(
        "efac:SettledContract",
        el("cbc:ID", f"CON-{rank:04}", schemeName="contract"),
        el("cbc:AwardDate", legal(contract.decided_on)) if contract.decided_on else None,
        el("cbc:IssueDate", legal(contract.signed_on))
        if contract.signed_on and kind.does != INTENTION
        else None,
        worded("cbc:Title", contract.title, MEDIUM) if contract.title else None,
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
