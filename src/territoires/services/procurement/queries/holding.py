"""Who holds a contract: at first, and after each change that put an enterprise in the place of another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..models import Contract, ContractChange, ContractHolder

Holders = Mapping[str, str]
"""Names by SIRET, who leads first."""


def first_holders(contract: Contract) -> Holders:
    """Those who signed it."""
    rows = ContractHolder.objects.filter(contract=contract).order_by("-is_lead", "name")
    if found := {one.siret: one.name for one in rows}:
        return found
    alone = contract.award.supplier or contract.holder
    return {alone.siret or "": alone.name}


def present_holders(contract: Contract) -> Holders:
    """Those who hold it with every change recorded."""
    return _with(contract, ContractChange.objects.filter(contract=contract).order_by("number"))


def notified_leader(contract: Contract) -> tuple[str, str]:
    """SIRET and name of who leads those who hold it with every change that was sent to be received."""
    sent = ContractChange.objects.filter(contract=contract, sent_to_holder_at__isnull=False)
    return next(iter(_with(contract, sent.order_by("number")).items()))


def _with(contract: Contract, changes: Iterable[ContractChange]) -> Holders:
    holders = first_holders(contract)
    for change in changes:
        holders = holders_after(holders, change)
    return holders


def holders_after(holders: Holders, change: ContractChange) -> Holders:
    """Those who hold it after a change: the new one in the place of the one that leaves, the others as before.

    Changes recorded before it was asked do not say who leaves: it is who leads.
    """
    if not change.new_holder_siret:
        return holders
    leaving = change.replaced_siret or next(iter(holders))
    after: dict[str, str] = {}
    for siret, name in holders.items():
        after |= {change.new_holder_siret: change.new_holder_name} if siret == leaving else {siret: name}
    return after
