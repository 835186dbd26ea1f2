"""The results that a notice tells: who bid, who won, what was received, for which price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeAlias

from territoires.foundations.packs.api import pack
from territoires.kernel.clock import legal_day

from ..domain import life
from ..domain.law import DYNAMIC
from ..domain.notices import sheets
from ..domain.notices.subtypes import (
    CALL,
    MODIFICATION,
    PRIOR,
    RESULT,
    SUBTYPES,
)
from ..models import (
    Award,
    AwardOutcome,
    Bid,
    Contract,
    ContractChange,
    EnterpriseSheet,
    Notice,
    OpenRecord,
    RecordKind,
)
from .award import awards_of
from .holding import present_holders
from .preparation import prepared_lots
from .safety_copies import opened_copies

UNKNOWN = sheets.Party(name="", identifier="")
Enterprises: TypeAlias = Mapping[str, sheets.Party]
"""What is told of enterprises, by SIRET."""


def outcomes_of(notice: Notice, contract: Contract | None, told: Enterprises) -> Sequence[sheets.LotOutcome]:
    """What the notice tells of each lot: of the whole procedure, of one contract, or of a quarter of a system."""
    consultation, does = notice.consultation, SUBTYPES[notice.subtype].does
    if does in (PRIOR, CALL):
        return ()
    if does == MODIFICATION:
        return [_outcome(contract.award, contract, told)] if contract is not None else ()
    if consultation.procedure == DYNAMIC:
        return _outcomes_of_system(notice, told)
    contracts = {
        one.award_id: one
        for one in Contract.objects.filter(consultation=consultation).select_related("award")
    }
    return [
        _outcome(award, contracts.get(award.pk), told)
        for award in awards_of(consultation)
        if does == RESULT or award.outcome == AwardOutcome.AWARDED
    ]


def _outcomes_of_system(notice: Notice, told: Enterprises) -> list[sheets.LotOutcome]:
    """The contracts of a quarter, grouped; of a system that has ended, that it did, lot by lot (directive 2014/24, art. 34)."""
    has_ended = notice.consultation.state == life.ENDED
    found = [
        replace(_outcome(one.award, one, told), lot=one.consultation.parent_lot or 0, system_ends=has_ended)
        for one in contracts_told(notice)
    ]
    if not has_ended:
        return found
    told_lots = {one.lot for one in found}
    return found + [
        sheets.LotOutcome(
            lot=one.number,
            statistics=sheets.Statistics(tenders=0, electronic=0),
            reason="other",
            system_ends=True,
        )
        for one in prepared_lots(notice.consultation)
        if one.number not in told_lots
    ]


def contracts_told(notice: Notice) -> list[Contract]:
    """The contracts called under a system that a notice of its results groups."""
    keys = notice.answers.get("contracts", ())
    rows = Contract.objects.filter(pk__in=keys, consultation__parent=notice.consultation)
    return list(
        rows.select_related("award__lot", "award__consultation", "consultation").order_by(
            "signed_on", "number"
        )
    )


def _awards_told(notice: Notice) -> list[Award]:
    if notice.consultation.procedure == DYNAMIC:
        return [one.award for one in contracts_told(notice)]
    return list(awards_of(notice.consultation))


def _outcome(award: Award, contract: Contract | None, told: Enterprises) -> sheets.LotOutcome:
    lot = award.lot.number if award.lot else 0
    statistics, prices = _received(award, told)
    if award.outcome != AwardOutcome.AWARDED:
        reason = "all-rej" if bids_of(award) else "no-rece"
        if award.outcome == AwardOutcome.ABANDONED:
            reason = "other"
        return sheets.LotOutcome(lot=lot, statistics=statistics, reason=reason)
    amount = _amount(award, contract)
    paid_by_buyer = _public_money(contract)
    return sheets.LotOutcome(
        lot=lot,
        statistics=statistics,
        winner=sheets.WinnerSheet(
            reference=f"{award.consultation.reference}-{lot or 1}"[:100],
            amount=amount,
            members=_members(award, contract, told),
            paid_by_buyer=paid_by_buyer,
            paid_by_users=None if paid_by_buyer is None else max(amount - paid_by_buyer, Decimal(0)),
        ),
        contract=sheets.ContractSheet(
            reference=contract.number if contract else f"{award.consultation.reference}-{lot or 1}",
            decided_on=award.decided_on,
            signed_on=contract.signed_on if contract else None,
            title=contract.title if contract else "",
        ),
        lowest=min(prices) if prices else None,
        highest=max(prices) if prices else None,
    )


def _amount(award: Award, contract: Contract | None) -> Decimal:
    """The price of the contract as it stands, changes included."""
    if contract is None:
        return award.amount or Decimal(0)
    last = ContractChange.objects.filter(contract=contract).order_by("-number").first()
    amount: Decimal = last.new_amount if last else contract.amount
    return amount


def _public_money(contract: Contract | None) -> Decimal | None:
    """What the buyer gives to a concession over its duration, as its essential data say; None while they do not."""
    record = (
        OpenRecord.objects.filter(contract=contract.pk, kind=RecordKind.CONCESSION).first()
        if contract
        else None
    )
    said = record.content.get("montantSubventionPublique") if record else None
    return None if said is None else Decimal(str(said))


def _received(award: Award, told: Enterprises) -> tuple[sheets.Statistics | None, list[Decimal]]:
    """The bids of the lot in the round that was decided; no statistics before the size of every bidder is told."""
    bids = bids_of(award)
    known = [told.get(_siret(bid.candidacy.bidder), UNKNOWN).size for bid in bids]
    prices = [bid.price for bid in bids if bid.price is not None]
    if not all(known):
        return None, prices
    by_copy = opened_copies(award.consultation)
    counted = sheets.Statistics(
        tenders=len(bids),
        electronic=sum(bid.deposit_id not in by_copy for bid in bids),
        micro=known.count("micro"),
        small=known.count("small"),
        medium=known.count("medium"),
        large=known.count("large"),
    )
    return counted, prices


def bids_of(award: Award) -> list[Bid]:
    """The bids of the lot in the round that was decided."""
    rows = Bid.objects.filter(consultation=award.consultation_id, lot=award.lot_id)
    last = rows.order_by("-round").values_list("round", flat=True).first()
    return list(rows.filter(round=last).select_related("candidacy__bidder")) if last else []


def bidders_of(notice: Notice) -> dict[str, str]:
    """The enterprises whose bids the results count, by SIRET, with their names."""
    found: dict[str, str] = {}
    for award in _awards_told(notice):
        for bid in bids_of(award):
            found[_siret(bid.candidacy.bidder)] = bid.candidacy.bidder.name
        contract = Contract.objects.filter(award=award).first()
        for party in _members(award, contract, {}) if award.outcome == AwardOutcome.AWARDED else ():
            found.setdefault(party.identifier, party.name)
    return found


def winners_without_place(notice: Notice) -> dict[str, str]:
    """The enterprises that won and whose town is not known, by SIRET, with their names: notices name it."""
    told = told_of_enterprises(notice)
    found = {}
    for award in _awards_told(notice):
        if award.outcome == AwardOutcome.AWARDED:
            contract = Contract.objects.filter(award=award).first()
            for party in _members(award, contract, told):
                if not (party.city and party.nuts):
                    found[party.identifier] = party.name
    return found


def _siret(organisation: Any) -> str:
    return str(organisation.siret or organisation.siren or organisation.pk)


def _members(award: Award, contract: Contract | None, told: Enterprises) -> list[sheets.Party]:
    """Who holds the contract as it stands, changes included; who was chosen, before there is one."""
    if contract is not None:
        named = present_holders(contract)
    else:
        named = {_siret(award.supplier): award.supplier.name} if award.supplier else {}
    return [replace(told.get(siret, UNKNOWN), name=name, identifier=siret) for siret, name in named.items()]


def told_of_enterprises(notice: Notice) -> Enterprises:
    """What is known of each enterprise of the results, by SIRET: what it says of itself in its sheet, and what the agent
    said for this notice, which counts more."""
    sirets = list(bidders_of(notice))
    rows = EnterpriseSheet.objects.filter(organisation__siret__in=sirets).select_related("organisation")
    own = {_siret(one.organisation): one for one in rows}
    nuts = {
        one["department"]: one["code"]
        for one in pack("nuts-departments", on=legal_day(notice.prepared_at)).entries
    }
    return {siret: _enterprise(own.get(siret), notice.answers, siret, nuts) for siret in sirets}


def _enterprise(
    sheet: EnterpriseSheet | None, answers: Mapping[str, Any], siret: str, nuts: Mapping[str, str]
) -> sheets.Party:
    said = answers.get("places", {}).get(siret, {})
    postal_code = said.get("postal_code") or (sheet.postal_code if sheet else "")
    return sheets.Party(
        name="",
        identifier=siret,
        street=sheet.address if sheet else "",
        city=said.get("city") or (sheet.town if sheet else ""),
        postal_code=postal_code,
        nuts=said.get("nuts") or nuts.get(_department(postal_code), ""),
        email=sheet.email if sheet else "",
        telephone=sheet.telephone if sheet else "",
        size=answers.get("sizes", {}).get(siret) or (size_of(sheet.headcount) if sheet else ""),
    )


def _department(postal_code: str) -> str:
    """The department of a French postcode: its first two digits, three overseas, and two departments in Corsica."""
    if postal_code.startswith("20"):
        return "2A" if postal_code[2:3] in ("0", "1") else "2B"
    return postal_code[:3] if postal_code.startswith("97") else postal_code[:2]


def size_of(headcount: int | None) -> str:
    """The size of an enterprise by the people it employs, as eForms name it; empty where it is not known."""
    if headcount is None:
        return ""
    bounds = ((10, "micro"), (50, "small"), (250, "medium"))
    return next((size for bound, size in bounds if headcount < bound), "large")
